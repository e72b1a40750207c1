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
from operator import itemgetter
from typing import Any

from lxml import etree

from refbase import identifiers
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input
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

LONGEST = 1 << 25
"""No record is longer than this many characters: 32 million."""


def read(source: Input) -> Iterator[Parsed]:
    """The records of a file in their order."""
    position = 0
    for piece in _pieces(source):
        position += 1
        yield _parsed(piece, position, source)
    if not position:
        message = "no record of EndNote (<record>) is in it"
        found = Diagnostic("no-references", message, source.span(0), Severity.ERROR)
        yield Parsed(None, span=found.span, diagnostics=(found,))


# --------------------------------------------------------------------------------- records

_MARK = re.compile(r"<(?P<end>/?)record(?=[\s/>])[^<>]*?(?P<empty>/?)>|<!--|<!\[CDATA\[")
_LONGEST_TAG = 1 << 12
_KEPT = 1 << 20  # of a record that is too long
_CLOSING = {"<!--": "-->", "<![CDATA[": "]]>"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """The text of a record, its first line, and why it is not whole."""

    raw: str
    line: int
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class _Cutter:
    """Cuts text into records. `opened` is where the one begins that is being read, or -1, `seen`
    how far the text was searched, and `line` the line at which the character `counted` stands."""

    text: str = ""
    line: int = 1
    counted: int = 0
    opened: int = -1
    seen: int = 0
    dropping: bool = False

    def cut(self, more: str, last: bool = False) -> Iterator[_Piece]:
        """The records that end in the text that is added."""
        self.text += more
        while mark := _MARK.search(self.text, self.seen):
            if mark[0] in _CLOSING:
                closing = _CLOSING[mark[0]]
                end = self.text.find(closing, mark.end())
                if end < 0 and not last:
                    self.seen = mark.start()
                    break
                self.seen = mark.end() if end < 0 else end + len(closing)
            else:
                yield from self._tag(mark)
        else:
            self.seen = max(self.seen, self._edge())
        if last:
            fault = ("truncated", "the file ends in the middle of this record")
            yield from self._take(len(self.text), *fault)
        yield from self._forget()

    def _tag(self, mark: re.Match[str]) -> Iterator[_Piece]:
        self.seen = mark.end()
        if mark["end"]:
            yield from self._take(mark.end())
            return
        yield from self._take(mark.start(), "bad-xml", "the end of this record is missing")
        self.opened = mark.start()
        if mark["empty"]:
            yield from self._take(mark.end())

    def _take(self, end: int, code: str = "", message: str = "") -> Iterator[_Piece]:
        if self.opened >= 0 and not self.dropping:
            self._count(self.opened)
            yield _Piece(self.text[self.opened : end], self.line, code, message)
        self.opened = -1
        self.dropping = False

    def _forget(self) -> Iterator[_Piece]:
        """Hold no more than one record of the greatest length, and between records one tag."""
        if self.opened >= 0 and len(self.text) - self.opened > LONGEST:
            message = f"this record is longer than {LONGEST >> 20} MB"
            kept = min(self.opened + _KEPT, len(self.text))
            yield from self._take(kept, "bad-xml", message)
            self.opened, self.dropping = 0, True
        start = self.opened if self.opened >= 0 and not self.dropping else self.seen
        self._count(start)
        self.text = self.text[start:]
        self.seen -= start
        self.counted = 0
        self.opened = min(self.opened, 0)

    def _count(self, place: int) -> None:
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place

    def _edge(self) -> int:
        """Where the tag begins that the text ends in, or the end of the text."""
        tail = self.text.rfind("<", max(self.seen, len(self.text) - _LONGEST_TAG))
        return len(self.text) if tail < 0 or self.text.find(">", tail) >= 0 else tail


def _pieces(source: Input) -> Iterator[_Piece]:
    cutter = _Cutter()
    for _, text in source.pieces():
        yield from cutter.cut(text)
    yield from cutter.cut("", last=True)


# --------------------------------------------------------------------------------- parsing


def _parser(recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=recover,
    )


_STRICT, _LENIENT = _parser(recover=False), _parser(recover=True)


def _parsed(piece: _Piece, position: int, source: Input) -> Parsed:
    span = source.span(piece.line, piece.line + piece.raw.count("\n"))
    found: list[Diagnostic] = []

    def tell(code: str, message: str, severity: Severity = Severity.WARNING) -> None:
        found.append(Diagnostic(code, f"record {position}: {message}", span, severity))

    if piece.code:
        tell(piece.code, piece.message, Severity.ERROR)
    root = _tree(piece, tell)
    elements = {} if root is None else _elements(root)
    dossier = _dossier(_Record(elements, tell), root, position) if elements else None
    if dossier is None or not dossier.reference.variables:
        if not any(one.severity is Severity.ERROR for one in found):
            tell("bad-xml", "it describes nothing", Severity.ERROR)
        return Parsed(None, piece.raw, span, tuple(found))
    return Parsed(dossier, piece.raw, span, tuple(found))


def _tree(piece: _Piece, tell: Callable[[str, str], None]) -> Any:
    """The elements of a record; of a damaged one, those that can be made out."""
    try:
        return etree.fromstring(piece.raw.encode(), _STRICT)
    except etree.XMLSyntaxError as fault:
        if not piece.code:
            said = re.sub(r"^xmlParse|,? line \d+.*", "", clean(fault.msg or ""))
            tell("bad-xml", f"damaged, what can be read of it is kept: {said}")
    try:
        return etree.fromstring(piece.raw.encode(), _LENIENT)
    except etree.XMLSyntaxError:
        return None


# Numbers and paths that mean something in EndNote's own database alone
_HOUSEHOLD = frozenset(("database", "source-app", "rec-number", "foreign-keys", TYPE))
_DEEPEST = 8


def _elements(root: Any) -> dict[str, list[Any]]:
    """The elements that hold text, by their path. `style` is markup of the text."""
    found: dict[str, list[Any]] = {}
    waiting = [("", child) for child in reversed(root)]
    while waiting:
        above, element = waiting.pop()
        if not isinstance(element.tag, str) or (not above and element.tag in _HOUSEHOLD):
            continue
        path = f"{above}/{element.tag}" if above else element.tag
        inner = [child for child in element if child.tag != "style"]
        if inner and path.count("/") < _DEEPEST:
            waiting += [(path, child) for child in reversed(inner)]
        if not inner or (element.text or "").strip():
            found.setdefault(path, []).append(element)
    return found


_FACES = {"italic": "i", "bold": "b", "superscript": "sup", "subscript": "sub"}


def _rich(element: Any) -> str:
    """The text of an element with the faces of its styles as markup.

    The markup changes only where the face does: EndNote starts a new style for a new font too.
    """
    if len(element) == 0:
        return element.text or ""
    parts: list[str] = []
    open_marks: list[str] = []
    for text, marks in filter(itemgetter(0), _runs(element)):
        kept = 0
        while kept < len(open_marks) and open_marks[kept] in marks:
            kept += 1
        parts += [f"</{mark}>" for mark in reversed(open_marks[kept:])]
        new = [mark for mark in marks if mark not in open_marks[:kept]]
        parts += [f"<{mark}>" for mark in new]
        open_marks = [*open_marks[:kept], *new]
        parts.append(text)
    return "".join([*parts, *(f"</{mark}>" for mark in reversed(open_marks))])


def _runs(element: Any) -> Iterator[tuple[str, list[str]]]:
    yield element.text or "", []
    for child in element:
        if child.tag == "style":
            faces = (child.get("face") or "").split()
            text = "".join(child.itertext())
            yield text, [_FACES[face] for face in faces if face in _FACES]
        tail = child.tail or ""
        if tail.strip() or "\n" not in tail:  # no text, but the layout of a file that was indented
            yield tail, []


def _plain(element: Any) -> str:
    if len(element) == 0:
        return element.text or ""
    return "".join(text for text, _ in _runs(element))


# --------------------------------------------------------------------------------- a record


@dataclass(slots=True)
class _Record:
    """What is left of the elements of a record while its reference is made of them."""

    values: dict[str, list[Any]]
    report: Report
    taken: set[str] = field(default_factory=set)

    def first(self, path: str) -> str:
        """The first text of an element, without markup."""
        return clean(_plain(self.values[path][0])) if path in self.values else ""

    def pop(self, path: str) -> Any:
        """The first element of a path, which is taken."""
        elements = self.values[path]
        element = elements.pop(0)
        if not elements:
            del self.values[path]
        self.taken.add(clean(_rich(element)))
        return element

    def all(self, path: str) -> list[str]:
        """All lines of all elements of a path, which are taken."""
        texts = [_plain(element) for element in self.values.pop(path)]
        self.taken.update(map(clean, texts))
        return [line for text in texts for line in map(clean, _LINE.split(text)) if line]

    def left(self) -> dict[str, str | list[str]]:
        """What nobody took, as custom values. What repeats a taken value says nothing new."""
        kept: dict[str, str | list[str]] = {}
        for path, elements in self.values.items():
            texts = [_lines(_rich(element)) for element in elements]
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
    _tell_retraction(variables)
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
        record.report("unknown-type", f"EndNote has no type '{_short(what)}'; read as 'document'")
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
    return _date(record, path) if kind is Kind.DATE else clean(_rich(record.pop(path)))


def _several_lines(record: _Record, path: str) -> Value:
    return _lines(_rich(record.pop(path)))


def _annotation(record: _Record, path: str) -> Value:
    """All notes of a person, a blank line between two."""
    texts = (_lines(_rich(record.pop(path))) for _ in range(len(record.values[path])))
    return "\n\n".join(filter(None, texts))


_CUT = frozenset(("et al", "et al.", "et al.,", "et al,"))


def _names(record: _Record, path: str) -> Value:
    people = [_name(text) for text in record.all(path)]
    if ET_AL in people:
        return (*(name for name in people if name != ET_AL), ET_AL)
    return tuple(people)


def _name(text: str) -> Name:
    """`Family, Given, Suffix`, or a body: it ends in a comma or has none; `,,` is a comma of it."""
    if text.lower() in _CUT:
        return ET_AL
    if text.endswith(",") or ",," in text or "," not in text:
        return Name(literal=text.removesuffix(",").replace(",,", ",").strip() or text)
    return Name.from_inverted(text)


def _issued(record: _Record, path: str) -> Value | None:
    """The year, and more of it in the date, which may repeat the year or not."""
    if path != YEAR:
        return _date(record, path)
    year, more = clean(_plain(record.pop(YEAR))), record.first(DATE)
    date = _parse_date(year) if year else None
    if date and not date.start and re.search(r"\d", year):  # words are: "in press"
        record.report("bad-date", f"'{_short(year)}' is no year")
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
            record.report("bad-identifier", f"'{_short(text)}' is no DOI")
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


_REMARK = re.compile(r"\((?:print|linking|electronic|online|hardcover|paperback)\)", re.I)
_LONG = 200


def _standard_numbers(record: _Record, path: str) -> Value:
    """Several stand apart by a blank, as in CSL; PubMed says of each what it is the number of."""
    text = " ".join(record.all(path))
    return " ".join(dict.fromkeys(_REMARK.sub(" ", text).split()))


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


_RETRACTED = "Retracted Publication"


def _tell_retraction(variables: dict[str, Value]) -> None:
    """PubMed's word for what is retracted, which the writer puts among the keywords."""
    words = str(variables.get("keyword", "")).split("; ")
    if _RETRACTED in words and "status" not in variables:
        variables["status"] = "retracted"
        variables["keyword"] = "; ".join(word for word in words if word != _RETRACTED)
        if not variables["keyword"]:
            del variables["keyword"]


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
    "URL": lambda record, path: clean(_plain(record.pop(path))),
}


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]} …"
