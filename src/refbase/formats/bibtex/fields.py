"""How a value is written in a field of BibTeX or BibLaTeX.

Each of these functions gives what stands behind the `=`. An empty string is nothing: the
variable is lost, unless another field holds it. None is nothing, too, but nothing to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from refbase import identifiers, latex
from refbase.errors import Severity
from refbase.formats.base import WriteOptions
from refbase.model import Value
from refbase.values import ET_AL, QUARTERS, SEASONS, Date, Name, Parts, full_pages


@dataclass(slots=True)
class Draft:
    """One reference on its way into a file, and what is lost on the way."""

    type: str
    variables: dict[str, Value]
    options: WriteOptions
    losses: dict[str, Severity] = field(default_factory=dict)

    def lose(self, message: str) -> None:
        self.losses[message] = Severity.WARNING

    def note(self, message: str) -> None:
        """It is written, but not quite as it was."""
        self.losses.setdefault(message, Severity.INFO)


# -------------------------------------------------------------------------------------- text


def text(draft: Draft, value: str) -> str:
    if value.isdecimal():  # a volume, an issue, a PMID
        return f"{{{value}}}"
    return f"{{{latex.text(value, draft.note)}}}"


def title(draft: Draft, value: str) -> str:
    return f"{{{latex.title(value, draft.note)}}}"


def verbatim(draft: Draft, value: str) -> str:
    """As `url` and `doi` are read; what would end the field, in its URL encoding."""
    return f"{{{_UNSAFE.sub(lambda found: quote(found[0], errors='replace'), value)}}}"


_UNSAFE = re.compile(r"[\s{}\\\x00-\x1f\x7f\ud800-\udfff]")


def item(draft: Draft, value: str) -> str:
    """One item of a list: biblatex takes `Wiley and Sons` for two unless it is in braces."""
    written = text(draft, value)
    return f"{{{written}}}" if _has_and(value) else written


def _has_and(value: str) -> bool:
    """Whether the text would be split at an `and`: as a name, or as an item of a list."""
    return "and" in value.lower() and "and" in value.lower().split()


def keywords(draft: Draft, value: str) -> str:
    words = value.split("; ")
    if "," in value or value.count(";") >= len(words):
        draft.note("a keyword with a comma is read as two: nothing protects it")
    return text(draft, ", ".join(words))


def pages(draft: Draft, value: str) -> str:
    return text(draft, _DASH.sub("–", full_pages(value))).replace("–", "--")


_DASH = re.compile(r"(?<=\w)\s*[-‐‑–—]\s*(?=\w)")


SUBTYPES = {"article-magazine": "magazine", "article-newspaper": "newspaper"}


def subtype(draft: Draft, value: str) -> str:
    return f"{{{SUBTYPES[value]}}}"


def is_safe(latex: object) -> bool:
    """Whether LaTeX from elsewhere can stand in a field: one line, its braces paired as BibTeX
    and as bibtexparser count them."""
    if not isinstance(latex, str) or not latex.isprintable() or latex.endswith("\\"):
        return False
    return _is_paired(latex) and _is_paired(_ESCAPED_BRACE.sub("", latex))


_ESCAPED_BRACE = re.compile(r"\\[{}]")


def _is_paired(latex: str) -> bool:
    depth = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


# ------------------------------------------------------------------------------------- names


def names(draft: Draft, value: tuple[Name, ...]) -> str | None:
    if plain := _plain_names(value):
        return f"{{{plain}}}"
    written = [_name(draft, name) for name in value if name != ET_AL]
    if len(written) < len(value):
        if draft.options.et_al:
            written.append("others")
        else:
            # Stock Zotero makes a person called "others" of it
            draft.lose("a list of names was cut; 'and others' is only written with --et-al")
    return f"{{{' and '.join(written)}}}" if written else None


def _plain_names(value: tuple[Name, ...]) -> str:
    """The names, if each is a surname and a given name that stand in LaTeX as they are.

    They are looked at all at once, which is much quicker than one by one.
    """
    pairs = [f"{name.family}, {name.given}" for name in value if name.is_plain]
    written = " and ".join(pairs)
    if len(pairs) < len(value) or written.count(",") > len(pairs) or not latex.is_plain(written):
        return ""
    if written.lower().count("and") >= len(pairs) and len(_AND.findall(written)) >= len(pairs):
        return ""
    # A blank at either end of a name is not written
    return "" if "  " in written or " ," in written or written.strip() != written else written


_AND = re.compile(r"\band\b", re.IGNORECASE)


def _name(draft: Draft, name: Name) -> str:
    """`van der Ploeg, R. J.`, `Smith, Jr., John`, `{Drug Induced Liver Injury Network}`."""
    if name.literal:
        return f"{{{latex.literal(name.literal, draft.note)}}}"
    if name.dropping_particle or name.flags:
        draft.note("how a style is to treat a particle or a suffix is not written")
    surname, given, suffix = [
        latex.literal(part.strip(), draft.note) if part else ""
        for part in (name.surname, name.given, name.suffix)
    ]
    if surname and given:
        parts = (surname, suffix, given) if suffix else (surname, given)
        return ", ".join([_whole(part) for part in parts])
    # A comma at the end is an error to BibTeX, and several words alone would be split
    alone = ", ".join(part for part in (surname, given, suffix) if part)
    if _WORD.fullmatch(alone) and alone.lower() != "others":
        return alone
    draft.note("a person of whom only one name is known is written as a group")
    return f"{{{alone}}}"


_WORD = re.compile(r"[^\W_][\w'’-]*")


def _whole(part: str) -> str:
    return f"{{{part}}}" if "," in part or _has_and(part) else part


# ------------------------------------------------------------------------------------- dates

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_SEASONS = SEASONS | QUARTERS


def date(draft: Draft, value: Date) -> str:
    return f"{{{value.to_edtf()}}}" if value.start else ""


def year_in_words(draft: Draft, value: Date) -> str:
    return "" if value.start else text(draft, value.literal)


def year(draft: Draft, value: Date) -> str:
    return f"{{{_year(value.start)}}}" if value.start else text(draft, value.literal)


def month(draft: Draft, value: Date) -> str:
    if len(value.start) < 2:
        return ""
    number = value.start[1]
    return f"{{{_SEASONS[number]}}}" if number in _SEASONS else _MONTHS[number - 1]


def day(draft: Draft, value: Date) -> str:
    return f"{{{value.start[2]}}}" if len(value.start) > 2 else ""


def date_beyond(draft: Draft, value: Date) -> str:
    """`date` in BibTeX, only for what year, month and day cannot say.

    Seasons stand there in words: Zotero reads `2015-21` as the years 2015 to 2021.
    """
    if not value.start:
        return text(draft, value.literal)
    sides = [side for side in (value.start, value.end) if side]
    if any(len(side) > 1 and side[1] in _SEASONS for side in sides):
        said = "-".join(map(_printed, sides))
    elif value.end or value.circa:
        said = Date(value.start, value.end).to_edtf()
    else:
        return ""
    return f"{{circa {said}}}" if value.circa else f"{{{said}}}"


def _printed(side: Parts) -> str:
    words = [_year(side)]
    if len(side) > 1:
        words.append(_SEASONS.get(side[1]) or _MONTHS[side[1] - 1].title())
    return " ".join([*words, *map(str, side[2:])])


@lru_cache(maxsize=1024)
def _year(side: Parts) -> str:
    return Date(side[:1]).to_edtf()


# ------------------------------------------------------------------ what biber's model demands


def edition(draft: Draft, value: str) -> str:
    found = re.fullmatch(r"(\d+)(?:st|nd|rd|th)?\.?(?:\s*ed(?:ition|n)?\.?)?", value, re.I)
    return text(draft, found[1] if found else value)


def valid(scheme: str) -> Callable[[Draft, str], str | None]:
    """One ISBN or ISSN: biber tests its check digit, and takes no second one."""
    parse = identifiers.SCHEMES[scheme].parse

    def write(draft: Draft, value: str) -> str | None:
        found = [one for one in (value, *re.split(r"[\s,;]+", value)) if parse(one)]
        if value not in found:
            draft.lose(f"BibLaTeX holds one {scheme} whose check digit is right, and no other")
        return text(draft, found[0]) if found else None

    return write


def pubmed(draft: Draft, value: str) -> str:
    return "{pubmed}"


def language(draft: Draft, value: str) -> str:
    return langid(draft, value) or text(draft, value)


def langid(draft: Draft, value: str) -> str:
    """The language for hyphenation; babel stops at a name that it does not know."""
    known = _BABEL.get(value.lower())
    return f"{{{known}}}" if known else ""


# ISO 639-1, both codes of 639-2 (MEDLINE uses the first), and the name that babel has.
_BABEL = {
    code: words.split()[-1]
    for words in """
        cs cze ces czech | da dan danish | de ger deu german | el gre ell greek | en eng english
        | en-gb british | en-us american | es spa spanish | fi fin finnish | fr fre fra french
        | hu hun hungarian | it ita italian | ja jpn japanese | nl dut nld dutch
        | no nb nor nob norwegian | pl pol polish | pt por portuguese | pt-br brazilian
        | ru rus russian | sv swe swedish | tr tur turkish
    """.split("|")
    for code in words.split()
}
