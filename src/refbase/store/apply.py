"""A plan becomes rows, in one short transaction: that of an import, or of the curator's desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import Connection, Table, or_, select, tuple_

from refbase.errors import StaleError
from refbase.model import Entry, Reference, Source
from refbase.store.log import ChangeSet, changed, chunks, newest
from refbase.store.plan import DeskPlan, EntryChange, ImportPlan, ReferenceChange
from refbase.store.rows import fold_key, record_row, reference_row, source_of, source_row
from refbase.store.tables import (
    BIBLIOGRAPHY,
    CHANGE,
    CHANGESET,
    CONFLICT,
    ENTRY,
    RECORD,
    REFERENCE,
    SOURCE,
    TAG,
)


def apply_plan(connection: Connection, plan: ImportPlan) -> int:
    """Do what the plan says; the number of the change set, 0 where there is nothing to do."""
    if newest(connection) != plan.state:
        raise StaleError(
            "the database was changed by somebody else since the import was planned",
            "nothing was written; import again",
        )
    if not plan.changes:
        return 0
    log = ChangeSet(connection, "import", plan.summary)
    write(log, connection, plan.changes)
    return log.id


def apply_desk(connection: Connection, plan: DeskPlan) -> int:
    """Do what a plan of the desk says, unless what it was made from is no longer so."""
    if not plan.changes:
        return 0
    _check_unchanged(connection, plan)
    log = ChangeSet(connection, plan.kind, plan.summary)
    if plan.kind == "merge":
        merge(log, connection, plan.changes)
    else:
        write(log, connection, plan.changes)
    if plan.key:
        _rename(log, plan.changes[0], plan.key)
    return log.id


def write(log: ChangeSet, connection: Connection, changes: Sequence[ReferenceChange]) -> None:
    """Make the rows what the changes say, as part of a change set."""
    references = _write_references(log, changes)
    records = _write_records(log, connection, changes, references)
    _write_entries(log, connection, changes, references, records)
    tags = [
        {"reference_id": reference, "name": name}
        for change, reference in zip(changes, references, strict=True)
        for name in change.tags
    ]
    log.insert(TAG, tags)
    _remove(log, connection, changes)


def _write_references(log: ChangeSet, changes: Sequence[ReferenceChange]) -> list[int]:
    """The references, new and updated; the number of each, in order."""
    rows = [
        {
            **_key(change.key),
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


def _key(key: str) -> dict[str, str]:
    return {"key": key, "key_folded": fold_key(key)}


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
    names = dict.fromkeys(e.bibliography for change in changes for e in change.entries if e.after)
    bibliographies = _write_bibliographies(log, connection, list(names))
    rows: list[dict[str, Any]] = []
    altered: dict[int, dict[str, Any]] = {}
    for change, reference, made in zip(changes, references, records, strict=True):
        for entry in change.entries:
            if entry.after is None:
                continue
            texts = _entry_row(entry.after, entry.file_position)
            record = None if entry.record is None else made[entry.record]
            if entry.before is None:
                bibliography = bibliographies[entry.bibliography]
                place = {"bibliography_id": bibliography, "reference_id": reference}
                rows.append({**place, "record_id": record, **texts})
            else:
                altered[entry.id] = texts if record is None else {**texts, "record_id": record}
    log.insert(ENTRY, rows)
    log.alter(ENTRY, altered)


def _entry_row(entry: Entry, file_position: int) -> dict[str, Any]:
    return {
        "position": entry.position,
        "file_position": file_position,
        "citation": entry.citation,
        "annotation": entry.annotation,
    }


def _remove(log: ChangeSet, connection: Connection, changes: Sequence[ReferenceChange]) -> None:
    """What goes: entries and tags."""
    gone = [entry.id for change in changes for entry in change.entries if entry.after is None]
    log.delete(ENTRY, gone)
    pairs = [(change.id, name) for change in changes for name in change.untagged]
    for chunk in chunks(pairs):
        query = select(TAG.c.id).where(tuple_(TAG.c.reference_id, TAG.c.name).in_(chunk))
        log.delete(TAG, connection.scalars(query).all())


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


# ---------------------------------------------------------------------------- the desk's own


def merge(log: ChangeSet, connection: Connection, changes: Sequence[ReferenceChange]) -> None:
    """Give the first reference all that belongs to the others, and let their keys lead to it."""
    write(log, connection, changes)
    winner, *losers = (change.id for change in changes)
    for table in (RECORD, ENTRY):
        ids = connection.scalars(select(table.c.id).where(table.c.reference_id.in_(losers)))
        log.alter(table, {number: {"reference_id": winner} for number in ids.all()})
    _merge_unique(log, connection, winner, losers, TAG, ("name",))
    _merge_unique(log, connection, winner, losers, CONFLICT, ("kind", "mark"))
    led = or_(REFERENCE.c.id.in_(losers), REFERENCE.c.merged_into.in_(losers))
    ids = connection.scalars(select(REFERENCE.c.id).where(led))
    log.alter(REFERENCE, {number: {"merged_into": winner} for number in ids.all()})


def _merge_unique(
    log: ChangeSet,
    connection: Connection,
    winner: int,
    losers: Sequence[int],
    table: Table,
    names: Sequence[str],
) -> None:
    """Of what a reference has only once (a tag, a question) the first one stays. What else is
    there stays where it is: it cannot go with a decision that hangs on it."""
    columns = [table.c[name] for name in names]
    query = select(table.c.id, *columns).order_by(table.c.id)
    of_winner = query.where(table.c.reference_id == winner)
    seen = {tuple(row[1:]) for row in connection.execute(of_winner)}
    moved = {}
    for number, *mark in connection.execute(query.where(table.c.reference_id.in_(losers))):
        if tuple(mark) not in seen:
            moved[number] = {"reference_id": winner}
            seen.add(tuple(mark))
    log.alter(table, moved)


def _rename(log: ChangeSet, change: ReferenceChange, key: str) -> None:
    """Another citation key; the old one leads to the reference like that of a merged one."""
    log.alter(REFERENCE, {change.id: _key(key)})
    if fold_key(key) != fold_key(change.key):
        lead = {"merged_into": change.id, "version": 1}
        log.insert(REFERENCE, [{**_key(change.key), **reference_row(Reference()), **lead}])


def _check_unchanged(connection: Connection, plan: DeskPlan) -> None:
    """Refuse if somebody changed what the plan was made from."""
    for chunk in chunks(plan.changes):
        ids = [change.id for change in chunk]
        query = select(REFERENCE.c.id, REFERENCE.c.version, REFERENCE.c.merged_into)
        rows = {row.id: row for row in connection.execute(query.where(REFERENCE.c.id.in_(ids)))}
        for change in chunk:
            row = rows.get(change.id)
            if not row or row.merged_into or change.version not in (0, row.version):
                _refuse(connection, plan, change)
            for entry in change.entries:
                if entry.before and not _stands(connection, entry):
                    _refuse(connection, plan, change)


def _stands(connection: Connection, change: EntryChange) -> bool:
    query = select(ENTRY.c.position, ENTRY.c.citation, ENTRY.c.annotation)
    row = connection.execute(query.where(ENTRY.c.id == change.id)).first()
    old = change.before
    return old is not None and row == (old.position, old.citation, old.annotation)


def _refuse(connection: Connection, plan: DeskPlan, change: ReferenceChange) -> NoReturn:
    meanwhile = (
        select(CHANGESET.c.id, CHANGESET.c.kind, CHANGESET.c.summary)
        .join(CHANGE, CHANGE.c.changeset_id == CHANGESET.c.id)
        .where(CHANGE.c.reference_id == change.id, CHANGE.c.id > plan.state)
        .distinct()
        .order_by(CHANGESET.c.id)
    )
    said = "; ".join(f"{row.id}: {row.kind} {row.summary}" for row in connection.execute(meanwhile))
    raise StaleError(
        f"'{change.key}' was changed meanwhile{f' ({said})' if said else ''}",
        "nothing was written; look at it again, then say it again",
    )
