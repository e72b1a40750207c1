"""The curator's desk: what a person says, annotates, tags, orders and merges; and the log of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from curators import together
from made import LISTED, contents, entry, read_in, work
from refbase import edits, store
from refbase.errors import StaleError, UsageError
from refbase.model import Dossier, Record, Reference, Source
from refbase.store import Filter, Store
from refbase.values import ET_AL, Date, Name

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]

FIRST, SECOND, THIRD = "alpha1991first", "bravo1992second", "charlie1993third"


@pytest.fixture
def desk(empty: Store) -> Store:
    """Four works, all listed in one bibliography."""
    read_in(empty, *LISTED)
    return empty


def edit(of: Store, key: str, *said: str, person: str = "ann") -> int:
    return of.apply(of.plan_edit(key, edits.parse(said), person))


def order(of: Store, name: str = "Examples") -> list[tuple[int, str]]:
    found = of.dossiers(Filter(bibliography=name))
    return sorted((one.position, dossier.key) for dossier in found for one in dossier.entries)


# -------------------------------------------------------------------------- what can be said


@pytest.mark.parametrize(
    ("said", "variable", "value"),
    [
        ("issued=1999-03", "issued", Date((1999, 3))),
        ("year=1998-12/1999-01", "issued", Date((1998, 12), (1999, 1))),
        ("issued=in press", "issued", Date(literal="in press")),
        (
            "author=Smith, Ann; {WHO Group}; et al.",
            "author",
            (Name("Smith", "Ann"), Name(literal="WHO Group"), ET_AL),
        ),
        ("pmid=PMID: 0900001", "PMID", "900001"),
        ("doi=https://doi.org/10.5555/X", "DOI", "10.5555/X"),
        ("pages=544-45", "page", "544-45"),
        ("container_title=Example J", "container-title", "Example J"),
        ("Title=<i>E. coli</i> = 2", "title", "<i>E. coli</i> = 2"),
        ("type=chapter", "type", "chapter"),
    ],
)
def test_values_are_read_as_in_a_table(said: str, variable: str, value: object) -> None:
    assert edits.parse([said]).values == {variable: value}


@pytest.mark.parametrize(
    "said",
    [
        "pmid=abc", "pmid=-1", "doi=10.5", "isbn=0306406153", "issued=1999-13", "issued=31.12.99",
        "type=novel", "type=document", "foo=1", "annote=x", "tag=x", "title", "=x", "key=",
        "key=a b", "author=;",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(said: str) -> None:
    with pytest.raises(UsageError) as caught:
        edits.parse([said])
    assert caught.value.message


def test_a_variable_is_said_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        edits.parse(["year=1999", "issued="])


def test_the_text_for_an_editor_is_read_back_as_nothing_said() -> None:
    known = work(1, volume="")
    variables = {**known.variables, "author": (Name("Smith", "A."), ET_AL)}
    whole = Reference(known.type, variables, {"x": {"kept": 1}})
    assert edits.from_text(edits.to_text(whole, "k"), whole, "k") == edits.Statement()


def test_what_is_changed_in_the_text_is_said_and_no_more() -> None:
    text = edits.to_text(work(1), "k")
    text = text.replace('"volume": "1"', '"volume": "2"').replace('"k"', '"mine"')
    text = text.replace('  "page": "100-109",\n', "")
    said = edits.from_text(text, work(1), "k")
    assert said == edits.Statement({"volume": "2"}, ("page",), "mine")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n"title": "x"\n"page": "1"}', "line 3"),
        ("[]", "not a CSL-JSON object"),
        ('{"a": ' * 9000, "deep"),
    ],
)
def test_a_text_that_is_none_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        edits.from_text(text, work(1), "k")


@pytest.mark.parametrize(
    "item",
    ['{"titel": "x"}', '{"author": "Smith"}', '{"PMID": "x"}', '{"type": "novel"}',
     '{"annote": "x"}', '{"custom": {"x": 1}}', '{"citation-key": "a b"}'],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told_too(item: str) -> None:
    with pytest.raises(UsageError):
        edits.from_text(item, work(1), "k")


# -------------------------------------------------------------------------------------- edit


def test_an_edit_is_a_record_that_holds_what_was_said(desk: Store) -> None:
    edit(desk, FIRST, "volume=9", "issue=", "title=New")
    found = desk.get(FIRST)
    assert (found.reference.text("volume"), found.reference.title) == ("9", "New")
    record = found.records[-1]
    assert (record.source.kind, record.source.name) == ("person", "ann")
    assert record.reference.variables == {"volume": "9", "title": "New"}
    assert desk.check() == []


def test_a_plan_can_be_printed_and_changes_nothing(desk: Store) -> None:
    before = contents(desk)
    plan = desk.plan_edit(FIRST, edits.parse(["volume=9", "page="]), "ann")
    told = plan.to_json()
    assert told["summary"] == f"{FIRST}: volume, page (ann)"
    assert told["changes"][0]["reference"] == {
        "page": {"before": "100-109", "after": None},
        "volume": {"before": "1", "after": "9"},
    }
    assert contents(desk) == before


def test_a_persons_word_survives_what_files_say_later(desk: Store) -> None:
    edit(desk, FIRST, "volume=", "title=Mine")
    read_in(desk, work(1, volume="5", title="First example"), state=2)
    read_in(desk, work(1, volume="6"), name="y.txt")
    found = desk.get(FIRST).reference
    assert (found.text("volume"), found.title) == ("", "Mine")


def test_a_persons_last_word_counts_whatever_the_clock_says(desk: Store) -> None:
    future = Record(
        Source("person", "bob", "edit x", time="2999-01-01"),
        Reference(variables={"title": "Future"}),
    )
    read_in(desk, Dossier(work(1, title="Future"), records=(future,)), name="y.txt")
    assert desk.get(FIRST).reference.title == "Future"
    edit(desk, FIRST, "title=Now")
    assert desk.get(FIRST).reference.title == "Now"


def test_what_was_said_before_needs_no_second_record(desk: Store) -> None:
    edit(desk, FIRST, "volume=9", "page=")
    again = desk.plan_edit(FIRST, edits.parse(["volume=9", "page="]), "bob")
    assert (again.changes, desk.apply(again)) == ((), 0)


def test_a_person_may_confirm_what_a_file_says(desk: Store) -> None:
    assert edit(desk, FIRST, "volume=1")
    read_in(desk, work(1, volume="5"), state=2)
    assert desk.get(FIRST).reference.text("volume") == "1"


def test_a_new_key_and_the_old_one_find_the_reference(desk: Store) -> None:
    edit(desk, FIRST, "key=mine")
    assert desk.get("mine").key == desk.get(FIRST).key == "mine"
    assert desk.check() == []
    with pytest.raises(UsageError, match="key of a reference"):
        edit(desk, SECOND, f"key={FIRST.upper()}")
    read_in(desk, Dossier(work(1), FIRST), state=3)
    assert len(contents(desk)) == 4


def test_the_case_of_a_key_can_be_changed(desk: Store) -> None:
    edit(desk, FIRST, f"key={FIRST.upper()}")
    assert desk.get(FIRST).key == FIRST.upper()


def test_an_unknown_key_is_a_usage_error(desk: Store) -> None:
    with pytest.raises(UsageError, match="no reference"):
        edit(desk, "nobody", "volume=1")


# ------------------------------------------------------------------------- two people at once


def test_the_second_of_two_is_told_and_nothing_is_lost(desk: Store) -> None:
    seen = desk.look(FIRST)
    edit(desk, FIRST, "volume=8", person="bob")
    late = desk.plan_edit(FIRST, edits.parse(["volume=9"]), "ann", seen)
    with pytest.raises(StaleError, match=r"edit .*volume \(bob\)"):
        desk.apply(late)
    assert desk.get(FIRST).reference.text("volume") == "8"
    assert len(desk.events(FIRST)) == 2


def test_other_references_may_change_meanwhile(desk: Store) -> None:
    seen = desk.look(FIRST)
    edit(desk, SECOND, "volume=8", person="bob")
    assert desk.apply(desk.plan_edit(FIRST, edits.parse(["volume=9"]), "ann", seen))


@pytest.mark.parametrize("meanwhile", ["annotate", "unlist", "move", "merge", "undo"])
def test_an_annotation_is_not_written_over_another_one(desk: Store, meanwhile: str) -> None:
    late = desk.plan_annotate(FIRST, "", "late", "ann")
    if meanwhile == "annotate":
        desk.apply(desk.plan_annotate(FIRST, "", "early", "bob"))
    elif meanwhile == "unlist":
        desk.apply(desk.plan_unlist("Examples", FIRST, "bob"))
    elif meanwhile == "move":
        desk.apply(desk.plan_move("Examples", FIRST, 3, "bob"))
    elif meanwhile == "merge":
        desk.apply(desk.plan_merge([SECOND, FIRST], "bob"))
    else:
        desk.undo(1)
    with pytest.raises(StaleError):
        desk.apply(late)


def test_a_merge_of_what_was_edited_meanwhile_is_refused(desk: Store) -> None:
    late = desk.plan_merge([FIRST, SECOND], "ann")
    edit(desk, SECOND, "volume=9")
    with pytest.raises(StaleError):
        desk.apply(late)


def test_two_processes_lose_nothing(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1, volume="100"))
    assert together(url, FIRST, ("ann", "bob"), times=8) == [0, 0]
    with store.open(url) as opened:
        assert opened.get(FIRST).reference.text("volume") == "116"
        assert len(opened.events(FIRST)) == 17
        assert opened.check() == []


# --------------------------------------------------------------------- annotations and tags


def test_an_annotation_belongs_to_its_bibliography(desk: Store) -> None:
    read_in(desk, Dossier(work(1), entries=(entry("other", name="Others"),)), name="y.txt")
    with pytest.raises(UsageError, match="more than once"):
        desk.plan_annotate(FIRST, "", "new", "ann")
    desk.apply(desk.plan_annotate(FIRST, "Examples", "  new\nlines ", "ann"))
    notes = {one.bibliography: one.annotation for one in desk.get(FIRST).entries}
    assert notes == {"Examples": "new\nlines", "Others": "other"}
    read_in(desk, *LISTED, state=2)
    assert desk.get(FIRST).entries[0].annotation == "new\nlines"


def test_the_same_annotation_is_nothing_new(desk: Store) -> None:
    assert desk.apply(desk.plan_annotate(FIRST, "Examples", "note 1", "ann")) == 0


def test_what_is_listed_twice_is_told_by_its_position(desk: Store) -> None:
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    with pytest.raises(UsageError, match=r"no\. 1, Examples no\. 2"):
        desk.plan_annotate(FIRST, "Examples", "x", "ann")
    desk.apply(desk.plan_annotate(FIRST, "Examples", "x", "ann", at=2))
    assert [one.annotation for one in desk.get(FIRST).entries] == ["note 1", "x"]


def test_what_is_not_listed_cannot_be_annotated(desk: Store) -> None:
    with pytest.raises(UsageError, match="not listed in 'Nowhere'"):
        desk.plan_annotate(FIRST, "Nowhere", "x", "ann")


def test_tags_go_on_and_off(desk: Store) -> None:
    desk.apply(desk.plan_tag([FIRST, SECOND, FIRST], ["b", " a  c "], [], "ann"))
    plan = desk.plan_tag([FIRST, SECOND], ["b"], ["a c", "none"], "ann")
    assert [(one.tags, one.untagged) for one in plan.changes] == [((), ("a c",))] * 2
    desk.apply(plan)
    assert [dossier.tags for dossier in desk.dossiers()] == [("b",), ("b",), (), ()]
    with pytest.raises(UsageError, match="at once"):
        desk.plan_tag([FIRST], ["x"], ["x"], "ann")


# ---------------------------------------------------------------------------- bibliographies


@pytest.mark.parametrize(
    ("key", "to", "expected"),
    [(FIRST, 3, [SECOND, THIRD, FIRST]), (THIRD, 1, [THIRD, FIRST, SECOND]),
     (SECOND, 99, [FIRST, THIRD, "delta1994fourth", SECOND])],
)  # fmt: skip
def test_an_entry_is_moved(desk: Store, key: str, to: int, expected: list[str]) -> None:
    desk.apply(desk.plan_move("Examples", key, to, "ann"))
    assert [found for _, found in order(desk)][: len(expected)] == expected
    assert [position for position, _ in order(desk)] == [1, 2, 3, 4]
    read_in(desk, *LISTED, state=2)
    assert [found for _, found in order(desk)][: len(expected)] == expected


def test_positions_that_are_given_twice_are_counted_anew(empty: Store) -> None:
    read_in(empty, *(Dossier(work(n), entries=(entry(position=1),)) for n in (1, 2, 3)))
    empty.apply(empty.plan_move("Examples", THIRD, 2, "ann"))
    assert order(empty) == [(1, FIRST), (2, THIRD), (3, SECOND)]


def test_where_it_stands_it_need_not_be_moved(desk: Store) -> None:
    assert desk.apply(desk.plan_move("Examples", SECOND, 2, "ann")) == 0


def test_references_are_listed_at_the_end_once(desk: Store) -> None:
    desk.apply(desk.plan_list("New", [SECOND, FIRST, SECOND], "ann"))
    assert order(desk, "New") == [(1, SECOND), (2, FIRST)]
    desk.apply(desk.plan_list("New", [FIRST, THIRD], "ann"))
    assert order(desk, "New") == [(1, SECOND), (2, FIRST), (3, THIRD)]


def test_what_is_taken_out_does_not_come_back(desk: Store) -> None:
    desk.apply(desk.plan_unlist("Examples", SECOND, "ann"))
    read_in(desk, *LISTED, state=2)
    assert [key for _, key in order(desk)] == [FIRST, THIRD, "delta1994fourth"]
    assert desk.get(SECOND).entries == ()


# ------------------------------------------------------------------------------------- merge


def test_a_merge_keeps_all_and_the_old_key_finds_it(desk: Store) -> None:
    desk.apply(desk.plan_tag([FIRST, SECOND], ["both"], [], "ann"))
    desk.apply(desk.plan_tag([SECOND], ["second"], [], "ann"))
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    found = desk.get(SECOND)
    assert (found.key, found.tags) == (FIRST, ("both", "second"))
    assert [one.annotation for one in found.entries] == ["note 1", "note 2"]
    assert len(found.records) == 2
    assert len(contents(desk)) == 3
    assert desk.check() == []


def test_what_was_merged_into_a_merged_one_is_found_too(desk: Store) -> None:
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    desk.apply(desk.plan_merge([THIRD, FIRST], "ann"))
    assert desk.get(SECOND).key == desk.get(FIRST).key == THIRD
    desk.undo()
    assert desk.get(SECOND).key == desk.get(FIRST).key == FIRST


def test_one_reference_cannot_be_merged_with_itself(desk: Store) -> None:
    with pytest.raises(UsageError, match="one reference already"):
        desk.plan_merge([FIRST, FIRST.upper()], "ann")


def test_a_file_that_is_read_again_finds_what_was_merged(desk: Store) -> None:
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    assert read_in(desk, *LISTED, state=2).changes == ()
    read_in(
        desk,
        LISTED[0],
        Dossier(work(2, issue="3"), entries=LISTED[1].entries),
        *LISTED[2:],
        state=3,
    )
    assert len(contents(desk)) == 3
    assert desk.check() == []


# --------------------------------------------------------------------------- log and history


def test_the_log_tells_what_was_done_newest_first(desk: Store) -> None:
    edit(desk, FIRST, "volume=9")
    desk.undo()
    found = desk.events()
    assert [(one.number, one.kind, one.undoes, one.undone_by) for one in found] == [
        (3, "undo", 2, 0),
        (2, "edit", 0, 3),
        (1, "import", 0, 0),
    ]
    assert [one.number for one in desk.events(limit=1)] == [3]


def test_the_log_of_a_reference_tells_what_was_changed(desk: Store) -> None:
    edit(desk, FIRST, "volume=9")
    edit(desk, SECOND, "volume=8")
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    assert [one.kind for one in desk.events(THIRD)] == ["import"]
    assert [one.kind for one in desk.events(FIRST)] == ["merge", "edit", "edit", "import"]
    changes = [one for one in desk.events(FIRST)[2].changes if one.subject == "reference"]
    assert [(one.before, one.after) for one in changes] == [({"volume": "1"}, {"volume": "9"})]
    assert desk.events(FIRST)[0].to_json()["changes"]


def test_a_reference_is_shown_as_it_was_after_each_change_set(desk: Store) -> None:
    seen: dict[int, Any] = {}

    def remember() -> None:
        number = desk.events(limit=1)[0].number
        seen[number] = {key: desk.get(key) for key in (FIRST, SECOND)}

    remember()
    edit(desk, FIRST, "volume=9", "title=")
    remember()
    desk.apply(desk.plan_annotate(FIRST, "", "new", "ann"))
    remember()
    desk.apply(desk.plan_tag([SECOND], ["x"], [], "ann"))
    remember()
    desk.apply(desk.plan_unlist("Examples", SECOND, "ann"))
    remember()
    desk.apply(desk.plan_merge([FIRST, SECOND], "ann"))
    edit(desk, FIRST, "key=mine")
    desk.apply(desk.plan_merge([THIRD, "mine"], "ann"))
    desk.undo()
    for number, dossiers in seen.items():
        for key, before in dossiers.items():
            assert desk.at(key, str(number)) == before
    assert desk.at(SECOND, "6").key == FIRST
    assert desk.at("mine", "7").tags == ("x",)


def test_what_is_no_longer_there_is_shown_as_it_was(desk: Store) -> None:
    before = desk.get(FIRST)
    desk.undo()
    assert desk.at(FIRST, "1") == before
    with pytest.raises(UsageError, match="not there then"):
        desk.at(FIRST, "2")


@pytest.mark.parametrize("when", ["2000-01-01", "2000-01-01T10:00:00Z"])
def test_before_it_was_there_it_is_not_shown(desk: Store, when: str) -> None:
    with pytest.raises(UsageError, match="not there then"):
        desk.at(FIRST, when)


def test_a_day_means_its_end(desk: Store) -> None:
    assert desk.at(FIRST, "2999-01-01") == desk.get(FIRST)


@pytest.mark.parametrize("when", ["yesterday", "99", "2026-13-01"])
def test_a_time_that_is_none_is_a_usage_error(desk: Store, when: str) -> None:
    with pytest.raises(UsageError):
        desk.at(FIRST, when)
