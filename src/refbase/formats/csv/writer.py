"""Writing our own table."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import TextIO

from refbase.cells import format_value
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import WriteOptions, custom_severity, loss
from refbase.formats.csv.columns import BY_COLUMN, HEADER, column_of
from refbase.model import Dossier, Entry

_WRITTEN = frozenset(BY_COLUMN.values())
_IN_MEMORY = 1 << 20


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """One row for each entry; a reference in no bibliography is one row too.

    Behind our columns stand those of custom texts, such as columns that another table brought.
    Which there are is known only after the last reference, so the rows wait on disk for them.
    """
    return _write(dossiers, stream, ",")


def write_tsv(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """The same with tabs between the cells."""
    return _write(dossiers, stream, "\t")


def _write(dossiers: Iterable[Dossier], stream: TextIO, delimiter: str) -> Iterator[Diagnostic]:
    extra: set[str] = set()
    with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n") as waiting:
        for dossier in dossiers:
            for entry in dossier.entries or (Entry(),):
                cells = _cells(dossier, entry)
                extra |= cells.keys()
                waiting.write(json.dumps(cells) + "\n")
            yield from _losses(dossier)
        header = [*HEADER, *sorted(extra.difference(HEADER))]
        rows = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        rows.writerow(header)
        waiting.seek(0)
        for line in waiting:
            cells = json.loads(line)
            rows.writerow([cells.get(column, "") for column in header])


def _cells(dossier: Dossier, entry: Entry) -> dict[str, str]:
    reference = dossier.reference
    cells = {
        **{name: text for name, text in reference.custom.items() if _is_column(name, text)},
        "key": dossier.key,
        "bibliography": entry.bibliography,
        "annotation": entry.annotation,
        "citation": entry.citation,
    }
    if entry.position:
        cells["position"] = str(entry.position)
    if reference.type != "document" or "type" not in cells:
        cells["type"] = reference.type
    for column, variable in BY_COLUMN.items():
        if variable in reference.variables:
            cells[column] = format_value(reference.variables[variable])
    # A reader takes a return for the end of a line
    return {column: re.sub(r"\r\n?", "\n", text) for column, text in cells.items() if text}


def _is_column(name: str, value: object) -> bool:
    """Whether a custom value can be a cell, and come back as what it is. What could not be read
    from one of our own columns goes back there; PubMed's bookkeeping is left out."""
    if custom_severity(name) is Severity.INFO or not isinstance(value, str):
        return False
    return value == value.strip() != "" and column_of(name) == name and name.isprintable()


def _losses(dossier: Dossier) -> Iterator[Diagnostic]:
    """What a row has no place for, told once for each reference."""
    reference = dossier.reference
    for variable, value in reference.variables.items():
        if variable not in _WRITTEN:
            yield loss(dossier.key, f"CSV has no column for '{variable}'")
        elif isinstance(value, tuple) and any(n.dropping_particle or n.flags for n in value):
            yield loss(dossier.key, f"CSV cannot hold dropping particles or flags of '{variable}'")
    for name, text in reference.custom.items():
        if _is_column(name, text):
            continue
        message = f"CSV has no column for the custom variable '{name}'"
        yield loss(dossier.key, message, custom_severity(name))
    if dossier.tags:
        yield loss(dossier.key, "CSV has no column for tags")
