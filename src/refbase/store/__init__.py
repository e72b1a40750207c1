"""The database: what is kept of references, and how an import gets in.

    with refbase.store.open("refbase.db", create=True) as store:
        plan = store.plan_import(parsed, source)   # what will change, as data
        store.apply(plan)                          # one short transaction
        for dossier in store.dossiers(Filter(bibliography="Baclofen")):
            ...

A path is an SQLite file, an URL may also be PostgreSQL; they behave alike. Every fault of the
database is a `StoreError` with a message for people. The tables are explained in
docs/architecture/store.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from refbase import citekeys
from refbase.errors import Diagnostic
from refbase.model import Dossier, Parsed, Source
from refbase.store import query
from refbase.store.engine import Database, open_database
from refbase.store.plan import ImportPlan
from refbase.store.query import BibliographyCount, Filter

__all__ = ["BibliographyCount", "Filter", "ImportPlan", "Store", "open"]


def open(url_or_path: str | Path, create: bool = False) -> Store:  # noqa: A001
    """Open a database: a path, or an SQLAlchemy URL such as `postgresql+psycopg://host/name`.

    Reading never makes a file. With `create`, which is for those who will write, a database
    that is not there is made, and one of an older refbase is brought up to date.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open(folder + "/x.db", create=True) as store:
    ...     store.counts()["references"]
    0
    """
    return Store(open_database(url_or_path, create))


class Store:
    """An open database. Close it, or use it in a `with`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def plan_import(
        self,
        parsed: Iterable[Parsed],
        source: Source,
        bibliography: str = "",
        pattern: str = citekeys.PATTERN,
    ) -> ImportPlan:
        """What reading this into the database would change; nothing is changed yet.

        `bibliography` names the list for entries that come without one; with it, a reference
        that comes without any entry is listed there. The checksum of `source` must be known by
        now, so read the file to its end first. `pattern` makes the keys of new references.
        """
        # Here, because a small export spends as long on loading this as on its own work
        from refbase.store.imports import plan_import

        with self._database.read() as connection:
            return plan_import(connection, parsed, source, bibliography, pattern)

    def apply(self, plan: ImportPlan) -> int:
        """Do what a plan says, all of it or nothing; the number of the change set in the log, 0
        if there was nothing to do. Refused if somebody else wrote since the plan was made."""
        from refbase.store.apply import apply_plan

        with self._database.write() as connection:
            return apply_plan(connection, plan)

    def dossiers(self, chosen: Filter = Filter(), records: bool = False) -> Iterator[Dossier]:  # noqa: B008
        """The references that a filter chooses, one after the other, whatever their number.

        One bibliography comes in its own order, with its own entries only; else all come by
        citation key, with all their entries. `records` adds who said what.
        """
        with self._database.read() as connection:
            yield from query.dossiers(connection, chosen, records)

    def get(self, key: str) -> Dossier:
        """All that is kept about one reference. Keys are compared without case, and those of
        references that were merged into it find it too; an unknown one is a `UsageError`."""
        with self._database.read() as connection:
            return query.get(connection, key)

    def bibliographies(self) -> list[BibliographyCount]:
        """The bibliographies by name, with the number of their entries and references."""
        with self._database.read() as connection:
            return query.bibliographies(connection)

    def counts(self) -> dict[str, int]:
        """How many references, entries, bibliographies, records, ... there are."""
        with self._database.read() as connection:
            return query.counts(connection)

    def check(self) -> list[Diagnostic]:
        """What is wrong with the database: damage to the file, links that lead nowhere,
        references that are not what their records make of them."""
        with self._database.read() as connection:
            return [*self._database.damage(connection), *query.rebuilt(connection)]
