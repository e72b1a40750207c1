"""What a person must decide, and what they decided.

A question is asked once: it is open as long as it has no answer, and whoever comes upon it again
finds it here. An answer is an ordinary change set: a record of the person who gave it, or what
was doubtful put where it belongs; so it can be undone, and then the question is open again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

from refbase import merge
from refbase.errors import UsageError
from refbase.model import Record, Reference, Source
from refbase.store.apply import merge as join
from refbase.store.apply import write
from refbase.store.desk import Found, find, merged, person_source, standing
from refbase.store.log import ChangeSet, chunks
from refbase.store.plan import KeptRecord, ReferenceChange
from refbase.store.rows import dump, load
from refbase.store.tables import CONFLICT, DECISION, REFERENCE

VARIABLE, MATCH, CANDIDATE, DUPLICATE = "variable", "match", "candidate", "duplicate"
ACCEPT, REJECT = "accept", "reject"


class Asked(NamedTuple):
    """A question to be asked of a reference. `old` and `new` are values as CSL-JSON has them.

    `about` is what the same question has in common; `new` where it is not given.
    """

    reference_id: int
    kind: str
    subject: str
    old: Any
    new: Any
    reason: str
    source: Source | None = None
    fetch_id: int | None = None
    about: Any = None

    @property
    def mark(self) -> str:
        return mark_of(self.subject, self.new if self.about is None else self.about)

    @property
    def name(self) -> tuple[int, str, str]:
        return self.reference_id, self.kind, self.mark


def mark_of(subject: str, about: Any) -> str:
    """What tells one question about a reference from another."""
    return blake2b(dump([subject, about]).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Conflict:
    """An open question about a reference: what it says (`old`), what somebody else says (`new`),
    who that is, and why a person must look."""

    id: int
    key: str
    kind: str
    subject: str
    old: Any
    new: Any
    reason: str
    source: Source | None
    reference_id: int

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("id", "key", "kind", "subject")}
        told |= {"old": self.old, "new": self.new, "reason": self.reason}
        return {**told, "source": asdict(self.source) if self.source else None}


# -------------------------------------------------------------------------------- asking


def answers(connection: Connection, references: Iterable[int]) -> dict[tuple[int, str, str], str]:
    """What was asked of these references before, and the answers; empty for an open question."""
    found = {}
    columns = CONFLICT.c.reference_id, CONFLICT.c.kind, CONFLICT.c.mark, DECISION.c.answer
    query = select(*columns).outerjoin(DECISION, DECISION.c.conflict_id == CONFLICT.c.id)
    for chunk in chunks(sorted(set(references))):
        for *name, answer in connection.execute(query.where(CONFLICT.c.reference_id.in_(chunk))):
            found[name[0], name[1], name[2]] = answer or ""
    return found


def ask(log: ChangeSet, questions: Iterable[Asked]) -> None:
    """Ask what was not asked before."""
    log.insert(CONFLICT, [_row(question) for question in questions])


def _row(question: Asked) -> Mapping[str, Any]:
    return {
        "reference_id": question.reference_id,
        "kind": question.kind,
        "subject": question.subject,
        "mark": question.mark,
        "old": dump(question.old),
        "new": dump(question.new),
        "reason": question.reason,
        "source": dump(asdict(question.source)) if question.source else "",
        "fetch_id": question.fetch_id,
    }


def disagreements(
    reference_id: int, records: Sequence[Record], fetch_id: int | None
) -> list[Asked]:
    """The variables of a reference on which its sources disagree and no rule decides."""
    return [
        Asked(
            reference_id,
            VARIABLE,
            found.variable,
            _csl(found.kept, found.variable),
            _csl(found.told, found.variable),
            f"PubMed says otherwise than {found.kept.source.name}",
            found.told.source,
            fetch_id,
        )
        for found in merge.conflicts(records)
    ]


def _csl(record: Record, variable: str) -> Any:
    return record.reference.to_csl()[variable]


# ------------------------------------------------------------------------------ reviewing


def pending(connection: Connection, numbers: Sequence[int] = ()) -> list[Conflict]:
    """The open questions, oldest first; of `numbers` only, where some are given.

    A question that has settled itself is none any more: the file was corrected, a person has
    edited the variable, or the reference has another PMID by now.
    """
    query = (
        select(CONFLICT, REFERENCE.c.key)
        .join(REFERENCE, REFERENCE.c.id == CONFLICT.c.reference_id)
        .outerjoin(DECISION, DECISION.c.conflict_id == CONFLICT.c.id)
        .where(DECISION.c.id.is_(None), REFERENCE.c.merged_into.is_(None))
        .order_by(CONFLICT.c.id)
    )
    rows: list[Row[Any]] = []
    for chunk in chunks(numbers) if numbers else ((),):
        rows += connection.execute(query.where(CONFLICT.c.id.in_(chunk)) if chunk else query)
    about = standing(connection, [row.reference_id for row in rows])
    open_ = {found.id: _open(found) for found in about}
    joined = _joined(connection, rows)
    return [_conflict(r) for r in rows if r.id not in joined and open_[r.reference_id](r)]


def _joined(connection: Connection, rows: Sequence[Row[Any]]) -> set[int]:
    """The questions about two references that were merged meanwhile."""
    pairs = {(row.subject, row.reference_id): row.id for row in rows if row.kind == DUPLICATE}
    target = func.coalesce(REFERENCE.c.merged_into, REFERENCE.c.id)
    query = select(REFERENCE.c.key, target)
    gone = set()
    for chunk in chunks(sorted({key for key, _ in pairs})):
        for key, number in connection.execute(query.where(REFERENCE.c.key.in_(chunk))):
            gone |= {pairs[key, number]} if (key, number) in pairs else set()
    return gone


def _open(found: Found) -> Callable[[Row[Any]], bool]:
    """Whether a question about this reference still is one."""
    disagreeing = {question.mark for question in disagreements(found.id, found.records, None)}
    pmid = found.reference.pmid

    def is_open(row: Row[Any]) -> bool:
        if row.kind == VARIABLE:
            return row.mark in disagreeing
        if row.kind == CANDIDATE:
            return not pmid
        return bool(row.kind != MATCH or not pmid or row.subject == f"PMID:{pmid}")

    return is_open


def _conflict(row: Row[Any]) -> Conflict:
    source = Source(**load(row.source)) if row.source else None
    columns = row.id, row.key, row.kind, row.subject, load(row.old), load(row.new)
    return Conflict(*columns, row.reason, source, row.reference_id)


# ------------------------------------------------------------------------------ answering


def answer(connection: Connection, numbers: Sequence[int], accept: bool, person: str) -> int:
    """Decide open questions, all in one change set; its number.

    Accepting takes what is new: the value of a variable, the record that was doubtful, the other
    reference of a pair of duplicates. Rejecting keeps what there is, and says so for ever.
    """
    found = pending(connection, numbers)
    if missing := set(numbers) - {one.id for one in found}:
        raise UsageError(f"there is no open question {min(missing)}", "`refbase review` lists them")
    verb = ACCEPT if accept else REJECT
    log = ChangeSet(connection, "review", _summary(found, verb, person))
    of = {one.id: one for one in standing(connection, [one.reference_id for one in found])}
    changes = []
    for number, about in of.items():
        mine = [one for one in found if one.reference_id == number]
        changes += _changes(about, mine, accept, person)
    write(log, connection, changes)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    decided = {"answer": verb, "person": person, "time": now}
    log.insert(DECISION, [{"conflict_id": one.id, **decided} for one in found])
    _ask_on(log, connection, [(of[change.id], change) for change in changes])
    for one in found:
        if one.kind == DUPLICATE and accept:
            join(log, connection, merged(find(connection, [one.key, one.subject])))
    return log.id


def _ask_on(
    log: ChangeSet, connection: Connection, changed: Sequence[tuple[Found, ReferenceChange]]
) -> None:
    """Ask what follows from an answer: a record that was taken may disagree on a variable."""
    asked = answers(connection, [found.id for found, _ in changed])
    for found, change in changed:
        records = [*found.records, *(kept.record for kept in change.records)]
        new = disagreements(found.id, records, None)
        ask(log, [question for question in new if question.name not in asked])


def _summary(found: Sequence[Conflict], verb: str, person: str) -> str:
    keys = list(dict.fromkeys(one.key for one in found))
    some = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
    return f"{some}: {len(found)} {verb}ed ({person})"


def _changes(
    found: Found, conflicts: Sequence[Conflict], accept: bool, person: str
) -> list[ReferenceChange]:
    """What the answers to the questions about one reference make of it."""
    values: dict[str, Any] = {}
    records = []
    for one in conflicts:
        if one.kind == VARIABLE:
            values[one.subject] = one.new if accept else one.old
        elif accept and one.source:
            records.append(Record(one.source, Reference.from_csl(one.new)))
            if one.kind == CANDIDATE:
                values["PMID"] = one.new.get("PMID", "")
    if values:
        records.append(Record(person_source(person, found.records), Reference.from_csl(values)))
    if not records:
        return []
    after = merge.resolve([*found.records, *records])
    kept = tuple(KeptRecord(record, None) for record in records)
    return [ReferenceChange(found.key, found.reference, after, found.id, kept)]
