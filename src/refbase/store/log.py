"""A change set while it is written: rows go in together with the log of them.

Whatever changes the database does it through a `ChangeSet`, so that each row made, changed or
removed has its line in the log and can be put back. The log holds what is nowhere else: of a
new reference the key, of a changed one the variables that differ, of a new record its source
and line (the record stands in its own table and is never changed), of an entry everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from refbase.store.rows import dump
from refbase.store.tables import CHANGE, CHANGESET

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
    """One thing that is done to the database: a row of its own, and one for each row touched."""

    def __init__(self, connection: Connection, kind: str, summary: str) -> None:
        self._connection = connection
        self._next: dict[str, int] = {}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"time": now, "kind": kind, "summary": summary}
        self.id = self._make(CHANGESET, [row])[0]

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


def newest(connection: Connection) -> int:
    """The number of the last change set: the state that the database is in."""
    return connection.scalar(select(func.max(CHANGESET.c.id))) or 0


def chunks(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The rows in pieces that a statement can take."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
