"""How references look on a terminal and as JSON."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from refbase import identifiers
from refbase.formats.jsonl import to_json
from refbase.model import Dossier, Entry, Value
from refbase.notices import notices
from refbase.text import plain
from refbase.values import Date

_KEY, _YEAR, _AUTHOR, _PMID = 26, 4, 14, 8
_LABEL = 22
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
    marks = dict.fromkeys(notice.kind.upper() for notice in notices(reference))
    title = " ".join((*(f"[{mark}]" for mark in marks), plain(reference.title)))
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
        "author": value_text(reference.authors),
        "container-title": reference.container_title,
        "year": reference.year,
        "pmid": reference.pmid,
        "pmcid": reference.pmcid,
        "doi": reference.doi,
        "notices": [notice._asdict() for notice in notices(reference)],
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
    for notice in notices(reference):
        yield field(notice.kind.upper(), str(notice))
    for variable in ordered(reference.variables):
        yield field(variable, value_text(reference.variables[variable]))
    for name, value in reference.custom.items():
        yield field(f"custom {name}", str(value))
    for scheme in ("PMID", "PMCID", "DOI"):
        if value := reference.text(scheme):
            yield field("", identifiers.url(scheme, value))
    if dossier.tags:
        yield field("tags", ", ".join(dossier.tags))
    for entry in dossier.entries:
        yield from _entry(entry)
    if dossier.records:
        yield ""
    for record in dossier.records:
        place = f", line {record.line}" if record.line else ""
        said = f"{record.source.kind} {record.source.name}{place}, read {record.source.time[:10]}"
        yield field("record of", said)


def _entry(entry: Entry) -> Iterator[str]:
    yield ""
    yield field(f"in {entry.bibliography}", f"no. {entry.position}")
    if entry.citation:
        yield field("  as printed", entry.citation)
    if entry.annotation:
        yield field("  annotation", entry.annotation)


def ordered(variables: Iterable[str]) -> list[str]:
    """Variables in the order in which a librarian looks for them."""
    known = set(variables)
    first = [name for name in _FIRST if name in known]
    return [*first, *sorted(known - set(first))]


def value_text(value: Value) -> str:
    """A value for reading: names as NLM prints them, dates as EDTF."""
    if isinstance(value, str):
        return value
    if isinstance(value, Date):
        return value.to_edtf()
    return ", ".join(name.nlm for name in value)


def field(label: str, value: str) -> str:
    """A value with its name in front, wrapped to the terminal."""
    width = max(min(shutil.get_terminal_size().columns, 100) - _LABEL - 2, 20)
    lines = [part for text in value.split("\n") for part in textwrap.wrap(text, width) or [""]]
    indent = "\n" + " " * (_LABEL + 2)
    return f"  {label:{_LABEL}}{indent.join(lines)}".rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
