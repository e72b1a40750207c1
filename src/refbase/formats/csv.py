"""CSV: one entry a row, for spreadsheets and for reading a bibliography over by eye.

The columns are those of `COLUMNS`. Names are written `Family, Given`, separated by `; `, with
NLM's compact initials (`Cartlidge, NE`); a body of people stands in braces, and `et al.` comes
last where the list was cut. Dates are EDTF (`2013-09`). Empty means unknown.

Braces keep whatever stands in them as it is: `{de Silva}, A` has no particle, `Smith, {RJ}` is
not R. J., and `{Smith; Jones}` is one name. In them `\\` stands before a brace or backslash.

A cell that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet. Nothing is put in
front of it, because that would change the data: open files of others as text.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from refbase.errors import Diagnostic, FormatError, Severity, Span
from refbase.formats.base import Input, WriteOptions, loss
from refbase.identifiers import SCHEMES
from refbase.model import Dossier, Entry, Parsed, Reference, Report, Value
from refbase.values import ET_AL, Date, Name, dotted, undotted
from refbase.vocab import TYPES, VARIABLES, Kind

# Column and CSL variable. Columns without one belong to the entry, or are the citation key.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("key", ""),
    ("bibliography", ""),
    ("position", ""),
    ("type", ""),
    ("author", "author"),
    ("title", "title"),
    ("container_title", "container-title"),
    ("editor", "editor"),
    ("edition", "edition"),
    ("publisher", "publisher"),
    ("publisher_place", "publisher-place"),
    ("issued", "issued"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
    ("pmid", "PMID"),
    ("pmcid", "PMCID"),
    ("doi", "DOI"),
    ("isbn", "ISBN"),
    ("language", "language"),
    ("url", "URL"),
    ("keyword", "keyword"),
    ("annotation", ""),
    ("citation", ""),
)
HEADER = tuple(column for column, _ in COLUMNS)
_VARIABLES = {column: variable for column, variable in COLUMNS if variable}
_WRITTEN = frozenset(_VARIABLES.values())
_DELIMITERS = ",\t;"
_QUOTED = re.compile(r'"((?:[^"]+|"")*+)"')
_MOST_LINES = 500
"""A quoted cell that is longer has lost its second quotation mark."""


# --------------------------------------------------------------------------------- writing


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """One row for each entry; a reference in no bibliography is one row too.

    Custom variables have no column: which ones there are is known only after the last
    reference, and the rows are written as they come.
    """
    return _write(dossiers, stream, ",")


def write_tsv(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """The same with tabs between the cells."""
    return _write(dossiers, stream, "\t")


def _write(dossiers: Iterable[Dossier], stream: TextIO, delimiter: str) -> Iterator[Diagnostic]:
    rows = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    rows.writerow(HEADER)
    for dossier in dossiers:
        for entry in dossier.entries or (Entry(),):
            rows.writerow(_row(dossier, entry))
        yield from _losses(dossier)


def _row(dossier: Dossier, entry: Entry) -> list[str]:
    reference = dossier.reference
    cells = {
        "key": dossier.key,
        "bibliography": entry.bibliography,
        "position": str(entry.position) if entry.position else "",
        "type": reference.type,
        "annotation": entry.annotation,
        "citation": entry.citation,
    }
    for column, variable in _VARIABLES.items():
        cells[column] = _cell(reference.variables.get(variable, ""))
    # A reader takes a return for the end of a line
    return [re.sub(r"\r\n?", "\n", cells[column]) for column in HEADER]


def _cell(value: Value) -> str:
    if isinstance(value, Date):
        return value.to_edtf()
    return value if isinstance(value, str) else format_names(value)


def _losses(dossier: Dossier) -> Iterator[Diagnostic]:
    """What a row has no place for, told once for each reference."""
    reference = dossier.reference
    for variable, value in reference.variables.items():
        if variable not in _WRITTEN:
            yield loss(dossier.key, f"CSV has no column for '{variable}'")
        elif isinstance(value, tuple) and any(n.dropping_particle or n.flags for n in value):
            yield loss(dossier.key, f"CSV cannot hold dropping particles or flags of '{variable}'")
    for name in reference.custom:
        yield loss(dossier.key, f"CSV has no column for the custom variable '{name}'")
    if dossier.tags:
        yield loss(dossier.key, "CSV has no column for tags")


# --------------------------------------------------------------------------------- names

_PIECE = re.compile(r"\{((?:[^{}\\]|\\.)*)\}|([^{}]+)", re.S)
_SPECIAL = re.compile(r"[{}\\;,]|^\s|\s$")


def format_names(names: Iterable[Name]) -> str:
    """Names for one cell.

    >>> format_names([Name.from_nlm("van der Ploeg RJ"), Name(literal="Example Group"), ET_AL])
    'van der Ploeg, RJ; {Example Group}; et al.'
    """
    return "; ".join(_format_name(name) for name in names)


def _format_name(name: Name) -> str:
    if name == ET_AL:
        return "et al."
    if name.literal:
        return _braced(name.literal)
    parts = [_format_surname(name), _format_given(name.given), _part(name.suffix)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) == 1 and (parts[0].endswith("}") or parts[0] == "et al."):
        return parts[0] + ","  # a family name alone, not a body
    return ", ".join(parts)


def _format_surname(name: Name) -> str:
    plain = Name(family=name.family, particle=name.particle).surname
    if not _SPECIAL.search(plain) and Name.person(plain) == Name(
        family=name.family, particle=name.particle
    ):
        return plain
    particle = _braced(name.particle) + " " if name.particle else ""
    return particle + _braced(name.family)


def _format_given(given: str) -> str:
    compact = undotted(given)
    return _part(compact) if dotted(compact) == given else _braced(given)


def _part(text: str) -> str:
    return _braced(text) if _SPECIAL.search(text) else text


def _braced(text: str) -> str:
    return "{" + re.sub(r"([{}\\])", r"\\\1", text) + "}"


def parse_names(text: str) -> tuple[Name, ...]:
    """The names in one cell, in whatever order they stand.

    >>> parse_names("Smith, RJ, Jr.; {Example Group}; et al.")
    (Name(family='Smith', given='R. J.', suffix='Jr.'), Name(literal='Example Group'), \
Name(literal='et al.'))
    """
    names = (_parse_name(name) for name in _split(text, ";") if name.strip())
    return tuple(name for name in names if name != Name())


def _parse_name(text: str) -> Name:
    if text.strip().lower().rstrip(".") == "et al":
        return ET_AL
    if "{" not in text and "}" not in text:
        surname, given, suffix = (*(part.strip() for part in text.split(",", 2)), "", "")[:3]
        return Name.person(surname, dotted(given), suffix)
    parts = [_pieces(part) for part in _split(text, ",")]
    if len(parts) == 1 and len(parts[0]) == 1 and parts[0][0][1]:
        return Name(literal=parts[0][0][0])
    given = "".join(text if verbatim else dotted(text) for text, verbatim in _nth(parts, 1))
    suffix = " ".join(text for part in parts[2:] for text, _ in part)
    pieces = parts[0]
    if any(verbatim for _, verbatim in pieces):
        particle = " ".join(text for text, _ in pieces[:-1])
        return Name(family=pieces[-1][0], particle=particle, given=given, suffix=suffix)
    return Name.person(" ".join(text for text, _ in pieces), given, suffix)


def _nth(parts: Sequence[list[tuple[str, bool]]], place: int) -> list[tuple[str, bool]]:
    return parts[place] if place < len(parts) else []


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The pieces of a part, and of each whether it stood in braces."""
    found = []
    for piece in _PIECE.finditer(text):
        if piece[1] is not None:
            found.append((re.sub(r"\\(.)", r"\1", piece[1], flags=re.S), True))
        elif piece[2].strip():
            found.append((piece[2].strip(), False))
    return found


def _split(text: str, separator: str) -> list[str]:
    """The text between the separators that stand outside of braces."""
    if "{" not in text:
        return text.split(separator)
    parts, start, depth, escaped = [], 0, 0, False
    for place, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = depth > 0
        elif character == "{":
            depth += 1
        elif character == "}":
            depth = max(depth - 1, 0)
        elif character == separator and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


# --------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Table:
    """What the header tells: how cells are separated, and the columns."""

    delimiter: str
    columns: tuple[str, ...]


def read(source: Input) -> Iterator[Parsed]:
    """One reference a row; columns that are not ours are kept as custom variables.

    The delimiter (comma, tab or semicolon) is that of the header. A row that cannot be one is
    told with its line, and reading goes on behind it.
    """
    lines = source.lines()
    table = _header(source, lines)
    for line, raw, cells in _rows(lines, table):
        span = source.span(line, line + raw.count("\n"))
        if isinstance(cells, str):
            problem = Diagnostic("bad-row", cells, span, Severity.ERROR)
            yield Parsed(None, raw, span, (problem,))
        elif any(cells):
            problems: list[Diagnostic] = []
            report = partial(_report, problems, span)
            dossier = _dossier(dict(zip(table.columns, cells, strict=True)), report)
            yield Parsed(dossier, raw, span, tuple(problems))


def _report(problems: list[Diagnostic], span: Span, code: str, message: str) -> None:
    problems.append(Diagnostic(code, message, span))


def _header(source: Input, lines: Iterator[tuple[int, str]]) -> _Table:
    """The header, which must name at least one of our columns; the missing ones are told."""
    number, line = next(((n, text) for n, text in lines if text.strip()), (0, ""))
    split = {delimiter: _columns(line, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(split, key=lambda d: len(_known(split[d])))
    columns = split[delimiter]
    if not _known(columns):
        raise FormatError(
            f"{source.name or '-'}: no header of a CSV file"
            + (f" in line {number}" * bool(number)),
            f"the first line must name columns: {', '.join(HEADER)}",
        )
    missing = [column for column in HEADER if column not in columns]
    if missing:
        source.report("missing-column", f"read as empty: {', '.join(missing)}", number)
    return _Table(delimiter, columns)


def _columns(line: str, delimiter: str) -> tuple[str, ...]:
    """The names of the columns; of those that are there twice the second is not ours."""
    cells = _cells(line, delimiter)
    columns: list[str] = []
    for cell in cells if isinstance(cells, list) else []:
        name = re.sub(r"[\s-]+", "_", cell.strip().lower())
        name = name if name in HEADER else cell.strip() or "column"
        again = sum(other.partition(" #")[0] == name for other in columns)
        columns.append(f"{name} #{again + 1}" if again else name)
    return tuple(columns)


def _known(columns: tuple[str, ...]) -> set[str]:
    return set(columns) & set(HEADER)


def _rows(
    lines: Iterator[tuple[int, str]], table: _Table
) -> Iterator[tuple[int, str, list[str] | str]]:
    """Line, text and cells of each row; instead of the cells a message where it is no row.

    A quotation mark that is never closed ends at the next one, far away in another row, or
    nowhere. Then only its own line is bad, and those behind it are read again.
    """
    again: deque[tuple[int, str]] = deque()
    while True:
        taken: list[tuple[int, str]] = []
        cells: list[str] | str | None = None
        while cells is None and len(taken) < _MOST_LINES:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                break
            taken.append(line)
            cells = _cells("\n".join(text for _, text in taken), table.delimiter)
        if not taken:
            return
        if not isinstance(cells, list) and (cells is None or len(taken) > 1):
            again.extendleft(reversed(taken[1:]))
            yield (*taken[0], "a quotation mark is never closed")
            continue
        if isinstance(cells, list) and cells != [""] and len(cells) != len(table.columns):
            cells = f"{len(cells)} cells where the header has {len(table.columns)}"
        yield taken[0][0], "\n".join(text for _, text in taken), cells


def _cells(text: str, delimiter: str) -> list[str] | str | None:
    """The cells of a row; a message where it is no row; None where a quotation mark is open.

    >>> _cells('1,"a ""b"", c",', ","), _cells('1,"a', ","), _cells('"a"b', ",")
    (['1', 'a "b", c', ''], None, 'text behind the quotation mark of cell 1')
    """
    if '"' not in text:
        return text.split(delimiter)
    cells: list[str] = []
    position = 0
    while True:
        quoted = _QUOTED.match(text, position)
        if quoted:
            end = quoted.end()
            cells.append(quoted[1].replace('""', '"'))
            if text[end : end + 1] not in ("", delimiter):
                return f"text behind the quotation mark of cell {len(cells)}"
        elif text[position : position + 1] == '"':
            return None
        else:
            end = text.find(delimiter, position)
            end = len(text) if end < 0 else end
            cells.append(text[position:end])
        if end == len(text):
            return cells
        position = end + 1


def _dossier(cells: dict[str, str], report: Report) -> Dossier:
    """The reference and its entry from the cells of one row, by column."""
    said = {column: text.strip() for column, text in cells.items() if text.strip()}
    custom: dict[str, str] = {}
    variables: dict[str, Value] = {}
    for column, variable in _VARIABLES.items():
        if column not in said:
            continue
        value = _value(variable, said[column], report)
        if value:
            variables[variable] = value
        else:
            custom[column] = said[column]
    kind = said.get("type", "document")
    if kind not in TYPES:
        report("bad-value", f"'{kind}' is not a type of CSL; read as 'document'")
        custom["type"], kind = kind, "document"
    entry = Entry(
        said.get("bibliography", ""),
        _position(said, custom, report),
        said.get("citation", ""),
        said.get("annotation", ""),
    )
    custom |= {column: text for column, text in said.items() if column not in HEADER}
    return Dossier(
        Reference(kind, variables, custom),
        key=said.get("key", ""),
        entries=() if entry == Entry() else (entry,),
    )


def _value(variable: str, text: str, report: Report) -> Value | None:
    """A cell with its type; None where it cannot be what its column says."""
    kind = VARIABLES[variable]
    if kind is Kind.NAMES:
        return parse_names(text)
    if kind is Kind.DATE:
        date = Date.parse(text)
        if date.literal:
            report("bad-date", f"'{text}' is no date; kept as it is")
        return date
    if variable in SCHEMES:
        identifier = SCHEMES[variable].parse(text)
        if not identifier:
            report("bad-identifier", f"'{text}' is no {variable}; kept as a custom variable")
        return identifier
    return text


def _position(said: dict[str, str], custom: dict[str, str], report: Report) -> int:
    text = said.get("position", "0")
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return int(text)
    report("bad-value", f"position '{text}' is no number; kept as a custom variable")
    custom["position"] = text
    return 0
