"""Where it stands: the date, volume, issue and pages with which a citation ends, and what is
printed behind them.

The end of a citation is read from a year to the very last character, so the year in a title
is never taken for the date: behind it stands no volume, and the rest is not read to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from refbase import identifiers
from refbase.model import Value
from refbase.values import Date

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?<!\d)(?<!Epub )(?:(?:(?<!\d[-–])|(?=\d{{4}}[;:]))(?P<year>(?:1[6-9]|20)\d\d)"
    rf"(?P<suffix>[a-z]\b)?(?P<month>[:,]?\s+{_MONTH}(?:[-–/]{_MONTH})?(?:\s+\d{{1,2}}\b(?:[-–]\d{{1,2}}\b)?)?)?"
    r"|(?P<odd>\d{3})(?=;\s?\d))(?!\d)"
)
_TOKEN = r"(?:[A-Za-z]{0,4}\d+[A-Za-z]{0,4}\d*|[A-Z]{2,3}(?:\.\d+){2,}|[ivxlc]+\b)"
_RANGE = rf"{_TOKEN}(?:\s?[-‐‑–—]+\s?{_TOKEN})?(?:[.\s]\s?e\d+(?:[-–]\d+)?)?"
_PAGES = rf"(?:pp?(?:\.\s?|\s))?(?P<page>{_RANGE}(?:(?:,\s?|\sand\s|/){_RANGE})*)(?=[\s.;,\[(]|$)"
_ISSUE = r"\s*\((?P<issue>[^()]*(?:\([^()]*\)[^()]*)*)\)"
_SUPPLEMENT = r"[\s,]*(?P<supplement>(?:Suppl|Pt|Part|Spec No)\b\.?(?:\s*\w+)?)"
_LOCATOR = re.compile(
    r",?\s*(?:vol(?:ume)?\b\.?\s*)?(?P<volume>Unknown|[A-Z]{0,2}\d{1,5}(?!\d)[A-Z]?(?:[-–/]\d+|-[A-Z])?(?![\w-]))?"
    rf"(?:{_SUPPLEMENT})?(?::(?=\s*\())?(?:{_ISSUE}|,?\s*\b(?:no|issue|iss)\b\.?\s*(?P<number>\w+))?"
    rf"(?:(?:\s*[:;,]+\s*(?:pii:?\s*)?|\s*(?=pp?\.)|(?<=\))\s+(?=\w+\s?[-–])){_PAGES})?",
    re.I,
)
_BARE_PAGES = re.compile(rf"\s*{_PAGES}", re.I)
# Where an imprint without a date may begin: in front of a number, of pages, of a DOI.
_UNDATED = re.compile(
    r"(?<=[^\s.,;:])(?=,?\s[A-Z]{0,2}\d|\s?:\s*\w*\d|,?\s(?:vol|no|pp?)\b\.?\s\w?\d)"
    r"|(?<=[^\s,;:])(?=\s(?:doi\b|https?:))",
    re.I,
)
_VOLUME = r"[A-Z]{0,2}\d+[A-Z]?(?:[-–/]\d+)?"
# The year in brackets, between volume and pages or behind both
_ENCLOSED = re.compile(
    rf"(?<=\s)(?:(?P<volume>{_VOLUME}))?,?(?:\s?\((?P<issue>[^()]{{1,20}})\)(?=\W))?"
    rf"(?:(?<=\S),\s{_PAGES})?\s?\((?P<year>(?:1[6-9]|20)\d\d)\)"
    rf"(?:[,:]?\s?{_PAGES.replace('<page>', '<page_>')})?(?P<volume_>)",
    re.I,
)
_LAST_YEAR = re.compile(r"(?<=[.,;\s])((?:1[6-9]|20)\d\d)[.;:,\s]*$")
_BOOK_PAGES = re.compile(rf"[.,:;\s]*{_PAGES}", re.I)
_SEPARATOR = re.compile(r"\s*[;:,.]?\s*")
_GAP = re.compile(r"[\s.,;:]*")
_PII = re.compile(r"[:;.,\s]*(?:pii:?\s*)?(S\d{4}-\d{3}[\dX]\(\d\d\)\d{5}-[\dX])", re.I)

# ISO 639-1 for the languages that NLM prints in full behind the pages.
LANGUAGES = {
    name: code
    for code, name in (
        pair.split(":")
        for pair in """
        af:Afrikaans ar:Arabic bg:Bulgarian ca:Catalan hr:Croatian cs:Czech da:Danish nl:Dutch
        en:English et:Estonian fi:Finnish fr:French de:German el:Greek he:Hebrew hu:Hungarian
        is:Icelandic it:Italian ja:Japanese ko:Korean lt:Lithuanian no:Norwegian fa:Persian
        pl:Polish pt:Portuguese ro:Romanian ru:Russian sr:Serbian sk:Slovak sl:Slovenian
        es:Spanish sv:Swedish th:Thai tr:Turkish uk:Ukrainian vi:Vietnamese zh:Chinese
        """.split()
    )
}
_LANGUAGE = "(?:" + "|".join(LANGUAGES) + ")"
# What is printed behind the pages: the variable it is, and how it looks. `link` and `pii` are no
# variables: the words of a link without its number, and the name of an identifier without one.
_TAIL: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (variable, re.compile(rf"(?:{pattern})(?=[\s.,;)\]]|$)[\s.,;]*", flags))
    for variable, pattern, flags in (
        (
            "DOI",
            r"(?:Available (?:from|at):?\s*)?(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)+(10\.\d{4,9}/\S*[^\s.,;])",
            re.I,
        ),
        ("PMCID", r"(?:PubMed Central\s+)?PMCID:?\s*(PMC\w+)", re.I),
        (
            "PMID",
            r"(?:PubMed(?:\s+PMID)?|PMID):?\s*(\d+)|\[P(?:MID|ubMed):?\s*(\d+)\]|(?:pii:?\s*)?(\d{8})|(\d{6,7})",
            re.I,
        ),
        ("URL", r"(?:Available (?:from|at):?\s*|URL:?\s*)?((?:https?://|www\.)\S*[^\s.,;)])", re.I),
        ("page", r"pii:?\s*(\w*\d\w*)", re.I),
        ("pii", r"pii", re.I),
        ("status", r"\[?((?:Epub|Online) ahead of print)\.?\]?", re.I),
        ("status", r"(in press)", re.I),
        ("available-date", r"Epub:?\s+(\d{4}(?:[ /-]\w+){0,2})", re.I),
        ("language", rf"\[?(?:Article in\s+)?({_LANGUAGE}(?:,\s*{_LANGUAGE})*)\.?\]?", 0),
        ("link", r"\[?PubMed Citation\]?", re.I),
        ("note", r"\[?(Not in PubMed)\]?", re.I),
        ("note", r"\[?(Abstract)\.?\]?", re.I),
        ("note", r"((?:author(?:['’]?s)? reply|(?:author )?replies|discussion|quiz)[^.]*)", re.I),
        ("note", r"(Erratum in:.*?)\.?$", re.I),
    )
)
# An identifier that is named as one: its name, and behind it what begins like it
_NAMED = re.compile(
    r"(?<![^\s\[(,;])(?:(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)10\.\d|PMC?ID:?\s*(?:PMC)?\d)", re.I
)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the end of a citation says.

    `start` is where the date (or, without one, the volume) stands; `found` are the variables;
    `unread` is what no rule understood; `identifiers` are the places of identifiers in the text.
    """

    start: int
    date: Date | None = None
    found: dict[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unread: str = ""
    identifiers: tuple[tuple[int, int], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def located(self) -> bool:
        """Whether more than a year was read."""
        known = self.found.keys() | self.custom.keys()
        return bool(known & {"volume", "issue", "page", "DOI", "status", "pii"})


def read(text: str) -> Imprint | None:
    """The imprint of an article whose date stands in front of the volume.

    The first year from which the text can be read to its end is the date; where there is none,
    the one that leaves least unread.

    >>> imprint = read("Effects in 1999: a review. Example J 2004; 48 (Suppl 5): 37-40. French.")
    >>> imprint.date.year, imprint.found
    (2004, {'volume': '48', 'issue': 'Suppl 5', 'page': '37-40', 'language': 'fr'})
    """
    best: Imprint | None = None
    for dated in _DATE.finditer(text):
        if dated.start() == 0 or _in_address(text, dated.start()):
            continue
        imprint = _behind(text, dated)
        if not imprint.unread and (imprint.located or dated["month"]):
            return imprint
        if imprint.located and (best is None or len(imprint.unread) < len(best.unread)):
            best = imprint
    return best


def _in_address(text: str, position: int) -> bool:
    """Whether a place is inside a DOI or an address: the years in them are none."""
    word = text[text.rfind(" ", 0, position) + 1 : position]
    return "/" in word and ("10." in word or ":" in word)


def read_undated(text: str, start: int = 0) -> Imprint | None:
    """The imprint of an article whose date stands elsewhere.

    >>> read_undated("A title. Example J 65(1): 241-245. doi:10.5555/x").found["page"]
    '241-245'
    """
    best: Imprint | None = None
    for place in _UNDATED.finditer(text, start):
        imprint = _locate(text, place.start(), place.start())
        if imprint.located and not imprint.unread:
            return imprint
        if imprint.located and (best is None or len(imprint.unread) < len(best.unread)):
            best = imprint
    return best


def read_enclosed(text: str, start: int) -> Imprint | None:
    """The imprint of an article whose year stands in brackets behind its volume.

    >>> read_enclosed("A title, Ex. J. 65 (2001) 241-245.", 0).found
    {'volume': '65', 'page': '241-245'}
    >>> read_enclosed("A title. Ex. J. 65, 241-245 (2001).", 0).found
    {'volume': '65', 'page': '241-245'}
    """
    for place in _ENCLOSED.finditer(text, start):
        found = {k: place[k] or place[f"{k}_"] for k in ("volume", "page")}
        said: dict[str, Value] = {k: v for k, v in found.items() if v}
        if place["issue"]:
            said["issue"] = place["issue"]
        if not said.get("page") and re.search(r"\d[-–]", str(said.get("volume", ""))):
            said["page"] = said.pop("volume")  # Nature, 4-10 (2013)
        imprint = _tail(text, place.end(), place.start(), Date((int(place["year"]),)), said)
        if imprint.located and not imprint.unread:
            return imprint
    return None


def read_year(text: str, start: int) -> Imprint | None:
    """A year at the very end, where nothing says in which volume or on which page."""
    found = _LAST_YEAR.search(text, start)
    return Imprint(found.start(), Date((int(found[1]),))) if found else None


def read_book(text: str, start: int) -> Imprint:
    """What a book says from its year on: pages, identifiers, remarks."""
    date = Date((int(text[start : start + 4]),))
    paged = _BOOK_PAGES.match(text, start + 4)
    found: dict[str, Value] = {"page": paged["page"]} if paged else {}
    return _tail(text, paged.end() if paged else start + 4, start, date, found)


def read_loose(text: str, start: int) -> Imprint:
    """The identifiers in a text that is no citation of a known layout."""
    for place in range(start, len(text)):
        if text[place - 1 : place] in (" ", "[", "("):
            imprint = _tail(text, place, place, None, {})
            if imprint.found and not imprint.unread:
                return imprint
    return Imprint(len(text))


def _behind(text: str, dated: re.Match[str]) -> Imprint:
    """The imprint whose date is known."""
    odd = dated["odd"]
    date = Date(literal=odd) if odd else Date.parse(dated["year"] + _month(dated))
    position = _skip(_SEPARATOR, text, dated.end())
    paged = ":" in text[dated.end() : position]
    imprint = _locate(text, dated.start(), position, date, paged)
    if dated["suffix"]:
        imprint.found["year-suffix"] = dated["suffix"]
    if odd:
        problem = ("bad-date", f"'{odd}' is no year")
        return replace(imprint, problems=(problem, *imprint.problems))
    return imprint


def _month(dated: re.Match[str]) -> str:
    return " " + dated["month"].lstrip(":, ") if dated["month"] else ""


def _locate(
    text: str, start: int, position: int, date: Date | None = None, paged: bool = False
) -> Imprint:
    """Volume, issue and pages at a position, and what follows them. `paged` tells that a colon
    stands in front: then a number that stands alone is a page (`2016 Jan 14:e0001`)."""
    found: dict[str, Value] = {}
    if pii := _PII.match(text, position):
        imprint = _tail(text, pii.end(), start, date, found)
        return replace(imprint, custom={"pii": pii[1]})
    locator = _LOCATOR.match(text, position)
    assert locator is not None  # every part of it may be missing
    volume, page, end = locator["volume"], locator["page"], locator.end()
    number = locator["issue"] or locator["number"]
    alone = not (page or number or locator["supplement"])
    if alone and paged and (bare := _BARE_PAGES.match(text, position)):
        volume, page, end = None, bare["page"], bare.end()
    elif alone and volume and re.search(r"\d[-–]", volume):
        volume, page = None, volume  # Gut 1986; 87-90.
    issue = " ".join(filter(None, (number, locator["supplement"])))  # 50 Suppl 5(5)
    for variable, value in (("volume", volume), ("issue", issue), ("page", page)):
        if value:
            found[variable] = value.strip()
    return _tail(text, end, start, date, found)


def read_rest(text: str, position: int) -> Imprint:
    """What is printed behind the pages: identifiers, addresses, remarks.

    >>> read_rest("... 45-67. https://doi.org/10.5555/example", 10).found
    {'DOI': '10.5555/example'}
    """
    return _tail(text, position, position, None, {})


def _tail(
    text: str, position: int, start: int, date: Date | None, found: dict[str, Value]
) -> Imprint:
    """The imprint with all that stands behind the pages."""
    notes: list[str] = []
    places: list[tuple[int, int]] = []
    problems: list[tuple[str, str]] = []
    unread: list[str] = []
    position = _skip(_GAP, text, position)
    while item := _tail_item(text, position) or _named(text, position):
        begin, variable, value, end = item
        unread.append(text[position:begin])
        position = begin
        if variable in identifiers.SCHEMES or variable == "link":
            places.append((position, end))
        if variable in identifiers.SCHEMES:
            identifier = identifiers.SCHEMES[variable].parse(value)
            if identifier is None:
                problems.append(("bad-identifier", f"'{value}' is no {variable}"))
                notes.append(f"{variable} {value}")
            value = identifier or ""
        if variable == "note":
            notes.append(value)
        elif value:
            found.setdefault(variable, _READ.get(variable, str)(value))
        position = end
    rest = " ".join(filter(None, (piece.strip(" .,;") for piece in (*unread, text[position:]))))
    return Imprint(start, date, found, tuple(notes), rest, tuple(places), tuple(problems))


_Item = tuple[int, str, str, int]


def _tail_item(text: str, position: int) -> _Item | None:
    """The next thing behind the pages: where it begins, variable, value and where it ends."""
    for variable, pattern in _TAIL:
        if found := pattern.match(text, position):
            return _item(variable, found)
    return None


def _named(text: str, position: int) -> _Item | None:
    """The next identifier that is named as one, behind words that no rule understands."""
    named = _NAMED.search(text, position)
    return _tail_item(text, named.start()) if named else None


def _item(variable: str, found: re.Match[str]) -> _Item:
    value = next((group for group in found.groups() if group), "")
    return found.start(), variable, value, found.end()


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _languages(text: str) -> str:
    return ", ".join(LANGUAGES[name] for name in re.split(r",\s*", text))


_READ: dict[str, Callable[[str], Value]] = {
    "language": _languages,
    "available-date": lambda text: Date.parse(text.replace("/", "-")),
}
