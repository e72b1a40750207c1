"""Made-up references, as a reader hands them over, and short ways to import them."""

from __future__ import annotations

from collections.abc import Iterable

from refbase.errors import Span
from refbase.model import Dossier, Entry, Parsed, Reference, Source
from refbase.store import ImportPlan, Store
from refbase.store.tables import ENTRY, Row
from refbase.values import Date, Name


def work(number: int = 1, /, **variables: str) -> Reference:
    """A made-up article that is like no other number's; variables are named with `_` for `-`."""
    said = {
        "author": (Name.from_nlm(f"{FAMILIES[number]} AB"),),
        "title": f"{WORDS[number]} example",
        "container-title": "J Examples",
        "issued": Date((1990 + number,)),
        "volume": str(number),
        "page": f"{100 * number}-{100 * number + 9}",
        "PMID": str(900000 + number),
        **{name.replace("_", "-"): value for name, value in variables.items()},
    }
    return Reference("article-journal", {name: value for name, value in said.items() if value})


FAMILIES = "Zulu Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett".split()
WORDS = "Zeroth First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth".split()


def entry(annotation: str = "", position: int = 0, name: str = "Examples") -> Entry:
    return Entry(name, position, "", annotation)


LISTED = [Dossier(work(n), entries=(entry(f"note {n}"),)) for n in range(1, 5)]
"""Works of one bibliography."""


def parsed(items: Iterable[Dossier | Reference]) -> list[Parsed]:
    """Dossiers as a reader hands them over, one a line."""
    return [
        Parsed(
            item if isinstance(item, Dossier) else Dossier(item),
            raw=f"line {line}",
            span=Span("x.txt", line),
        )
        for line, item in enumerate(items, 1)
    ]


def source(name: str = "x.txt", state: int = 1) -> Source:
    """A made-up file in one of its states."""
    return Source("file", name, f"/made/up/{name}", f"{name}{state}", "csv", f"2026-01-{state:02}")


def read_in(
    into: Store, *items: Dossier | Reference, name: str = "x.txt", state: int = 1, **options: str
) -> ImportPlan:
    """Import made-up dossiers as a state of a made-up file; the plan that was applied."""
    plan = into.plan_import(parsed(items), source(name, state), **options)
    into.apply(plan)
    return plan


def codes(plan: ImportPlan) -> list[str]:
    return [found.code for found in plan.diagnostics]


def contents(of: Store) -> list[Dossier]:
    return list(of.dossiers(records=True))


def wipe(of: Store) -> None:
    """Empty a database, for the next example of a property."""
    with of._database.write() as connection:
        for name in reversed(Row.metadata.sorted_tables):
            connection.execute(name.delete())


def edit_entry(of: Store, **columns: str | int) -> None:
    """What a person's edit will do to the entries of a database."""
    with of._database.write() as connection:
        connection.execute(ENTRY.update().values(columns))
