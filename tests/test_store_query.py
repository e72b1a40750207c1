"""What comes out of a database: which references, in which order, with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from made import contents, entry, read_in, work
from refbase import store
from refbase.errors import Severity, UsageError
from refbase.model import Dossier, Reference
from refbase.store import BibliographyCount, Filter, Store
from refbase.values import ET_AL, Date, Name

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]

CHAPTER = Reference(
    "chapter",
    {
        "author": (Name.from_nlm("van der Éxample P"), Name(literal="Made-up Network"), ET_AL),
        "editor": (Name.from_nlm("Editor EE"),),
        "title": "A chapter",
        "issued": Date((1999,)),
        "DOI": "10.5555/Chapter",
    },
)


@pytest.fixture
def full(empty: Store) -> Iterator[Store]:
    """Two bibliographies, one reference in both, and one in none."""
    read_in(
        empty,
        Dossier(work(1), "b", (entry("one", 3, "Second"), entry("uno", 1, "First"))),
        Dossier(work(2), "A", (entry("two", 1, "Second"),), ("liver", "éü")),
        Dossier(CHAPTER, "c", (entry("three", 2, "Second"), entry("again", 9, "Second"))),
        Dossier(work(3), "ä", (), ("liver",)),
    )
    return empty


def keys(of: Store, **conditions: object) -> list[str]:
    return [dossier.key for dossier in of.dossiers(Filter(**conditions))]  # type: ignore[arg-type]


def test_all_come_by_key_without_case(full: Store) -> None:
    assert keys(full) == ["A", "b", "c", "ä"]


def test_all_bring_the_entries_of_all_bibliographies(full: Store) -> None:
    found = {d.key: [(e.bibliography, e.annotation) for e in d.entries] for d in full.dossiers()}
    assert found["b"] == [("First", "uno"), ("Second", "one")]
    assert found["ä"] == []


def test_one_bibliography_comes_in_its_order_with_its_own_entries(full: Store) -> None:
    found = list(full.dossiers(Filter(bibliography="Second")))
    assert [d.key for d in found] == ["A", "c", "b"]
    assert [e.annotation for e in found[1].entries] == ["three", "again"]
    assert [e.annotation for e in found[2].entries] == ["one"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"bibliography": "Nowhere"}, []),
        ({"type": "chapter"}, ["c"]),
        ({"years": (1992, None)}, ["A", "c", "ä"]),
        ({"years": (None, 1991)}, ["b"]),
        ({"years": (1992, 1993)}, ["A", "ä"]),
        ({"missing": "pmid"}, ["c"]),
        ({"missing": "DOI"}, ["A", "b", "ä"]),
        ({"missing": "volume"}, ["c"]),
        ({"author": "example"}, ["c"]),
        ({"author": "van der Éxample"}, ["c"]),
        ({"author": "NETWORK"}, ["c"]),
        ({"author": "editor"}, ["c"]),
        ({"author": "Bravo AB"}, ["A"]),
        ({"author": "exam"}, []),
        ({"tag": "liver"}, ["A", "ä"]),
        ({"tag": "éü"}, ["A"]),
        ({"keys": ("B", "Ä")}, ["b", "ä"]),
        ({"bibliography": "Second", "type": "article-journal", "tag": "liver"}, ["A"]),
    ],
)
def test_a_filter(full: Store, conditions: dict[str, object], expected: list[str]) -> None:
    assert keys(full, **conditions) == expected


@pytest.mark.parametrize(
    "conditions", [{"keys": ("nobody",)}, {"missing": "colour"}, {"author": "..."}]
)
def test_a_filter_that_makes_no_sense(full: Store, conditions: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        keys(full, **conditions)


def test_text_of_a_query_is_never_a_statement(full: Store) -> None:
    hostile = "'; DROP TABLE reference; --"
    assert keys(full, bibliography=hostile, tag=hostile, type=hostile) == []
    assert len(keys(full)) == 4


@pytest.mark.parametrize("odd", ["\x00", "\udcff", "e\u0301"])
def test_text_that_no_database_holds_finds_nothing(full: Store, odd: str) -> None:
    assert keys(full, bibliography=odd, tag=odd, type=odd) == []
    with pytest.raises(UsageError):
        full.get(odd)


def test_records_only_when_asked_for(full: Store) -> None:
    assert {len(d.records) for d in full.dossiers()} == {0}
    assert {len(d.records) for d in full.dossiers(records=True)} == {1}


def test_get_brings_everything(full: Store) -> None:
    assert full.get("A") == next(d for d in contents(full) if d.key == "A")
    assert full.get("A").tags == ("liver", "éü")
    with pytest.raises(UsageError, match="there is no reference 'nobody'"):
        full.get("nobody")


def test_the_key_of_a_merged_reference_finds_the_one_it_was_merged_into(full: Store) -> None:
    with full._database.write() as connection:
        connection.execute(text("UPDATE reference SET merged_into = 1 WHERE key = 'c'"))
    assert full.get("C").key == "b"
    assert keys(full) == ["A", "b", "ä"]
    assert keys(full, keys=("c", "b")) == ["b"]
    assert full.counts()["references"] == 3
    # and a file that uses the old key means that reference, if nothing speaks against it
    plan = read_in(full, Dossier(Reference("article-journal", {"PMID": "900001"}), "c"), name="y")
    assert plan.counts["updated"] + plan.counts["unchanged"] == 1


def test_counts(full: Store) -> None:
    assert full.counts() == {
        "references": 4,
        "entries": 5,
        "bibliographies": 2,
        "records": 4,
        "sources": 1,
        "tags": 2,
        "change sets": 1,
    }
    assert full.bibliographies() == [
        BibliographyCount("First", 1, 1),
        BibliographyCount("Second", 4, 3),
    ]


def test_more_than_a_chunk(empty: Store) -> None:
    many = [
        Dossier(
            Reference("book", {"title": f"Example {n}"}), f"k{n:04}", (entry(str(n), 3000 - n),)
        )
        for n in range(2345)
    ]
    read_in(empty, *many)
    assert keys(empty) == [f"k{n:04}" for n in range(2345)]
    listed = list(empty.dossiers(Filter(bibliography="Examples")))
    assert [d.entries[0].annotation for d in listed] == [str(n) for n in reversed(range(2345))]
    assert read_in(empty, *many, state=2).changes == ()


def test_a_reading_that_is_given_up_holds_nothing(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, *(work(n) for n in range(1, 9)))
        reading = opened.dossiers()
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        read_in(opened, work(9), name="y.txt")


# -------------------------------------------------------------------------------------- check


def test_a_sound_database_has_nothing_to_mend(full: Store) -> None:
    assert full.check() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE reference SET title = 'Other' WHERE key = 'b'", "(title)"),
        ("UPDATE reference SET fingerprint = '' WHERE key = 'b'", "(fingerprint)"),
        ('UPDATE record SET csl = \'{"type":"book"}\' WHERE reference_id = 1', "csl"),
        ("UPDATE record SET reference_id = 2 WHERE reference_id = 1", "has no record"),
    ],
)
def test_a_reference_that_is_not_what_its_records_say(full: Store, change: str, said: str) -> None:
    with full._database.write() as connection:
        connection.execute(text("UPDATE entry SET record_id = NULL"))
        connection.exec_driver_sql(change)
    found = [one for one in full.check() if str(one.span) == "b"]
    assert [(one.code, one.severity) for one in found] == [("not-rebuilt", Severity.ERROR)]
    assert said in found[0].message


def test_a_link_that_leads_nowhere(full: Store) -> None:
    if not full._database.is_sqlite:
        pytest.skip("PostgreSQL does not let it happen")
    with full._database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM bibliography WHERE name = 'First'")
    assert [one.code for one in full.check()] == ["damaged"]
