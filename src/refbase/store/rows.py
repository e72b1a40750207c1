"""Between rows and the model: what of a reference, a record or an entry stands in which column."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from refbase.errors import StoreError
from refbase.match import fingerprint
from refbase.model import Entry, Record, Reference, Source
from refbase.text import printable

# Longer than any key, name or identifier, and short enough for an index of PostgreSQL, whose
# entries end at 2704 bytes.
LONGEST = 500
# What an INTEGER of PostgreSQL holds.
LARGEST = 2**31 - 1

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_ASCII = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

SOURCE_COLUMNS = ("kind", "name", "location", "checksum", "format", "time")


def dump(value: Any) -> str:
    """JSON, the same text for the same value. Letters stand as they are, for whoever looks at
    the database with other tools, unless no encoding has them (half of a surrogate pair).

    >>> dump({"b": "é", "a": 1})
    '{"a":1,"b":"é"}'
    """
    text = _JSON.encode(value)
    return text if printable(text) == text else _ASCII.encode(value)


def load(text: str) -> Any:
    """The value that `dump` wrote; anything else means that the file is damaged."""
    try:
        return json.loads(text)
    except ValueError as fault:
        raise StoreError(f"the database is damaged: {fault}", "take the last backup") from fault


def reference_of(csl: str) -> Reference:
    return Reference.from_csl(load(csl))


def reference_row(reference: Reference) -> dict[str, Any]:
    """The columns of a reference that are computed from its records."""
    year = reference.year
    return {
        "type": reference.type,
        "csl": dump(reference.to_csl()),
        "title": printable(reference.title),
        "container_title": printable(reference.container_title),
        "year": year if year is not None and abs(year) <= LARGEST else None,
        **lookups(reference),
    }


def lookups(reference: Reference) -> dict[str, str]:
    """The columns by which a work is found again; empty where it lacks the identifier."""
    return {
        "pmid": _looked_up(reference.pmid),
        "pmcid": _looked_up(reference.pmcid.upper()),
        "doi": _looked_up(reference.doi.lower()),
        "fingerprint": fingerprint(reference),
    }


def _looked_up(identifier: str) -> str:
    """What is too long for an identifier is none; it stays in the reference."""
    return printable(identifier) if len(identifier) <= LONGEST else ""


def fold_key(key: str) -> str:
    """The key as it is compared: without case, as BibTeX does."""
    return key.casefold()


def stored_source(source: Source) -> Source:
    """The source as it will come back: its time in UTC, in the one spelling in which times sort
    as texts. What is no time becomes an empty text, older than everything."""
    values = {column: printable(getattr(source, column)) for column in SOURCE_COLUMNS}
    return Source(**{**values, "time": utc(values["time"])})


def utc(time: str) -> str:
    """A time in ISO 8601 as the tables hold it.

    >>> utc("2026-11-23T14:00:00Z"), utc("2026-11-23T14:00:00.5+02:00"), utc("yesterday")
    ('2026-11-23T14:00:00+00:00', '2026-11-23T12:00:00.500000+00:00', '')
    """
    try:
        found = datetime.fromisoformat(time)
        # What is written without a zone is UTC; astimezone would take it for local time
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return ""


def source_row(source: Source) -> dict[str, str]:
    """The columns of a source that went through `stored_source`."""
    return {column: getattr(source, column) for column in SOURCE_COLUMNS}


def source_of(row: Any) -> Source:
    return Source(*(getattr(row, column) for column in SOURCE_COLUMNS))


def record_of(row: Any) -> Record:
    """A record from its row joined with that of its source."""
    return Record(source_of(row), reference_of(row.csl), row.raw, row.line)


def record_row(record: Record, entries: Iterable[Entry] | None) -> dict[str, Any]:
    return {
        "csl": dump(record.reference.to_csl()),
        "entries": "" if entries is None else entries_text(entries),
        "raw": printable(record.raw),
        "line": number(record.line),
    }


def entries_text(entries: Iterable[Entry]) -> str:
    """What a record says of the places of its reference in bibliographies, but the position:
    a line put in further up in the file is no change to those below."""
    return dump([[entry.bibliography, entry.citation, entry.annotation] for entry in entries])


def entries_of(text: str) -> tuple[Entry, ...] | None:
    """The reverse, without positions; None for a record that does not know (it was restored)."""
    if not text:
        return None
    return tuple(Entry(name, 0, citation, note) for name, citation, note in load(text))


def number(value: int) -> int:
    """A position or a line; what is larger than any list is not known."""
    return value if 0 <= value <= LARGEST else 0
