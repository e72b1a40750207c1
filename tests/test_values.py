"""Names, dates and pages, in the shapes in which real bibliographies print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase.values import (
    Date,
    Name,
    dotted,
    first_page,
    full_pages,
    join_particle,
    page_range,
    split_particle,
    undotted,
)


@pytest.mark.parametrize(
    ("printed", "surname", "given", "suffix"),
    [
        ("Hudgson P", "Hudgson", "P.", ""),
        ("From A", "From", "A.", ""),
        ("vd Burg W", "vd Burg", "W.", ""),
        ("van der Ploeg RJ", "van der Ploeg", "R. J.", ""),
        ("van Marle S", "van Marle", "S.", ""),
        ("d'Emden M", "d'Emden", "M.", ""),
        ("d’Emden M", "d’Emden", "M.", ""),
        ("de la Cruz-Merino L", "de la Cruz-Merino", "L.", ""),
        ("De Fazio P", "De Fazio", "P.", ""),
        ("O'Brien C", "O'Brien", "C.", ""),
        ("Cornejo-Del Carpio J", "Cornejo-Del Carpio", "J.", ""),
        ("Muller K-M", "Muller", "K.-M.", ""),
        ("Jones RMcL", "Jones", "RMcL", ""),
        ("Jevtović Dj", "Jevtović", "Dj", ""),
        ("Davern TJ 2nd", "Davern", "T. J.", "2nd"),
        ("Cluxton RJ Jr", "Cluxton", "R. J.", "Jr"),
        ("Olosová", "Olosová", "", ""),
    ],
)
def test_names_as_nlm_prints_them(printed: str, surname: str, given: str, suffix: str) -> None:
    name = Name.from_nlm(printed)
    assert (name.surname, name.given, name.suffix) == (surname, given, suffix)


@pytest.mark.parametrize(
    ("surname", "parts"),
    [
        ("Ångström Berg", ("", "Ångström Berg")),
        ("'t Hart", ("'t", "Hart")),
        ("von", ("", "von")),
        ("van 't Hoff", ("van 't", "Hoff")),
        ("al-Assad", ("", "al-Assad")),
        ("", ("", "")),
        ("王", ("", "王")),
    ],
)
def test_particles(surname: str, parts: tuple[str, str]) -> None:
    assert split_particle(surname) == parts


words = st.text(st.characters(categories=["L"], include_characters="'’-"), min_size=1)


@given(st.lists(words, min_size=1, max_size=4).map(" ".join))
def test_a_split_surname_joins_to_what_it_was(surname: str) -> None:
    assert join_particle(*split_particle(surname)) == surname


@given(st.builds(Name.person, words, words, words))
def test_an_inverted_name_reads_back(name: Name) -> None:
    assert Name.from_inverted(name.inverted) == name


@given(st.from_regex(r"[A-Z]{1,4}(-[A-Z]{1,2})?", fullmatch=True))
def test_initials_lose_and_find_their_dots(initials: str) -> None:
    assert undotted(dotted(initials)) == initials


@given(st.text(max_size=8))
def test_what_is_no_initials_is_left_alone(given_name: str) -> None:
    assert dotted(undotted(given_name)) in (given_name, dotted(given_name))


# The shapes that PubMed's MedlineDate takes, and those that LiverTox prints
@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("2019", "2019"),
        ("1979 Jan-Feb", "1979-01/1979-02"),
        ("1979 Apr 14-21", "1979-04-14/1979-04-21"),
        ("1998 Dec-1999 Jan", "1998-12/1999-01"),
        ("1979-1980", "1979/1980"),
        ("1979-1980 Fall-Winter", "1979-23/1980-24"),
        ("1979-1980 Winter", "1979-24/1980-24"),
        ("2021 3rd Quarter", "2021-35"),
        ("2021 Apr-Jun 01", "2021-04/2021-06-01"),
        ("1979 Aug 30-Sep 6", "1979-08-30/1979-09-06"),
        ("2018 May - Jun", "2018-05/2018-06"),
        ("2015 Spring", "2015-21"),
        ("2013 Sep 11", "2013-09-11"),
        ("30 January 2017", "2017-01-30"),
        ("January 30, 2017", "2017-01-30"),
        ("1998-12/1999-01", "1998-12/1999-01"),
        ("1970~", "1970~"),
    ],
)
def test_dates_as_they_are_printed(printed: str, edtf: str) -> None:
    assert Date.parse(printed).to_edtf() == edtf


@pytest.mark.parametrize(
    "printed",
    [
        "in press",
        "2015-13",
        "2015-02-30",
        "Sep 11",
        "2013 Foo",
        "n.d.",
        "19",
        "1999-",
        "987123",
        "Sep 112013",
    ],
)
def test_what_is_no_date_is_kept_as_it_is(printed: str) -> None:
    assert Date.parse(printed) == Date(literal=printed)


parts = st.one_of(
    st.tuples(st.integers(-999, 9999)),
    st.tuples(st.integers(0, 9999), st.sampled_from([*range(1, 13), 21, 24, 33, 36])),
    st.dates().map(lambda day: (day.year, day.month, day.day)),
)


@given(st.builds(Date, parts, st.one_of(st.just(()), parts), st.booleans()))
def test_every_date_reads_back_from_edtf(date: Date) -> None:
    assert Date.from_edtf(date.to_edtf()) == date


@given(st.text())
def test_any_text_is_some_date(text: str) -> None:
    date = Date.parse(text)
    assert date.start or date.literal == text.strip()


@pytest.mark.parametrize(
    ("printed", "full"),
    [
        ("37-40", "37-40"),
        ("1094-8", "1094-1098"),
        ("15-9", "15-19"),
        ("544-45", "544-545"),
        ("1340-1352.e7", "1340-1352.e7"),
        ("1340-52. e7", "1340-1352.e7"),
        ("848", "848"),
        ("S39-45", "S39-S45"),
        ("34S-39S", "34S-39S"),
        ("e297-304", "e297-e304"),
        ("e420-e422", "e420-e422"),
        ("489–501", "489-501"),
        ("e11225", "e11225"),
        ("CD003328", "CD003328"),
        ("1422, 1425-6", "1422, 1425-6"),
        ("53-4, 56", "53-4, 56"),
        ("587-607, viii", "587-607, viii"),
        ("639-412", "639-412"),
        ("1082.e1-4", "1082.e1-4"),
        ("S1665-2681(20)30004-1", "S1665-2681(20)30004-1"),
        ("xxii", "xxii"),
        ("S3-E7", "S3-E7"),
    ],
)
def test_abbreviated_ranges_are_completed_and_nothing_else(printed: str, full: str) -> None:
    assert full_pages(printed) == full


@given(st.text())
def test_completing_pages_twice_is_completing_them_once(printed: str) -> None:
    assert full_pages(full_pages(printed)) == full_pages(printed)


def test_what_is_not_one_range_has_no_ends() -> None:
    assert page_range("1422, 1425-6") == ("", "")
    assert page_range("848") == ("", "")
    assert page_range("S39-45") == ("S39", "S45")


def test_the_first_page_is_for_comparing() -> None:
    assert first_page("1340-52.e7") == "1340"
    assert first_page("") == ""


def test_a_number_of_five_digits_is_no_year() -> None:
    assert Date.parse("12345") == Date(literal="12345")


def test_pages_of_any_length_are_compared() -> None:
    many = "1" * 5000
    assert full_pages(f"{many}-2") == f"{many}-{many[:-1]}2"
    assert full_pages(f"{many}-0") == f"{many}-0"
    assert full_pages("98-101") == "98-101"
    assert full_pages("007-5") == "007-5"


def test_a_single_v_is_a_generation_only_behind_initials() -> None:
    assert Name.from_nlm("García Espinosa V").inverted == "García Espinosa, V."
    assert Name.from_nlm("Example AB V").inverted == "Example, A. B., V"
