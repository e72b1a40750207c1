"""The curator's desk, first half: what a person wants, as a plan of what will change.

What a person says of a reference is a record of its own, with nothing in it but what was said:
the reference is computed anew from all its records, and no later import or enrichment takes
that word away (`refbase.merge`). Annotations, places in a list and tags are rows of their own,
and are changed as such. Nothing is changed here; `refbase.store.apply` does that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, select

from refbase.edits import Statement
from refbase.errors import UsageError
from refbase.merge import ABSENT, resolve, statements
from refbase.model import Entry, Record, Reference, Source, Value
from refbase.store.log import chunks, newest
from refbase.store.plan import DeskPlan, EntryChange, KeptRecord, ReferenceChange
from refbase.store.query import ids_of
from refbase.store.rows import LONGEST, fold_key, reference_of, source_of
from refbase.store.tables import BIBLIOGRAPHY, ENTRY, RECORD, REFERENCE, SOURCE, TAG
from refbase.text import clean, printable


class Seen(NamedTuple):
    """When somebody looked at a reference: its version, and the last change in the log."""

    version: int
    state: int


class Found(NamedTuple):
    """A reference as it stands, with all its records."""

    id: int
    key: str
    version: int
    reference: Reference
    records: tuple[Record, ...]

    def change(self) -> ReferenceChange:
        """A change of this reference that does nothing yet."""
        return ReferenceChange(
            self.key, self.reference, self.reference, self.id, version=self.version
        )


class Listed(NamedTuple):
    """An entry as it stands."""

    id: int
    reference_id: int
    key: str
    entry: Entry
    file_position: int

    def moved(self, position: int) -> EntryChange:
        after = replace(self.entry, position=position)
        return EntryChange(self.entry, after, self.file_position, self.id)


# ------------------------------------------------------------------------ of the reference


def plan_edit(
    connection: Connection, key: str, said: Statement, person: str, seen: Seen | None = None
) -> DeskPlan:
    """What a person's statement makes of a reference. `seen` is what `look` said when they were
    shown it; whoever speaks without having looked has seen it as it is now."""
    [found] = find(connection, [key])
    seen = seen or Seen(found.version, newest(connection))
    said = replace(said, key="" if said.key == found.key else said.key)
    _check_key(connection, found, said.key)
    new = _unsaid(found.records, said)
    what = [*new.values, *new.absent, *(["citation key"] if said.key else [])]
    if not what:
        return DeskPlan("edit", f"{found.key}: nothing new", seen.state)
    change = replace(found.change(), version=seen.version)
    if new.values or new.absent:
        record = Record(person_source(person, found.records), new.reference)
        after = resolve([*found.records, record])
        change = replace(change, after=after, records=(KeptRecord(record, None),))
    summary = f"{found.key}: {', '.join(what)} ({person})"
    return DeskPlan("edit", summary, seen.state, (change,), said.key)


def look(connection: Connection, key: str) -> Seen:
    """What `plan_edit` wants to know of somebody who will edit what they see now."""
    [found] = find(connection, [key])
    return Seen(found.version, newest(connection))


def plan_tag(
    connection: Connection,
    keys: Sequence[str],
    add: Iterable[str],
    remove: Iterable[str],
    person: str,
) -> DeskPlan:
    """Tags on and off. A tag that is there already, or is not, needs nothing."""
    wanted, unwanted = ([_short(name, "tag") for name in names] for names in (add, remove))
    if both := set(wanted) & set(unwanted):
        raise UsageError(f"'{min(both)}' cannot be put on and taken off at once")
    found = find(connection, keys)
    there = _tags(connection, [one.id for one in found])
    changes = []
    for one in found:
        on = tuple(name for name in dict.fromkeys(wanted) if name not in there[one.id])
        off = tuple(name for name in dict.fromkeys(unwanted) if name in there[one.id])
        if on or off:
            changes.append(replace(one.change(), tags=on, untagged=off, version=0))
    what = [*(f"+{name}" for name in wanted), *(f"-{name}" for name in unwanted)]
    return _plan(connection, "tag", " ".join([_some(found), *what]), person, changes)


def plan_merge(connection: Connection, keys: Sequence[str], person: str) -> DeskPlan:
    """References that are one work become one, the first. The others' records, entries and tags
    are then its own, and their keys find it."""
    found = find(connection, keys)
    if len(found) < 2:
        raise UsageError(f"'{found[0].key}' is one reference already", "name two or more")
    first, *others = found
    summary = f"{', '.join(one.key for one in others)} into {first.key}"
    return _plan(connection, "merge", summary, person, merged(found))


def merged(found: Sequence[Found]) -> list[ReferenceChange]:
    """What becomes of references that are one work: the first one is made of all records."""
    first, *others = found
    after = resolve(record for one in found for record in one.records)
    return [replace(first.change(), after=after), *(one.change() for one in others)]


# --------------------------------------------------------------------------- of the entries


def plan_annotate(
    connection: Connection,
    key: str,
    bibliography: str,
    text: str,
    person: str,
    at: int | None = None,
) -> DeskPlan:
    """Another annotation; an empty one takes it away. `at` is the position of the entry, where
    the list has the reference twice; without a bibliography, the only one that lists it."""
    listed = _entry(connection, bibliography, key, at)
    after = replace(listed.entry, annotation=printable(text).strip())
    change = EntryChange(listed.entry, after, listed.file_position, listed.id)
    summary = f"{listed.key} in {listed.entry.bibliography}"
    changes = {listed: change} if after != listed.entry else {}
    return _entries_plan(connection, "annotate", summary, person, changes)


def plan_list(
    connection: Connection, bibliography: str, keys: Sequence[str], person: str
) -> DeskPlan:
    """References put at the end of a list, which is made if it is not there. One that it has
    already is not listed again."""
    name = _short(bibliography, "name of a bibliography")
    there = _listed(connection, name)
    last = max((one.entry.position for one in there), default=0)
    known = {one.reference_id for one in there}
    new = [one for one in find(connection, keys) if one.id not in known]
    changes = [
        replace(
            one.change(),
            entries=(EntryChange(None, Entry(name, last + place), last + place),),
            version=0,
        )
        for place, one in enumerate(new, 1)
    ]
    return _plan(connection, "list", f"{_some(new)} in {name}", person, changes)


def plan_unlist(
    connection: Connection, bibliography: str, key: str, person: str, at: int | None = None
) -> DeskPlan:
    """A reference taken out of a list. It stays in the database, and the file that listed it
    does not put it back."""
    listed = _entry(connection, bibliography, key, at)
    gone = EntryChange(listed.entry, None, listed.file_position, listed.id)
    summary = f"{listed.key} from {listed.entry.bibliography}"
    return _entries_plan(connection, "unlist", summary, person, {listed: gone})


def plan_move(
    connection: Connection,
    bibliography: str,
    key: str,
    to: int,
    person: str,
    at: int | None = None,
) -> DeskPlan:
    """An entry moved to another position; those in between make room."""
    listed = _entry(connection, bibliography, key, at)
    order = _listed(connection, listed.entry.bibliography)
    positions = [one.entry.position for one in order]
    if len(set(positions)) < len(positions):
        positions = list(range(1, len(order) + 1))
    place = sum(position < to for position in positions)
    order.remove(listed)
    order.insert(place, listed)
    places = dict(zip(order, positions, strict=True))
    changes = {
        one: one.moved(places[one])
        for one in dict.fromkeys([listed, *order])  # the one that is meant first
        if one.entry.position != places[one]
    }
    summary = f"{listed.key} to {to} in {listed.entry.bibliography}"
    return _entries_plan(connection, "move", summary, person, changes)


# --------------------------------------------------------------------------- what is there


def find(connection: Connection, keys: Sequence[str]) -> list[Found]:
    """The references of these keys, in their order, each once."""
    return standing(connection, [n for key in keys for n in ids_of(connection, (key,))])


def standing(connection: Connection, numbers: Iterable[int]) -> list[Found]:
    """The references of these numbers, in their order, each once."""
    numbers = list(dict.fromkeys(numbers))
    columns = REFERENCE.c.id, REFERENCE.c.key, REFERENCE.c.version, REFERENCE.c.csl
    rows = {
        row.id: row
        for chunk in chunks(numbers)
        for row in connection.execute(select(*columns).where(REFERENCE.c.id.in_(chunk)))
    }
    # The first word on a reference is mostly all of it: one text, read once
    read = cache(reference_of)
    said: dict[int, list[Record]] = {number: [] for number in numbers}
    query = select(RECORD, SOURCE).join(SOURCE).order_by(RECORD.c.id)
    for chunk in chunks(numbers):
        for row in connection.execute(query.where(RECORD.c.reference_id.in_(chunk))):
            record = Record(source_of(row), read(row.csl), row.raw, row.line)
            said[row.reference_id].append(record)
    return [
        Found(n, rows[n].key, rows[n].version, read(rows[n].csl), tuple(said[n])) for n in numbers
    ]


def _entry(connection: Connection, bibliography: str, key: str, at: int | None) -> Listed:
    """The one entry that is meant."""
    [number] = ids_of(connection, (key,))
    condition = ENTRY.c.reference_id == number
    of_reference = _entries(connection, condition)
    listed = [one for one in of_reference if bibliography in ("", one.entry.bibliography)]
    if at is not None:
        listed = [one for one in listed if one.entry.position == at]
    if len(listed) == 1:
        return listed[0]
    places = ", ".join(f"{one.entry.bibliography} no. {one.entry.position}" for one in of_reference)
    if not listed:
        where = f" in '{bibliography}'" if bibliography else ""
        hint = f"it is listed in {places}" if places else "`refbase bibliography add` lists it"
        raise UsageError(f"'{key}' is not listed{where}{f' at {at}' if at else ''}", hint)
    raise UsageError(
        f"'{key}' is listed more than once: {places}", "say which: --bibliography, --at"
    )


def _listed(connection: Connection, name: str) -> list[Listed]:
    return _entries(connection, BIBLIOGRAPHY.c.name == name)


def _entries(connection: Connection, condition: ColumnElement[bool]) -> list[Listed]:
    query = (
        select(ENTRY, BIBLIOGRAPHY.c.name, REFERENCE.c.key)
        .join(BIBLIOGRAPHY, BIBLIOGRAPHY.c.id == ENTRY.c.bibliography_id)
        .join(REFERENCE, REFERENCE.c.id == ENTRY.c.reference_id)
        .where(condition)
        .order_by(BIBLIOGRAPHY.c.name, ENTRY.c.position, ENTRY.c.id)
    )
    return [_listed_of(row) for row in connection.execute(query)]


def _listed_of(row: Row[Any]) -> Listed:
    entry = Entry(row.name, row.position, row.citation, row.annotation)
    return Listed(row.id, row.reference_id, row.key, entry, row.file_position)


# -------------------------------------------------------------------------------- helpers


def _plan(
    connection: Connection, kind: str, summary: str, person: str, changes: Sequence[ReferenceChange]
) -> DeskPlan:
    return DeskPlan(kind, f"{summary} ({person})", newest(connection), tuple(changes))


def _entries_plan(
    connection: Connection,
    kind: str,
    summary: str,
    person: str,
    entries: Mapping[Listed, EntryChange],
) -> DeskPlan:
    of: dict[int, list[EntryChange]] = defaultdict(list)
    for listed, changed in entries.items():
        of[listed.reference_id].append(changed)
    changes = [
        replace(one.change(), entries=tuple(of[one.id]), version=0)
        for one in find(connection, [one.key for one in entries])
    ]
    return _plan(connection, kind, summary, person, changes)


def _unsaid(records: Sequence[Record], said: Statement) -> Statement:
    """What of a statement is not a person's last word already. That a file says the same is no
    reason to leave it out: a person's word also stands against what comes later."""
    heard = {name: tellers[0] for name, tellers in statements(records).items()}

    def is_new(name: str, value: Value | None) -> bool:
        record = heard.get(name)
        return record is None or record.source.kind != "person" or _says(record, name) != value

    return Statement(
        {name: value for name, value in said.values.items() if is_new(name, value)},
        tuple(name for name in said.absent if is_new(name, None)),
        said.key,
    )


def _says(record: Record, name: str) -> Value | None:
    reference = record.reference
    if name in reference.custom.get(ABSENT, ()):
        return None
    return reference.type if name == "type" else reference.variables.get(name)


def person_source(person: str, records: Sequence[Record]) -> Source:
    """Who speaks when a person does: a source of its own for each edit, later than what any person
    said of the reference before, also if the clock was put back."""
    now = datetime.now(UTC)
    told = [record.source.time for record in records if record.source.kind == "person"]
    if last := max(told, default=""):
        now = max(now, datetime.fromisoformat(last) + timedelta(microseconds=1))
    time = now.isoformat(timespec="microseconds")
    return Source("person", printable(person), f"edit {time}", time=time)


def _check_key(connection: Connection, found: Found, key: str) -> None:
    if len(key) > LONGEST:
        raise UsageError(f"a citation key has at most {LONGEST} characters")
    if not key or fold_key(key) == fold_key(found.key):
        return
    query = select(REFERENCE.c.key).where(REFERENCE.c.key_folded == fold_key(key))
    if connection.scalar(query) is not None:
        raise UsageError(f"'{key}' is, or was, the key of a reference", "choose another one")


def _short(name: str, what: str) -> str:
    name = clean(name)
    if not name or len(name) > LONGEST:
        raise UsageError(f"'{name[:30]}' is no {what}", f"1 to {LONGEST} characters")
    return name


def _some(found: Sequence[Found]) -> str:
    if len(found) > 3:
        return f"{len(found)} references"
    return ", ".join(one.key for one in found)


def _tags(connection: Connection, ids: Sequence[int]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {number: set() for number in ids}
    query = select(TAG.c.reference_id, TAG.c.name)
    for chunk in chunks(ids):
        for number, name in connection.execute(query.where(TAG.c.reference_id.in_(chunk))):
            found[number].add(name)
    return found
