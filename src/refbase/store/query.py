"""Reading: dossiers that stream out of the database, in an order that never changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from refbase.errors import Diagnostic, Severity, Span, UsageError
from refbase.merge import resolve
from refbase.model import Dossier, Entry, Record, Reference
from refbase.search import All, Query, Words, terms
from refbase.store.fulltext import outdated
from refbase.store.rows import fold_key, record_of, reference_of, reference_row
from refbase.store.searching import best, matches, missing
from refbase.store.tables import (
    BIBLIOGRAPHY,
    CHANGESET,
    ENTRY,
    RECORD,
    REFERENCE,
    SOURCE,
    TAG,
)
from refbase.text import printable, words
from refbase.values import Name, undotted
from refbase.vocab import NAMES, VARIABLES

_CHUNK = 500
COLUMNS = REFERENCE.c.id, REFERENCE.c.key, REFERENCE.c.pmid, REFERENCE.c.csl
_SPELLINGS = {name.lower(): name for name in VARIABLES}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which references: all that meet every condition given.

    `years` are the first and the last, either may be None; `missing` is a CSL variable, in any
    case, that is not known; `author` the words of a contributor's name in any role, without
    accents or case; `keys` may name references by a key that they had before a merge.
    """

    bibliography: str = ""
    type: str = ""
    years: tuple[int | None, int | None] = (None, None)
    missing: str = ""
    author: str = ""
    tag: str = ""
    keys: tuple[str, ...] = ()
    search: Query | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the best, how many there are in all, and how many of these were
    compared to say which is best (the newest; 0 where there was nothing to rank by)."""

    dossiers: list[Dossier]
    total: int
    ranked: int


@dataclass(frozen=True, slots=True)
class BibliographyCount:
    """A bibliography, how many entries it has, and of how many references."""

    name: str
    entries: int
    references: int


@dataclass(frozen=True)
class Target:
    """A reference that something is to be done to, by the number of its row. Of most of them only
    the PMID is asked for, so the rest is made when somebody looks."""

    id: int
    key: str
    pmid: str
    csl: str = field(repr=False)

    @cached_property
    def reference(self) -> Reference:
        return reference_of(self.csl)


def dossiers(connection: Connection, chosen: Filter, records: bool) -> Iterator[Dossier]:
    """The references that the filter chooses, each once."""
    for rows in _chosen(connection, chosen):
        found = [(row, reference_of(row.csl)) for row in rows]
        yield from _assemble(connection, found, chosen.bibliography, records)


def targets(connection: Connection, chosen: Filter) -> Iterator[Target]:
    """The same, without what belongs to them."""
    for rows in _chosen(connection, chosen):
        yield from (target_of(row) for row in rows)


def target_of(row: Any) -> Target:
    """A target from a row of `COLUMNS`."""
    return Target(row.id, row.key, row.pmid, row.csl)


def _chosen(connection: Connection, chosen: Filter) -> Iterator[Sequence[Any]]:
    """The rows that the filter chooses, a chunk at a time."""
    query = _ordered(_query(connection, chosen), chosen.bibliography)
    is_by = _matcher(chosen)
    with connection.execution_options(stream_results=True).execute(query) as result:
        for rows in result.partitions(_CHUNK):
            yield [row for row in rows if not is_by or is_by(reference_of(row.csl))]


def get(connection: Connection, key: str) -> Dossier:
    """All that is known of one reference; a key that it had before a merge will do."""
    return next(dossiers(connection, Filter(keys=(key,)), records=True))


def search(connection: Connection, query: Query, chosen: Filter, limit: int) -> Found:
    """The best matches of a query among the references that the filter chooses."""
    if chosen.author:
        query = All((query, Words(tuple(terms(chosen.author)), "contributors")))
    conditions = list(_conditions(connection, replace(chosen, author="")))
    if chosen.bibliography:
        conditions.append(REFERENCE.c.id.in_(_listed(chosen.bibliography)))
    match = best(connection, query, conditions, limit)
    rows = select(*COLUMNS).where(REFERENCE.c.id.in_(match.ids))
    by_id: dict[int, tuple[Any, Reference]] = {
        row.id: (row, reference_of(row.csl)) for row in connection.execute(rows)
    }
    found = [by_id[number] for number in match.ids]
    dossiers = list(_assemble(connection, found, chosen.bibliography, records=False))
    return Found(dossiers, match.total, match.ranked)


def _listed(bibliography: str) -> Select[Any]:
    """The references that a bibliography lists."""
    return (
        select(ENTRY.c.reference_id)
        .join(BIBLIOGRAPHY, BIBLIOGRAPHY.c.id == ENTRY.c.bibliography_id)
        .where(BIBLIOGRAPHY.c.name == printable(bibliography))
    )


def bibliographies(connection: Connection) -> list[BibliographyCount]:
    references = func.count(ENTRY.c.reference_id.distinct())
    query = (
        select(BIBLIOGRAPHY.c.name, func.count(ENTRY.c.id), references)
        .outerjoin(ENTRY, ENTRY.c.bibliography_id == BIBLIOGRAPHY.c.id)
        .group_by(BIBLIOGRAPHY.c.name)
        .order_by(BIBLIOGRAPHY.c.name)
    )
    return [BibliographyCount(*row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[str, int]:
    """How many there are of everything, by the words of the documentation."""
    counted = {
        "references": select(func.count()).where(REFERENCE.c.merged_into.is_(None)),
        "entries": select(func.count()).select_from(ENTRY),
        "bibliographies": select(func.count()).select_from(BIBLIOGRAPHY),
        "records": select(func.count()).select_from(RECORD),
        "sources": select(func.count()).select_from(SOURCE),
        "tags": select(func.count(TAG.c.name.distinct())),
        "change sets": select(func.count()).select_from(CHANGESET),
    }
    return {name: connection.scalar(query) or 0 for name, query in counted.items()}


def rebuilt(connection: Connection) -> Iterator[Diagnostic]:
    """Every reference that is not what its records make of it."""
    query = select(REFERENCE).where(REFERENCE.c.merged_into.is_(None)).order_by(REFERENCE.c.id)
    with connection.execution_options(stream_results=True).execute(query) as result:
        for rows in result.partitions(_CHUNK):
            records = _records(connection, [row.id for row in rows])
            for row in rows:
                if said := _unlike(row, records[row.id]):
                    yield Diagnostic("not-rebuilt", said, Span(row.key), Severity.ERROR)
            stale = set(outdated(connection, [row.id for row in rows]))
            for row in rows:
                if row.id in stale:
                    said = f"'{row.key}' is not what the full-text index holds of it"
                    yield Diagnostic("not-indexed", said, Span(row.key), Severity.ERROR)


def _unlike(row: Row[Any], records: Sequence[Record]) -> str:
    """In what a reference is not what its records make of it; empty where it is."""
    if not records:
        return f"'{row.key}' has no record"
    made = reference_row(resolve(records))
    differing = [name for name, value in made.items() if getattr(row, name) != value]
    return f"'{row.key}' is not what its records say ({', '.join(differing)})" if differing else ""


# ------------------------------------------------------------------------------ choosing


def _query(connection: Connection, chosen: Filter) -> Select[Any]:
    return select(*COLUMNS).where(
        REFERENCE.c.merged_into.is_(None), *_conditions(connection, chosen)
    )


def _conditions(connection: Connection, chosen: Filter) -> Iterator[ColumnElement[bool]]:
    first, last = chosen.years
    if chosen.type:
        yield REFERENCE.c.type == printable(chosen.type)
    if first is not None:
        yield REFERENCE.c.year >= first
    if last is not None:
        yield REFERENCE.c.year <= last
    if variable := _variable(chosen.missing):
        yield missing(connection, variable)
    if chosen.tag:
        yield REFERENCE.c.id.in_(
            select(TAG.c.reference_id).where(TAG.c.name == printable(chosen.tag))
        )
    if chosen.keys:
        yield REFERENCE.c.id.in_(ids_of(connection, chosen.keys))
    if chosen.search:
        yield matches(connection, chosen.search)


def _ordered(query: Select[Any], bibliography: str) -> Select[Any]:
    """In the order of the bibliography, a reference that is listed twice at its first place;
    without one by key."""
    if not bibliography:
        return query.order_by(REFERENCE.c.key_folded)
    listed = (
        select(
            ENTRY.c.reference_id,
            func.min(ENTRY.c.position).label("position"),
            func.min(ENTRY.c.id).label("entry"),
        )
        .join(BIBLIOGRAPHY, BIBLIOGRAPHY.c.id == ENTRY.c.bibliography_id)
        .where(BIBLIOGRAPHY.c.name == printable(bibliography))
        .group_by(ENTRY.c.reference_id)
        .subquery()
    )
    return query.join(listed, listed.c.reference_id == REFERENCE.c.id).order_by(
        listed.c.position, listed.c.entry
    )


def ids_of(connection: Connection, keys: Sequence[str]) -> set[int]:
    """The references of these keys; a key that nobody has is a usage error."""
    folded = {fold_key(printable(key)): key for key in keys}
    target = func.coalesce(REFERENCE.c.merged_into, REFERENCE.c.id)
    query = select(REFERENCE.c.key_folded, target).where(REFERENCE.c.key_folded.in_(folded))
    found = {row[0]: row[1] for row in connection.execute(query)}
    if unknown := [key for name, key in folded.items() if name not in found]:
        raise UsageError(f"there is no reference '{unknown[0]}'", _advice(connection, unknown[0]))
    return set(found.values())


def _advice(connection: Connection, key: str) -> str:
    """Keys that look like one that nobody has."""
    begins = REFERENCE.c.key_folded.startswith(fold_key(printable(key))[:3], autoescape=True)
    known = connection.scalars(select(REFERENCE.c.key).where(begins).limit(_CHUNK))
    if similar := get_close_matches(key, known.all(), cutoff=0.5):
        return f"did you mean {' or '.join(similar)}?"
    return "`refbase list` shows the citation keys"


def _variable(name: str) -> str:
    """A CSL variable as CSL spells it."""
    if name and name.lower() not in _SPELLINGS:
        raise UsageError(f"'{name}' is not a CSL variable", "for example: pmid, doi, abstract")
    return _SPELLINGS.get(name.lower(), "")


def _matcher(chosen: Filter) -> Callable[[Reference], bool] | None:
    """What of the filter the columns cannot decide; None where they decide all."""
    if not chosen.author:
        return None
    author = set(words(chosen.author))
    if not author:
        raise UsageError(f"'{chosen.author}' holds no letter of a name")
    return lambda reference: any(author <= _name_words(name) for name in _names(reference))


def _names(reference: Reference) -> Iterator[Name]:
    for role in NAMES:
        yield from reference.names(role)


def _name_words(name: Name) -> set[str]:
    return set(words(f"{name.literal} {name.surname} {name.given} {undotted(name.given)}"))


# ---------------------------------------------------------------------------- assembling


def _assemble(
    connection: Connection,
    found: Sequence[tuple[Row[Any], Reference]],
    bibliography: str,
    records: bool,
) -> Iterator[Dossier]:
    """Put to each reference of a chunk what belongs to it: three queries, however many."""
    ids = [row.id for row, _ in found]
    if not ids:
        return
    entries = _entries(connection, ids, bibliography)
    tags = _tags(connection, ids)
    kept = _records(connection, ids) if records else {}
    for row, reference in found:
        yield Dossier(
            reference,
            row.key,
            tuple(entries[row.id]),
            tuple(tags[row.id]),
            tuple(kept.get(row.id, ())),
        )


def _entries(
    connection: Connection, ids: Sequence[int], bibliography: str
) -> Mapping[int, list[Entry]]:
    query = (
        select(
            ENTRY.c.reference_id,
            BIBLIOGRAPHY.c.name,
            ENTRY.c.position,
            ENTRY.c.citation,
            ENTRY.c.annotation,
        )
        .join(BIBLIOGRAPHY, BIBLIOGRAPHY.c.id == ENTRY.c.bibliography_id)
        .where(ENTRY.c.reference_id.in_(ids))
        .order_by(BIBLIOGRAPHY.c.name, ENTRY.c.position, ENTRY.c.id)
    )
    if bibliography:
        query = query.where(BIBLIOGRAPHY.c.name == printable(bibliography))
    found: dict[int, list[Entry]] = defaultdict(list)
    for reference, *values in connection.execute(query):
        found[reference].append(Entry(*values))
    return found


def _tags(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[str]]:
    query = (
        select(TAG.c.reference_id, TAG.c.name)
        .where(TAG.c.reference_id.in_(ids))
        .order_by(TAG.c.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for reference, name in connection.execute(query):
        found[reference].append(name)
    return found


def _records(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[Record]]:
    columns = RECORD.c.reference_id, RECORD.c.csl, RECORD.c.raw, RECORD.c.line
    query = (
        select(*columns, SOURCE)
        .join(SOURCE, SOURCE.c.id == RECORD.c.source_id)
        .where(RECORD.c.reference_id.in_(ids))
        .order_by(RECORD.c.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.reference_id].append(record_of(row))
    return found
