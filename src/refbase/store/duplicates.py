"""What comes of a search for duplicates: what is certain becomes one reference, what is doubtful
is asked about, and what a person said is not the same is never thought so again.

An answer to such a question is given like any other (`refbase.store.conflicts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from refbase.duplicates import Group, find
from refbase.errors import StaleError
from refbase.model import Reference
from refbase.store.apply import merge
from refbase.store.conflicts import DUPLICATE, REJECT, Asked, answers, ask
from refbase.store.desk import Found, merged, standing
from refbase.store.log import ChangeSet, newest
from refbase.store.query import Filter, targets
from refbase.store.tables import CONFLICT, DECISION, REFERENCE


@dataclass(frozen=True, slots=True)
class DedupePlan:
    """The groups that were found, the number of each reference by its key, and the last change
    before anybody looked."""

    groups: tuple[Group, ...]
    ids: Mapping[str, int]
    state: int


class Settled(NamedTuple):
    """What was done: the change set (0 if nothing was), how many references became part of
    another one, and how many new questions there are."""

    number: int
    merged: int
    asked: int


def plan_dedupe(connection: Connection, chosen: Filter) -> DedupePlan:
    """The groups among the references that a filter chooses."""
    ids: dict[str, int] = {}

    def items() -> Iterator[tuple[str, Reference]]:
        for target in targets(connection, chosen):
            ids[target.key] = target.id
            yield target.key, target.reference

    groups = tuple(find(items(), apart(connection)))
    grouped = {key: ids[key] for group in groups for key in group.keys}
    return DedupePlan(groups, grouped, newest(connection))


def apart(connection: Connection) -> list[tuple[str, str]]:
    """The pairs of keys of which a person said that they are not the same work."""
    other, target = REFERENCE.alias(), REFERENCE.alias()
    query = (
        select(REFERENCE.c.key, target.c.key)
        .join(CONFLICT, CONFLICT.c.reference_id == REFERENCE.c.id)
        .join(DECISION, DECISION.c.conflict_id == CONFLICT.c.id)
        .join(other, other.c.key == CONFLICT.c.subject)
        .join(target, target.c.id == func.coalesce(other.c.merged_into, other.c.id))
        .where(CONFLICT.c.kind == DUPLICATE, DECISION.c.answer == REJECT)
    )
    return [(one, two) for one, two in connection.execute(query)]


def settle(connection: Connection, plan: DedupePlan, person: str) -> Settled:
    """Merge what is certain into the reference that was there first, and ask about the rest; all
    in one change set."""
    if newest(connection) != plan.state:
        raise StaleError(
            "the database was changed by somebody else since duplicates were looked for",
            "nothing was written; look again",
        )
    certain = [sorted(plan.ids[key] for key in g.keys) for g in plan.groups if g.certain]
    into = {number: numbers[0] for numbers in certain for number in numbers}
    questions = list(_new(connection, _questions(connection, plan, into)))
    if not (certain or questions):
        return Settled(0, 0, 0)
    many = sum(len(numbers) - 1 for numbers in certain)
    summary = f"{many} merged, {len(questions)} doubtful ({person})"
    log = ChangeSet(connection, "dedupe", summary)
    for numbers in certain:
        merge(log, connection, merged(standing(connection, numbers)))
    ask(log, questions)
    return Settled(log.id, many, len(questions))


def _questions(
    connection: Connection, plan: DedupePlan, into: Mapping[int, int]
) -> Iterator[Asked]:
    """For each doubtful group: is its first reference each of the others?"""
    for group in plan.groups:
        if group.certain:
            continue
        numbers = {into.get(plan.ids[key], plan.ids[key]) for key in group.keys}
        first, *others = standing(connection, sorted(numbers))
        reason = f"{group.score}: {'; '.join(group.reasons)}"
        for other in others:
            yield _question(first, other, reason)


def _question(first: Found, other: Found, reason: str) -> Asked:
    old, new = first.reference.to_csl(), other.reference.to_csl()
    return Asked(first.id, DUPLICATE, other.key, old, new, reason, about=other.id)


def _new(connection: Connection, questions: Iterable[Asked]) -> Iterator[Asked]:
    """Those that were not asked before."""
    asked = list(questions)
    known = answers(connection, (one.reference_id for one in asked))
    return (one for one in asked if one.name not in known)
