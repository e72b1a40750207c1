"""What is compared of a reference: a catalogue card, folded and short.

Databases print the same work in different ways: `[Title]. [Russian]`, `Title. German Titel`,
`J Am Coll Cardiol` and `JACC`, `139-54` and `139-154`, pages that a spreadsheet took for a date
(`01-Oct`). A card is what remains when such ways are taken out, and holds plain strings, so
that a million of them fit into memory.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from refbase.model import Reference
from refbase.text import fold, plain
from refbase.values import Name


@dataclass(slots=True, order=True)
class Card:
    """A reference as it is compared. Empty strings, zero and empty tuples are unknown.

    `title` is its words in lower case; `numbers` are those of the words that count something;
    `notice` says that it is an erratum, a comment or a reply and not a work of its own.
    """

    title: str
    people: tuple[str, ...]
    year: int
    container: str
    volume: str
    issue: str
    first: str
    last: str
    doi: str
    pmid: str
    pmcid: str
    issns: tuple[str, ...]
    initial: str
    numbers: tuple[str, ...]
    notice: str
    version: str
    key: str


def card(key: str, reference: Reference) -> Card:
    """The card of a reference, named by its key.

    >>> made = card("a", Reference("article", {"title": "[Example of TNF-α, Part II]. [Russian]"}))
    >>> made.title, made.numbers
    ('example of tnf alpha part ii', ('ii',))
    """
    raw = plain(reference.title[:_LONGEST])
    title = title_words(raw)
    people = reference.names("author") or reference.names("editor")
    surnames = tuple(filter(None, map(_surname, people[:_MOST_PEOPLE])))
    container = _container(reference.container_title[:_LONGEST])
    volume, issue = _volume(reference.text("volume")[:_SHORT], reference.text("issue")[:_SHORT])
    first, last = _pages((reference.text("page") or reference.text("number"))[:_SHORT])
    address = reference.text("URL")[: 10 * _LONGEST]
    doi = reference.doi.lower().rstrip(".")
    return Card(
        title=title,
        people=surnames,
        year=reference.year or 0,
        container=container,
        volume=volume,
        issue=issue,
        first=first,
        last=last,
        doi=doi,
        pmid=reference.pmid or _found(_PUBMED, address),
        pmcid=reference.pmcid or _found(_PMC, address),
        issns=_issns(reference.text("ISSN")),
        initial=fold(people[0].given[:1]) if people else "",
        numbers=_numbers(title),
        notice=_notice(raw),
        version=_found(_VERSION, doi),
        key=key,
    )


# More is not compared: a list of a thousand people would be compared with a thousand
_MOST_PEOPLE, _LONGEST, _SHORT = 20, 1000, 100
_PUBMED = re.compile(r"ncbi\.nlm\.nih\.gov/(?:pubmed/)?(\d{1,8})\b|info:pmid/(\d{1,8})")
_PMC = re.compile(r"ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d+)")
_VERSION = re.compile(r"^10\.1002/14651858\..*\.(pub\d+)$")
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dX])\b", re.I)


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text) if text else None
    return next(filter(None, found.groups()), "") if found else ""


@lru_cache(20_000)
def _issns(text: str) -> tuple[str, ...]:
    return tuple(sorted({(first + last).upper() for first, last in _ISSN.findall(text)}))


# ------------------------------------------------------------------------------------ titles

_GREEK = str.maketrans(
    {
        chr(ord("α") + number): f" {name} "
        for number, name in enumerate(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi "
            "rho sigma sigma tau upsilon phi chi psi omega".split()
        )
    }
    | {"µ": " mu "}
)
_LANGUAGES = (
    "Arabic|Bulgarian|Chinese|Croatian|Czech|Danish|Dutch|English|Finnish|French|German|Greek|"
    "Hebrew|Hungarian|Italian|Japanese|Korean|Norwegian|Persian|Polish|Portuguese|Romanian|"
    "Russian|Serbian|Slovak|Spanish|Swedish|Turkish|Ukrainian"
)
# What databases hang on a title: its language and original, notes, counts of references
_TAIL = re.compile(
    r"(?:\s*\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
    r"|\s*\((?:vol|reprinted|provisional)\b[^()]*\)"
    rf"|[.?!\]]\s*(?:{_LANGUAGES})(?:\s*\n.*)?|[.?!]\s+(?:{_LANGUAGES})\s[A-Z].*)\W*$",
    re.S,
)
_HANGS_ON = re.compile(
    rf"[\[\n]|\((?:vol|repr|prov)|[.?!\]]\s+(?:{_LANGUAGES})|^\W*(?i:retr|withd)"
)
# What a spreadsheet puts where it took a title for a formula
_FORMULA = re.compile(r"#(?:NAME\?|REF!|VALUE!|N/A|DIV/0!)")
_HEAD = re.compile(r"^\W*(?:retracted(?: article)?|withdrawn)\s*[:.]\s*", re.I)
_FEWEST = 3


def title_words(title: str) -> str:
    """The words of a title in lower case, without what databases hang on it.

    >>> title_words("Example of a wide title: a review. [Review] [45 refs]")
    'example of a wide title a review'
    """
    if _FORMULA.fullmatch(title):
        return ""
    if _HANGS_ON.search(title):
        title = _cut(title)
    return _words(title)


def _cut(title: str) -> str:
    title = _HEAD.sub("", title)
    while (tail := _TAIL.search(title)) and len(title[: tail.start()].split()) >= _FEWEST:
        title = title[: tail.start()]
    return title


def _words(text: str) -> str:
    """Any script: where `text.words` would leave nothing of a Chinese title, this keeps it."""
    text = text.lower()
    if "<" in text:
        text = _MARKUP.sub("", text)
    if not text.isascii():
        text = text.translate(_GREEK)
        folded = fold(text)
        if 2 * len(folded) > len(text):
            text = folded
        else:
            parts = unicodedata.normalize("NFKD", text)
            text = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(_WORD.findall(text))


_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"</?[a-z]{1,10}>")
_ROMAN_NUMBERS = frozenset("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi".split())
_DIGITS = re.compile(r"\d+")


def _numbers(title: str) -> tuple[str, ...]:
    """What tells one part, dose or year from another: `17 beta` and `17beta` have one number.

    >>> _numbers("part ii p16ink4a in 17 beta"), _numbers("in vitro")
    (('16', '17', '4', 'ii'), ())
    """
    roman = [word for word in title.split() if word in _ROMAN_NUMBERS]
    return tuple(map(intern, sorted(_DIGITS.findall(title) + roman)))


_NOTICES = (
    ("erratum", r"\W*(?:(?:publisher|author)\S*\s+)?(?:errat(?:um|a)|corrigend(?:um|a)|corrections?"
     r"|addend(?:um|a)|retraction|expression of concern)(?:\s+(?:to|notice|note)\b|\s*[:.\]]|\W*$)"
     r"|.*\(vol\.?\s*\w+,.*\)\W*$"),
    ("reply", r"\W*(?:in\s+)?(?:reply|response|rebuttal)(?:\s+(?:to|from)\b|\s*[:.\]]|\W*$)"
     r"|.*\bauthor\S*\s+(?:repl(?:y|ies)|response)\b|.*[:.—-]\s*reply\W*$"),
    ("comment", r"\W*(?:re\s*:|(?:invited\s+|editorial\s+)?comment(?:s|ary)?(?:\s+on\b|\s*:)"
     r"|.*\bletter\s+to\s+the\s+editor)|.*[:.—-]\s*comment(?:ary)?\W*$"),
)  # fmt: skip
_NOTICE = re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in _NOTICES), re.I | re.S)


def _notice(title: str) -> str:
    """Whether it is an erratum, a reply or a comment, by its title.

    >>> _notice("Correction to: Example"), _notice("Correction of scoliosis"), _notice("Re: X")
    ('erratum', '', 'comment')
    """
    found = _NOTICE.match(title)
    return found.lastgroup or "" if found else ""


# ----------------------------------------------------------------------- names and containers

# Not told by all, or not where a surname stands: particles, generations, nobody
_NOT_SURNAME = frozenset(
    "van von de del della der den di da dos du la le el al ter ten st jr sr ii iii anonymous et "
    "null".split()
)
_PARTICLES = frozenset("van von de del della der den".split())


def _surname(name: Name) -> str:
    """The surname in small letters without blanks. `van, Hamont D` is what some programs make
    of `van Hamont, D`, while Du and Di are surnames.

    >>> _surname(Name(family="van", given="Hamont D")), _surname(Name(family="Du", given="X."))
    ('hamont', 'du')
    """
    family = (name.literal or name.family)[:_SHORT]
    if family.lower() in _PARTICLES:
        family = max(name.given.split(), key=len, default=family)
    return _joined(family)


@lru_cache(50_000)
def _joined(surname: str) -> str:
    words = _words(surname).split()
    telling = [word for word in words if word not in _NOT_SURNAME]
    return intern("".join(telling) or ("" if "anonymous" in words else "".join(words)))


# What says nothing in the name of a journal; what follows it is a series, a place, a conference
_EMPTY = frozenset("the of and for in on de la le des der die und et a an".split())
_SERIES = re.compile(r"\s*(?:[:;=(\[]|[.:]\s*conference\b|\bofficial\b).*", re.I | re.S)


@lru_cache(20_000)
def _container(title: str) -> str:
    words = _words(_SERIES.sub("", plain(title)) or plain(title)).split()
    return intern(" ".join(word for word in words if word not in _EMPTY) or " ".join(words))


# -------------------------------------------------------------------------------------- place

_MONTHS = {
    name: str(number)
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_DATED = re.compile(r"(\d{1,2}|[A-Za-z]{3})-(\d{1,2}|[A-Za-z]{3})")
_SUPPLEMENT = re.compile(r"suppl\w*[.:\s]*(?=-?\d)")
_ROMAN = re.compile(r"[ivxl]+(?:-[ivxl]+)?$")
_PAGE = re.compile(r"(?:s\d-(?=\d))?([a-z]{0,5}\d+[a-z]?)(?:\s*[-–+,/]\s*([a-z]{0,3}\d+))?", re.I)


def undated(text: str) -> str:
    """What a spreadsheet took for a date, as it was; nothing where that cannot be told.

    `Oct-16` is 10-16 and `01-Oct` is 1-10, but `10-Jun` may be 6-10 or 10-6, for 10-16.

    >>> undated("01-Oct"), undated("Oct-16"), undated("10-Jun"), undated("139-54")
    ('1-10', '10-16', '', '139-54')
    """
    found = _DATED.fullmatch(text.strip())
    if not found or found[0].replace("-", "").isdigit():
        return text
    parts = [_MONTHS.get(part.lower(), part) for part in found.groups()]
    if not all(part.isdigit() for part in parts):
        return text
    first, last = sorted(int(part) for part in parts)
    return "" if last <= len(_MONTHS) and first > 1 else f"{first}-{last}"


@lru_cache(20_000)
def _volume(volume: str, issue: str) -> tuple[str, str]:
    """Volume and issue as their first numbers; `28 (3)` holds both.

    >>> _volume("28 (3)", ""), _volume("Part A. 17", "Suppl. 2"), _volume("88 Suppl 1", "")
    (('28', '3'), ('17', 's2'), ('88', 's1'))
    """
    volume, bracket, inner = fold(volume).partition("(")
    if ")" in volume and not bracket:
        return "", intern(_issue(fold(issue)))  # `1)` is what was left of `30 (Suppl 1)`
    head, mark, supplement = volume.partition("suppl")
    # Series may stand in front: `Part A. 17`
    found = re.findall(r"\d+", undated(head.rpartition(". ")[2]))
    issue = fold(undated(issue)) or inner or (mark + supplement)
    return (intern(found[0].lstrip("0")) if found else ""), intern(_issue(issue))


def _issue(text: str) -> str:
    head, mark, supplement = text.partition("suppl")
    found = re.search(r"\d+", head) or re.search(r"\d+|\b[a-z]\b", supplement)
    number = found[0].lstrip("0") if found else ""
    return ("s" if mark else "") + number


def _pages(text: str) -> tuple[str, str]:
    """First and last page; the last one in full.

    >>> _pages("139-54"), _pages("01-Oct"), _pages("II376-80; discussion II385"), _pages("S70")
    (('139', '154'), ('1', '10'), ('ii376', '380'), ('s70', ''))
    """
    text = _SUPPLEMENT.sub("", fold(undated(text)).strip())
    if text.startswith("-"):
        return "", text.strip("-")  # `Suppl-48` is what was left of S37-S48
    found = _PAGE.search(text)
    if not found:
        return (text if _ROMAN.match(text) else ""), ""
    first, last = found[1].lstrip("0"), found[2] or ""
    digits, end = re.sub(r"\D", "", first), re.sub(r"\D", "", last)
    if end and len(end) < len(digits):
        end = digits[: len(digits) - len(end)] + end
    return first, end
