"""How references look on a terminal and as JSON."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from refbase import identifiers
from refbase.formats.jsonl import to_json
from refbase.model import Dossier, Entry, Reference, Value
from refbase.text import plain
from refbase.values import Date

_KEY, _YEAR, _AUTHOR, _PMID = 26, 4, 14, 8
_LABEL = 20
# What a librarian looks for first; everything else follows in alphabetical order
_FIRST = ("author", "title", "container-title", "editor", "issued", "volume", "issue", "page")


def line(dossier: Dossier) -> str:
    """One reference on one line: key, year, first author, PMID, and as much title as fits the
    terminal; for another program to read, all of it."""
    reference = dossier.reference
    author = next((n.literal or n.surname for n in reference.authors), "")
    head = (
        f"{dossier.key:{_KEY}} {reference.year or '':{_YEAR}} {_cut(author, _AUTHOR):{_AUTHOR}} "
        f"{reference.pmid:>{_PMID}}  "
    )
    title = plain(reference.title)
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        title = _cut(title, max(shutil.get_terminal_size().columns - len(head), 20))
    return (head + title).rstrip()


def row(dossier: Dossier) -> dict[str, Any]:
    """One reference as `list --json` tells it."""
    reference = dossier.reference
    return {
        "key": dossier.key,
        "type": reference.type,
        "title": reference.title,
        "author": _value(reference.authors),
        "container-title": reference.container_title,
        "year": reference.year,
        "pmid": reference.pmid,
        "pmcid": reference.pmcid,
        "doi": reference.doi,
        "entries": [
            {"bibliography": entry.bibliography, "position": entry.position}
            for entry in dossier.entries
        ],
    }


whole = to_json
"""One reference with all that is kept of it, as `show --json` and JSON lines tell it."""


def page(dossier: Dossier) -> str:
    """Everything that is known of a reference, for reading."""
    return "\n".join([f"{dossier.key}  ({dossier.reference.type})", *_body(dossier)])


def _body(dossier: Dossier) -> Iterator[str]:
    reference = dossier.reference
    for variable in _ordered(reference):
        yield _field(variable, _value(reference.variables[variable]))
    for name, value in reference.custom.items():
        yield _field(f"custom {name}", str(value))
    for scheme in ("PMID", "PMCID", "DOI"):
        if value := reference.text(scheme):
            yield _field("", identifiers.url(scheme, value))
    if dossier.tags:
        yield _field("tags", ", ".join(dossier.tags))
    for entry in dossier.entries:
        yield from _entry(entry)
    if dossier.records:
        yield ""
    for record in dossier.records:
        place = f", line {record.line}" if record.line else ""
        said = f"{record.source.kind} {record.source.name}{place}, read {record.source.time[:10]}"
        yield _field("record of", said)


def _entry(entry: Entry) -> Iterator[str]:
    yield ""
    yield _field(f"in {entry.bibliography}", f"no. {entry.position}")
    if entry.citation:
        yield _field("  as printed", entry.citation)
    if entry.annotation:
        yield _field("  annotation", entry.annotation)


def _ordered(reference: Reference) -> list[str]:
    first = [name for name in _FIRST if name in reference.variables]
    return [*first, *sorted(reference.variables.keys() - set(first))]


def _value(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Date):
        return value.to_edtf()
    return ", ".join(name.nlm for name in value)


def _field(label: str, value: str) -> str:
    width = max(min(shutil.get_terminal_size().columns, 100) - _LABEL - 2, 20)
    lines = [part for text in value.split("\n") for part in textwrap.wrap(text, width) or [""]]
    indent = "\n" + " " * (_LABEL + 2)
    return f"  {label:{_LABEL}}{indent.join(lines)}".rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
