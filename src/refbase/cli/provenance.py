"""Who says what of a reference, and whom it believes: `show --provenance`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from refbase.cli.shown import field, ordered, value_text
from refbase.merge import statements
from refbase.model import Dossier, Record


def to_json(dossier: Dossier) -> dict[str, Any]:
    """For every variable all that say something of it, the believed one first; a value that is
    null says that it is unknown."""
    return {
        "key": dossier.key,
        "variables": {
            name: [
                {
                    "value": record.reference.to_csl().get(name),
                    "source": asdict(record.source),
                    "line": record.line,
                }
                for record in tellers
            ]
            for name, tellers in sorted(statements(dossier.records).items())
        },
    }


def page(dossier: Dossier) -> str:
    """The same for reading: each value with who says it, and below who says otherwise."""
    return "\n".join([f"{dossier.key}  ({dossier.reference.type})", *_body(dossier)])


def _body(dossier: Dossier) -> Iterator[str]:
    said = statements(dossier.records)
    for name in ordered(said):
        believed, *others = said[name]
        value = _value(believed, name)
        yield ""
        yield field(name, value)
        yield field("  says", _who(believed))
        for record in others:
            told = _value(record, name)
            yield field("  so does" if told == value else "  otherwise", _who(record))
            if told != value:
                yield field("", told)


def _value(record: Record, name: str) -> str:
    if name == "type":
        return record.reference.type
    value = record.reference.variables.get(name)
    return "(unknown)" if value is None else value_text(value)


def _who(record: Record) -> str:
    """`file references.csv, line 27, 2026-11-23 15:04`."""
    source = record.source
    place = f", line {record.line}" if record.line else ""
    about = f" ({source.location})" if source.kind == "pubmed" else ""
    when = source.time[:16].replace("T", " ")
    return f"{source.kind} {source.name}{about}{place}, {when}"
