"""Asking the full-text index: a query becomes a condition, or a ranked list of references.

Ranking by bm25 costs by the number of matches, 2 ms for a thousand. Of a query that more than
`RANKED` references match, only the newest of them are ranked, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    column,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
)

from refbase import search
from refbase.search import FIELDS, All, Condition, Either, Not, Query, Words
from refbase.store.fulltext import is_sqlite
from refbase.store.rows import fold_key
from refbase.store.tables import BIBLIOGRAPHY, ENTRY, REFERENCE, TAG
from refbase.text import printable

RANKED = 5000
"""How many matches are ranked; of more, the newest."""

# How much a match counts, by field; `refbase.store.fulltext` gives the weights of PostgreSQL
_WEIGHTS = dict(zip(FIELDS, (10.0, 6.0, 3.0, 1.0, 2.0, 4.0, 3.0), strict=True))
# Variables that have a column of their own: it is empty wherever they are unknown
_COLUMNS = {"PMID": "pmid", "PMCID": "pmcid", "DOI": "doi", "title": "title"}
_SEARCH = table("search", column("search"))


class Match(NamedTuple):
    """The references that match, best first; `ranked` tells how many of `total` were compared,
    0 where there was nothing to rank by."""

    ids: list[int]
    total: int
    ranked: int


def matches(connection: Connection, query: Query) -> ColumnElement[bool]:
    """A query as a condition on a reference."""
    if search.is_text(query):
        found = select(_number(connection)).select_from(_SEARCH).where(_found(connection, query))
        return REFERENCE.c.id.in_(found)
    if isinstance(query, Not):
        return not_(matches(connection, query.part))
    if isinstance(query, All | Either):
        join = and_ if isinstance(query, All) else or_
        return join(*(matches(connection, part) for part in query.parts))
    assert isinstance(query, Condition)
    return _condition(connection, query)


def best(
    connection: Connection, query: Query, conditions: Sequence[ColumnElement[bool]], limit: int
) -> Match:
    """The references that match a query and the conditions, the best first, at most `limit`.

    What holds no words cannot be ranked, and comes newest first.
    """
    words, rest = _split(query)
    where = [*conditions, *(matches(connection, part) for part in rest)]
    if words is None:
        chosen = select(REFERENCE.c.id).where(REFERENCE.c.merged_into.is_(None), *where)
        total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        newest_first = chosen.order_by(REFERENCE.c.id.desc()).limit(limit)
        return Match(list(connection.scalars(newest_first)), total, 0)
    number, found = _number(connection), _found(connection, words)
    chosen = select(number).select_from(_SEARCH).where(found)
    if where:
        chosen = chosen.join(REFERENCE, REFERENCE.c.id == number).where(*where)
    total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    if total > RANKED:
        last = chosen.order_by(number.desc()).offset(RANKED - 1).limit(1)
        chosen = chosen.where(number >= connection.scalar(last))
    ranked = chosen.order_by(_rank(connection, words), number.desc()).limit(limit)
    return Match(list(connection.scalars(ranked)), total, min(total, RANKED))


def _split(query: Query) -> tuple[Query | None, list[Query]]:
    """The part of a query that the index answers and ranks, and the conditions beside it."""
    if search.is_text(query):
        return query, []
    if not isinstance(query, All):
        return None, [query]
    words = tuple(part for part in query.parts if search.is_text(part))
    return (All(words) if words else None), [p for p in query.parts if not search.is_text(p)]


def _number(connection: Connection) -> ColumnElement[int]:
    return literal_column("search.rowid" if is_sqlite(connection) else "search.reference_id")


def _found(connection: Connection, query: Query) -> ColumnElement[bool]:
    if is_sqlite(connection):
        return _SEARCH.c.search.op("MATCH")(literal(_fts5(query)))
    return literal_column("search.vector").op("@@")(_tsquery(query))


def _rank(connection: Connection, query: Query) -> ColumnElement[float]:
    if is_sqlite(connection):
        return func.bm25(literal_column("search"), *_WEIGHTS.values())
    weights: ColumnElement[Any] = literal_column("CAST('{0.1, 0.3, 0.6, 1.0}' AS float4[])")
    return -func.ts_rank(weights, literal_column("search.vector"), _tsquery(query))


def _fts5(query: Query) -> str:
    """The words of a query as FTS5 wants them. They hold letters and digits only."""
    if isinstance(query, Words):
        phrase = f'"{" ".join(query.words)}"' + (" *" if query.prefix else "")
        return f"({{{query.field}}} : {phrase})" if query.field else phrase
    assert isinstance(query, All | Either)
    join = " AND " if isinstance(query, All) else " OR "
    return f"({join.join(_fts5(part) for part in query.parts)})"


def _tsquery(query: Query) -> ColumnElement[Any]:
    return func.tsquery(_tsquery_text(query))  # a cast, in the spelling of a function


def _tsquery_text(query: Query) -> str:
    if isinstance(query, Words):
        before = f"{query.field}:" if query.field else ""
        lexemes = [f"'{before}{word}'" for word in query.words]
        return "(" + " <-> ".join(lexemes) + (":*" if query.prefix else "") + ")"
    assert isinstance(query, All | Either)
    join = " & " if isinstance(query, All) else " | "
    return f"({join.join(_tsquery_text(part) for part in query.parts)})"


# ------------------------------------------------------------------------------ conditions


def _condition(connection: Connection, asked: Condition) -> ColumnElement[bool]:
    name, value = asked.name, asked.value
    if name == "year":
        assert isinstance(value, tuple)
        return and_(*_years(*value))
    if name == "retracted":
        # The JSON is canonical, and a quotation mark inside a text stands behind a backslash
        mark = REFERENCE.c.csl.contains('"status":"retracted"', autoescape=True)
        return mark if value else not_(mark)
    assert isinstance(value, str)
    if name == "missing":
        return missing(connection, value)
    if name == "bibliography":
        listed = select(ENTRY.c.reference_id).join(BIBLIOGRAPHY)
        return REFERENCE.c.id.in_(listed.where(func.lower(BIBLIOGRAPHY.c.name) == value.lower()))
    if name == "tag":
        return REFERENCE.c.id.in_(
            select(TAG.c.reference_id).where(func.lower(TAG.c.name) == value.lower())
        )
    if name == "key":
        return REFERENCE.c.key_folded == fold_key(printable(value))
    spelt = {"doi": str.lower, "pmcid": str.upper}.get(name, str)(value)
    return REFERENCE.c[name] == spelt


def _years(first: int | None, last: int | None) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield REFERENCE.c.year >= first
    if last is not None:
        yield REFERENCE.c.year <= last


def missing(connection: Connection, variable: str) -> ColumnElement[bool]:
    """That a variable, spelled as CSL spells it, is unknown; `annotation`: of every entry."""
    if variable in _COLUMNS:
        return REFERENCE.c[_COLUMNS[variable]] == ""
    if variable == "annotation":
        return REFERENCE.c.id.not_in(select(ENTRY.c.reference_id).where(ENTRY.c.annotation != ""))
    if is_sqlite(connection):
        return func.json_type(REFERENCE.c.csl, f'$."{variable}"').is_(None)
    return func.json_extract_path(func.json(REFERENCE.c.csl), variable).is_(None)
