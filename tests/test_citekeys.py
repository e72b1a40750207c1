"""Citation keys: readable, ASCII, unique, the same every time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase.citekeys import check_pattern, make
from refbase.errors import UsageError
from refbase.model import Reference
from refbase.values import Date, Name


def work(title: str, *authors: Name, year: int = 1972) -> Reference:
    return Reference("book", {"title": title, "author": authors, "issued": Date((year,))})


def key(reference: Reference, *taken: str, pattern: str = "{family}{year}{word}") -> str:
    return make(reference, set(taken).__contains__, pattern)


HUDGSON = work("Clinical trial of baclofen against placebo", Name.from_nlm("Hudgson P"))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (HUDGSON, "hudgson1972clinical"),
        (work("A double-blind trial", Name.from_nlm("From A"), year=1975), "from1975double"),
        (work("The Example", Name.from_nlm("Jevtović Dj")), "jevtovic1972example"),
        (work("Example", Name.from_nlm("Slettebø M")), "slettebo1972example"),
        (work("Example", Name.from_nlm("Garabedian-Ruffalo SM")), "garabedianruffalo1972example"),
        (work("Example", Name(literal="The Example Study Group")), "example1972example"),
        (work("<i>Example</i> in vivo", Name.from_nlm("d'Emden M")), "emden1972example"),
        (Reference("book", {"title": "On it"}), "anonymouson"),
        (Reference("book", {"title": "Example", "issued": Date((2009,))}), "anonymous2009example"),
        (Reference("book", {"title": "中文"}), "anonymous"),
        (Reference(), "anonymous"),
    ],
)
def test_the_usual_key(reference: Reference, expected: str) -> None:
    assert key(reference) == expected


def test_a_taken_key_counts_on() -> None:
    assert key(HUDGSON, "hudgson1972clinical") == "hudgson1972clinical-2"
    assert key(HUDGSON, "hudgson1972clinical", "hudgson1972clinical-2") == "hudgson1972clinical-3"


def test_a_thousand_of_one_name_are_numbered_in_turn() -> None:
    asked = 0
    used: set[str] = set()

    def taken(name: str) -> bool:
        nonlocal asked
        asked += 1
        return name in used

    for _ in range(1000):
        used.add(make(HUDGSON, taken))
    assert used == {"hudgson1972clinical"} | {f"hudgson1972clinical-{n}" for n in range(2, 1001)}
    assert asked < 1000 * 25


@given(st.text(), st.text(), st.text())
def test_any_text_gives_a_key_that_bibtex_can_read(title: str, family: str, group: str) -> None:
    made = key(work(title, Name(family=family), Name(literal=group)))
    assert made
    assert made.isascii()
    assert not set(made) & set(" {}(),=#%\"~\\'")


@pytest.mark.parametrize("pattern", ["{nothing}", "{family", "fixed", ""])
def test_a_pattern_that_makes_no_sense_is_a_usage_error(pattern: str) -> None:
    with pytest.raises(UsageError):
        check_pattern(pattern)


def test_patterns_may_name_other_parts() -> None:
    assert key(HUDGSON, pattern="{family}_{year}_{words}") == "hudgson_1972_clinicaltrialbaclofen"
