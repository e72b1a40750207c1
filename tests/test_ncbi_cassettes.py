"""The client against cassettes; `make record` runs this against NCBI and writes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

pytest.importorskip("vcr", reason="vcrpy is not installed: no cassettes")

from ncbi.recording import FOLDER, QUESTIONS, mode, recorder
from ncbi.records import NOTE
from refbase.ncbi import Answer, Client, client, ecitmatch, eutils, idconv
from refbase.ncbi.ecitmatch import Outcome
from refbase.ncbi.throttle import Throttle

Ask = Callable[[str], Answer]


@pytest.fixture
def ask() -> Ask:
    """Asks a question by its name; the answer is played, or recorded with NCBI_RECORD=all."""
    recording = mode() != "none"
    email = os.environ.get("REFBASE_EMAIL", "") if recording else "someone@example.org"
    key = os.environ.get("NCBI_API_KEY", "") if recording else "made-up-key-0123456789"

    def asked(name: str) -> Answer:
        if recording:
            (FOLDER / f"{name}.yaml").unlink(missing_ok=True)
        throttle = Throttle(client.RATE if recording else 1000)
        with (
            # First: what a client's connections are is settled when it is made
            recorder(mode()).use_cassette(f"{name}.yaml"),
            Client(email, key, throttle=throttle) as ncbi,
        ):
            return ncbi.ask(QUESTIONS[name])

    return asked


def test_records_come_and_what_pubmed_does_not_know_is_missing(ask: Ask) -> None:
    fetched = eutils.parse(ask("efetch"))
    assert list(fetched.references) == ["15390328", "4585729"]
    assert fetched.missing == ("999999999",)
    assert fetched.unasked == ()
    assert fetched.references["15390328"].year == 2004
    assert fetched.references["4585729"].title == "Clinical trial of baclofen against placebo"


def test_of_nothing_but_unknown_pmids_all_are_missing(ask: Ask) -> None:
    assert eutils.parse(ask("efetch_unknown")).missing == ("999999999",)


def test_a_search_finds(ask: Ask) -> None:
    search = eutils.found(ask("esearch"))
    assert (search.pmids, search.count, search.warnings) == (("15390328",), 1, ())


def test_a_search_for_what_is_nowhere_finds_nothing_and_says_so(ask: Ask) -> None:
    search = eutils.found(ask("esearch_nothing"))
    assert search.pmids == ()
    assert search.warnings


def test_a_printed_citation_is_found_and_that_of_a_book_is_not(ask: Ask) -> None:
    matches = ecitmatch.parse(ask("ecitmatch"))
    assert matches["hudgson1972clinical"].pmids == ("4585729",)
    assert matches["zimmerman1999muscle"].outcome is Outcome.NOT_FOUND


def test_a_pmcid_leads_to_its_pmid(ask: Ask) -> None:
    converted = idconv.parse(ask("idconv"))
    assert converted.found["PMC2424842"]["PMID"] == "7267501"
    assert converted.found["PMC2425514"]["PMID"] == "6771749"


def test_what_is_not_in_pmc_is_said_to_be_that(ask: Ask) -> None:
    assert idconv.parse(ask("idconv_not_in_pmc")).not_in_pmc == ("4585729",)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_cassette_holds_a_secret(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text()
    assert not re.search(r"api_key|email|@|NCBI-SID|Set-Cookie|127\.0\.0\.1", text, re.I)


def test_a_cassette_that_was_composed_says_so() -> None:
    text = (FOLDER / "efetch.yaml").read_text()
    assert text.startswith("# Composed") or NOTE not in text
