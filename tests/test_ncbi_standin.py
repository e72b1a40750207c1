"""The stand-in itself: what it answers to other clients than ours, as NCBI does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ncbi import FAULTS, Server, article, every, from_citations
from ncbi.faults import TRANSIENT
from ncbi.records import NOTE, load
from program import ROOT, SEED

RECORDS = [
    article("7", "Example seven.", doi="10.5555/Example.7", pmcid="PMC77"),
    article("8", "Example eight.", year="2002", authors=["Example AB", "Other C"]),
]


@pytest.fixture
def ncbi() -> Iterator[Server]:
    with Server(*RECORDS, rate=0) as server:
        yield server


def post(ncbi: Server, program: str, **fields: str) -> requests.Response:
    return requests.post(f"{ncbi.url}{program}", data={"db": "pubmed", **fields}, timeout=10)


def json_of(ncbi: Server, program: str, **fields: str) -> Any:
    return post(ncbi, program, retmode="json", **fields).json()


def test_efetch_reinterprets_ids_and_leaves_out_what_it_does_not_know(ncbi: Server) -> None:
    for ids in ("-7", "007", "7,7", "7,x,999"):
        found = load([post(ncbi, "efetch.fcgi", id=ids).content])
        assert list(found) == ["7"], ids


def test_efetch_without_a_usable_id_fails_in_two_ways(ncbi: Server) -> None:
    none = post(ncbi, "efetch.fcgi", id="0")
    assert (none.status_code, "ID list is empty" in none.text) == (400, True)
    empty = post(ncbi, "efetch.fcgi", id="")
    assert (empty.status_code, "parameter is empty" in empty.text) == (200, True)


def test_a_history_is_kept_and_an_unknown_one_is_an_error_with_status_200(ncbi: Server) -> None:
    posted = post(ncbi, "epost.fcgi", id="8,7").text
    web = posted.split("<WebEnv>")[1].split("<")[0]
    assert len(load([post(ncbi, "efetch.fcgi", WebEnv=web, query_key="1").content])) == 2
    expired = post(ncbi, "efetch.fcgi", WebEnv="gone", query_key="1")
    assert (expired.status_code, "Unable to obtain query #1" in expired.text) == (200, True)
    assert "Empty ID list" in post(ncbi, "epost.fcgi", id="x").text
    assert "Invalid db name" in post(ncbi, "epost.fcgi", db="nothing", id="1").text


def test_esummary_says_which_ids_are_unknown_and_fails_for_malformed_ones(ncbi: Server) -> None:
    result = json_of(ncbi, "esummary.fcgi", id="7,999")["result"]
    assert result["7"]["title"] == "example seven"
    assert result["999"]["error"] == "cannot get document summary"
    assert "Invalid uid x at position= 1" in post(ncbi, "esummary.fcgi", id="7,x").text
    many = json_of(ncbi, "esummary.fcgi", id=",".join(map(str, range(1, 502))))
    assert "Maximum number of UIDs is 500" in many["esummaryresult"][0]
    assert "Neither query_key nor id" in post(ncbi, "esummary.fcgi").text


def test_elink_links_an_article_outside_pmc_to_others_only(ncbi: Server) -> None:
    first, second = json_of(ncbi, "elink.fcgi", id="7,8")["linksets"]
    assert [links["linkname"] for links in first["linksetdbs"]] == ["pubmed_pmc", "pubmed_pmc_refs"]
    assert [links["linkname"] for links in second["linksetdbs"]] == ["pubmed_pmc_refs"]


@pytest.mark.parametrize(
    ("term", "pmids"),
    [
        ("Example[Title]", ["8", "7"]),
        ("Example[Title] AND 2002[dp]", ["8"]),
        ('"Example seven"[Title]', ["7"]),
        ("Other C[au]", ["8"]),
        ("10.5555/example.7[doi]", ["7"]),
        ("eight", ["8"]),
    ],
)
def test_esearch_knows_fields(ncbi: Server, term: str, pmids: list[str]) -> None:
    assert json_of(ncbi, "esearch.fcgi", term=term)["esearchresult"]["idlist"] == pmids
    assert post(ncbi, "esearch.fcgi", term=term).text.count("<Id>") == len(pmids)


def test_esearch_breaks_a_line_inside_its_json(ncbi: Server) -> None:
    answer = post(ncbi, "esearch.fcgi", term="x", retmode="json", retstart="9999")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert "Empty term" in post(ncbi, "esearch.fcgi", term="").text


def test_the_converter_takes_get_only_and_one_kind_at_a_time(ncbi: Server) -> None:
    ask = ncbi.idconv_url
    assert requests.post(ask, data={"ids": "PMC77"}, timeout=10).status_code == 404
    assert requests.get(f"{ask}?ids=PMC77,8", timeout=10).status_code == 400
    assert requests.get(f"{ask}?ids=8&idtype=doi", timeout=10).status_code == 404
    [record] = requests.get(f"{ask}?ids=PMC77", timeout=10).json()["records"]
    assert record["pmid"] == 7


def test_an_address_that_is_too_long_is_a_web_page(ncbi: Server) -> None:
    ids = ",".join(map(str, range(1000)))
    answer = requests.get(f"{ncbi.url}efetch.fcgi?db=pubmed&id={ids}", timeout=10)
    assert (answer.status_code, "too large" in answer.text) == (414, True)


def test_the_limit_is_kept_and_told() -> None:
    with Server(*RECORDS, rate=2) as ncbi:
        answers = [post(ncbi, "efetch.fcgi", id="7") for _ in range(2)]
        assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["1", "0"]
        ncbi._seen[""].extend(ncbi._seen[""])
        refused = post(ncbi, "efetch.fcgi", id="7")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "2"
    assert refused.json()["error"] == "API rate limit exceeded"


def test_faults_come_in_turn_and_always_the_same() -> None:
    names = every(3, seed=1)
    first = [next(names) for _ in range(30)]
    again = every(3, seed=1)
    assert first == [next(again) for _ in range(30)]
    assert [bool(name) for name in first] == [False, False, True] * 10
    assert set(TRANSIENT) < FAULTS.keys()


def test_records_composed_from_citations_say_so_and_say_nothing_else() -> None:
    composed = load(from_citations(SEED))
    assert len(composed) == 34
    assert all(NOTE.encode() in record.xml for record in composed.values())
    assert all(not record.doi for record in composed.values())
    assert all(r.doi.startswith("10.5555/") for r in load(from_citations(SEED, dois=True)).values())


def test_a_command_can_be_run_against_it(tmp_path: Path) -> None:
    show = "import os; print(os.environ['REFBASE_NCBI_URL']); raise SystemExit(7)"
    command = [sys.executable, "-m", "tests.ncbi", str(SEED), "--run", sys.executable, "-c", show]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 7
    assert run.stderr.startswith("34 records at http://127.0.0.1:")
    assert run.stdout.strip() in run.stderr
