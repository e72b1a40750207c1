"""Searching a database: what is found, in which order, and that the index is always in step."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from made import entry, read_in, work
from refbase import store
from refbase.errors import UsageError
from refbase.model import Dossier, Reference
from refbase.store import Filter, Store, searching
from refbase.store.engine import open_database
from refbase.store.log import ChangeSet, Update
from refbase.store.tables import ENTRY, REFERENCE, TAG
from refbase.values import Date, Name

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]

MARKED = Reference(
    "chapter",
    {
        "author": (Name.from_nlm("Éxample-Ødegård P"), Name(literal="Made-up Network")),
        "title": "<i>N</i>-Examplase and β-examples in CO<sub>2</sub>",
        "container-title": "Handbook of Examples",
        "abstract": "The liver was <b>not</b> hurt by 漢方 in any example.",
        "keyword": "Humans; Liver Diseases",
        "issued": Date((1999,)),
        "DOI": "10.5555/Chapter.1",
        "PMCID": "PMC900001",
        "status": "retracted",
    },
)


@pytest.fixture
def full(empty: Store) -> Store:
    read_in(
        empty,
        Dossier(work(1), "one", (entry("Withdrawal of the example.", 1, "Second"),)),
        Dossier(work(2), "two", (entry("No injury.", 2, "Second"),), ("to do",)),
        Dossier(MARKED, "marked", (entry("A retracted one.", 1, "First"),)),
        Dossier(work(3, abstract="Nothing of withdrawal, but liver injury"), "three"),
    )
    return empty


def found(of: Store, query: str, **conditions: object) -> list[str]:
    return [d.key for d in of.search(query, Filter(**conditions)).dossiers]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("examplase", "marked"),
        ("exampl*", "one two three marked"),
        ("β-Examples", "marked"),
        ("co2", "marked"),
        ("odegard", "marked"),
        ("Ødegård", "marked"),
        ("漢方", "marked"),
        ("not hurt", "marked"),
        ('"hurt not"', ""),
        ('"was not hurt"', "marked"),
        ('"liver inj"*', "three"),
        ("withdrawal", "one three"),
        ("withdrawal -liver", "one"),
        ("annotation:withdrawal", "one"),
        ("abstract:withdrawal", "three"),
        ("title:withdrawal", ""),
        ("author:network", "marked"),
        ('journal:"handbook of"', "marked"),
        ("10.5555/chapter.1", "marked"),
        ("doi:10.5555/CHAPTER.1", "marked"),
        ("PMC900001", "marked"),
        ("pmcid:pmc900001", "marked"),
        ("900002", "two"),
        ("pmid:900002", "two"),
        ("keyword:humans", "marked"),
        ("to do", "two"),
        ("tag:TO", ""),
        ('tag:"To Do"', "two"),
        ("key:ONE", "one"),
        ("year:1991", "one"),
        ("year:1991..1993 example", "one two three"),
        ("bibliography:second", "one two"),
        ("type:chapter", "marked"),
        ("retracted:yes", "marked"),
        ("retracted:no injury", "two three"),
        ("missing:pmid", "marked"),
        ("missing:annotation", "three"),
        ("missing:abstract -missing:volume", "one two"),
        ("liver OR year:1991", "marked three one"),
        ("first OR second", "one two"),
        ("-exampl*", ""),
    ],
)
def test_what_is_found(full: Store, query: str, keys: str) -> None:
    assert sorted(found(full, query)) == sorted(keys.split())


def test_a_word_in_the_title_stands_before_one_in_the_abstract(empty: Store) -> None:
    read_in(
        empty,
        Dossier(work(1, abstract="Thingamajig in passing."), "abstract"),
        Dossier(work(2, title="Thingamajig"), "title"),
        Dossier(work(3, abstract="Thingamajig in passing, again."), "abstract2"),
    )
    assert found(empty, "thingamajig")[0] == "title"


def test_the_filters_of_list_hold_too(full: Store) -> None:
    assert found(full, "exampl*", bibliography="Second") == ["one", "two"] or found(
        full, "exampl*", bibliography="Second"
    ) == ["two", "one"]
    assert found(full, "exampl*", years=(1992, 1993), author="bravo") == ["two"]
    assert found(full, "exampl*", missing="pmid") == ["marked"]


def test_list_takes_a_query(full: Store) -> None:
    from refbase.search import parse

    chosen = Filter(search=parse("withdrawal"))
    assert [d.key for d in full.dossiers(chosen)] == ["one", "three"]


def test_of_many_matches_only_the_newest_are_ranked(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "RANKED", 2)
    said = full.search("exampl*")
    assert (said.total, said.ranked) == (4, 2)
    assert sorted(d.key for d in said.dossiers) == ["marked", "three"]
    said = full.search("exampl* year:..1992")
    assert (said.total, said.ranked) == (2, 2)


def test_without_words_there_is_no_rank(full: Store) -> None:
    said = full.search("year:1990..2000", limit=3)
    assert (len(said.dossiers), said.total, said.ranked) == (3, 4, 0)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(alphabet=st.sampled_from("ab*\"():-OR éß漢'\\%;$&|!<>") | st.characters(), max_size=20)
    | st.lists(
        st.sampled_from('title: a* "b c" ( ) -x OR AND NOT NEAR year:1990 missing:pmid'.split())
    ).map(" ".join)
)
def test_no_query_breaks_the_database(full: Store, typed: str) -> None:
    with suppress(UsageError):
        assert full.search(typed).total >= 0


# --------------------------------------------------------------------------------- in step


def test_every_kind_of_change_is_followed(fresh: Fresh) -> None:
    url = fresh()
    database = open_database(url, create=True)
    with store.open(url) as opened:
        read_in(opened, Dossier(work(1), "one", (entry("first words", 1),), ("tagged",)), work(2))
        assert found(opened, "first words tagged") == ["one"]
    with database.write() as connection:
        log = ChangeSet(connection, "edit", "an annotation, a tag, a merge")
        [number] = connection.scalars(ENTRY.select().with_only_columns(ENTRY.c.id).limit(1))
        change = {"annotation": "changed words"}
        log.update(ENTRY, [Update(number, 1, change, {"annotation": ""}, change)])
        log.delete(TAG, [1])
    with store.open(url) as opened:
        assert found(opened, "changed") == ["one"]
        assert found(opened, "first OR tagged") == ["one"]  # a word of the title, no tag any more
        assert found(opened, "tagged") == []
        assert opened.check() == []
    with database.write() as connection:
        log = ChangeSet(connection, "merge", "two into one")
        merged = {"merged_into": 1}
        log.update(REFERENCE, [Update(2, 2, merged, {"merged_into": None}, merged)])
    with store.open(url) as opened:
        assert found(opened, "second") == []
    database.close()


def test_a_change_that_is_taken_back_leaves_the_index_alone(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1))
    database = open_database(url)
    with suppress(RuntimeError), database.write() as connection:
        ChangeSet(connection, "tag", "").insert(TAG, [{"reference_id": 1, "name": "never"}])
        raise RuntimeError
    database.close()
    with store.open(url) as opened:
        assert found(opened, "never") == []
        assert opened.check() == []


def test_an_index_out_of_step_is_found(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1), work(2))
    database = open_database(url)
    with database.write() as connection:
        name = "rowid" if database.is_sqlite else "reference_id"
        connection.execute(text(f"DELETE FROM search WHERE {name} = 2"))
    database.close()
    with store.open(url) as opened:
        assert [found.code for found in opened.check()] == ["not-indexed"]


def test_an_older_database_is_indexed_when_it_is_brought_up_to_date(fresh: Fresh) -> None:
    from alembic import command

    from refbase.store import migrations

    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1), work(2))
    database = open_database(url)
    with database.engine.connect() as connection, connection.begin():
        command.downgrade(migrations.config(connection), "0002")
    database.close()
    with store.open(url, create=True) as opened:
        assert found(opened, "second") != []
        assert opened.check() == []


def test_a_reference_of_a_million_words_is_kept_and_found(empty: Store) -> None:
    long = " ".join(f"word{number}" for number in range(200_000))
    read_in(empty, work(1, abstract=long))
    assert len(found(empty, "word1")) == 1
    assert empty.check() == []
