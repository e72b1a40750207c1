"""The reference and CSL-JSON: nothing is lost on the way there and back."""

from __future__ import annotations

import json

import pytest

from refbase.model import Reference
from refbase.values import ET_AL, Date, Name

ITEM = {
    "type": "article-journal",
    "title": "Example <i>in vivo</i>",
    "author": [
        {"family": "Ploeg", "given": "R. J.", "non-dropping-particle": "van der"},
        {"family": "Smith", "given": "John", "suffix": "Jr.", "comma-suffix": True},
        {"literal": "Example Study Group"},
    ],
    "issued": {"date-parts": [[1998, 12], [1999, 1]]},
    "original-date": {"date-parts": [[2015]], "season": "Spring", "circa": True},
    "accessed": {"literal": "in press"},
    "volume": "48",
    "PMID": "4585729",
    "categories": ["one"],
    "custom": {"et-al": ["author"], "mesh": ["Example"]},
}


def test_an_item_comes_back_as_it_was() -> None:
    reported: list[tuple[str, str]] = []
    reference = Reference.from_csl(ITEM, lambda code, message: reported.append((code, message)))
    again = reference.to_csl()
    assert again.pop("custom") == {"et-al": ["author"], "mesh": ["Example"], "categories": ["one"]}
    assert {**again, "categories": ["one"], "custom": ITEM["custom"]} == ITEM
    assert reference == Reference.from_csl(reference.to_csl())


def test_values_have_types() -> None:
    reference = Reference.from_csl(ITEM)
    assert reference.authors[-1] is not None
    assert reference.authors[-1] == ET_AL
    assert reference.authors[0] == Name("Ploeg", "R. J.", "van der")
    assert reference.date() == Date((1998, 12), (1999, 1))
    assert reference.date("original-date") == Date((2015, 21), circa=True)
    assert reference.year == 1998
    assert (reference.pmid, reference.pmcid, reference.doi) == ("4585729", "", "")


@pytest.mark.parametrize(
    ("item", "custom"),
    [
        ({"type": "painting"}, {"type": "painting"}),
        ({"unheard": "of"}, {"unheard": "of"}),
        ({"author": "Smith"}, {"author": "Smith"}),
        ({"author": [{"family": "Smith"}, "Jones"]}, {"author": [{"family": "Smith"}, "Jones"]}),
        ({"title": ["x"]}, {"title": ["x"]}),
        ({"volume": True}, {"volume": True}),
        ({"issued": {"date-parts": [["x"]]}}, {"issued": {"date-parts": [["x"]]}}),
        ({"issued": [1999]}, {"issued": [1999]}),
        ({"custom": "x"}, {"custom": "x"}),
        *(
            (
                {"issued": {"date-parts": [[1999]], **more}},
                {"issued": {"date-parts": [[1999]], **more}},
            )
            for more in ({"literal": "soon"}, {"calendar": "julian"})
        ),
        ({"issued": {"date-parts": [[1], [2], [3]]}}, {"issued": {"date-parts": [[1], [2], [3]]}}),
    ],
)
def test_what_is_not_csl_is_kept_and_reported(
    item: dict[str, object], custom: dict[str, object]
) -> None:
    reported: list[str] = []
    reference = Reference.from_csl(item, lambda code, _: reported.append(code))
    assert reference.custom == custom
    assert reported == ["bad-value"]


def test_old_spellings_are_read_under_the_name_of_today() -> None:
    item = {"journalAbbreviation": "Ex J", "shortTitle": "Ex", "event": "Example Meeting"}
    assert Reference.from_csl(item).variables == {
        "container-title-short": "Ex J",
        "title-short": "Ex",
        "event-title": "Example Meeting",
    }
    both = {"journalAbbreviation": "Old", "container-title-short": "New"}
    assert Reference.from_csl(both).text("container-title-short") == "New"


def test_numbers_become_text_and_empty_values_are_absent() -> None:
    reference = Reference.from_csl({"volume": 48, "issue": "", "author": [], "title": None})
    assert reference.variables == {"volume": "48"}


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ({"date-parts": [["2015", "6", "3"]]}, Date((2015, 6, 3))),
        ({"date-parts": [[2015]], "season": 1}, Date((2015, 21))),
        ({"date-parts": [[2015]], "season": "Fall"}, Date((2015, 23))),
        ({"date-parts": [[1979], [1980]], "season": "Autumn-Winter"}, Date((1979, 23), (1980, 24))),
        ({"raw": "2013 Sep 11"}, Date((2013, 9, 11))),
        ({"literal": "2013 Sep 11"}, Date(literal="2013 Sep 11")),
        ("2013-09", Date((2013, 9))),
    ],
)
def test_dates_in_csl(raw: object, date: Date) -> None:
    assert Reference.from_csl({"issued": raw}).date() == date


def test_characters_that_nothing_can_hold_are_taken_out() -> None:
    item = json.loads('{"title": "a\\u0000b\\ud800c", "author": [{"family": "x\\u0000"}]}')
    reference = Reference.from_csl(item)
    assert (reference.title, reference.authors) == ("abc", (Name("x"),))


def test_no_value_in_csl_brings_the_model_down() -> None:
    item = {
        "type": ["book"],
        "author": [{"name": "An unknown way to say it"}],
        "editor": [{"family": "Editor", "comma-suffix": {"a": 1}}],
        "issued": {"date-parts": [[2015, 13]]},
        "accessed": {"date-parts": ["2015"]},
        "submitted": {"literal": "\ud800x"},
        "custom": {"et-al": [["title"], "title", "editor"]},
    }
    reference = Reference.from_csl(item)
    assert reference.variables == {
        "editor": (Name("Editor"), ET_AL),
        "submitted": Date(literal="x"),
    }
    assert reference.custom == {
        name: item[name] for name in ("type", "author", "issued", "accessed")
    }


def test_parts_of_a_date_that_are_zero_are_unknown() -> None:
    item = {"issued": {"date-parts": [[2015, 0, 0], []]}}
    assert Reference.from_csl(item).date() == Date((2015,))


@pytest.mark.parametrize(
    "date",
    [
        Date((2015,), (2016, 21)),
        Date((2015, 21), (2016,)),
        Date((2015, 3), (2015, 21)),
        Date((2015, 33), (2015, 34), circa=True),
    ],
)
def test_a_season_stays_at_its_end_of_a_range(date: Date) -> None:
    item = Reference(variables={"issued": date}).to_csl()
    assert Reference.from_csl(item).date() == date


def test_a_season_that_is_none_is_kept_and_reported() -> None:
    reported: list[str] = []
    raw = {"date-parts": [[2015]], "season": "Hilary"}
    reference = Reference.from_csl({"issued": raw}, lambda code, _: reported.append(code))
    assert reference.date() == Date((2015,))
    assert reference.custom == {"issued": raw}
    assert reported == ["bad-value"]
