"""Importing: what becomes of a file that is read into a database, for the first time and again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

import strategies
from made import (
    LISTED,
    codes,
    contents,
    edit_entry,
    entry,
    parsed,
    read_in,
    source,
    wipe,
    work,
)
from refbase import store
from refbase.errors import Diagnostic, Severity, Span, StoreError
from refbase.merge import resolve
from refbase.model import Dossier, Entry, Parsed, Record, Reference, Source
from refbase.store import Filter, Store
from refbase.store.tables import CHANGE, INDEXED, RECORD, SOURCE, Row

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]

properties = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rows(of: Store) -> dict[str, int]:
    """How many rows each table has."""
    with of._database.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Row.metadata.sorted_tables
            if table is not INDEXED
        }


def annotations(of: Store) -> list[tuple[int, str]]:
    return [
        (one.position, one.annotation)
        for dossier in of.dossiers(Filter(bibliography="Examples"))
        for one in dossier.entries
    ]


# ----------------------------------------------------------------------------- the first time


def test_everything_of_a_dossier_is_kept(empty: Store) -> None:
    read_in(empty, Dossier(work(1), "mykey", (entry("Good.", 7),), ("liver",)))
    (found,) = contents(empty)
    assert (found.reference, found.key, found.tags) == (work(1), "mykey", ("liver",))
    assert found.entries == (Entry("Examples", 7, "", "Good."),)
    (record,) = found.records
    assert (record.reference, record.raw, record.line) == (work(1), "line 1", 1)
    assert record.source == replace(source(), time="2026-01-01T00:00:00+00:00")


def test_a_plan_changes_nothing(empty: Store) -> None:
    empty.plan_import(parsed([work(1)]), source())
    assert set(rows(empty).values()) == {0}


def test_a_plan_can_be_printed(empty: Store) -> None:
    said = Diagnostic("bad-date", "what?", Span("x.txt", 3), Severity.WARNING)
    pieces = [
        *parsed([Dossier(work(1), entries=(entry("Good."),))]),
        Parsed(None, "", said.span, (said,)),
    ]
    plan = empty.plan_import(pieces, source())
    printed = json.loads(json.dumps(plan.to_json()))
    assert printed["counts"] == {
        "new": 1, "updated": 0, "unchanged": 0,
        "records": 1, "entries": 1, "entries_updated": 0,
    }  # fmt: skip
    assert printed["changes"][0]["key"] == "alpha1991first"
    assert printed["changes"][0]["reference"]["PMID"] == {"before": None, "after": "900001"}
    assert printed["changes"][0]["entries"][0]["after"]["annotation"] == "Good."
    assert printed["diagnostics"] == [
        {"severity": "warning", "code": "bad-date", "message": "what?", "file": "x.txt", "line": 3}
    ]
    assert plan.summary == "x.txt: 1 reference new, 1 record new, 1 entry new"


def test_an_entry_without_a_name_gets_the_one_asked_for(empty: Store) -> None:
    read_in(
        empty,
        Dossier(work(1), entries=(entry("a", name=""), entry("b", name="Mine"))),
        bibliography="Asked",
    )
    assert [one.name for one in empty.bibliographies()] == ["Asked", "Mine"]


def test_references_without_entries_are_listed_where_asked_for(empty: Store) -> None:
    read_in(empty, work(1), work(2), bibliography="Asked")
    listed = list(empty.dossiers(Filter(bibliography="Asked")))
    assert [(d.reference, d.entries[0].position) for d in listed] == [(work(1), 1), (work(2), 2)]


def test_an_annotation_without_any_name_is_listed_under_the_files(empty: Store) -> None:
    read_in(
        empty,
        Dossier(work(1), entries=(entry("kept", name=""),)),
        Dossier(work(2), entries=(Entry(),)),
    )
    assert [(one.name, one.entries) for one in empty.bibliographies()] == [("x", 1)]


def test_the_same_reference_twice_in_one_bibliography_is_two_entries(empty: Store) -> None:
    read_in(empty, *(Dossier(work(1), entries=(entry(note),)) for note in ("one", "two")))
    (dossier,) = empty.dossiers(Filter(bibliography="Examples"))
    assert [(one.position, one.annotation) for one in dossier.entries] == [(1, "one"), (2, "two")]


def test_names_that_are_too_long_are_cut_and_reported(empty: Store) -> None:
    long = "x" * 4000
    plan = read_in(empty, Dossier(work(1), long, (entry("kept", name=long),), (long,)))
    assert codes(plan) == ["too-long"] * 3
    (dossier,) = contents(empty)
    assert dossier.key == "alpha1991first"
    assert len(dossier.tags[0]) == len(dossier.entries[0].bibliography) == 500


@pytest.mark.parametrize("variable", ["PMID", "DOI", "title", "container-title"])
def test_any_length_of_text_is_stored(empty: Store, variable: str) -> None:
    strange = work(1, **{variable: "".join(chr(33 + n * 7919 % 90) for n in range(50_000))})
    read_in(empty, strange)
    assert [d.reference for d in empty.dossiers()] == [strange]


def test_what_no_database_holds_is_kept_where_it_can_be(empty: Store) -> None:
    odd = Reference("book", {"title": "Example"}, {"x": "nul \x00, half a pair \ud800, 😀"})
    plan = empty.plan_import(
        [
            Parsed(
                Dossier(odd, "\x00k", (entry("a\x00b", 2**40),), ("\ud800t",)),
                "raw\x00",
                Span("x", 1),
            )
        ],
        Source("file", "\udcff.txt", "/\udcff.txt", "1"),
    )
    empty.apply(plan)
    (dossier,) = contents(empty)
    assert (dossier.reference, dossier.key, dossier.tags) == (odd, "k", ("t",))
    assert (dossier.entries[0].annotation, dossier.entries[0].position) == ("ab", 1)
    assert dossier.records[0].raw == "raw"


@properties
@given(read=st.lists(strategies.dossiers, max_size=4))
def test_any_text_comes_back_and_importing_again_changes_nothing(
    empty: Store, read: list[Dossier]
) -> None:
    wipe(empty)
    read_in(empty, *read)
    after = contents(empty)
    kept = [record for dossier in after for record in dossier.records]
    said = [(record.reference, record.raw, record.line) for record in kept]
    for dossier in read:
        assert dossier.reference in [reference for reference, _, _ in said] or (
            dossier.records and resolve(dossier.records) == dossier.reference
        )
        for record in dossier.records:
            assert (record.reference, record.raw, record.line) in said
    entries = [one for dossier in read for one in dossier.entries]
    listed = [one for one in entries if one.bibliography or one.citation or one.annotation]
    assert sum(len(dossier.entries) for dossier in after) == len(listed)
    before = rows(empty)
    again = read_in(empty, *read, state=2)
    assert (again.changes, rows(empty), contents(empty)) == ((), before, after)
    assert empty.check() == []


# ---------------------------------------------------------------------- which reference it is


def test_the_same_work_in_another_file_gets_a_record_and_no_twin(empty: Store) -> None:
    read_in(empty, work(1))
    plan = read_in(empty, work(1, PMID="", DOI="10.5555/One"), name="y.txt")
    assert plan.counts["updated"] == 1
    (dossier,) = contents(empty)
    assert [record.source.name for record in dossier.records] == ["x.txt", "y.txt"]
    assert (dossier.reference.pmid, dossier.reference.doi) == ("900001", "10.5555/One")


def test_the_same_work_twice_in_one_file_is_one_reference(empty: Store) -> None:
    # The third one meets the second by its DOI, and the first only through it
    third = work(1, PMID="", title="First examples", DOI="10.5555/ONE")
    plan = read_in(empty, work(1, PMID=""), work(1, DOI="10.5555/one"), third)
    assert plan.counts["new"] == 1
    assert rows(empty)["reference"] == 1
    assert rows(empty)["record"] == 3


def test_one_identifier_on_two_works_is_two_references_and_said(empty: Store) -> None:
    plan = read_in(empty, work(1), work(2, PMID="900001"))
    assert codes(plan) == ["identifier-conflict"]
    assert "'alpha1991first'" in plan.diagnostics[0].message
    assert [d.reference for d in empty.dossiers()] == [work(1), work(2, PMID="900001")]
    again = read_in(empty, work(1), work(2, PMID="900001"), state=2)
    assert again.diagnostics == ()


def test_little_known_references_are_not_taken_for_one(empty: Store) -> None:
    letter = Reference("article-journal", {"title": "Letter"})
    read_in(empty, letter, letter)
    assert [d.key for d in empty.dossiers()] == ["anonymousletter", "anonymousletter-2"]
    assert read_in(empty, letter, letter, state=2).changes == ()


def test_the_order_of_files_does_not_matter(fresh: Fresh) -> None:
    files = {
        "a.txt": (work(1), work(2, PMID=""), work(3)),
        "b.txt": (work(1, PMID=""), work(2, DOI="10.5555/2"), work(4)),
        "c.txt": (work(3, DOI="10.5555/3"), work(5), work(4, PMID="")),
    }
    found = []
    for order in ("a.txt b.txt c.txt", "c.txt b.txt a.txt", "b.txt c.txt a.txt"):
        with store.open(fresh(), create=True) as opened:
            for name in order.split():
                read_in(opened, *files[name], name=name)
            found.append({(d.key, d.reference.pmid, d.reference.doi) for d in opened.dossiers()})
    assert len(found[0]) == 5
    assert found[0] == found[1] == found[2]


@properties
@given(order=st.permutations(range(6)), cut=st.integers(0, 6))
def test_any_order_and_division_gives_the_same_references(
    empty: Store, order: list[int], cut: int
) -> None:
    wipe(empty)
    works = [
        work(1),
        work(1, PMID=""),
        work(2),
        work(2, DOI="10.5555/2"),
        work(3),
        work(4, PMID=""),
    ]
    read_in(empty, *(works[n] for n in order[:cut]))
    read_in(empty, *(works[n] for n in order[cut:]), name="y.txt")
    assert [d.key for d in empty.dossiers()] == [
        "alpha1991first", "bravo1992second", "charlie1993third", "delta1994fourth",
    ]  # fmt: skip
    assert empty.check() == []


# ------------------------------------------------------------------------------ citation keys


def test_a_key_of_the_file_is_kept(empty: Store) -> None:
    read_in(empty, Dossier(work(1), " My Key "), work(2))
    assert [d.key for d in empty.dossiers()] == ["bravo1992second", "My Key"]


def test_a_key_of_the_file_goes_before_one_that_is_made(empty: Store) -> None:
    plan = read_in(empty, work(1), Dossier(work(2), "alpha1991first"))
    assert [(d.key, d.reference) for d in empty.dossiers()] == [
        ("alpha1991first", work(2)),
        ("alpha1991first-2", work(1)),
    ]
    assert plan.diagnostics == ()


@pytest.mark.parametrize("key", ["mine", "MINE"])
@pytest.mark.parametrize("where", ["x.txt", "y.txt"])
def test_a_key_that_another_work_has_gives_way(empty: Store, key: str, where: str) -> None:
    first, second = Dossier(work(1), "mine"), Dossier(work(2), key)
    if where == "x.txt":
        plan = read_in(empty, first, second)
    else:
        read_in(empty, first)
        plan = read_in(empty, second, name=where)
    assert codes(plan) == ["duplicate-key"]
    assert [d.key for d in empty.dossiers()] == ["bravo1992second", "mine"]


def test_a_key_is_found_without_case(empty: Store) -> None:
    read_in(empty, Dossier(work(1), "Mine"))
    assert empty.get("MINE").key == "Mine"


def test_a_work_that_is_here_keeps_its_key_and_the_other_one_is_said(empty: Store) -> None:
    read_in(empty, Dossier(work(1), "mine"))
    plan = read_in(empty, Dossier(work(1), "yours"), name="y.txt")
    assert codes(plan) == ["key-not-used"]
    assert [d.key for d in empty.dossiers()] == ["mine"]


def test_a_key_and_nothing_to_the_contrary_is_the_same_work(empty: Store) -> None:
    little = Reference("book", {"title": "Example"})
    read_in(empty, Dossier(little, "mine"))
    read_in(
        empty, Dossier(Reference("book", {**little.variables, "publisher": "X"}), "mine"), name="y"
    )
    assert [d.reference.text("publisher") for d in empty.dossiers()] == ["X"]


def test_keys_are_never_made_anew(empty: Store) -> None:
    read_in(empty, work(1))
    read_in(empty, work(1, title="Quite example"), state=2)
    assert [(d.key, d.reference.title[:5]) for d in empty.dossiers()] == [
        ("alpha1991first", "Quite")
    ]


def test_the_pattern_of_new_keys_can_be_chosen(empty: Store) -> None:
    empty.apply(empty.plan_import(parsed([work(1)]), source(), pattern="pm{pmid}"))
    assert [d.key for d in empty.dossiers()] == ["pm900001"]


# -------------------------------------------------------------------------------------- again


def test_the_same_file_again_changes_nothing(empty: Store) -> None:
    read_in(empty, *LISTED)
    before = rows(empty), contents(empty)
    plan = read_in(empty, *LISTED, state=1)
    assert (plan.changes, plan.counts["unchanged"], plan.diagnostics) == ((), 4, ())
    assert (rows(empty), contents(empty)) == before


def test_a_changed_file_brings_records_only_for_what_changed(empty: Store) -> None:
    read_in(empty, *LISTED)
    corrected = Dossier(work(2, volume="22"), entries=(entry("note 2"),))
    plan = read_in(empty, LISTED[0], corrected, *LISTED[2:], state=2)
    assert plan.counts == {
        "new": 0, "updated": 1, "unchanged": 3, "records": 1, "entries": 0, "entries_updated": 0,
    }  # fmt: skip
    assert empty.get("bravo1992second").reference.text("volume") == "22"
    assert rows(empty)["source"] == 2
    assert empty.check() == []


def test_what_a_changed_file_no_longer_says_is_gone(empty: Store) -> None:
    read_in(empty, work(1))
    read_in(empty, work(1, volume=""), state=2)
    assert [d.reference for d in empty.dossiers()] == [work(1, volume="")]


def test_the_way_back_is_a_change_too(empty: Store) -> None:
    for state, volume in enumerate(["1", "11", "1"], 1):
        read_in(empty, work(1, volume=volume), state=state)
        assert [d.reference.text("volume") for d in empty.dossiers()] == [volume]
    assert rows(empty)["record"] == 3


@pytest.mark.parametrize("time", ["", "2020-01-01", "2026-01-01", "yesterday"])
def test_a_later_state_counts_whatever_the_clock_says(empty: Store, time: str) -> None:
    read_in(empty, work(1))
    changed = replace(source(state=2), time=time)
    empty.apply(empty.plan_import(parsed([work(1, volume="11")]), changed))
    assert [d.reference.text("volume") for d in empty.dossiers()] == ["11"]


def test_a_corrected_pmid_is_a_correction(empty: Store) -> None:
    read_in(empty, *LISTED)
    plan = read_in(
        empty, Dossier(work(1, PMID="900009"), entries=LISTED[0].entries), *LISTED[1:], state=2
    )
    assert plan.counts["updated"] == 1
    assert rows(empty)["reference"] == 4
    assert empty.get("alpha1991first").reference.pmid == "900009"


def test_a_corrected_title_is_a_correction_where_the_file_has_keys(empty: Store) -> None:
    read_in(empty, Dossier(Reference("book", {"title": "Exmple"}), "mine"))
    plan = read_in(empty, Dossier(Reference("book", {"title": "Example"}), "mine"), state=2)
    assert plan.counts["updated"] == 1
    assert [d.reference.title for d in empty.dossiers()] == ["Example"]


def test_two_records_of_one_reference_and_one_of_them_changed(empty: Store) -> None:
    """Of a source only the newest state counts, so what did not change must be in it too."""
    with_abstract = work(1, abstract="Only here.")
    read_in(empty, work(1), with_abstract)
    read_in(empty, work(1, volume="11"), with_abstract, state=2)
    (dossier,) = empty.dossiers()
    assert dossier.reference.text("volume") == "11"
    assert dossier.reference.text("abstract") == "Only here."
    assert rows(empty)["record"] == 4


def test_an_annotation_that_the_file_changed_is_taken_over(empty: Store) -> None:
    read_in(empty, *LISTED)
    plan = read_in(empty, Dossier(work(1), entries=(entry("better"),)), *LISTED[1:], state=2)
    assert plan.counts["entries_updated"] == 1
    assert annotations(empty)[0] == (1, "better")


def test_a_persons_annotation_stays_where_the_file_did_not_change_its_own(empty: Store) -> None:
    read_in(empty, *LISTED[:1])
    edit_entry(empty, annotation="a person's")
    plan = read_in(empty, Dossier(work(1, volume="11"), entries=LISTED[0].entries), state=2)
    assert (annotations(empty), codes(plan)) == ([(1, "a person's")], [])


def test_where_both_changed_an_annotation_the_stored_one_stays_and_it_is_said(empty: Store) -> None:
    read_in(empty, *LISTED[:1])
    edit_entry(empty, annotation="a person's")
    changed = Dossier(work(1), entries=(entry("the file's"),))
    plan = read_in(empty, changed, state=2)
    assert (annotations(empty), codes(plan)) == ([(1, "a person's")], ["annotation-conflict"])
    assert plan.diagnostics[0].span == Span("x.txt", 1)
    # It is said once: the file's new text is the one to compare with from now on
    assert codes(read_in(empty, changed, state=3)) == []


def test_where_both_made_the_same_change_all_is_well(empty: Store) -> None:
    read_in(empty, *LISTED[:1])
    edit_entry(empty, annotation="the same")
    plan = read_in(empty, Dossier(work(1), entries=(entry("the same"),)), state=2)
    assert (annotations(empty), codes(plan)) == ([(1, "the same")], [])


def test_an_entry_that_vanished_is_kept_and_said(empty: Store) -> None:
    read_in(empty, *LISTED)
    plan = read_in(empty, *LISTED[:1], *LISTED[2:], state=2)
    assert codes(plan) == ["entry-not-in-file"]
    assert "bravo1992second" in plan.diagnostics[0].message
    assert len(annotations(empty)) == 4


def test_an_entry_that_a_person_took_out_stays_out(empty: Store) -> None:
    read_in(empty, *LISTED)
    with empty._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM entry WHERE annotation = 'note 2'")
    changed = Dossier(work(1), entries=(entry("better"),))
    plan = read_in(empty, changed, *LISTED[1:], state=2)
    assert [note for _, note in annotations(empty)] == ["better", "note 3", "note 4"]
    assert codes(plan) == []


def test_a_second_entry_of_the_same_reference_is_told_from_the_first(empty: Store) -> None:
    read_in(empty, *(Dossier(work(1), entries=(entry(note),)) for note in ("one", "two")))
    read_in(
        empty,
        *(Dossier(work(1), entries=(entry(note),)) for note in ("zero", "one", "too")),
        state=2,
    )
    assert [note for _, note in annotations(empty)] == ["zero", "one", "too"]


def test_two_files_of_one_bibliography_make_one_list(empty: Store) -> None:
    read_in(empty, *LISTED)
    other = [Dossier(work(n), entries=(entry("other" if n == 1 else ""),)) for n in (1, 2, 5)]
    plan = read_in(empty, *other, name="y.txt")
    assert codes(plan) == ["annotation-conflict"]
    assert annotations(empty) == [
        (1, "note 1"),
        (2, "note 2"),
        (3, "note 3"),
        (4, "note 4"),
        (5, ""),
    ]
    assert read_in(empty, *LISTED, state=2).changes == ()
    assert read_in(empty, *other, name="y.txt", state=2).changes == ()


def test_the_order_of_a_changed_file_is_followed(empty: Store) -> None:
    read_in(empty, *LISTED)
    new = Dossier(work(5), entries=(entry("note 5"),))
    plan = read_in(empty, LISTED[2], new, LISTED[0], LISTED[1], LISTED[3], state=2)
    assert [note[-1] for _, note in annotations(empty)] == ["3", "5", "1", "2", "4"]
    assert plan.counts["records"] == 1
    assert read_in(empty, LISTED[2], new, *LISTED[:2], LISTED[3], state=3).changes == ()


def test_the_order_that_a_person_made_stays(empty: Store) -> None:
    read_in(empty, *LISTED)
    with empty._database.write() as connection:
        connection.exec_driver_sql("UPDATE entry SET position = 5 - position")
    new = Dossier(work(5), entries=(entry("note 5"),))
    read_in(empty, new, *LISTED, state=2)
    assert [note[-1] for _, note in annotations(empty)] == ["4", "3", "2", "1", "5"]


# --------------------------------------------------------------------- what was kept elsewhere


def person(reference: Reference) -> Record:
    return Record(
        Source("person", "editor", time="2026-03-01T00:00:00+00:00"), reference, "typed", 3
    )


def test_a_database_written_out_and_read_into_another_one_is_the_same(fresh: Fresh) -> None:
    with store.open(fresh(), create=True) as one, store.open(fresh(), create=True) as two:
        read_in(one, *LISTED)
        read_in(one, work(1, DOI="10.5555/1"), Dossier(work(5), tags=("liver",)), name="y.txt")
        read_in(one, Dossier(work(2, volume="22"), "second", (entry("more", name="B"),)), state=2)
        read_in(two, *contents(one), name="all.jsonl")
        assert contents(two) == contents(one)
        assert read_in(two, *contents(one), name="all.jsonl", state=2).changes == ()
        assert two.check() == []


def test_a_dossier_that_says_more_than_its_records_has_a_record_of_the_file(empty: Store) -> None:
    read_in(empty, Dossier(work(1, volume="11"), records=(person(work(1)),)))
    (dossier,) = contents(empty)
    assert [record.source.kind for record in dossier.records] == ["person", "file"]


def test_records_of_a_reference_that_is_here_are_added(empty: Store) -> None:
    read_in(empty, work(1))
    read_in(empty, Dossier(work(1, volume="11"), records=(person(work(1, volume="11")),)), name="y")
    (dossier,) = contents(empty)
    assert dossier.reference.text("volume") == "11"
    assert len(dossier.records) == 2


def test_two_works_that_bring_one_record_stay_two(empty: Store) -> None:
    shared = person(Reference("book", {"title": "Example"}))
    little = Reference("book", {"title": "Example"})
    more = Reference("book", {"title": "Example", "publisher": "X"})
    read = [Dossier(little, "a", (), (), (shared,)), Dossier(more, "b", (), (), (shared,))]
    read_in(empty, *read)
    assert [d.reference for d in empty.dossiers()] == [little, more]
    assert read_in(empty, *read, state=2).changes == ()


# -------------------------------------------------------------------------------------- apply


def test_a_plan_is_refused_if_somebody_else_wrote_since(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as one, store.open(url) as two:
        plan = one.plan_import(parsed([work(1)]), source())
        read_in(two, work(2), name="y.txt")
        with pytest.raises(StoreError, match="changed by somebody else"):
            one.apply(plan)
        assert [d.reference for d in one.dossiers()] == [work(2)]


def test_a_plan_is_applied_once(empty: Store) -> None:
    plan = read_in(empty, work(1))
    with pytest.raises(StoreError, match="changed by somebody else"):
        empty.apply(plan)


def test_apply_tells_the_number_of_the_change_set(empty: Store) -> None:
    plan = empty.plan_import(parsed([work(1)]), source())
    assert empty.apply(plan) == 1
    assert empty.apply(empty.plan_import(parsed([work(1)]), source())) == 0


# ---------------------------------------------------------------------------------------- log


def log(of: Store, changeset: int) -> list[tuple[str, int, int | None, object, object]]:
    columns = CHANGE.c.subject, CHANGE.c.subject_id, CHANGE.c.reference_id
    query = select(*columns, CHANGE.c.before, CHANGE.c.after).where(
        CHANGE.c.changeset_id == changeset
    )
    with of._database.read() as connection:
        return [
            (*row[:3], *(None if text is None else json.loads(text) for text in row[3:]))
            for row in connection.execute(query.order_by(CHANGE.c.id))
        ]


def test_every_row_made_is_in_the_log(empty: Store) -> None:
    read_in(empty, *LISTED, Dossier(work(5), tags=("liver",)))
    made: dict[str, set[int]] = {}
    for subject, number, _, before, after in log(empty, 1):
        assert before is None
        assert after is not None
        made.setdefault(subject, set()).add(number)
    there = {name: count for name, count in rows(empty).items() if count}
    del there["changeset"], there["change"]
    assert {name: len(ids) for name, ids in made.items()} == there


def test_a_change_is_logged_with_what_was_and_what_is(empty: Store) -> None:
    read_in(empty, *LISTED[:1])
    read_in(empty, Dossier(work(1, volume="11"), entries=(entry("better"),)), state=2)
    changed = [line for line in log(empty, 2) if line[3] is not None]
    assert changed == [
        ("reference", 1, 1, {"volume": "1"}, {"volume": "11"}),
        (
            "entry",
            1,
            1,
            {"annotation": "note 1", "record_id": 1},
            {"annotation": "better", "record_id": 2},
        ),
    ]


def test_a_number_is_not_given_again_when_its_row_is_gone(empty: Store) -> None:
    read_in(empty, work(1))
    with empty._database.write() as connection:
        for name in (RECORD, SOURCE, Row.metadata.tables["reference"]):
            connection.execute(name.delete())
    read_in(empty, work(2), name="y.txt")
    assert {line[1] for line in log(empty, 2)} == {2}
