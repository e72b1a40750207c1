"""Two references, one work or two."""

from __future__ import annotations

import pytest

from refbase.match import borne_out, fingerprint, same_work
from refbase.model import Reference
from refbase.values import Date, Name


def work(title: str, author: str, year: int, volume: str, page: str, **more: str) -> Reference:
    variables = {"title": title, "author": (Name.from_nlm(author),), "issued": Date((year,))}
    return Reference("article-journal", {**variables, "volume": volume, "page": page, **more})


BASS = work(
    "Tizanidine versus baclofen in the treatment of spasticity in patients with multiple sclerosis",
    "Bass B", 1988, "15", "15-9", PMID="3345456",
)  # fmt: skip
HOOGSTRATEN = work(
    "Tizanidine versus baclofen in the treatment of spasticity in multiple sclerosis patients",
    "Hoogstraten MC", 1988, "77", "224-30", PMID="3376747",
)  # fmt: skip


def without(reference: Reference, *names: str) -> Reference:
    kept = {name: value for name, value in reference.variables.items() if name not in names}
    return Reference(reference.type, kept)


@pytest.mark.parametrize("names", [(), ("PMID",), ("PMID", "page"), ("PMID", "volume")])
def test_near_equal_titles_of_one_year_stay_two_works(names: tuple[str, ...]) -> None:
    assert not same_work(without(BASS, *names), without(HOOGSTRATEN, *names)).certain


def test_a_citation_without_identifiers_meets_its_enriched_twin() -> None:
    assert same_work(BASS, without(BASS, "PMID")).certain
    assert fingerprint(BASS) == fingerprint(without(BASS, "PMID")) != ""


def test_abbreviated_and_full_pages_are_the_same_print() -> None:
    full = Reference("article-journal", {**without(BASS, "PMID").variables, "page": "15-19"})
    assert same_work(without(BASS, "PMID"), full).certain


def test_one_pmid_on_two_letters_of_one_page_is_doubtful() -> None:
    macnair = work("Example therapy", "Macnair AL", 1981, "283", "1058-9", PMID="1")
    firebrace = work("Example therapy", "Firebrace DAJ", 1981, "283", "1058-9", PMID="1")
    verdict = same_work(macnair, firebrace)
    assert (verdict.certain, verdict.doubtful) == (False, True)
    assert "different author" in verdict.reasons


def test_one_pmid_on_two_different_works_is_doubtful() -> None:
    other = work("Quite another example of a work", "Nobody N", 2001, "3", "9-11", PMID="3345456")
    assert same_work(BASS, other).doubtful


def test_a_misspelt_author_and_a_typo_in_the_title_are_still_the_same_work() -> None:
    typo = work(BASS.title.replace("spasticity", "spastisity"), "Bas B", 1988, "15", "15-19",
                PMID="3345456")  # fmt: skip
    assert same_work(BASS, typo).certain


def test_contradicting_identifiers_are_never_certain() -> None:
    other = Reference("article-journal", {**BASS.variables, "PMID": "99"})
    verdict = same_work(BASS, other)
    assert (verdict.certain, verdict.doubtful) == (False, True)


def test_dois_are_the_same_whatever_their_case() -> None:
    one = Reference("article-journal", {"title": "Example", "DOI": "10.5555/ABC"})
    other = Reference("article-journal", {"title": "Example", "DOI": "10.5555/abc"})
    assert same_work(one, other).certain


def test_too_little_is_no_fingerprint() -> None:
    assert fingerprint(without(BASS, "issued")) == ""
    assert fingerprint(without(BASS, "author")) == ""
    assert fingerprint(Reference("article-journal", {"title": "Editorial"})) == ""


# ---------------------------------------------------- is it the work that the citation prints?

MACNAIR = work("Example and ketoconazole", "Macnair AL", 1981, "283", "1058-9", PMID="900001")


def changed(reference: Reference, /, **variables: object) -> Reference:
    said = {name.replace("_", "-"): value for name, value in variables.items()}
    return Reference(reference.type, {**reference.variables, **said})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("found", "certain"),
    [
        (BASS, True),
        (changed(BASS, page="15-19", title=BASS.title.upper()), True),
        (changed(BASS, page="51-59"), True),  # a misprint
        (changed(BASS, page="51-59", volume="51"), False),  # two are none
        (changed(BASS, issued=Date((1987,))), True),  # online and in print
        (changed(BASS, DOI="10.5555/bass"), True),
        (HOOGSTRATEN, False),  # two PMIDs swapped
        (changed(BASS, title=f"Author reply: {BASS.title}"), False),
        (changed(BASS, title=f"{BASS.title}. Part II", page="20-9"), False),
        (changed(BASS, author=(Name.from_nlm("Nobody N"),)), False),  # the next letter of the page
        (work("Quite another example", "Else S", 2001, "3", "9-11", PMID="3345456"), False),
    ],
)
def test_what_a_pmid_led_to_must_be_what_is_printed(found: Reference, certain: bool) -> None:
    verdict = borne_out(BASS, found)
    assert (verdict.certain, verdict.doubtful) == (certain, not certain)
    assert verdict.reasons


def test_one_pmid_on_two_letters_is_borne_out_by_one() -> None:
    firebrace = changed(MACNAIR, author=(Name.from_nlm("Firebrace DAJ"),))
    pubmed = changed(MACNAIR, author=(Name.person("Macnair", "Anthony L."),))
    assert borne_out(MACNAIR, pubmed).certain
    assert borne_out(firebrace, pubmed).reasons[0] == "different author"


def test_a_yearly_serial_is_told_apart_by_its_year() -> None:
    serial = Reference("article-journal", {"title": "Examples of drugs", "issued": Date((2011,))})
    later = changed(serial, issued=Date((2014,)), volume="12", page="17-24")
    assert not borne_out(changed(serial, volume="9", page="47-54"), later).certain


def test_a_bare_pmid_has_nothing_against_it() -> None:
    assert borne_out(Reference("document", {"PMID": "1"}), BASS).certain


def test_another_doi_is_doubtful() -> None:
    one, other = changed(BASS, DOI="10.5555/a"), changed(BASS, DOI="10.5555/b")
    assert borne_out(one, other).reasons[0] == "different DOI"


def test_a_translated_title_needs_the_whole_place() -> None:
    place = {"container-title": "Chudoku Kenkyu", "volume": "16", "page": "5-9"}
    printed = changed(work("Gekido", "Example E", 2003, "16", "5-9"), **place)
    found = changed(without(printed, "title"), **place)
    assert borne_out(printed, found).certain
    assert not borne_out(printed, changed(found, page="50-9")).certain
