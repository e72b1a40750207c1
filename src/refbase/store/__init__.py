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

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from refbase import citekeys
from refbase.errors import Diagnostic
from refbase.model import Dossier, Parsed, Source
from refbase.search import parse
from refbase.store import query
from refbase.store.engine import Database, open_database
from refbase.store.plan import DeskPlan, ImportPlan
from refbase.store.query import BibliographyCount, Filter, Found

if TYPE_CHECKING:
    from refbase.edits import Statement
    from refbase.store.attach import Told
    from refbase.store.conflicts import Conflict
    from refbase.store.desk import Seen
    from refbase.store.duplicates import DedupePlan, Settled
    from refbase.store.history import Event
    from refbase.store.jobs import Job, Jobs, Outcome
    from refbase.store.statistics import Statistics
    from refbase.store.undo import Undone

__all__ = ["BibliographyCount", "DeskPlan", "Filter", "Found", "ImportPlan", "Store", "open"]


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

    def apply(self, plan: ImportPlan | DeskPlan) -> int:
        """Do what a plan says, all of it or nothing; the number of the change set in the log, 0
        if there was nothing to do. Refused if somebody else wrote since the plan was made: of an
        import anything, of the desk's work what it was made from."""
        from refbase.store.apply import apply_desk, apply_plan

        with self._database.write() as connection:
            if isinstance(plan, DeskPlan):
                return apply_desk(connection, plan)
            return apply_plan(connection, plan)

    # ------------------------------------------------------ the curator's desk: plans to apply

    def plan_edit(
        self, key: str, said: Statement, person: str, seen: Seen | None = None
    ) -> DeskPlan:
        """What a person's statement (`refbase.edits`) makes of a reference; `seen` is what `look`
        gave when they were shown it."""
        return self._plan("edit", key, said, person, seen)

    def look(self, key: str) -> Seen:
        """To be asked before a reference is shown to somebody who will edit it: then they are
        told if somebody else did meanwhile."""
        from refbase.store import desk

        with self._database.read() as connection:
            return desk.look(connection, key)

    def plan_tag(
        self, keys: Sequence[str], add: Iterable[str], remove: Iterable[str], person: str
    ) -> DeskPlan:
        """Tags to put on references and to take off."""
        return self._plan("tag", keys, add, remove, person)

    def plan_annotate(
        self, key: str, bibliography: str, text: str, person: str, at: int | None = None
    ) -> DeskPlan:
        """An entry's annotation. An empty name means the only bibliography that lists the
        reference; `at` is the position, where one lists it twice."""
        return self._plan("annotate", key, bibliography, text, person, at)

    def plan_list(self, bibliography: str, keys: Sequence[str], person: str) -> DeskPlan:
        """References to put at the end of a bibliography, an old or a new one."""
        return self._plan("list", bibliography, keys, person)

    def plan_unlist(
        self, bibliography: str, key: str, person: str, at: int | None = None
    ) -> DeskPlan:
        """A reference to take out of a bibliography; the reference itself stays."""
        return self._plan("unlist", bibliography, key, person, at)

    def plan_move(
        self, bibliography: str, key: str, to: int, person: str, at: int | None = None
    ) -> DeskPlan:
        """An entry to move to another position of its bibliography."""
        return self._plan("move", bibliography, key, to, person, at)

    def plan_merge(self, keys: Sequence[str], person: str) -> DeskPlan:
        """References that are one work and become one: the first."""
        return self._plan("merge", keys, person)

    def plan_dedupe(self, chosen: Filter = Filter()) -> DedupePlan:  # noqa: B008
        """The references that describe one work, among those that a filter chooses."""
        from refbase.store.duplicates import plan_dedupe

        with self._database.read() as connection:
            return plan_dedupe(connection, chosen)

    def settle(self, plan: DedupePlan, person: str) -> Settled:
        """Merge the certain groups of a plan and ask about the doubtful ones: see `conflicts`.
        Refused if anybody wrote since the plan was made."""
        from refbase.store.duplicates import settle

        with self._database.write() as connection:
            return settle(connection, plan, person)

    def _plan(self, kind: str, *asked: Any) -> DeskPlan:
        from refbase.store import desk

        make: Callable[..., DeskPlan] = getattr(desk, f"plan_{kind}")
        with self._database.read() as connection:
            return make(connection, *asked)

    def undo(self, number: int = 0, dry_run: bool = False) -> Undone:
        """Take back a change set, the last one if none is named; an undo too. What it did is
        told. Refused, with the reason, where something later hangs on it. With `dry_run` all
        is done and taken back again."""
        from refbase.store.undo import undo

        with self._database.write() as connection:
            point = connection.begin_nested()
            done = undo(connection, number)
            if dry_run:
                point.rollback()
            else:
                point.commit()
            return done

    def events(self, key: str = "", limit: int = 0) -> list[Event]:
        """The log, newest first: all of it, or what was done to one reference and how."""
        from refbase.store import history

        with self._database.read() as connection:
            return history.events(connection, key, limit)

    def at(self, key: str, when: str) -> Dossier:
        """A reference as it was: at the end of a day, at a time (UTC), or after a change set."""
        from refbase.store import history

        with self._database.read() as connection:
            return history.at(connection, key, when)

    def dossiers(self, chosen: Filter = Filter(), records: bool = False) -> Iterator[Dossier]:  # noqa: B008
        """The references that a filter chooses, one after the other, whatever their number.

        One bibliography comes in its own order, with its own entries only; else all come by
        citation key, with all their entries. `records` adds who said what.
        """
        with self._database.read() as connection:
            yield from query.dossiers(connection, chosen, records)

    def search(
        self,
        asked: str,
        chosen: Filter = Filter(),  # noqa: B008
        limit: int = 20,
    ) -> Found:
        """The references that a query finds, the best first: see `refbase.search`.

        The conditions of the filter hold too. A query typed wrong is a `UsageError`.
        """
        with self._database.read() as connection:
            return query.search(connection, parse(asked), chosen, limit)

    def get(self, key: str) -> Dossier:
        """All that is kept about one reference. Keys are compared without case, and those of
        references that were merged into it find it too; an unknown one is a `UsageError`."""
        with self._database.read() as connection:
            return query.get(connection, key)

    @property
    def jobs(self) -> Jobs:
        """Work that may be interrupted, and the answers of others: see `refbase.store.jobs`."""
        from refbase.store.jobs import Jobs

        return Jobs(self._database)

    def attach(
        self, job: Job, told: Sequence[Told], others: Sequence[Outcome] = ()
    ) -> list[Outcome]:
        """Put what PubMed says to the references that it says it of, as part of a job's change
        set: attached, refused, or asked about. How it ended, for each reference; `others` are
        those that nothing is said of."""
        from refbase.store.attach import attach

        with self._database.write() as connection:
            return attach(connection, job, told, others)

    def conflicts(self, numbers: Sequence[int] = ()) -> list[Conflict]:
        """The questions that a person must decide, oldest first, or some of them by number."""
        from refbase.store.conflicts import pending

        with self._database.read() as connection:
            return pending(connection, numbers)

    def decide(self, numbers: Sequence[int], accept: bool, person: str) -> int:
        """A person's answer to open questions: take what is new, or keep what there is. The
        number of the change set. The same is never asked again."""
        from refbase.store.conflicts import answer

        with self._database.write() as connection:
            return answer(connection, numbers, accept, person)

    def bibliographies(self) -> list[BibliographyCount]:
        """The bibliographies by name, with the number of their entries and references."""
        with self._database.read() as connection:
            return query.bibliographies(connection)

    def counts(self) -> dict[str, int]:
        """How many references, entries, bibliographies, records, ... there are."""
        with self._database.read() as connection:
            return query.counts(connection)

    def statistics(self, chosen: Filter = Filter()) -> Statistics:  # noqa: B008
        """How many of the chosen references there are by year, type, journal, identifier, ..."""
        from refbase.store import statistics

        with self._database.read() as connection:
            return statistics.count(connection, chosen)

    def check(self) -> list[Diagnostic]:
        """What is wrong with the database: damage to the file, links that lead nowhere,
        references that are not what their records make of them."""
        with self._database.read() as connection:
            return [*self._database.damage(connection), *query.rebuilt(connection)]
