"""What PubMed says of references, put to them: match, merge, apply, in one short transaction.

A record becomes one of a reference only if it is the work that was cited (`match.borne_out`, or
`match.recognised` where it was found by a search); a doubtful one becomes a question. Whatever
the sources then disagree on and no rule decides is a question too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from refbase.errors import StoreError
from refbase.match import Verdict, borne_out, recognised
from refbase.merge import identity, resolve, statements
from refbase.model import Record, Reference
from refbase.store.apply import write
from refbase.store.conflicts import (
    ACCEPT,
    CANDIDATE,
    MATCH,
    REJECT,
    Asked,
    answers,
    ask,
    disagreements,
    mark_of,
)
from refbase.store.desk import Found, standing
from refbase.store.jobs import Job, Outcome, note
from refbase.store.log import ChangeSet
from refbase.store.plan import KeptRecord, ReferenceChange
from refbase.store.rows import dump, stored_source
from refbase.store.tables import CHANGESET, JOB, REFERENCE

UPDATED, UNCHANGED = "updated", "unchanged"
DOUBTFUL, REJECTED, NOT_FOUND, LEFT = "doubtful", "rejected", "not found", "left alone"


class Told(NamedTuple):
    """PubMed's record for a reference: by the PMID that it has, or `searched` for."""

    reference_id: int
    record: Record
    fetch_id: int | None = None
    searched: bool = False


class _Made(NamedTuple):
    """What is to be done about one reference, and how it ended."""

    outcome: Outcome
    change: ReferenceChange | None = None
    questions: Sequence[Asked] = ()


def attach(
    connection: Connection, job: Job, told: Sequence[Told], others: Sequence[Outcome] = ()
) -> list[Outcome]:
    """Put what was told to its references, as part of the job's change set; and remember how it
    ended for others, of which nothing was told."""
    change_set = _change_set(connection, job)
    of: dict[int, list[Told]] = defaultdict(list)
    for number, one in zip(_numbers(connection, told), told, strict=True):
        if number:
            of[number].append(one)
    asked = answers(connection, of)
    made = [_made(found, of[found.id], asked) for found in standing(connection, of)]
    changes = [one.change for one in made if one.change]
    questions = {q.name: q for one in made for q in one.questions if q.name not in asked}
    if changes or questions:
        log = ChangeSet(connection, job.kind, job.kind, number=change_set)
        write(log, connection, changes)
        ask(log, list(questions.values()))
        connection.execute(update(JOB).where(JOB.c.id == job.id).values(changeset_id=log.id))
    outcomes = [*(one.outcome for one in made), *others]
    note(connection, job.id, outcomes)
    return outcomes


def _change_set(connection: Connection, job: Job) -> int:
    """The change set of the job, 0 while there is none."""
    number = connection.scalar(select(JOB.c.changeset_id).where(JOB.c.id == job.id)) or 0
    if number and connection.scalar(select(CHANGESET.c.id).where(CHANGESET.c.undoes == number)):
        raise StoreError(
            f"what this {job.kind} changed was undone meanwhile", "begin it again, without --resume"
        )
    return number


def _numbers(connection: Connection, told: Sequence[Told]) -> list[int]:
    """The references, where they are now: another one after a merge, 0 if they are gone."""
    ids = {one.reference_id for one in told}
    columns = REFERENCE.c.id, REFERENCE.c.merged_into
    rows = connection.execute(select(*columns).where(REFERENCE.c.id.in_(ids)))
    now = {row.id: row.merged_into or row.id for row in rows}
    return [now.get(one.reference_id, 0) for one in told]


# ---------------------------------------------------------------------- match and merge


def _made(found: Found, told: Sequence[Told], asked: dict[tuple[int, str, str], str]) -> _Made:
    """The first record that can be attached is; else what speaks against the first of them."""
    if told[0].searched and _denied(found):
        return _Made(Outcome(found.id, found.key, LEFT, "a person says that it has no PMID"))
    printed = _without_pubmed(found)
    doubts: list[_Made] = []
    for one in told:
        verdict = (recognised if one.searched else borne_out)(printed, one.record.reference)
        answer = _answer(asked, found.id, one)
        if answer == ACCEPT or (verdict.certain and answer != REJECT):
            return _attached(found, one)
        if verdict.certain or verdict.doubtful:
            doubts.append(_doubt(found, _question(found, one, printed, verdict), answer))
    if not doubts:
        return _Made(Outcome(found.id, found.key, NOT_FOUND, "what was found are other works"))
    return _Made(doubts[0].outcome, None, [q for doubt in doubts for q in doubt.questions])


def _answer(asked: dict[tuple[int, str, str], str], reference_id: int, told: Told) -> str:
    """What a person said of this PMID, whether it was printed then or found."""
    mark = mark_of(_subject(told), "")
    names = ((reference_id, kind, mark) for kind in (MATCH, CANDIDATE))
    return next(filter(None, (asked.get(name) for name in names)), "")


def _subject(told: Told) -> str:
    return f"PMID:{told.record.reference.pmid}"


def _doubt(found: Found, question: Asked, answer: str) -> _Made:
    detail = f"{question.subject.replace(':', ' ')}: {question.reason}"
    if answer == REJECT:
        return _Made(Outcome(found.id, found.key, REJECTED, detail))
    return _Made(Outcome(found.id, found.key, DOUBTFUL, detail), None, (question,))


def _denied(found: Found) -> bool:
    """Whether a person says that there is no PMID: `Not in PubMed` stands in some chapters."""
    said = statements(found.records).get("PMID", [])
    return bool(said) and "PMID" not in said[0].reference.variables


def _without_pubmed(found: Found) -> Reference:
    """The reference as it was before PubMed said anything of it."""
    others = [record for record in found.records if record.source.kind != "pubmed"]
    return resolve(others) if others else Reference("document", {"PMID": found.reference.pmid})


def _question(found: Found, told: Told, printed: Reference, verdict: Verdict) -> Asked:
    record = told.record
    return Asked(
        found.id,
        CANDIDATE if told.searched else MATCH,
        _subject(told),
        printed.to_csl(),
        record.reference.to_csl(),
        ", ".join(verdict.reasons),
        record.source,
        told.fetch_id,
        # The same record, revised, is the same question
        about="",
    )


def _attached(found: Found, told: Told) -> _Made:
    """The reference with what PubMed says of it, unless PubMed said that before."""
    record = Record(stored_source(told.record.source), told.record.reference, told.record.raw)
    before = [r for r in found.records if identity(r.source) == identity(record.source)]
    if before and not _is_news(max(before, key=_time), record):
        questions = disagreements(found.id, found.records, told.fetch_id)
        return _Made(Outcome(found.id, found.key, UNCHANGED), None, questions)
    records = [*found.records, record]
    after = resolve(records)
    state = UPDATED if after != found.reference else UNCHANGED
    kept = (KeptRecord(record, None),)
    return _Made(
        Outcome(found.id, found.key, state),
        ReferenceChange(found.key, found.reference, after, found.id, kept),
        disagreements(found.id, records, told.fetch_id),
    )


def _is_news(before: Record, record: Record) -> bool:
    """Whether PubMed says something else than before, and did not say it before that."""
    if dump(before.reference.to_csl()) == dump(record.reference.to_csl()):
        return False
    old, new = (str(r.reference.custom.get("date-revised", "")) for r in (before, record))
    return not (old and new and old > new) and _time(before) < _time(record)


def _time(record: Record) -> datetime:
    return datetime.fromisoformat(record.source.time)
