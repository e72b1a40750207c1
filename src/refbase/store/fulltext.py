"""The full-text index: FTS5 in SQLite, `tsvector` in PostgreSQL, the same words in both.

What is indexed is made here from the reference, its entries and tags, cut into words by
`refbase.search.terms`; the databases only look words up. The index follows the log of changes:
`follow` is called at the end of every transaction that writes, and indexes anew whatever the
log says was touched since. So it is in step whoever writes, and however.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, bindparam, select, text, update

from refbase import search
from refbase.model import Reference
from refbase.search import FIELDS
from refbase.store.log import chunks, newest
from refbase.store.rows import reference_of
from refbase.store.tables import CHANGE, ENTRY, INDEXED, REFERENCE, TAG
from refbase.vocab import NAMES

# How much a match counts in PostgreSQL, by field: four weights, from A down
_LETTERS = dict(zip(FIELDS, "ABCDDBC", strict=True))
_GAP = 8  # words that no phrase spans, between two fields
_LAST = 16383  # the last position that a tsvector can hold
_MOST = 100_000  # characters of one reference; a tsvector holds a megabyte

Document = tuple[str, ...]
"""The words of one reference, field by field in the order of FIELDS, with blanks between."""


# -------------------------------------------------------------------------- keeping in step


def follow(connection: Connection) -> None:
    """Index what was changed since the index was last brought up to date."""
    seen, now = connection.scalar(select(INDEXED.c.change_id)) or 0, newest(connection)
    if seen == now:
        return
    touched = (
        select(CHANGE.c.reference_id)
        .where(CHANGE.c.id > seen, CHANGE.c.reference_id.is_not(None))
        .distinct()
    )
    for chunk in chunks(connection.scalars(touched).all()):
        _remove(connection, chunk)
        _add(connection, documents(connection, chunk))
    connection.execute(update(INDEXED).values(change_id=now))


def documents(connection: Connection, ids: Sequence[int]) -> dict[int, Document]:
    """What is to be found of these references; nothing of those that were merged into others."""
    annotations = _texts(connection, ENTRY.c.annotation, ids)
    tags = _texts(connection, TAG.c.name, ids)
    query = select(REFERENCE.c.id, REFERENCE.c.key, REFERENCE.c.csl).where(
        REFERENCE.c.id.in_(ids), REFERENCE.c.merged_into.is_(None)
    )
    return {
        number: _document(key, reference_of(csl), annotations[number], tags[number])
        for number, key, csl in connection.execute(query)
    }


def outdated(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these references whose index is not what it should be; for `refbase doctor`."""
    made = documents(connection, ids)
    if is_sqlite(connection):
        columns = ", ".join(FIELDS)
        query = text(f"SELECT rowid, {columns} FROM search WHERE rowid BETWEEN :low AND :high")
        rows = connection.execute(query, {"low": min(ids), "high": max(ids)})
        there = {row[0]: tuple(row[1:]) for row in rows}
        return [number for number in ids if there.get(number) != made.get(number)]
    query = text(
        "SELECT x.id FROM unnest(CAST(:ids AS int[]), CAST(:vectors AS text[])) AS x (id, v)"
        " LEFT JOIN search ON reference_id = x.id"
        " WHERE vector IS DISTINCT FROM CAST(x.v AS tsvector)"
    )
    vectors = [_vector(made[number]) if number in made else None for number in ids]
    return list(connection.scalars(query, {"ids": list(ids), "vectors": vectors}))


def _texts(connection: Connection, of: Column[str], ids: Sequence[int]) -> Mapping[int, list[str]]:
    owner = of.table.c.reference_id
    found: dict[int, list[str]] = defaultdict(list)
    query = select(owner, of).where(owner.in_(ids)).order_by(of.table.c.id)
    for number, value in connection.execute(query):
        found[number].append(value)
    return found


def _document(
    key: str, reference: Reference, annotations: Sequence[str], tags: Sequence[str]
) -> Document:
    said = {
        "title": _values(reference, "title", "title-short", "original-title", "volume-title"),
        "contributors": [
            f"{name.surname} {name.given} {name.suffix} {name.literal}"
            for role in reference.variables
            if role in NAMES
            for name in reference.names(role)
        ],
        "container": _values(
            reference, "container-title", "container-title-short", "collection-title", "event-title"
        ),
        "abstract": _values(reference, "abstract"),
        "annotations": annotations,
        "identifiers": [
            *_values(reference, "PMID", "PMCID", "DOI", "ISBN", "ISSN", "number"),
            key,
        ],
        "keywords": [*_values(reference, "keyword"), *tags],
    }
    left = _MOST
    document = []
    for field in FIELDS:
        found = search.spaced(" ".join(said[field]))[:left]
        left -= len(found)
        document.append(found)
    return tuple(document)


def _values(reference: Reference, *variables: str) -> list[str]:
    return [reference.text(variable) for variable in variables]


def _remove(connection: Connection, ids: Sequence[int]) -> None:
    name = "rowid" if is_sqlite(connection) else "reference_id"
    statement = text(f"DELETE FROM search WHERE {name} IN :ids")
    connection.execute(statement.bindparams(bindparam("ids", ids, expanding=True)))


def _add(connection: Connection, made: Mapping[int, Document]) -> None:
    if not made:
        return
    if is_sqlite(connection):
        names = ", ".join(FIELDS)
        marks = ", ".join(f":{field}" for field in FIELDS)
        statement = text(f"INSERT INTO search (rowid, {names}) VALUES (:id, {marks})")
        rows: list[dict[str, Any]] = [
            {"id": number, **dict(zip(FIELDS, document, strict=True))}
            for number, document in made.items()
        ]
    else:
        statement = text("INSERT INTO search VALUES (:id, CAST(:vector AS tsvector))")
        rows = [{"id": number, "vector": _vector(found)} for number, found in made.items()]
    connection.execute(statement, rows)


def _vector(document: Document) -> str:
    """A document as PostgreSQL writes a tsvector: each word twice, the second time with its
    field before it, for queries of one field."""
    places: dict[str, list[str]] = defaultdict(list)
    at = 0
    for field, found in zip(FIELDS, document, strict=True):
        for word in found.split():
            at = min(at + 1, _LAST)
            place = f"{at}{_LETTERS[field]}"
            places[word].append(place)
            places[f"{field}:{word}"].append(place)
        at = min(at + _GAP, _LAST)
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in places.items())


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
