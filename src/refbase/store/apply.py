"""Import, second half: a plan becomes rows, in one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select, tuple_

from refbase.errors import StoreError
from refbase.model import Source
from refbase.store.log import ChangeSet, Update, changed, chunks, newest
from refbase.store.plan import EntryChange, ImportPlan, ReferenceChange
from refbase.store.rows import fold_key, record_row, reference_row, source_of, source_row
from refbase.store.tables import BIBLIOGRAPHY, ENTRY, RECORD, REFERENCE, SOURCE, TAG


def apply_plan(connection: Connection, plan: ImportPlan) -> int:
    """Do what the plan says; the number of the change set, 0 where there is nothing to do."""
    if newest(connection) != plan.state:
        raise StoreError(
            "the database was changed by somebody else since the import was planned",
            "nothing was written; import again",
        )
    if not plan.changes:
        return 0
    log = ChangeSet(connection, "import", plan.summary)
    references = _write_references(log, plan.changes)
    records = _write_records(log, connection, plan.changes, references)
    _write_entries(log, connection, plan.changes, references, records)
    tags = [
        {"reference_id": reference, "name": name}
        for change, reference in zip(plan.changes, references, strict=True)
        for name in change.tags
    ]
    log.insert(TAG, tags)
    return log.id


def _write_references(log: ChangeSet, changes: Sequence[ReferenceChange]) -> list[int]:
    """The references, new and updated; the number of each, in order."""
    rows = [
        {
            "key": change.key,
            "key_folded": fold_key(change.key),
            **reference_row(change.after),
            "merged_into": None,
            "version": 1,
        }
        for change in changes
        if not change.id
    ]
    updates = [
        update
        for change in changes
        if change.before is not None
        for update in changed(change.id, change.before, change.after)
    ]
    log.update(REFERENCE, updates)
    made = iter(log.insert(REFERENCE, rows))
    return [change.id or next(made) for change in changes]


def _write_records(
    log: ChangeSet,
    connection: Connection,
    changes: Sequence[ReferenceChange],
    references: Sequence[int],
) -> list[list[int]]:
    """The records; for each reference the numbers of its new ones, in order."""
    kept = [kept for change in changes for kept in change.records]
    sources = _write_sources(log, connection, [one.record.source for one in kept])
    rows = [
        {
            "source_id": sources[kept.record.source],
            "reference_id": reference,
            **record_row(kept.record, kept.entries),
        }
        for change, reference in zip(changes, references, strict=True)
        for kept in change.records
    ]
    made = iter(log.insert(RECORD, rows))
    return [[next(made) for _ in change.records] for change in changes]


def _write_sources(
    log: ChangeSet, connection: Connection, sources: Iterable[Source]
) -> Mapping[Source, int]:
    wanted = list(dict.fromkeys(sources))
    known: dict[Source, int] = {}
    for chunk in chunks(wanted):
        places = [(source.kind, source.location) for source in chunk]
        query = select(SOURCE).where(tuple_(SOURCE.c.kind, SOURCE.c.location).in_(places))
        known |= {source_of(row): row.id for row in connection.execute(query)}
    new = [source for source in wanted if source not in known]
    return known | dict(zip(new, log.insert(SOURCE, [source_row(s) for s in new]), strict=True))


def _write_entries(
    log: ChangeSet,
    connection: Connection,
    changes: Sequence[ReferenceChange],
    references: Sequence[int],
    records: Sequence[Sequence[int]],
) -> None:
    names = dict.fromkeys(e.after.bibliography for change in changes for e in change.entries)
    bibliographies = _write_bibliographies(log, connection, list(names))
    rows: list[dict[str, Any]] = []
    # Those that keep their record apart from those that get another one: one statement each
    updates: dict[bool, list[Update]] = {True: [], False: []}
    for change, reference, made in zip(changes, references, records, strict=True):
        for entry in change.entries:
            record = None if entry.record is None else made[entry.record]
            row = _entry_row(entry, record)
            if entry.before is None:
                bibliography = bibliographies[entry.after.bibliography]
                rows.append({"bibliography_id": bibliography, "reference_id": reference, **row})
            else:
                if record is None:
                    del row["record_id"]
                updates[record is None].append(_entry_update(entry, reference, row))
    log.insert(ENTRY, rows)
    for group in updates.values():
        log.update(ENTRY, group)


def _entry_row(entry: EntryChange, record: int | None) -> dict[str, Any]:
    return {
        "record_id": record,
        "position": entry.after.position,
        "file_position": entry.file_position,
        "citation": entry.after.citation,
        "annotation": entry.after.annotation,
    }


def _entry_update(entry: EntryChange, reference: int, row: Mapping[str, Any]) -> Update:
    """The log names what differs, and no more."""
    assert entry.before is not None
    before, after = asdict(entry.before), asdict(entry.after)
    changed = [name for name in after if before[name] != after[name]]
    return Update(
        entry.id,
        reference,
        row,
        {name: before[name] for name in changed},
        {name: after[name] for name in changed},
    )


def _write_bibliographies(
    log: ChangeSet, connection: Connection, names: Sequence[str]
) -> Mapping[str, int]:
    known: dict[str, int] = {}
    for chunk in chunks(names):
        query = select(BIBLIOGRAPHY).where(BIBLIOGRAPHY.c.name.in_(chunk))
        known |= {row.name: row.id for row in connection.execute(query)}
    new = [name for name in names if name not in known]
    return known | dict(
        zip(new, log.insert(BIBLIOGRAPHY, [{"name": name} for name in new]), strict=True)
    )
