"""JSON lines: everything refbase keeps of a reference, a line each.

For moving a whole library and for programs that work line by line. What is written comes back
as it was: records with their sources and raw text, every entry of every bibliography, tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, TextIO, TypeVar

from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input, WriteOptions
from refbase.jsontext import dumps, loads
from refbase.model import Dossier, Entry, Parsed, Record, Reference, Report, Source

T = TypeVar("T")
Made = TypeVar("Made", Entry, Source)
_NAMES: dict[type, str] = {str: "text", int: "number", list: "list", dict: "object"}
_KEYS = frozenset(("key", "reference", "entries", "tags", "records"))


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write a line for each reference."""
    for dossier in dossiers:
        stream.write(dumps(to_json(dossier)) + "\n")
    yield from ()


def to_json(dossier: Dossier) -> dict[str, Any]:
    """What one line holds: all that is kept of a reference."""
    return {
        "key": dossier.key,
        "reference": dossier.reference.to_csl(),
        "entries": [asdict(entry) for entry in dossier.entries],
        "tags": list(dossier.tags),
        "records": [_record_to_json(record) for record in dossier.records],
    }


def _record_to_json(record: Record) -> dict[str, Any]:
    return {
        "source": asdict(record.source),
        "reference": record.reference.to_csl(),
        "raw": record.raw,
        "line": record.line,
    }


def read(source: Input) -> Iterator[Parsed]:
    """Read each line on its own: one that is broken is reported, and the next one is read."""
    for number, line in source.lines():
        if not line.strip():
            continue
        yield _parsed(line, source.span(number))


def _parsed(line: str, span: Span) -> Parsed:
    found: list[Diagnostic] = []
    dossier = None
    try:
        dossier = _dossier(
            loads(line), lambda code, text: found.append(Diagnostic(code, text, span))
        )
    except ValueError as fault:
        message = f"no reference of refbase: {fault}"
        found.append(Diagnostic("bad-json", message, span, Severity.ERROR))
    return Parsed(dossier, line, span, tuple(found))


class _ShapeError(ValueError):
    """JSON, but not as `write` writes it."""


def _dossier(data: Any, report: Report) -> Dossier:
    line = _checked(data, dict, "the line")
    for key in line:
        if key not in _KEYS:
            report("bad-value", f"'{key}' is not known and was not read")
    return Dossier(
        Reference.from_csl(_value(line, "reference", dict), report),
        _value(line, "key", str),
        tuple(_make(Entry, entry, "an entry") for entry in _value(line, "entries", list)),
        tuple(_checked(tag, str, "a tag") for tag in _value(line, "tags", list)),
        tuple(_record(record, report) for record in _value(line, "records", list)),
    )


def _record(data: Any, report: Report) -> Record:
    record = _checked(data, dict, "a record")
    return Record(
        _make(Source, record.get("source"), "a source"),
        Reference.from_csl(_value(record, "reference", dict), report),
        _value(record, "raw", str),
        _value(record, "line", int),
    )


def _make(kind: type[Made], data: Any, what: str) -> Made:
    """An object of a class whose attributes are all text or numbers."""
    values = _checked(data, dict, what)
    types = {field.name: int if field.default == 0 else str for field in fields(kind)}
    made: dict[str, Any] = {name: _value(values, name, wanted) for name, wanted in types.items()}
    return kind(**made)


def _value(data: Mapping[str, Any], key: str, kind: type[T]) -> T:
    return _checked(data.get(key, kind()), kind, f"'{key}'")


def _checked(value: Any, kind: type[T], what: str) -> T:
    if not isinstance(value, kind):
        raise _ShapeError(f"{what} is no {_NAMES[kind]}")
    return value
