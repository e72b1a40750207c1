"""The laws of merging: order-free, idempotent, a person wins."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase.agreement import agree
from refbase.merge import conflicts, current, differences, provenance, resolve, statements
from refbase.model import Record, Reference, Source, Value
from refbase.values import ET_AL, Date, Name

LONG = (Name.from_nlm("Dapas F"), Name.from_nlm("Hartman SF"), Name.from_nlm("Martinez L"))
CUT = (LONG[0], ET_AL)


def record(kind: str, time: str, name: str = "", line: int = 1, **variables: Value) -> Record:
    source = Source(kind, name or kind, location=f"/{name or kind}", time=time)
    return Record(source, Reference("article-journal", variables), line=line)


def denial(time: str, *variables: str) -> Record:
    """A person's record that says that these are unknown."""
    source = Source("person", "editor", location=f"edit {time}", time=time)
    return Record(source, Reference("document", {}, {"absent": list(variables)}))


values: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Example", "An example"]),
        "author": st.sampled_from([LONG, CUT]),
        "issued": st.sampled_from([Date((1985,)), Date((1985, 3))]),
        "volume": st.sampled_from(["10", "11", "10 Suppl 2"]),
        "container-title": st.sampled_from(["Drugs", "Clin Ther", "Clinical therapeutics"]),
    },
)
records = st.builds(
    lambda kind, name, time, line, variables: record(kind, time, name, line, **variables),
    st.sampled_from(["file", "pubmed", "person", "rule"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"]),
    st.integers(1, 3),
    values,
)


def same_bytes(reference: Reference) -> str:
    return json.dumps(reference.to_csl())


@given(st.lists(records, min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_records_does_not_matter(said: list[Record], random: object) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert same_bytes(resolve(said)) == same_bytes(resolve(shuffled))


@given(st.lists(records, min_size=1, max_size=6))
def test_merging_again_changes_nothing(said: list[Record]) -> None:
    merged = resolve(said)
    again = resolve([*said, *said])
    assert same_bytes(merged) == same_bytes(again)


@given(st.lists(records, min_size=1, max_size=6))
def test_nothing_that_somebody_says_today_is_missing(said: list[Record]) -> None:
    merged = resolve(said)
    for holding in current(said):
        assert holding.reference.variables.keys() <= merged.variables.keys()


@given(st.lists(records, min_size=1, max_size=6))
def test_a_person_wins(said: list[Record]) -> None:
    edit = record("person", "2026-02-01", "editor", title="As the curator wants it", author=CUT)
    merged = resolve([*said, edit])
    assert merged.title == "As the curator wants it"
    assert merged.authors == CUT


@given(st.lists(records, min_size=1, max_size=6))
def test_what_a_person_says_is_unknown_is_unknown(said: list[Record]) -> None:
    edit = denial("2026-02-01", "title", "issued")
    merged = resolve([*said, edit])
    assert {"title", "issued"}.isdisjoint(merged.variables)
    assert "absent" not in merged.custom
    assert not {"title", "issued"} & provenance([*said, edit]).keys()


@given(st.lists(records, min_size=1, max_size=6), st.randoms())
def test_conflicts_do_not_depend_on_the_order(said: list[Record], random: object) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = [(c.variable, c.old, c.new) for c in conflicts(said)]
    assert found == [(c.variable, c.old, c.new) for c in conflicts(shuffled)]


@given(st.lists(records, min_size=1, max_size=6))
def test_the_word_of_a_person_settles_every_conflict(said: list[Record]) -> None:
    merged = resolve(said)
    for number, conflict in enumerate(conflicts(said)):
        assert merged.variables[conflict.variable] == conflict.old
        words = {conflict.variable: conflict.new}
        answer = record("person", "2026-03-01", f"answer {number}", **words)
        assert resolve([*said, answer]).variables[conflict.variable] == conflict.new
        assert conflict.variable not in [c.variable for c in conflicts([*said, answer])]


@given(st.lists(records, min_size=1, max_size=6))
def test_all_who_say_something_are_listed_and_the_believed_one_first(said: list[Record]) -> None:
    believed = provenance(said)
    listed = statements(said)
    for variable, holding in believed.items():
        assert listed[variable][0] is holding
    for holding in current(said):
        for variable in holding.reference.variables:
            assert holding in listed[variable]


@given(st.lists(records, min_size=1, max_size=6))
def test_every_value_can_name_its_source(said: list[Record]) -> None:
    merged = resolve(said)
    sources = provenance(said)
    assert sources.keys() == merged.variables.keys()
    for variable, holding in sources.items():
        assert holding.reference.variables[variable] == merged.variables[variable]


def test_a_full_list_of_authors_beats_a_cut_one() -> None:
    first = record("file", "2026-01-01", "a", author=CUT, title="Example")
    second = record("file", "2026-01-02", "b", author=LONG, title="Exmple")
    merged = resolve([first, second])
    assert (merged.authors, merged.title) == (LONG, "Example")


def test_another_chapter_does_not_reword_what_is_there() -> None:
    first = record("file", "2026-01-01", "a", title="First come")
    second = record("file", "2026-01-02", "b", title="Second come", volume="10")
    merged = resolve([second, first])
    assert (merged.title, merged.text("volume")) == ("First come", "10")


def test_a_file_read_again_replaces_what_it_said_before() -> None:
    before = record("file", "2026-01-01", "a", title="Exmple", DOI="10.5555/wrong")
    after = record("file", "2026-01-02", "a", title="Example")
    merged = resolve([before, after])
    assert merged.variables == {"title": "Example"}


def test_an_unknown_type_gives_way() -> None:
    unknown = Record(Source("pubmed", "p"), Reference("document", {"title": "Example"}))
    known = Record(Source("file", "f"), Reference("chapter", {"title": "Exmple"}))
    assert resolve([unknown, known]).type == "chapter"


def test_differences_name_before_and_after() -> None:
    old = Reference("book", {"title": "Exmple"}, {"shelf": "A"})
    new = Reference("book", {"title": "Example", "volume": "2"})
    assert differences(old, new) == {
        "title": ("Exmple", "Example"),
        "volume": (None, "2"),
        "custom.shelf": ("A", None),
    }


# --------------------------------------------------------- what PubMed says against a citation

FULL = (Name.person("Dapas", "Frank"), Name.person("Hartman", "S. F."))
INITIALS = (Name.from_nlm("Dapas F"), Name.from_nlm("Hartman SF"))


@pytest.mark.parametrize(
    ("variable", "printed", "pubmed", "merged"),
    [
        ("author", INITIALS, FULL, FULL),
        ("author", FULL, INITIALS, FULL),
        ("author", INITIALS, CUT, INITIALS),
        ("author", (Name.from_nlm("Sletteb M"),), (Name.from_nlm("Slettebø M"),), "pubmed"),
        ("title", "BACLOFEN in <i>vivo</i>.", "Baclofen in vivo", "printed"),
        ("title", "Baclofen in vitro", "Baclofen in vivo", "pubmed"),
        ("page", "544-45", "544-545", "printed"),
        ("page", "544-45", "544-546", "pubmed"),
        ("DOI", "10.5555/ABC", "10.5555/abc", "printed"),
        ("DOI", "10.5555/ABD", "10.5555/abc", "pubmed"),
        ("ISSN", "0016-5086", "0016-5085", "pubmed"),
        ("issued", Date((2004,)), Date((2004, 10)), "printed"),
        ("issued", Date((2004,)), Date((2005,)), "conflict"),
        ("issued", Date(literal="in press"), Date((2005,)), "pubmed"),
        ("volume", "15", "16", "conflict"),
        ("issue", "Suppl. 5", "Supplement 5", "printed"),
        ("container-title", "Clin Ther", "Clinical therapeutics", "printed"),
        ("container-title", "Internist(Berl)", "Internist", "printed"),
        ("container-title", "Drugs", "Clinical therapeutics", "conflict"),
    ],
)
def test_pubmed_against_a_printed_citation(
    variable: str, printed: Value, pubmed: Value, merged: Value
) -> None:
    file = record("file", "2026-01-01", **{variable: printed})
    told = record("pubmed", "2026-01-02", **{variable: pubmed})
    expected = {"printed": printed, "conflict": printed, "pubmed": pubmed}
    value = resolve([file, told]).variables[variable]
    assert value == (expected.get(merged, merged) if isinstance(merged, str) else merged)
    assert [c.variable for c in conflicts([file, told])] == [variable] * (merged == "conflict")


def test_pubmed_fills_what_the_citation_does_not_say() -> None:
    file = record("file", "2026-01-01", title="Example")
    told = record("pubmed", "2026-01-02", volume="15", issued=Date((2004, 10)), DOI="10.5555/x")
    merged = resolve([file, told])
    assert (merged.text("volume"), merged.year, merged.doi) == ("15", 2004, "10.5555/x")
    assert conflicts([file, told]) == []


@pytest.mark.parametrize(
    ("printed", "pubmed"),
    [
        ({"volume": "48 Suppl 5"}, {"volume": "48", "issue": "Suppl 5"}),
        ({"volume": "48", "issue": "Suppl. 5"}, {"volume": "48 Suppl 5"}),
    ],
)
def test_a_supplement_stands_once_wherever_it_is_printed(
    printed: dict[str, Value], pubmed: dict[str, Value]
) -> None:
    said = [record("file", "2026-01-01", **printed), record("pubmed", "2026-01-02", **pubmed)]
    assert resolve(said).variables == printed
    assert conflicts(said) == []


def test_the_short_title_tells_that_two_journals_are_one() -> None:
    full = {"container-title": "Zeitschrift of examples", "container-title-short": "Z Ex"}
    file = record("file", "2026-01-01", **{"container-title": "Z. Ex."})
    merged = resolve([file, record("pubmed", "2026-01-02", **full)])
    assert merged.container_title == "Z. Ex."
    assert merged.text("container-title-short") == "Z Ex"


def test_another_type_is_a_conflict() -> None:
    file = Record(Source("file", "f"), Reference("chapter"))
    told = Record(Source("pubmed", "p"), Reference("article-journal"))
    assert resolve([file, told]).type == "chapter"
    [conflict] = conflicts([file, told])
    assert (conflict.variable, conflict.old, conflict.new) == ("type", "chapter", "article-journal")


def test_a_later_word_takes_back_that_something_is_unknown() -> None:
    later = record("person", "2026-02-02", "edit 2", title="Known again")
    assert resolve([denial("2026-02-01", "title"), later]).title == "Known again"
    assert resolve([denial("2026-02-03", "title"), later]).title == ""


def test_nobody_but_a_person_denies() -> None:
    file = Record(Source("file", "f"), Reference("book", {"title": "Example"}, {"absent": ["x"]}))
    assert resolve([file]) == file.reference


def test_who_is_silent_neither_agrees_nor_disagrees() -> None:
    assert agree("volume", Reference("book"), Reference("book", {"volume": "1"})) is None
    assert agree("type", Reference("document"), Reference("book")) is None
