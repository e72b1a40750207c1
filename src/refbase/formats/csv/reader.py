"""Reading tables: our own, and those of other programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from refbase.cells import parse_value
from refbase.errors import Diagnostic, FormatError, Severity, Span
from refbase.formats.base import Input
from refbase.formats.csv.columns import BY_COLUMN, HEADER, column_of
from refbase.formats.csv.pubmed import PUBMED
from refbase.formats.csv.rows import cells_of, rows
from refbase.formats.csv.scopus import SCOPUS
from refbase.formats.csv.zotero import ZOTERO
from refbase.model import Dossier, Entry, Parsed, Reference, Report, Value
from refbase.vocab import TYPES

LAYOUTS = (ZOTERO, PUBMED, SCOPUS)
_DELIMITERS = ",\t;"


@dataclass(frozen=True, slots=True)
class _Table:
    """What the header tells: how cells are separated, the columns, and how a row is read."""

    delimiter: str
    columns: tuple[str, ...]
    read: Callable[[dict[str, str], Report], Dossier]


def read(source: Input) -> Iterator[Parsed]:
    """One reference a row; columns that nobody knows are kept as custom variables.

    The delimiter (comma, tab or semicolon) is that of the header. A row that cannot be one is
    told with its line, and reading goes on behind it.
    """
    lines = source.lines()
    table = _header(source, lines)
    for line, raw, cells in rows(lines, table.delimiter, len(table.columns)):
        span = source.span(line, line + raw.count("\n"))
        if isinstance(cells, str):
            problem = Diagnostic("bad-row", cells, span, Severity.ERROR)
            yield Parsed(None, raw, span, (problem,))
        elif any(cells):
            problems: list[Diagnostic] = []
            report = partial(_report, problems, span)
            dossier = table.read(dict(zip(table.columns, cells, strict=True)), report)
            yield Parsed(dossier, raw, span, tuple(problems))


def _report(problems: list[Diagnostic], span: Span, code: str, message: str) -> None:
    problems.append(Diagnostic(code, message, span))


# --------------------------------------------------------------------------------- the header


def _header(source: Input, lines: Iterator[tuple[int, str]]) -> _Table:
    """The header: that of a program that we know, or one that names at least one of our columns,
    of which the missing ones are told."""
    number, line = next(((n, text) for n, text in lines if text.strip()), (0, ""))
    split = {delimiter: _names(line, delimiter) for delimiter in _DELIMITERS}
    for delimiter, names in split.items():
        for layout in LAYOUTS:
            if layout.fits(set(names)):
                return _Table(delimiter, _apart(names), layout.read)
    ours = {delimiter: tuple(map(column_of, names)) for delimiter, names in split.items()}
    delimiter = max(ours, key=lambda d: len(_known(ours[d])))
    columns = _apart(ours[delimiter])
    if not _known(columns):
        raise FormatError(
            f"{source.name or '-'}: no header of a CSV file"
            + (f" in line {number}" * bool(number)),
            f"the first line must name columns: {', '.join(HEADER)}",
        )
    missing = [column for column in HEADER if column not in columns]
    if missing:
        source.report("missing-column", f"read as empty: {', '.join(missing)}", number)
    return _Table(delimiter, columns, _own)


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    cells = cells_of(line, delimiter)
    return tuple(cell.strip() or "column" for cell in cells) if isinstance(cells, list) else ()


def _apart(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns; of those that are there twice the second is a new one, `#2`."""
    columns: dict[str, None] = {}
    numbers: Counter[str] = Counter()
    for name in names:
        column = name
        while column in columns:
            numbers[name] += 1
            column = f"{name} #{numbers[name] + 1}"
        columns[column] = None
    return tuple(columns)


def _known(columns: tuple[str, ...]) -> set[str]:
    return set(columns) & set(HEADER)


# --------------------------------------------------------------------------------- our own table


def _own(cells: dict[str, str], report: Report) -> Dossier:
    """The reference and its entry from the cells of one row, by column."""
    said = {column: text.strip() for column, text in cells.items() if text.strip()}
    custom: dict[str, str] = {}
    variables: dict[str, Value] = {}
    for column, variable in BY_COLUMN.items():
        if column not in said:
            continue
        value = parse_value(variable, said[column], report)
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


def _position(said: dict[str, str], custom: dict[str, str], report: Report) -> int:
    text = said.get("position", "0")
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return int(text)
    report("bad-value", f"position '{text}' is no number; kept as a custom variable")
    custom["position"] = text
    return 0
