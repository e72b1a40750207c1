"""What was done to the database, and what a reference was at another time.

The log holds every row that was made, changed or removed. Going back in time is taking its
lines back, newest first, from the rows as they are now; a reference is then computed from the
records that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from refbase.errors import UsageError
from refbase.merge import resolve
from refbase.model import Dossier, Entry, Record, Source
from refbase.store.log import chunks
from refbase.store.query import ids_of
from refbase.store.rows import SOURCE_COLUMNS, dump, fold_key, load, reference_of, utc
from refbase.store.tables import (
    BIBLIOGRAPHY,
    CHANGE,
    CHANGESET,
    ENTRY,
    RECORD,
    REFERENCE,
    SOURCE,
    TAG,
)
from refbase.text import printable

# What belongs to a reference, and in which order it is shown
_OWN = {table.name: table for table in (RECORD, ENTRY, TAG, REFERENCE)}

Values = Mapping[str, Any]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """A change set of the log. `undoes` and `undone_by` are numbers of others, 0 for none;
    `changes` is filled where the history of one reference was asked for."""

    number: int
    time: str
    kind: str
    summary: str
    undoes: int = 0
    undone_by: int = 0
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            name: getattr(self, name) for name in ("number", "time", "kind", "summary")
        }
        told |= {"undoes": self.undoes or None, "undone_by": self.undone_by or None}
        if self.changes:
            told["changes"] = [
                {"what": one.subject, "before": one.before, "after": one.after}
                for one in self.changes
            ]
        return told


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a reference: what differs, before and after; None where the row was not there."""

    subject: str
    before: Values | None
    after: Values | None


# -------------------------------------------------------------------------------- the log


def events(connection: Connection, key: str = "", limit: int = 0) -> list[Event]:
    """The change sets, newest first; with a key those that touched this reference, each with
    what it did to it."""
    query = select(CHANGESET).order_by(CHANGESET.c.id.desc())
    ids = _family(connection, key) if key else []
    if ids:
        touched = select(CHANGE.c.changeset_id).where(CHANGE.c.reference_id.in_(ids))
        query = query.where(CHANGESET.c.id.in_(touched))
    rows = connection.execute(query.limit(limit) if limit else query).all()
    undone = undone_by(connection)
    changes = _changes(connection, ids, [row.id for row in rows]) if ids else {}
    return [
        Event(
            row.id,
            row.time,
            row.kind,
            row.summary,
            row.undoes or 0,
            undone.get(row.id, 0),
            tuple(changes.get(row.id, ())),
        )
        for row in rows
    ]


def undone_by(connection: Connection) -> dict[int, int]:
    """The change sets that do not stand, and for each the one that took it back."""
    query = select(CHANGESET.c.id, CHANGESET.c.undoes).where(CHANGESET.c.undoes.is_not(None))
    undone: dict[int, int] = {}
    for row in connection.execute(query.order_by(CHANGESET.c.id.desc())):
        if row.id not in undone:
            undone.setdefault(row.undoes, row.id)
    return undone


def _family(connection: Connection, key: str) -> list[int]:
    """A reference, and those that were merged into it: their history is its own."""
    numbers = ids_of(connection, (key,))
    merged = connection.scalars(select(REFERENCE.c.id).where(REFERENCE.c.merged_into.in_(numbers)))
    return [*numbers, *merged]


def _changes(
    connection: Connection, ids: Sequence[int], sets: Sequence[int]
) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    query = select(CHANGE).where(CHANGE.c.reference_id.in_(ids)).order_by(CHANGE.c.id)
    for chunk in chunks(sets):
        for row in connection.execute(query.where(CHANGE.c.changeset_id.in_(chunk))):
            change = Change(row.subject, _loaded(row.before), _loaded(row.after))
            found.setdefault(row.changeset_id, []).append(change)
    return found


def _loaded(text: str | None) -> Values | None:
    return None if text is None else load(text)


# ------------------------------------------------------------------------ at another time


def at(connection: Connection, key: str, when: str) -> Dossier:
    """A reference as it was then: at a time (ISO 8601; a day means its end, all in UTC), or just
    after a change set, by its number. What was not there then is a `UsageError`."""
    later = _later(connection, when)
    for number in _numbers(connection, key):
        past = _Past(connection, number, later)
        if roof := past.row.get("merged_into"):
            past = _Past(connection, roof, later)
        elif fold_key(past.row.get("key", "")) != fold_key(printable(key)):
            continue
        if found := past.dossier():
            return found
    raise UsageError(f"'{key}' was not there then", "`refbase log KEY` tells since when")


def _later(connection: Connection, when: str) -> ColumnElement[bool]:
    """Whether a change set came later."""
    if when.isdecimal() and len(when) < 10:
        known = select(CHANGESET.c.id).where(CHANGESET.c.id == int(when))
        if connection.scalar(known) is None:
            raise UsageError(f"there is no change set {when}", "`refbase log` shows them")
        return CHANGESET.c.id > int(when)
    time = utc(f"{when}T23:59:59" if len(when) <= 10 else when)
    if not time:
        raise UsageError(
            f"'{when}' is neither a time nor a change set", "2026-11-23, 2026-11-23T14:05, or 12"
        )
    return CHANGESET.c.time > time


def _numbers(connection: Connection, key: str) -> Iterator[int]:
    """The references that have this key, or had it: what it leads to now may have had it itself,
    and what had it may be gone."""
    folded = fold_key(printable(key))
    here = select(REFERENCE.c.id, REFERENCE.c.merged_into).where(REFERENCE.c.key_folded == folded)
    for row in connection.execute(here).all():
        yield from filter(None, row)
    named = {"key": printable(key)}
    said = [dump(named), dump({**named, "key_folded": folded})]
    had = select(CHANGE.c.subject_id).where(
        CHANGE.c.subject == "reference", CHANGE.c.after.in_(said)
    )
    found = connection.scalars(had.order_by(CHANGE.c.id.desc())).all()
    yield from found or ids_of(connection, (key,))


class _Past:
    """The rows of a reference, and of those that it was merged with since, as they were."""

    def __init__(self, connection: Connection, number: int, later: ColumnElement[bool]) -> None:
        self._connection = connection
        self._number = number
        lines, ids = self._lines(later)
        self._rows = self._now(ids)
        for line in lines:
            self._take_back(line)

    @property
    def row(self) -> Values:
        """The row of the reference itself, empty if it was not there."""
        return self._rows.get(("reference", self._number), {})

    def dossier(self) -> Dossier | None:
        records = self._records(self._of("record"))
        key = self.row.get("key")
        if not records or not key:
            return None
        tags = sorted(row["name"] for row in self._of("tag"))
        entries = tuple(self._entries(self._of("entry")))
        return Dossier(resolve(records), key, entries, tuple(tags), records)

    def _of(self, subject: str) -> list[Values]:
        """The rows of a table that belonged to it, by number."""
        return [
            row
            for (name, _), row in sorted(self._rows.items(), key=lambda item: item[0])
            if name == subject and row["reference_id"] == self._number
        ]

    def _lines(self, later: ColumnElement[bool]) -> tuple[list[Row[Any]], set[int]]:
        """What was done since, newest first, to it and to whatever it was merged into."""
        query = (
            select(CHANGE)
            .join(CHANGESET, CHANGESET.c.id == CHANGE.c.changeset_id)
            .where(later, CHANGE.c.subject.in_(_OWN))
        )
        ids: set[int] = set()
        new = {self._number}
        found: dict[int, Row[Any]] = {}
        while new:
            ids |= new
            rows = self._connection.execute(query.where(CHANGE.c.reference_id.in_(new))).all()
            found |= {row.id: row for row in rows}
            named = {number for row in rows for number in _named(row)}
            new = (named | set(self._roofs(new))) - ids
        return [found[number] for number in sorted(found, reverse=True)], ids

    def _roofs(self, ids: Iterable[int]) -> Iterator[int]:
        query = select(REFERENCE.c.merged_into).where(
            REFERENCE.c.id.in_(list(ids)), REFERENCE.c.merged_into.is_not(None)
        )
        yield from self._connection.scalars(query)

    def _now(self, ids: Iterable[int]) -> dict[Place, dict[str, Any]]:
        rows: dict[Place, dict[str, Any]] = {}
        for name, table in _OWN.items():
            owner = table.c.id if name == "reference" else table.c.reference_id
            for row in self._connection.execute(select(table).where(owner.in_(list(ids)))):
                rows[name, row.id] = dict(row._mapping)
        return rows

    def _take_back(self, line: Row[Any]) -> None:
        place = line.subject, line.subject_id
        if line.before is None:
            self._rows.pop(place, None)
        elif line.after is None:
            self._rows[place] = load(line.before)
        elif place in self._rows:
            # Of a reference also variables, which nobody asks for: they are computed
            self._rows[place].update(load(line.before))

    def _records(self, rows: Sequence[Values]) -> tuple[Record, ...]:
        found = self._rows_of(SOURCE, {row["source_id"] for row in rows})
        sources = {
            number: Source(**{column: row[column] for column in SOURCE_COLUMNS})
            for number, row in found.items()
        }
        return tuple(
            Record(sources[row["source_id"]], reference_of(row["csl"]), row["raw"], row["line"])
            for row in rows
        )

    def _entries(self, rows: Sequence[Values]) -> Iterator[Entry]:
        lists = self._rows_of(BIBLIOGRAPHY, {row["bibliography_id"] for row in rows})
        named = [(lists[row["bibliography_id"]]["name"], row) for row in rows]
        for name, row in sorted(named, key=lambda pair: (pair[0], pair[1]["position"])):
            yield Entry(name, row["position"], row["citation"], row["annotation"])

    def _rows_of(self, table: Table, ids: set[int]) -> dict[int, Values]:
        """Rows that are still there, or stand in the log because they went."""
        gone = select(CHANGE.c.subject_id, CHANGE.c.before).where(
            CHANGE.c.subject == table.name, CHANGE.c.subject_id.in_(ids), CHANGE.c.after.is_(None)
        )
        found = {number: load(before) for number, before in self._connection.execute(gone)}
        here = self._connection.execute(select(table).where(table.c.id.in_(ids)))
        return found | {row.id: dict(row._mapping) for row in here}


def _named(line: Row[Any]) -> Iterator[int]:
    """The references that a line leads to or from: what was merged, and what went with it."""
    for text in (line.before, line.after):
        values = load(text) if text else {}
        for name in ("reference_id", "merged_into"):
            if isinstance(values.get(name), int):
                yield values[name]
