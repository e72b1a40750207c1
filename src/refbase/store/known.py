"""What the database already knows of the references that an import brings.

References are found by what identifies them (PMID, PMCID, DOI, fingerprint, key), a thousand
at a time; those that the import makes are entered here too, so that the second time that a
work stands in a file it is found like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from refbase.merge import resolve
from refbase.model import Entry, Record, Reference, Source
from refbase.store.log import chunks
from refbase.store.plan import KeptRecord
from refbase.store.rows import (
    fold_key,
    lookups,
    reference_of,
    source_of,
    stored_source,
)
from refbase.store.tables import BIBLIOGRAPHY, ENTRY, RECORD, REFERENCE, SOURCE, TAG

Mark = tuple[str, str]
KEY = "key_folded"
_FOUND_BY = ("pmid", "pmcid", "doi", "fingerprint")


def marks(reference: Reference) -> list[Mark]:
    """What a work is found by: the columns that are looked up, and their values."""
    return [mark for mark in lookups(reference).items() if mark[1]]


def _marks_of(row: Row[Any]) -> set[Mark]:
    return {(name, getattr(row, name)) for name in _FOUND_BY if getattr(row, name)}


class Said(NamedTuple):
    """What the newest state of a source says of one reference, as the texts in the tables."""

    reference_id: int
    csl: str
    entries: str


class Listed(NamedTuple):
    """An entry of the database, and the source that its texts came from, if that is known."""

    id: int
    reference_id: int
    entry: Entry
    file_position: int
    source: Source | None


class Draft:
    """A reference while an import is planned: as it is stored, with its records, and with what
    the file adds to it.

    `id` is 0 for a new one, and its `key` empty until the end. What is stored is made into
    references only when somebody looks: most of what is imported again is known by its words.
    """

    def __init__(self, row: Row[Any] | None = None) -> None:
        self.id: int = row.id if row else 0
        self.key: str = row.key if row else ""
        self.marks = _marks_of(row) if row else set()
        self.rows: list[Row[Any]] = []
        self.tags: set[str] = set()
        self.added: list[KeptRecord] = []
        self._csl: str = row.csl if row else ""
        self._reference: Reference | None = None

    @cached_property
    def before(self) -> Reference | None:
        """The reference as it is stored; None for a new one."""
        return reference_of(self._csl) if self.id else None

    @cached_property
    def said(self) -> set[tuple[Source, str]]:
        """Who said what before, as texts."""
        return {(source_of(row), row.csl) for row in self.rows}

    @cached_property
    def _records(self) -> list[Record]:
        return [Record(source_of(row), reference_of(row.csl), "", row.line) for row in self.rows]

    @property
    def reference(self) -> Reference:
        """The reference with all that the file has added so far."""
        if self._reference is None:
            stored = None if self.added else self.before
            self._reference = stored or self.resolved(self.added)
        return self._reference

    def resolved(self, fresh: Iterable[KeptRecord]) -> Reference:
        """The reference as the stored records and these new ones make it."""
        return resolve([*self._records, *(kept.record for kept in fresh)])

    def add(self, records: Iterable[KeptRecord], told: bool) -> None:
        """Let the file say something of it; `told` if it said just that before."""
        self.added += records
        self._reference = None
        if not told:
            self.marks = set(marks(self.reference))


class Known:
    """The references of the database as an import asks for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._drafts: dict[int, Draft] = {}
        self._index: dict[tuple[str, str], list[Draft]] = defaultdict(list)
        self._keys: set[str] | None = None

    @property
    def keys(self) -> set[str]:
        """All citation keys, folded; those of references that were merged too."""
        if self._keys is None:
            self._keys = set(self._connection.scalars(select(REFERENCE.c.key_folded)))
        return self._keys

    def state(self, source: Source) -> Source:
        """The source as the newest state of itself: later than all that came before."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        source = stored_source(replace(source, time=source.time or now))
        times = self._connection.scalars(select(SOURCE.c.time).where(_same_source(source)))
        last = max(times, default="")
        if not last or source.time > last:
            return source
        # The clock was put back, or the file was read twice in one second
        time = datetime.fromisoformat(last) + timedelta(microseconds=1)
        return replace(source, time=time.isoformat())

    def earlier(self, source: Source) -> list[Said]:
        """What the source said when it was read last, reference by reference."""
        query = (
            select(RECORD.c.reference_id, RECORD.c.csl, RECORD.c.entries, SOURCE.c.time)
            .join(SOURCE, SOURCE.c.id == RECORD.c.source_id)
            .where(_same_source(source))
            .order_by(RECORD.c.id)
        )
        rows = self._connection.execute(query).all()
        newest: dict[int, str] = {}
        for row in rows:
            newest[row.reference_id] = max(row.time, newest.get(row.reference_id, ""))
        return [
            Said(row.reference_id, row.csl, row.entries)
            for row in rows
            if row.time == newest[row.reference_id]
        ]

    def drafts(self, ids: Iterable[int]) -> list[Draft]:
        """The references of these numbers, each always the same object."""
        ids = list(ids)
        missing = sorted({number for number in ids if number not in self._drafts})
        for chunk in chunks(missing):
            self._load(REFERENCE.c.id.in_(chunk))
        return [self._drafts[number] for number in ids]

    def prepare(self, marks: Iterable[Mark]) -> None:
        """Load whatever bears one of these marks: an identifier, the fingerprint, the key."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for column, value in marks:
            if column != KEY or value in self.keys:
                wanted[column].add(value)
        for column, values in wanted.items():
            for chunk in chunks(sorted(values)):
                self._load(REFERENCE.c[column].in_(chunk))

    def candidates(self, marks: Iterable[Mark]) -> list[Draft]:
        """What bears one of these marks, each once."""
        return list({id(draft): draft for mark in marks for draft in self._index[mark]}.values())

    def enter(self, draft: Draft, marks: Iterable[Mark]) -> None:
        """Let a reference be found by these marks."""
        for mark in marks:
            if draft not in self._index[mark]:
                self._index[mark].append(draft)

    def listed(self, names: Iterable[str]) -> dict[str, list[Listed]]:
        """The entries of these bibliographies, in order."""
        found: dict[str, list[Listed]] = {name: [] for name in names}
        query = (
            select(ENTRY, BIBLIOGRAPHY.c.name.label("bibliography"), SOURCE)
            .join(BIBLIOGRAPHY, BIBLIOGRAPHY.c.id == ENTRY.c.bibliography_id)
            .outerjoin(RECORD, RECORD.c.id == ENTRY.c.record_id)
            .outerjoin(SOURCE, SOURCE.c.id == RECORD.c.source_id)
            .order_by(ENTRY.c.position, ENTRY.c.id)
        )
        for chunk in chunks(sorted(found)):
            for row in self._connection.execute(query.where(BIBLIOGRAPHY.c.name.in_(chunk))):
                entry = Entry(row.bibliography, row.position, row.citation, row.annotation)
                source = source_of(row) if row.record_id else None
                found[entry.bibliography].append(
                    Listed(row.id, row.reference_id, entry, row.file_position, source)
                )
        return found

    def _load(self, condition: ColumnElement[bool]) -> None:
        columns = (REFERENCE.c[name] for name in ("id", "key", "csl", "merged_into", *_FOUND_BY))
        new = []
        merged: list[Row[Any]] = []
        for row in self._connection.execute(select(*columns).where(condition)):
            if row.merged_into:
                merged.append(row)
            elif row.id not in self._drafts:
                draft = self._drafts[row.id] = Draft(row)
                new.append(draft)
                self.enter(draft, [*draft.marks, (KEY, fold_key(row.key))])
        self._load_records(new)
        into = self.drafts(row.merged_into for row in merged)
        for row, draft in zip(merged, into, strict=True):
            # What a file says of the one that is gone is said of the one that stays
            draft.marks |= _marks_of(row)
            self.enter(draft, [*_marks_of(row), (KEY, fold_key(row.key))])

    def _load_records(self, drafts: Sequence[Draft]) -> None:
        # Not the raw text: it is large, and nothing depends on it
        said = (
            select(RECORD.c.reference_id, RECORD.c.csl, RECORD.c.line, SOURCE)
            .join(SOURCE, SOURCE.c.id == RECORD.c.source_id)
            .order_by(RECORD.c.id)
        )
        tags = select(TAG.c.reference_id, TAG.c.name)
        for chunk in chunks([draft.id for draft in drafts]):
            for row in self._connection.execute(said.where(RECORD.c.reference_id.in_(chunk))):
                self._drafts[row.reference_id].rows.append(row)
            for row in self._connection.execute(tags.where(TAG.c.reference_id.in_(chunk))):
                self._drafts[row.reference_id].tags.add(row.name)


def _same_source(source: Source) -> ColumnElement[bool]:
    """The states of one source: `merge.identity` in SQL."""
    if source.location:
        return and_(SOURCE.c.kind == source.kind, SOURCE.c.location == source.location)
    return and_(
        SOURCE.c.kind == source.kind,
        SOURCE.c.location == "",
        SOURCE.c.name == source.name,
        SOURCE.c.checksum == source.checksum,
    )
