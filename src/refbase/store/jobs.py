"""Work that may take long and be interrupted, and the answers of others that it lives on.

An answer is kept word for word, in a transaction of its own, before anything is done with it; so
it is never asked for twice, and can be read again without the network. A job knows of each of its
references whether it is done and how that ended. What is here is not part of any change set: it
stays true whatever is undone.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from refbase.store.engine import Database
from refbase.store.log import chunks
from refbase.store.query import COLUMNS, Filter, Target, target_of, targets
from refbase.store.rows import dump, load
from refbase.store.tables import CHANGESET, FETCH, FETCHED, JOB, JOB_ITEM, REFERENCE

PLANNED, GONE = "planned", "gone"
RUNNING, DONE, UNDONE = "running", "done", "undone"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was kept: whom was asked what, when, and the bytes that came back."""

    endpoint: str
    asked: tuple[str, ...]
    body: bytes
    time: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the database. All that it changes is one change set."""

    id: int
    kind: str
    options: Mapping[str, Any]
    started: str


class Outcome(NamedTuple):
    """How it ended for one reference of a job."""

    reference_id: int
    key: str
    state: str
    detail: str = ""


class Jobs:
    """The jobs of a database, and the answers that were kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------------------- answers

    def keep(self, answer: Kept, identifiers: Iterable[str]) -> int:
        """Keep an answer for good, under all the identifiers that it tells of, also if it tells
        that there is nothing; its number."""
        row = {
            "time": answer.time,
            "endpoint": answer.endpoint,
            "asked": dump(list(answer.asked)),
            "body": zlib.compress(answer.body),
        }
        with self._database.write() as connection:
            made = connection.execute(insert(FETCH), row).inserted_primary_key
            number = int(made[0]) if made else 0
            told = [{"fetch_id": number, "identifier": name} for name in dict.fromkeys(identifiers)]
            if told:
                connection.execute(insert(FETCHED), told)
        return number

    def kept(self, identifiers: Iterable[str], after: int = 0) -> dict[str, int]:
        """Of the identifiers that an answer tells of, the number of the newest one. Only those
        count that were kept after a certain one."""
        newest = func.max(FETCHED.c.fetch_id)
        query = select(FETCHED.c.identifier, newest).group_by(FETCHED.c.identifier)
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for chunk in chunks(sorted(set(identifiers))):
                wanted = FETCHED.c.identifier.in_(chunk), FETCHED.c.fetch_id > after
                found |= {row[0]: row[1] for row in connection.execute(query.where(*wanted))}
        return found

    def answer(self, number: int) -> Kept:
        """An answer as it came."""
        with self._database.read() as connection:
            row = connection.execute(select(FETCH).where(FETCH.c.id == number)).one()
        return Kept(
            row.endpoint, tuple(load(row.asked)), zlib.decompress(row.body), row.time, row.id
        )

    def last_answer(self) -> int:
        """The number of the newest answer: what comes later is newer."""
        with self._database.read() as connection:
            return connection.scalar(select(func.max(FETCH.c.id))) or 0

    # ---------------------------------------------------------------------------- jobs

    def held(self) -> AbstractContextManager[None]:
        """Keep the database open while a job is under way: each of its steps costs less."""
        return self._database.held()

    def targets(self, chosen: Filter) -> list[Target]:
        """The references that a filter chooses, in its order."""
        with self._database.read() as connection:
            return list(targets(connection, chosen))

    def start(self, kind: str, options: Mapping[str, Any], references: Sequence[int]) -> Job:
        """Begin a job over these references."""
        started = _now()
        row = {"kind": kind, "state": RUNNING, "options": dump(dict(options)), "started": started}
        with self._database.write() as connection:
            made = connection.execute(insert(JOB), {**row, "ended": ""}).inserted_primary_key
            number = int(made[0]) if made else 0
            for chunk in chunks(references):
                items = [
                    {"job_id": number, "reference_id": one, "state": PLANNED, "detail": ""}
                    for one in chunk
                ]
                connection.execute(insert(JOB_ITEM), items)
        return Job(number, kind, options, started)

    def unfinished(self, kind: str) -> Job | None:
        """The newest job of a kind, if it was interrupted."""
        query = select(JOB).where(JOB.c.kind == kind).order_by(JOB.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _job(row) if row and row.state == RUNNING else None

    def left(self, job: Job) -> list[Target]:
        """The references of a job that are not done, as they are now; of those that were merged
        into others, the others."""
        target = func.coalesce(REFERENCE.c.merged_into, REFERENCE.c.id)
        items = (
            select(target)
            .join(JOB_ITEM, JOB_ITEM.c.reference_id == REFERENCE.c.id)
            .where(JOB_ITEM.c.job_id == job.id, JOB_ITEM.c.state == PLANNED)
        )
        query = select(*COLUMNS).where(REFERENCE.c.id.in_(items)).order_by(REFERENCE.c.id)
        with self._database.read() as connection:
            return [target_of(row) for row in connection.execute(query)]

    def outcomes(self, job: Job) -> Iterator[Outcome]:
        """How it ended for each reference of a job, by citation key."""
        columns = JOB_ITEM.c.reference_id, REFERENCE.c.key, JOB_ITEM.c.state, JOB_ITEM.c.detail
        query = (
            select(*columns)
            .outerjoin(REFERENCE, REFERENCE.c.id == JOB_ITEM.c.reference_id)
            .where(JOB_ITEM.c.job_id == job.id)
            .order_by(REFERENCE.c.key_folded, JOB_ITEM.c.reference_id)
        )
        with self._database.read() as connection:
            for number, key, state, detail in connection.execute(query):
                yield Outcome(number, key or f"({number})", state, detail)

    def change_set(self, job: Job) -> int:
        """The number of the change set that a job made, 0 if it changed nothing."""
        with self._database.read() as connection:
            return connection.scalar(select(JOB.c.changeset_id).where(JOB.c.id == job.id)) or 0

    def note(self, job: Job, outcomes: Sequence[Outcome]) -> None:
        """Remember how it ended for references that nothing is changed of."""
        with self._database.write() as connection:
            note(connection, job.id, outcomes)

    def finish(self, job: Job, summary: str) -> None:
        """End a job; its change set is told of in a few words. What is left of it by now has
        vanished from the database."""
        with self._database.write() as connection:
            connection.execute(
                update(JOB_ITEM)
                .where(JOB_ITEM.c.job_id == job.id, JOB_ITEM.c.state == PLANNED)
                .values(state=GONE)
            )
            ended = {"state": DONE, "ended": _now()}
            connection.execute(
                update(JOB).where(JOB.c.id == job.id, JOB.c.state == RUNNING).values(ended)
            )
            made = select(JOB.c.changeset_id).where(JOB.c.id == job.id).scalar_subquery()
            connection.execute(
                update(CHANGESET).where(CHANGESET.c.id == made).values(summary=summary)
            )


def note(connection: Connection, job: int, outcomes: Sequence[Outcome]) -> None:
    """Remember how it ended for these references, and for those that were merged into them."""
    ended = {one.reference_id: one for one in outcomes}
    query = select(REFERENCE.c.id, REFERENCE.c.merged_into)
    for chunk in chunks(list(ended)):
        for row in connection.execute(query.where(REFERENCE.c.merged_into.in_(chunk))):
            ended[row.id] = ended[row.merged_into]
    rows = [
        {"number": number, "new_state": one.state, "new_detail": one.detail}
        for number, one in ended.items()
    ]
    if rows:
        of_reference = JOB_ITEM.c.reference_id == bindparam("number")
        values: dict[str, Any] = {
            "state": bindparam("new_state"),
            "detail": bindparam("new_detail"),
        }
        statement = update(JOB_ITEM).where(JOB_ITEM.c.job_id == job, of_reference).values(values)
        connection.execute(statement, rows)


def tally(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How many ended how."""
    return Counter(outcome.state for outcome in outcomes)


def _job(row: Any) -> Job:
    return Job(row.id, row.kind, load(row.options), row.started)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
