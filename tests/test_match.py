"""Two references, one work or two."""

from __future__ import annotations

import pytest

from refbase.match import fingerprint, same_work
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
