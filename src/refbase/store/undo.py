"""Taking a change set back: the reverse of every line of its log, newest line first.

A row that it made is removed, one that it removed comes back with its number, one that it
changed is again what it was. References are not put back but computed anew from the records
that are left; a reference that is left without any goes. The undo is a change set itself, so it
can be undone.

A change set that is not the last one can be undone too, as long as nothing that came later
hangs on it: each row must be as it left it, and nothing else may need what goes. Otherwise it
is refused, and the change sets in the way are named. Two things may be shared: a source and a
bibliography stay while others use them, and a reference stays while another file tells of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NoReturn

from sqlalchemy import Column, Connection, Row, Table, UniqueConstraint, and_, or_, select, update

from refbase.errors import UsageError
from refbase.store.history import undone_by
from refbase.store.log import CHUNK, ChangeSet, Update, chunks
from refbase.store.rows import LARGEST, load
from refbase.store.tables import (
    BIBLIOGRAPHY,
    CHANGE,
    CHANGESET,
    ENTRY,
    JOB,
    RECORD,
    REFERENCE,
    SOURCE,
    TAG,
)
from refbase.store.tables import Row as Base

Values = Mapping[str, Any]

_TABLES = dict(Base.metadata.tables)
_SHARED = (SOURCE, BIBLIOGRAPHY)
# Of a reference the log repeats these; all else is computed
_KEPT = ("key", "key_folded", "merged_into")


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: its own number, what it took back, and how many rows of each table were
    removed, restored and changed."""

    number: int
    undoes: int
    kind: str
    summary: str
    removed: Mapping[str, int]
    restored: Mapping[str, int]
    changed: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def undo(connection: Connection, number: int = 0) -> Undone:
    """Take back a change set; without a number the last one that stands and is no undo itself."""
    undone = undone_by(connection)
    if not number:
        number = _last(connection, undone)
    query = select(CHANGESET).where(CHANGESET.c.id == number)
    row = connection.execute(query).first() if number <= LARGEST else None
    if row is None:
        raise UsageError(f"there is no change set {number}", "`refbase log` shows them")
    if number in undone:
        by = undone[number]
        raise UsageError(
            f"{number} is undone already, by {by}", f"`refbase undo {by}` does it again"
        )
    return _Undo(connection, row).run()


def _last(connection: Connection, undone: Mapping[int, int]) -> int:
    query = select(CHANGESET.c.id).where(CHANGESET.c.undoes.is_(None))
    for number in connection.scalars(query.order_by(CHANGESET.c.id.desc())):
        if number not in undone:
            return int(number)
    raise UsageError("there is nothing to undo")


@dataclass
class _Undo:
    connection: Connection
    taken: Row[Any]
    made: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self.restored: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()

    def run(self) -> Undone:
        what = f"{self.taken.id}: {self.taken.kind} {self.taken.summary}"
        self.log = ChangeSet(self.connection, "undo", what, undoes=self.taken.id)
        for (subject, act), lines in groupby(self._lines(), _act):
            for batch in _batches(lines):
                act(self, _TABLES[subject], batch)
        self._settle()
        self._end_jobs()
        return Undone(
            self.log.id,
            self.taken.id,
            self.taken.kind,
            self.taken.summary,
            dict(self.removed),
            dict(self.restored),
            dict(self.changed),
        )

    def _lines(self) -> Iterator[Row[Any]]:
        """The log of the change set, newest line first."""
        query = select(CHANGE).where(CHANGE.c.changeset_id == self.taken.id)
        query = query.order_by(CHANGE.c.id.desc()).limit(CHUNK)
        rows = self.connection.execute(query).all()
        while rows:
            for row in rows:
                if row.reference_id is not None:
                    self.touched.add(row.reference_id)
                yield row
            rows = self.connection.execute(query.where(CHANGE.c.id < rows[-1].id)).all()

    # ------------------------------------------------------------------- the three reversals

    def remove(self, table: Table, lines: Sequence[Row[Any]]) -> None:
        """Rows that it made."""
        rows = self._rows(table, lines)
        self._check_as_left(table, lines, rows)
        ids = [line.subject_id for line in lines]
        if table is REFERENCE:
            self.made.update(ids)
            # The others go in the end, if no record is left of them
            ids = [number for number in ids if rows[number].merged_into]
        used = self._used(table, ids)
        if table in _SHARED:
            ids = [number for number in ids if number not in used]
        elif used:
            self._refuse(used.values())
        self._delete(table, ids)

    def restore(self, table: Table, lines: Sequence[Row[Any]]) -> None:
        """Rows that it removed."""
        rows = [{"id": line.subject_id, **load(line.before)} for line in lines]
        self._check_fits(table, rows)
        self.log.restore(table, rows)
        self.restored[table.name] += len(rows)

    def revert(self, table: Table, lines: Sequence[Row[Any]]) -> None:
        """Rows that it changed."""
        groups: dict[tuple[str, ...], list[Update]] = defaultdict(list)
        found = [(line, load(line.before), load(line.after)) for line in lines]
        if table is REFERENCE:
            found = [(line, _kept(before), _kept(after)) for line, before, after in found]
            found = [one for one in found if one[1]]
        rows = self._rows(table, lines)
        self._check_as_left(table, [line for line, *_ in found], rows)
        self._check_fits(table, [{"id": line.subject_id, **before} for line, before, _ in found])
        for line, before, after in found:
            owner = line.reference_id
            if "reference_id" not in before:
                # It may have moved to another reference since; the log speaks of that one
                owner = rows[line.subject_id]._mapping.get("reference_id", owner)
            one = Update(line.subject_id, owner, before, after, before)
            groups[tuple(before)].append(one)
        for group in groups.values():
            self.log.update(table, group)
            self.changed[table.name] += len(group)

    # ----------------------------------------------------------------------- what is left

    def _settle(self) -> None:
        """References as their records make them now; those without a record go."""
        empty: list[int] = []
        for chunk in chunks(sorted(self.touched | self.made)):
            query = select(REFERENCE.c.id).where(
                REFERENCE.c.id.in_(chunk), REFERENCE.c.merged_into.is_(None)
            )
            here = self.connection.scalars(query).all()
            kinds = self._kinds(here)
            empty += [number for number in here if not kinds[number]]
            for number in self.made.intersection(here):
                if kinds[number] and "file" not in kinds[number]:
                    self._refuse(self._makers(RECORD, RECORD.c.reference_id, [number]))
            self.changed["reference"] += len(self.log.rebuild(here))
        if used := self._used(REFERENCE, empty):
            self._refuse(used.values())
        self._delete(REFERENCE, empty)

    def _kinds(self, references: Sequence[int]) -> Mapping[int, set[str]]:
        """The kinds of the sources that still tell of each reference."""
        found: dict[int, set[str]] = defaultdict(set)
        query = select(RECORD.c.reference_id, SOURCE.c.kind).join(SOURCE).distinct()
        for row in self.connection.execute(query.where(RECORD.c.reference_id.in_(references))):
            found[row.reference_id].add(row.kind)
        return found

    def _end_jobs(self) -> None:
        """A job is not resumed when its changes were taken back; it stands again with them."""
        number, undoes, stands = self.taken.id, self.taken.undoes, False
        while undoes:
            number, stands = undoes, not stands
            query = select(CHANGESET.c.undoes).where(CHANGESET.c.id == number)
            undoes = self.connection.scalar(query)
        for row in self.connection.execute(select(JOB).where(JOB.c.changeset_id == number)).all():
            state = ("done" if row.ended else "running") if stands else "undone"
            self.connection.execute(update(JOB).where(JOB.c.id == row.id).values(state=state))

    def _delete(self, table: Table, ids: Sequence[int]) -> None:
        for chunk in chunks(ids):  # the log keeps each row whole: not all of them at once
            self.log.delete(table, chunk)
        self.removed[table.name] += len(ids)

    # ---------------------------------------------------------------- what stands in the way

    def _rows(self, table: Table, lines: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
        query = select(table).where(table.c.id.in_([line.subject_id for line in lines]))
        return {row.id: row for row in self.connection.execute(query)}

    def _check_as_left(
        self, table: Table, lines: Sequence[Row[Any]], rows: Mapping[int, Row[Any]]
    ) -> None:
        """Refuse where somebody changed a row since."""
        for line in lines:
            row = rows.get(line.subject_id)
            left = load(line.after)
            if table is REFERENCE:
                left = _kept(left)
            elif table is RECORD:
                left = {"reference_id": line.reference_id, **left}
            if row is None or any(row._mapping[name] != value for name, value in left.items()):
                self._refuse([(table, line.subject_id, line.id)])

    def _check_fits(self, table: Table, rows: Sequence[Values]) -> None:
        """Refuse where a row that comes back needs what is gone, or its place is taken."""
        for column in table.c:
            for key in column.foreign_keys:
                self._check_needed(key.column.table, {row.get(column.name) for row in rows})
        for names in _uniques(table):
            self._check_free(table, names, rows)

    def _check_needed(self, table: Table, ids: set[int | None]) -> None:
        wanted = {number for number in ids if number is not None}
        if table.name not in _LOGGED:
            return
        for chunk in chunks(sorted(wanted)):
            here = set(self.connection.scalars(select(table.c.id).where(table.c.id.in_(chunk))))
            for number in wanted.intersection(chunk) - here:
                self._refuse([(table, number, 0)])

    def _check_free(self, table: Table, names: Sequence[str], rows: Sequence[Values]) -> None:
        wanted = [row for row in rows if all(name in row for name in names)]
        for chunk in chunks(wanted, CHUNK // 10):
            same = [and_(*(table.c[name] == row[name] for name in names)) for row in chunk]
            ids = {row["id"] for row in chunk}
            for number in self.connection.scalars(select(table.c.id).where(or_(*same))):
                if number not in ids:
                    self._refuse([(table, number, 0)])

    def _used(self, table: Table, ids: Sequence[int]) -> dict[int, tuple[Table, int, int]]:
        """Those of these rows that others refer to, and for each a row that does."""
        found = {}
        for child, column in _REFERRERS[table.name]:
            for chunk in chunks(ids):
                query = select(column, child.c.id).where(column.in_(chunk))
                for number, by in self.connection.execute(query):
                    found[number] = child, by, 0
        return found

    def _makers(
        self, table: Table, column: Column[Any], ids: Sequence[int]
    ) -> list[tuple[Table, int, int]]:
        rows = self.connection.scalars(select(table.c.id).where(column.in_(ids)))
        return [(table, number, 0) for number in rows]

    def _refuse(self, rows: Iterable[tuple[Table, int, int]]) -> NoReturn:
        """Name the change sets that came later and touched these rows."""
        sets: set[int] = set()
        for table, number, after in list(rows)[:CHUNK]:
            query = select(CHANGE.c.changeset_id).where(
                CHANGE.c.subject == table.name, CHANGE.c.subject_id == number, CHANGE.c.id > after
            )
            sets.update(self.connection.scalars(query))
        sets -= {self.taken.id, self.log.id}
        query = select(CHANGESET).where(CHANGESET.c.id.in_(_standing(sets, self.connection)))
        found = self.connection.execute(query.order_by(CHANGESET.c.id.desc())).all()
        way = ", ".join(f"{row.id} ({row.kind} {row.summary})" for row in found)
        raise UsageError(
            f"{self.taken.id} cannot be undone because of what came later: {way}",
            f"`refbase undo {found[0].id}` first" if found else "`refbase doctor` may know why",
        )


def _act(line: Row[Any]) -> tuple[str, Any]:
    """The table of a line, and what takes it back."""
    if line.before is None:
        return line.subject, _Undo.remove
    return line.subject, _Undo.restore if line.after is None else _Undo.revert


def _batches(lines: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Lines that can be taken back together: a thousand, none of them of the same row."""
    batch: dict[int, Row[Any]] = {}
    for line in lines:
        if line.subject_id in batch or len(batch) == CHUNK:
            yield list(batch.values())
            batch = {}
        batch[line.subject_id] = line
    if batch:
        yield list(batch.values())


def _kept(values: Values) -> Values:
    return {name: value for name, value in values.items() if name in _KEPT}


def _standing(sets: Iterable[int], connection: Connection) -> list[int]:
    """Without those that were taken back themselves; all of them where that leaves none."""
    known = set(sets)
    undone = undone_by(connection)
    query = select(CHANGESET.c.id).where(CHANGESET.c.undoes.is_not(None))
    undos = set(connection.scalars(query))
    return sorted(known - undone.keys() - undos) or sorted(known - undone.keys()) or sorted(known)


def _uniques(table: Table) -> list[list[str]]:
    """The columns that no two rows of a table have the same of."""
    found = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    return [[column.name for column in constraint.columns] for constraint in found]


_LOGGED = {table.name for table in (SOURCE, REFERENCE, RECORD, BIBLIOGRAPHY, ENTRY, TAG)} | {
    "conflict",
    "decision",
}
_REFERRERS: dict[str, list[tuple[Table, Column[Any]]]] = {
    name: [
        (child, key.parent)
        for child in _TABLES.values()
        for key in child.foreign_keys
        if key.column.table is table and child.name in _LOGGED
    ]
    for name, table in _TABLES.items()
}
