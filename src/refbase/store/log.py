"""A change set while it is written: rows go in together with the log of them.

Whatever changes the database does it through a `ChangeSet`, so that each row made, changed or
removed has its line in the log and can be put back. The log holds what is nowhere else: of a
new reference the key, of a changed one the variables that differ, of a new record its source
and line (the record stands in its own table and is never changed), of an entry everything,
and of a row that is removed all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from refbase.merge import differences, resolve
from refbase.model import Record, Reference
from refbase.store.rows import dump, record_of, reference_of, reference_row
from refbase.store.tables import CHANGE, CHANGESET, RECORD, REFERENCE, SOURCE

CHUNK = 1000
"""How many rows go to the database at once."""

Values = Mapping[str, Any]
T = TypeVar("T")

# The columns of a new row that the log repeats; of other tables all of them.
_SHOWN = {"record": ("source_id", "line"), "reference": ("key",)}


class Update(NamedTuple):
    """One row to change: the columns to set, and what the log says was and is."""

    id: int
    reference_id: int | None
    values: Values
    before: Values
    after: Values


class ChangeSet:
    """One thing that is done to the database: a row of its own, and one for each row touched.

    What is done in several transactions (a job) is continued with `number`, and is one all the
    same.
    """

    def __init__(
        self,
        connection: Connection,
        kind: str = "",
        summary: str = "",
        undoes: int | None = None,
        number: int = 0,
    ) -> None:
        self._connection = connection
        self._next: dict[str, int] = {}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"time": now, "kind": kind, "summary": summary, "undoes": undoes}
        self.id = number or self._make(CHANGESET, [row])[0]

    def insert(self, into: Table, rows: Sequence[Values]) -> list[int]:
        """New rows; their numbers, in the same order. All rows name the same columns."""
        ids = self._make(into, rows)
        is_reference = into.name == "reference"
        log = []
        for number, row in zip(ids, rows, strict=True):
            about = number if is_reference else row.get("reference_id")
            after = {name: row[name] for name in _SHOWN.get(into.name, tuple(row))}
            log.append(self._line(into, number, about, None, after))
        self._make(CHANGE, log)
        return ids

    def update(self, of: Table, updates: Sequence[Update]) -> None:
        """Changed rows. All of them set the same columns."""
        if not updates:
            return
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in updates[0].values}
        if "version" in of.c:
            columns["version"] = of.c.version + 1
        statement = update(of).where(of.c.id == bindparam("number")).values(columns)
        for chunk in chunks(updates):
            rows = [
                {"number": one.id, **{f"new_{name}": value for name, value in one.values.items()}}
                for one in chunk
            ]
            self._connection.execute(statement, rows)
        log = [self._line(of, one.id, one.reference_id, one.before, one.after) for one in updates]
        self._make(CHANGE, log)

    def alter(self, of: Table, rows: Mapping[int, Values]) -> None:
        """Rows set to these values, by number; the log gets the columns in which they differ."""
        groups: dict[tuple[str, ...], list[Update]] = defaultdict(list)
        for chunk in chunks(list(rows)):
            for row in self._connection.execute(select(of).where(of.c.id.in_(chunk))):
                before, values = row._mapping, rows[row.id]
                names = tuple(name for name in values if before[name] != values[name])
                if names:
                    owner = row.id if of.name == "reference" else before.get("reference_id")
                    about = values.get("reference_id", owner)
                    was, now = ({name: of_[name] for name in names} for of_ in (before, values))
                    groups[names].append(Update(row.id, about, now, was, now))
        for group in groups.values():
            self.update(of, group)

    def restore(self, into: Table, rows: Sequence[Values]) -> None:
        """Rows that come back with the numbers that they had."""
        for chunk in chunks(rows):
            self._connection.execute(insert(into), list(chunk))
        log = []
        for row in rows:
            about = row["id"] if into.name == "reference" else row.get("reference_id")
            after = {name: value for name, value in row.items() if name != "id"}
            log.append(self._line(into, row["id"], about, None, after))
        self._make(CHANGE, log)

    def delete(self, from_: Table, ids: Sequence[int]) -> None:
        """Rows that go. Links to them must have gone before."""
        log = []
        for chunk in chunks(ids):
            for row in self._connection.execute(select(from_).where(from_.c.id.in_(chunk))):
                about = row.id if from_.name == "reference" else getattr(row, "reference_id", None)
                before = {name: value for name, value in row._mapping.items() if name != "id"}
                log.append(self._line(from_, row.id, about, before, None))
            self._connection.execute(delete(from_).where(from_.c.id.in_(chunk)))
        self._make(CHANGE, log)

    def rebuild(self, references: Iterable[int]) -> list[int]:
        """Compute references anew from their records; the numbers of those that changed.

        To be called for whatever reference got, gave or lost a record.
        """
        updates = []
        for chunk in chunks(sorted(set(references))):
            rows = self._connection.execute(select(REFERENCE).where(REFERENCE.c.id.in_(chunk)))
            records: dict[int, list[Record]] = defaultdict(list)
            query = select(RECORD, SOURCE).join(SOURCE).where(RECORD.c.reference_id.in_(chunk))
            for row in self._connection.execute(query):
                records[row.reference_id].append(record_of(row))
            for row in rows:
                if row.merged_into is None and records[row.id]:
                    old, new = reference_of(row.csl), resolve(records[row.id])
                    updates += changed(row.id, old, new)
        self.update(REFERENCE, updates)
        return [one.id for one in updates]

    def _line(
        self,
        subject: Table,
        number: int,
        reference_id: int | None,
        before: Values | None,
        after: Values | None,
    ) -> Values:
        return {
            "changeset_id": self.id,
            "subject": subject.name,
            "subject_id": number,
            "reference_id": reference_id,
            "before": None if before is None else dump(before),
            "after": None if after is None else dump(after),
        }

    def _make(self, into: Table, rows: Sequence[Values]) -> list[int]:
        """Add rows, numbered from where the table's numbers end.

        We number, not the database: it could hand the numbers back in order only one
        statement a row, or at three times the cost. No other writer is in this transaction.
        """
        first = self._next.get(into.name) or self._last(into) + 1
        self._next[into.name] = first + len(rows)
        ids = list(range(first, first + len(rows)))
        for chunk in chunks(list(zip(ids, rows, strict=True))):
            numbered = [{"id": number, **row} for number, row in chunk]
            self._connection.execute(insert(into), numbered)
        return ids

    def _last(self, of: Table) -> int:
        """The last number given, also to rows that are gone: the log remembers them."""
        query = select(func.max(CHANGE.c.subject_id)).where(CHANGE.c.subject == of.name)
        if of.name in ("change", "changeset"):
            query = select(func.max(of.c.id))
        return self._connection.scalar(query) or 0


def changed(number: int, old: Reference, new: Reference) -> list[Update]:
    """The update that makes one state of a reference the other; none where they are the same."""
    if old == new:
        return []
    pairs = differences(old, new)
    before, after = ({name: pair[at] for name, pair in pairs.items()} for at in (0, 1))
    return [Update(number, number, reference_row(new), before, after)]


def newest(connection: Connection) -> int:
    """The number of the last change: the state that the database is in."""
    return connection.scalar(select(func.max(CHANGE.c.id))) or 0


def chunks(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The rows in pieces that a statement can take."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
