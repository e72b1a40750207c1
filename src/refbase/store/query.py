"""Reading: dossiers that stream out of the database, in an order that never changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from refbase.errors import Diagnostic, Severity, Span, UsageError
from refbase.merge import resolve
from refbase.model import Dossier, Entry, Record, Reference
from refbase.store.rows import fold_key, record_of, reference_of, reference_row
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
# Variables that have a column of their own: it is empty wherever they are unknown
_COLUMNS = {"PMID": "pmid", "PMCID": "pmcid", "DOI": "doi", "title": "title"}
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


@dataclass(frozen=True, slots=True)
class BibliographyCount:
    """A bibliography, how many entries it has, and of how many references."""

    name: str
    entries: int
    references: int


def dossiers(connection: Connection, chosen: Filter, records: bool) -> Iterator[Dossier]:
    """The references that the filter chooses, each once."""
    query = _ordered(_query(connection, chosen), chosen.bibliography)
    matches = _matcher(chosen)
    with connection.execution_options(stream_results=True).execute(query) as result:
        for rows in result.partitions(_CHUNK):
            found = [(row, reference_of(row.csl)) for row in rows]
            found = [(row, reference) for row, reference in found if matches(reference)]
            yield from _assemble(connection, found, chosen.bibliography, records)


def get(connection: Connection, key: str) -> Dossier:
    """All that is known of one reference; a key that it had before a merge will do."""
    return next(dossiers(connection, Filter(keys=(key,)), records=True))


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


def _unlike(row: Row[Any], records: Sequence[Record]) -> str:
    """In what a reference is not what its records make of it; empty where it is."""
    if not records:
        return f"'{row.key}' has no record"
    made = reference_row(resolve(records))
    differing = [name for name, value in made.items() if getattr(row, name) != value]
    return f"'{row.key}' is not what its records say ({', '.join(differing)})" if differing else ""


# ------------------------------------------------------------------------------ choosing


def _query(connection: Connection, chosen: Filter) -> Select[Any]:
    columns = REFERENCE.c.id, REFERENCE.c.key, REFERENCE.c.csl
    return select(*columns).where(
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
    if column := _COLUMNS.get(_variable(chosen.missing)):
        yield REFERENCE.c[column] == ""
    if chosen.tag:
        yield REFERENCE.c.id.in_(
            select(TAG.c.reference_id).where(TAG.c.name == printable(chosen.tag))
        )
    if chosen.keys:
        yield REFERENCE.c.id.in_(_ids(connection, chosen.keys))


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


def _ids(connection: Connection, keys: Sequence[str]) -> set[int]:
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


def _matcher(chosen: Filter) -> Callable[[Reference], bool]:
    """What of the filter the columns cannot decide."""
    missing, author = _variable(chosen.missing), set(words(chosen.author))
    if chosen.author and not author:
        raise UsageError(f"'{chosen.author}' holds no letter of a name")

    def matches(reference: Reference) -> bool:
        if missing and missing in reference.variables:
            return False
        return not author or any(author <= _name_words(name) for name in _names(reference))

    return matches


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
