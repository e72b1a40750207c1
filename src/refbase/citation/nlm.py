"""A reference as a printed citation in the style of NLM, as LiverTox prints it: the reverse of
`refbase.citation.parse`.

    Doe J, Roe RJ, et al.; Example Group. Title. Example J 1972; 48 (Suppl 5): 37-40. French.
    Doe J. Title. In, Roe RJ, ed. Book. 2nd ed. City: Press, 1999. p. 1-9.

Initials stand for given names, the abbreviated title for the journal. Identifiers are not
printed: they are links behind the citation. What else a citation has no place for is left out;
whoever prints one finds out by reading it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from refbase.citation import imprints
from refbase.citation.imprints import LANGUAGES
from refbase.model import Reference
from refbase.text import clean
from refbase.values import ET_AL, Date, Name, undotted

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_LANGUAGE_NAMES = {code: name for name, code in LANGUAGES.items()}
_ENDED = (".", "?", "!")

Sentence = Callable[[Reference], str]


def compose(reference: Reference) -> str:
    """The citation in rich text; empty where the reference has nothing that could be printed.

    >>> from refbase.values import Date
    >>> doe, roe = Name.from_inverted("Doe, Jane Ann"), Name.from_nlm("van der Roe RJ Jr")
    >>> print(
    ...     compose(
    ...         Reference(
    ...             "article-journal",
    ...             {
    ...                 "author": (doe, roe, ET_AL),
    ...                 "title": "Is <i>it</i> so?",
    ...                 "volume": "48",
    ...                 "container-title": "Example J",
    ...                 "issued": Date((1972, 3)),
    ...                 "page": "37-40",
    ...             },
    ...         )
    ...     )
    ... )
    Doe JA, van der Roe RJ Jr, et al. Is <i>it</i> so? Example J 1972 Mar; 48: 37-40.
    """
    sentences = (part(reference) for part in LAYOUTS[TYPES.get(reference.type, "book")])
    return " ".join(_ended(sentence) for sentence in sentences if sentence)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(_ENDED) else f"{sentence}."


def _said(reference: Reference, variable: str) -> str:
    return clean(reference.text(variable))


# --------------------------------------------------------------------------------- people


def byline(names: tuple[Name, ...]) -> str:
    """Persons between commas, then `et al`, then each body of people behind a semicolon.

    >>> byline((Name.from_nlm("Doe J"), Name(literal="Example Group"), ET_AL))
    'Doe J, et al.; Example Group'
    """
    persons = [short(name) for name in names if not name.literal]
    bodies = [clean(name.literal) for name in names if name.literal and name != ET_AL]
    if ET_AL in names:
        persons.append("et al" if not bodies else "et al.")
    return "; ".join(filter(None, (", ".join(persons), *bodies)))


def short(name: Name) -> str:
    """A person with initials, as NLM prints one.

    >>> short(Name.from_inverted("Doe, Jean-Pierre A., Jr."))
    'Doe JPA Jr'
    """
    bare = undotted(name.given)
    if bare == name.given and not bare.isupper():
        bare = "".join(word[:1] for word in re.split(r"[\s.-]+", name.given))
    return clean(" ".join(filter(None, (name.surname, bare, name.suffix.rstrip(".")))))


def _authors(reference: Reference) -> str:
    if reference.authors:
        return byline(reference.authors)
    if editors := reference.names("editor"):
        return "" if reference.type in _INSIDE else _edited(editors)
    return ""


def _edited(editors: tuple[Name, ...]) -> str:
    return f"{byline(editors)}, {'eds' if len(editors) > 1 else 'ed'}"


# --------------------------------------------------------------------------------- where it is


def _title(reference: Reference) -> str:
    return _said(reference, "title")


def _journal(reference: Reference) -> str:
    """`Example J 1972; 48 (Suppl 5): 37-40`. Pages alone need their `p.`, to be no volume."""
    container = _said(reference, "container-title-short") or _said(reference, "container-title")
    volume, page = _said(reference, "volume"), _said(reference, "page")
    issue = f"({said})" if (said := _said(reference, "issue")) else ""
    where = " ".join(filter(None, (volume, issue)))
    if page:
        where = f"{where}: {page}" if where else f"p. {page}"
    elif pii := reference.custom.get("pii"):
        where = f"{where}: {pii}" if where else str(pii)
    when = " ".join(filter(None, (container, _date(reference, full=True))))
    return "; ".join(filter(None, (when, where)))


def _whole(reference: Reference) -> str:
    """`In, Roe RJ, ed. Book`; the author of a whole book stands there without `ed.`"""
    container = _said(reference, "container-title")
    if editors := reference.names("editor"):
        people = _ended(_edited(editors)) + " "
    elif authors := reference.names("container-author"):
        people = _ended(byline(authors)) + " "
    else:
        people = ""
    return f"In, {people}{container}" if container or people else ""


def _edition(reference: Reference) -> str:
    """`2nd ed`; an edition that is more than a number as it is."""
    edition = _said(reference, "edition")
    if edition.isascii() and edition.isdigit():
        edition += _ordinal(edition)
    return f"{edition} ed" if edition and " ed" not in edition.lower() else edition


def _ordinal(number: str) -> str:
    if number[-2:] in ("11", "12", "13"):
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")


def _house(reference: Reference) -> str:
    """`City: Press, 1999. p. 1-9`"""
    house = ": ".join(
        filter(None, (_said(reference, "publisher-place"), _said(reference, "publisher")))
    )
    said = ", ".join(filter(None, (house, _date(reference))))
    page = f"p. {page}" if (page := _said(reference, "page")) else ""
    return ". ".join(filter(None, (said, page)))


def _site(reference: Reference) -> str:
    return "; ".join(filter(None, (_said(reference, "container-title"), _house(reference))))


def _date(reference: Reference, full: bool = False) -> str:
    """The year, with the letter that tells two of one year apart; `full`, month and day too,
    as far as a citation has a form for them."""
    issued = reference.date()
    if issued is None or not issued.start:
        return issued.literal if issued else ""
    year = f"{issued.start[0]}{_said(reference, 'year-suffix')}"
    return f"{year} {_months(issued)}".rstrip() if full else year


def _months(date: Date) -> str:
    """`Sep 11`, `Sep-Oct`, `Sep 11-13` of one year; empty for seasons and all other ranges."""
    start, end = date.start[1:], date.end[1:]
    if not start or max(start[:1] + end[:1]) > 12 or (date.end and date.end[0] != date.start[0]):
        return ""
    month = _MONTHS[start[0] - 1]
    if not end:
        return " ".join((month, *map(str, start[1:])))
    if len(start) == len(end) == 1:
        return f"{month}-{_MONTHS[end[0] - 1]}"
    if len(start) == len(end) == 2 and start[0] == end[0]:
        return f"{month} {start[1]}-{end[1]}"
    return ""


# --------------------------------------------------------------------------------- remarks


def _remarks(reference: Reference) -> str:
    """What is printed behind the pages: the language, the state, the address."""
    return " ".join(_ended(remark) for remark in _each_remark(reference) if remark)


def _each_remark(reference: Reference) -> Iterator[str]:
    language = _said(reference, "language")
    known = (_LANGUAGE_NAMES.get(code) for code in language.split(", ") if language != "en")
    yield ", ".join(filter(None, known))
    status = _said(reference, "status")
    yield status if status.lower() in _STATES else ""
    online = reference.date("available-date")
    if online and online.start:
        yield f"Epub {online.start[0]} {_months(Date(online.start))}".rstrip()
    note = _said(reference, "note")
    yield note if "; ".join(imprints.read_rest(note, 0).notes) == note else ""
    yield f"Available from: {url}" if (url := _said(reference, "URL")) else ""


_STATES = ("epub ahead of print", "online ahead of print", "in press")

# --------------------------------------------------------------------------------- layouts

# What a citation consists of, in order, each a sentence
LAYOUTS: dict[str, tuple[Sentence, ...]] = {
    "article": (_authors, _title, _journal, _remarks),
    "chapter": (_authors, _title, _whole, _edition, _house, _remarks),
    "book": (_authors, _title, _edition, _house, _remarks),
    "site": (_authors, _title, _site, _remarks),
}
_INSIDE = frozenset("chapter entry entry-dictionary entry-encyclopedia paper-conference".split())
# Of all other types a citation looks like that of a book
TYPES: dict[str, str] = {
    **dict.fromkeys("article-journal article-magazine article-newspaper".split(), "article"),
    **dict.fromkeys("article periodical review review-book".split(), "article"),
    **dict.fromkeys(_INSIDE, "chapter"),
    **dict.fromkeys("webpage post post-weblog software dataset".split(), "site"),
}
