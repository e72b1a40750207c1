"""The laws of merging: order-free, idempotent, a person wins."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from refbase.merge import current, differences, provenance, resolve
from refbase.model import Record, Reference, Source, Value
from refbase.values import ET_AL, Date, Name

LONG = (Name.from_nlm("Dapas F"), Name.from_nlm("Hartman SF"), Name.from_nlm("Martinez L"))
CUT = (LONG[0], ET_AL)


def record(kind: str, time: str, name: str = "", line: int = 1, **variables: Value) -> Record:
    source = Source(kind, name or kind, location=f"/{name or kind}", time=time)
    return Record(source, Reference("article-journal", variables), line=line)


values: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Example", "An example"]),
        "author": st.sampled_from([LONG, CUT]),
        "issued": st.sampled_from([Date((1985,)), Date((1985, 3))]),
        "volume": st.sampled_from(["10", "11"]),
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
