"""Duplicates in the database: merged where certain, asked about where not, and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from program import Program
from refbase import store as stores
from refbase.duplicates.rows import names
from refbase.errors import StaleError
from refbase.model import Dossier, Entry, Parsed, Reference, Source
from refbase.store import Store
from refbase.store.conflicts import DUPLICATE
from refbase.values import Date

pytest_plugins = ["stores"]

TITLE = "Made-up effects of an invented drug on the liver of a drawn rat"
TRIAL = "A trial that nobody held of a tablet that nobody made in adults"


def work(key: str, title: str, bibliography: str, **variables: str) -> Parsed:
    """A made-up paper in a bibliography, annotated with its own key."""
    said = {"title": title, "container-title": "Invented Gastroenterology", **variables}
    reference = Reference(
        "article-journal",
        {**said, "author": names("Example, A. B.; Sample, C."), "issued": Date((2005,))},
    )
    entry = Entry(bibliography, 1, annotation=f"of {key}")
    return Parsed(Dossier(reference, key, (entry,), (f"tag of {key}",)))


@pytest.fixture
def filled(empty: Store) -> Store:
    """Two bibliographies that share two papers. What one says of them is so different from what
    the other says that an import does not see it."""
    papers = {
        "a": (
            work("one", TITLE, "A", volume="12", page="139-54", issue="3"),
            work("three", TRIAL, "A"),
        ),
        "b": (
            work("two", f"{TITLE}. [Review]", "B", volume="12", page="139-154"),
            work("four", TRIAL, "B", volume="135", page="1-10"),
        ),
    }
    for name, parsed in papers.items():
        source = Source("file", name, name, name * 64, "csv", "2026-11-23T12:00:00Z")
        empty.apply(empty.plan_import(parsed, source))
    assert len(list(empty.dossiers())) == 4
    return empty


def keys(store: Store) -> set[str]:
    return {dossier.key for dossier in store.dossiers()}


def groups(store: Store) -> list[tuple[tuple[str, ...], bool]]:
    return [(group.keys, group.certain) for group in store.plan_dedupe().groups]


def settled(store: Store) -> tuple[int, int, int]:
    done = store.settle(store.plan_dedupe(), "A. Librarian")
    assert not store.check()
    return done


def test_what_is_certain_becomes_one_and_keeps_everything(filled: Store) -> None:
    assert groups(filled) == [(("one", "two"), True), (("four", "three"), False)]
    number, merged, asked = settled(filled)
    assert (merged, asked) == (1, 1)
    assert number
    one = filled.get("two")
    assert one.key == "one"
    assert {entry.annotation for entry in one.entries} == {"of one", "of two"}
    assert {entry.bibliography for entry in one.entries} == {"A", "B"}
    assert set(one.tags) == {"tag of one", "tag of two"}
    assert len(one.records) == 2
    assert one.reference.text("issue") == "3"


def test_looking_changes_nothing(filled: Store) -> None:
    before = filled.counts()
    filled.plan_dedupe()
    assert filled.counts() == before
    assert keys(filled) == {"one", "two", "three", "four"}


def test_what_is_doubtful_is_asked_once(filled: Store) -> None:
    settled(filled)
    [question] = filled.conflicts()
    assert (question.key, question.kind, question.subject) == ("three", DUPLICATE, "four")
    assert question.reason.startswith("0.")
    assert "no page or identifier in common" in question.reason
    assert settled(filled) == (0, 0, 0)


def test_a_person_says_they_are_one(filled: Store) -> None:
    settled(filled)
    [question] = filled.conflicts()
    filled.decide([question.id], True, "A. Librarian")
    assert keys(filled) == {"one", "three"}
    assert filled.get("four").key == "three"
    assert filled.get("four").reference.text("page") == "1-10"
    assert filled.conflicts() == []
    assert groups(filled) == []
    assert not filled.check()


def test_not_the_same_is_remembered(filled: Store) -> None:
    settled(filled)
    [question] = filled.conflicts()
    answer = filled.decide([question.id], False, "A. Librarian")
    assert groups(filled) == []
    assert settled(filled) == (0, 0, 0)
    assert keys(filled) == {"one", "three", "four"}
    filled.undo(answer)
    assert groups(filled) == [(("four", "three"), False)]
    assert [one.id for one in filled.conflicts()] == [question.id]


def test_not_the_same_holds_for_what_is_merged_into_one_of_them(filled: Store) -> None:
    settled(filled)
    [question] = filled.conflicts()
    filled.decide([question.id], False, "A. Librarian")
    source = Source("file", "c", "c", "c" * 64, "csv", "2026-11-23T13:00:00Z")
    five = work("five", TRIAL + ". [Review]", "C", volume="135", page="1-10")
    filled.apply(filled.plan_import([five], source))
    assert groups(filled) == [(("five", "four"), True)]
    filled.apply(filled.plan_merge(["five", "four"], "A. Librarian"))
    assert groups(filled) == []


def test_a_question_that_a_merge_has_answered_is_none_any_more(filled: Store) -> None:
    settled(filled)
    filled.apply(filled.plan_merge(["four", "three"], "A. Librarian"))
    assert filled.conflicts() == []
    assert not filled.check()


def test_all_of_it_can_be_undone(filled: Store) -> None:
    before = {dossier.key: dossier for dossier in filled.dossiers(records=True)}
    number, _, _ = settled(filled)
    [question] = filled.conflicts()
    accepted = filled.decide([question.id], True, "A. Librarian")
    filled.undo(accepted)
    filled.undo(number)
    assert {dossier.key: dossier for dossier in filled.dossiers(records=True)} == before
    assert filled.conflicts() == []
    assert not filled.check()


def test_whoever_wrote_meanwhile_is_not_overwritten(filled: Store) -> None:
    plan = filled.plan_dedupe()
    filled.apply(filled.plan_tag(["one"], ["seen"], [], "Somebody Else"))
    with pytest.raises(StaleError):
        filled.settle(plan, "A. Librarian")
    assert keys(filled) == {"one", "two", "three", "four"}


def test_only_what_is_chosen_is_looked_at(filled: Store) -> None:
    assert filled.plan_dedupe(stores.Filter(bibliography="A")).groups == ()


# ------------------------------------------------------------------------------ the command

HEAD = "key,bibliography,author,title,container_title,issued,volume,issue,page\n"
A = f"""\
one,A,"Example, AB; Sample, C",{TITLE},J Made Up Hepatol,2005,12,3,139-54
three,A,"Example, AB; Sample, C",{TRIAL},Invented Gastroenterology,2011,,,
"""
B = f"""\
two,B,"Example, Anna B.; Sample, Carl",{TITLE}. [Review],J Made Up Hepatol,2005,12,,139-154
four,B,"Example, AB; Sample, C",{TRIAL},Invented Gastroenterology,2012,135,4,1-10
"""


@pytest.fixture
def library(refbase: Program) -> Program:
    refbase.write("a.csv", HEAD + A)
    refbase.write("b.csv", HEAD + B)
    run = refbase("--db", "refbase.db", "import", "a.csv", "b.csv")
    assert run.code == 0, run.err
    return refbase


def test_the_command_finds_and_changes_nothing(library: Program) -> None:
    run = library("dedupe", "--json")
    assert run.code == 0, run.err
    assert [(g["keys"], g["certain"]) for g in json.loads(run.out)] == [
        (["one", "two"], True),
        (["four", "three"], False),
    ]
    assert len(json.loads(library("list", "--json").out)) == 4
    assert "certain 0.999: one, two" in library("dedupe").out
    assert json.loads(library("dedupe", "--json", "--bibliography", "A").out) == []


def test_the_command_merges_asks_remembers_and_undoes(library: Program) -> None:
    run = library("dedupe", "--apply")
    assert "3: 1 reference merged, 1 question for `refbase review`; `refbase undo 3`" in run.err
    assert len(json.loads(library("list", "--json").out)) == 3
    [question] = json.loads(library("review", "--json").out)
    assert (question["key"], question["kind"], question["subject"]) == (
        "three", "duplicate", "four",
    )  # fmt: skip
    assert library("review", "--reject", str(question["id"])).code == 0
    run = library("dedupe", "--apply")
    assert run.out == ""
    assert "nothing new to be done" in run.err
    assert library("undo").code == 0
    assert library("undo", "3").code == 0
    assert len(json.loads(library("list", "--json").out)) == 4


def test_only_the_certain_ones(library: Program) -> None:
    run = library("dedupe", "--apply", "--certain", "--json")
    assert [group["keys"] for group in json.loads(run.out)] == [["one", "two"]]
    assert json.loads(library("review", "--json").out) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--input", "a.csv", "--apply"),
        ("--input", "a.csv", "--year", "2005"),
        ("--format", "csv"),
        ("--bibliography", "not there"),
    ],
)
def test_requests_that_make_no_sense(arguments: tuple[str, ...], library: Program) -> None:
    assert library("dedupe", *arguments).code == 2


def test_without_a_database(refbase: Program, tmp_path: Path) -> None:
    assert refbase("--db", str(tmp_path / "none.db"), "dedupe").code == 5
