"""Reading EndNote XML: the file is cut into its records, and each is parsed by itself.

So a damaged record costs only itself, memory holds one, and no DTD and no entity that a file
declares ever reaches the parser. What an element means depends on the type of the record (see
`refbase.formats.endnotexml.tables`); what has no meaning for a reference is kept as custom value
`endnote:PATH`, and written again by the writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from refbase import identifiers
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import CUT, Input, shortened, standard_numbers, tell_retraction
from refbase.formats.endnotexml.cutter import Piece, pieces
from refbase.formats.endnotexml.elements import elements, plain, rich, tree
from refbase.formats.endnotexml.tables import (
    CSL_TYPES,
    DATABASE,
    DATE,
    FULL_JOURNAL,
    KEY,
    PROVIDER,
    SAME_AS,
    SHORT_JOURNAL,
    TYPE,
    YEAR,
    readings,
    type_named,
)
from refbase.model import Dossier, Entry, Parsed, Reference, Report, Value
from refbase.text import clean
from refbase.values import ET_AL, Date, Name
from refbase.vocab import VARIABLES, Kind


def read(source: Input) -> Iterator[Parsed]:
    """The records of a file in their order."""
    position = 0
    for piece in pieces(source):
        position += 1
        yield _parsed(piece, position, source)
    if not position:
        message = "no record of EndNote (<record>) is in it"
        found = Diagnostic("no-references", message, source.span(0), Severity.ERROR)
        yield Parsed(None, span=found.span, diagnostics=(found,))


# --------------------------------------------------------------------------------- parsing


def _parsed(piece: Piece, position: int, source: Input) -> Parsed:
    span = source.span(piece.line, piece.line + piece.raw.count("\n"))
    found: list[Diagnostic] = []

    def tell(code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        found.append(Diagnostic(code, f"record {position}: {message}", span, severity))

    if piece.code:
        tell(piece.code, piece.message, Severity.ERROR)
    root = tree(piece, tell)
    found_in = {} if root is None else elements(root)
    dossier = _dossier(_Record(found_in, tell), root, position) if found_in else None
    if dossier is None or not dossier.reference.variables:
        if not any(one.severity is Severity.ERROR for one in found):
            tell("bad-xml", "it describes nothing", Severity.ERROR)
        return Parsed(None, piece.raw, span, tuple(found))
    return Parsed(dossier, piece.raw, span, tuple(found))


# --------------------------------------------------------------------------------- a record


@dataclass(slots=True)
class _Record:
    """What is left of the elements of a record while its reference is made of them."""

    values: dict[str, list[Any]]
    report: Report
    taken: set[str] = field(default_factory=set)

    def first(self, path: str) -> str:
        """The first text of an element, without markup."""
        return clean(plain(self.values[path][0])) if path in self.values else ""

    def pop(self, path: str) -> Any:
        """The first element of a path, which is taken."""
        here = self.values[path]
        element = here.pop(0)
        if not here:
            del self.values[path]
        self.taken.add(clean(rich(element)))
        return element

    def all(self, path: str) -> list[str]:
        """All lines of all elements of a path, which are taken."""
        texts = [plain(element) for element in self.values.pop(path)]
        self.taken.update(map(clean, texts))
        return [line for text in texts for line in map(clean, _LINE.split(text)) if line]

    def left(self) -> dict[str, str | list[str]]:
        """What nobody took, as custom values. What repeats a taken value says nothing new."""
        kept: dict[str, str | list[str]] = {}
        for path, here in self.values.items():
            texts = [_lines(rich(element)) for element in here]
            new = [text for text in texts if text and clean(text) not in self.taken]
            if new:
                kept[f"endnote:{path}"] = new[0] if len(new) == 1 else new
        return kept


_LINE = re.compile(r"[\r\n]")


def _lines(text: str) -> str:
    """Text of several lines, each cleaned; two line ends make a paragraph, more are no more."""
    lines = "\n".join(map(clean, re.sub(r"\r\n?", "\n", text).split("\n")))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _dossier(record: _Record, root: Any, position: int) -> Dossier:
    endnote_type = _type(record, root)
    _prefer_full_journal(record)
    variables: dict[str, Value] = {}
    for variable, paths in readings(endnote_type).items():
        for path in paths:
            if path in record.values and (value := _value(record, variable, path)):
                variables[variable] = value
                break
    _other_standard_numbers(variables)
    tell_retraction(variables)
    annotation = str(variables.pop("annote", ""))
    kind = CSL_TYPES.get(SAME_AS.get(endnote_type, endnote_type), "document")
    key = _key(record)
    _forget_first_page(record, variables)
    custom = record.left()
    if not endnote_type and (named := _type_name(root)):
        custom[f"endnote:{TYPE}"] = named
    entries = (Entry(position=position, annotation=annotation),) if annotation else ()
    return Dossier(Reference(kind, variables, custom), key, entries)


def _type(record: _Record, root: Any) -> str:
    element = root.find(TYPE)
    if element is None:
        record.report("missing-type", "no type of reference is given; read as 'document'")
        return ""
    name = clean(element.get("name") or "")
    endnote_type = type_named(name, clean("".join(element.itertext())))
    if not endnote_type:
        what = name or clean("".join(element.itertext()))
        record.report(
            "unknown-type", f"EndNote has no type '{shortened(what)}'; read as 'document'"
        )
    return endnote_type


def _type_name(root: Any) -> str:
    element = root.find(TYPE)
    return "" if element is None else clean(element.get("name") or "")


def _key(record: _Record) -> str:
    """The citation key stands in EndNote's field Label. A number, or words, is none."""
    key = record.first(KEY)
    if not key or key.isdigit() or " " in key:
        return ""
    record.pop(KEY)
    return key


def _prefer_full_journal(record: _Record) -> None:
    """Of a journal EndNote may cite the abbreviation, and know the title beside it."""
    full = record.first(FULL_JOURNAL)
    cited = record.first("titles/secondary-title")
    if full and cited not in ("", full) and cited == record.first(SHORT_JOURNAL):
        record.pop("titles/secondary-title")


def _forget_first_page(record: _Record, variables: dict[str, Value]) -> None:
    """In articles, databases repeat the first page as `section`, which is no section."""
    section, page = str(variables.get("section", "")), str(variables.get("page", ""))
    if section.isdigit() and re.match(rf"{section}(?!\d)", page):
        del variables["section"]


# ---------------------------------------------------------------------------------- values


def _value(record: _Record, variable: str, path: str) -> Value | None:
    if special := _READERS.get(variable):
        return special(record, path)
    kind = VARIABLES[variable]
    if kind is Kind.NAMES:
        return _names(record, path)
    return _date(record, path) if kind is Kind.DATE else clean(rich(record.pop(path)))


def _several_lines(record: _Record, path: str) -> Value:
    return _lines(rich(record.pop(path)))


def _annotation(record: _Record, path: str) -> Value:
    """All notes of a person, a blank line between two."""
    texts = (_lines(rich(record.pop(path))) for _ in range(len(record.values[path])))
    return "\n\n".join(filter(None, texts))


def _names(record: _Record, path: str) -> Value:
    people = [_name(text) for text in record.all(path)]
    if ET_AL in people:
        return (*(name for name in people if name != ET_AL), ET_AL)
    return tuple(people)


def _name(text: str) -> Name:
    """`Family, Given, Suffix`, or a body: it ends in a comma or has none; `,,` is a comma of it."""
    if text.lower() in CUT:
        return ET_AL
    if text.endswith(",") or ",," in text or "," not in text:
        return Name(literal=text.removesuffix(",").replace(",,", ",").strip() or text)
    return Name.from_inverted(text)


def _issued(record: _Record, path: str) -> Value | None:
    """The year, and more of it in the date, which may repeat the year or not."""
    if path != YEAR:
        return _date(record, path)
    year, more = clean(plain(record.pop(YEAR))), record.first(DATE)
    date = _parse_date(year) if year else None
    if date and not date.start and re.search(r"\d", year):  # words are: "in press"
        record.report("bad-date", f"'{shortened(year)}' is no year")
    for candidate in (more, f"{year} {more}") if more else ():
        fuller = _parse_date(candidate)
        if fuller.start and (date is None or not date.start or fuller.year == date.year):
            record.pop(DATE)
            return fuller
    return date


def _date(record: _Record, path: str) -> Value | None:
    """A date where it is one; what is none stays where it is."""
    text = record.first(path)
    date = _parse_date(text) if text else None
    if date and date.start:
        record.pop(path)
        return date
    return None


_SLASHED = re.compile(r"(\d{4})/(\d{1,2})(?:/(\d{1,2}))?")


def _parse_date(text: str) -> Date:
    """
    >>> _parse_date("2015/6/3").start, _parse_date("2004 Aug").start
    ((2015, 6, 3), (2004, 8))
    """
    if len(text) > _LONG:
        return Date(literal=text)
    found = _SLASHED.fullmatch(text)
    parts = [part.zfill(2) for part in found.groups() if part] if found else []
    return Date.parse("-".join(parts) or text)


def _keywords(record: _Record, path: str) -> Value:
    return "; ".join(dict.fromkeys(record.all(path)))


def _identifier(scheme: str) -> Callable[[_Record, str], Value | None]:
    """Reads an identifier; what is none stays where it is, and is kept."""

    def reader(record: _Record, path: str) -> Value | None:
        text = record.first(path)
        value = identifiers.SCHEMES[scheme].parse(text)
        if value:
            record.pop(path)
        elif scheme == "DOI" and text:
            record.report("bad-identifier", f"'{shortened(text)}' is no DOI")
        return value

    return reader


_PUBMED = ("pubmed", "medline", "nlm")


def _pmid(record: _Record, path: str) -> Value | None:
    """The accession number is a PMID if the database is PubMed, or if nobody says which one."""
    number = record.first(path)
    databases = f"{record.first(DATABASE)} {record.first(PROVIDER)}".strip().lower()
    if databases and not any(name in databases for name in _PUBMED):
        return None
    if not (number.isascii() and identifiers.pmid(number) == number):
        return None
    record.pop(path)
    if record.first(PROVIDER) == "NLM":
        record.pop(PROVIDER)
    elif record.first(DATABASE) == "PubMed":
        record.pop(DATABASE)  # that a PMID is PubMed's does not say where the reference is from
    return number


_LONG = 200


def _standard_numbers(record: _Record, path: str) -> Value:
    """Several stand apart by a blank, as in CSL; PubMed says of each what it is the number of."""
    return standard_numbers(record.all(path))


def _other_standard_numbers(variables: dict[str, Value]) -> None:
    """ISBN and ISSN share one element: a book in a series has both."""
    for variable, other in (("ISSN", "ISBN"), ("ISBN", "ISSN")):
        said = str(variables.get(variable, "")).split()
        parse = identifiers.SCHEMES[other].parse
        moved = [number for number in said if len(number) < _LONG and parse(number)]
        if moved:
            stay = [number for number in said if number not in moved]
            variables |= {variable: " ".join(stay), other: " ".join(moved)}
            if not stay:
                del variables[variable]
            return


_READERS: dict[str, Callable[[_Record, str], Value | None]] = {
    "abstract": _several_lines,
    "annote": _annotation,
    "DOI": _identifier("DOI"),
    "ISBN": _standard_numbers,
    "ISSN": _standard_numbers,
    "issued": _issued,
    "keyword": _keywords,
    "note": _several_lines,
    "PMCID": _identifier("PMCID"),
    "PMID": _pmid,
    "URL": lambda record, path: clean(plain(record.pop(path))),
}
