"""add and stats: works by what one has of them at hand; and what there is, counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from made import entry, read_in, work
from ncbi import Server, article
from program import Program
from refbase import pasted
from refbase.model import Dossier
from refbase.store import Filter, Store
from refbase.store.statistics import Statistics

pytest_plugins = ["stores"]

CITATION = "Doe J, Roe R. Title of an example. Example J 2001; 12: 45-67."


# --------------------------------------------------------------------------- what it is


@pytest.mark.parametrize(
    ("text", "what", "variable", "value", "key"),
    [
        ("15390328", "PMID", "PMID", "15390328", "pmid15390328"),
        (" PMID: 99000001 ", "PMID", "PMID", "99000001", "pmid99000001"),
        ("https://pubmed.ncbi.nlm.nih.gov/99000001/", "PMID", "PMID", "99000001", "pmid99000001"),
        ("pmc2424842", "PMCID", "PMCID", "PMC2424842", "pmc2424842"),
        ("https://doi.org/10.5555/Ex.1", "DOI", "DOI", "10.5555/Ex.1", "doi10-5555-ex-1"),
        ("https://www.example.org/a", "URL", "URL", "https://www.example.org/a", ""),
        (CITATION, "citation", "title", "Title of an example", ""),
    ],
)
def test_what_one_text_is(text: str, what: str, variable: str, value: str, key: str) -> None:
    found = pasted.single(text)
    assert found.parsed.dossier
    assert (found.what, found.parsed.dossier.key) == (what, key)
    assert found.parsed.dossier.reference.text(variable) == value
    assert found.parsed.dossier.entries == ()


@pytest.mark.parametrize("text", ["garbage words", "-1", "10.5", "x" * 9000, "PMID:"])
def test_what_is_nothing_is_told(text: str) -> None:
    found = pasted.single(text, "List")
    assert (found.what, found.parsed.dossier) == ("", None)
    assert found.parsed.diagnostics[0].code == "citation-not-understood"


def test_a_list_of_identifiers() -> None:
    found = pasted.several("15390328\r\n\nPMC2424842, 99000002\n", "List")
    assert [(one.what, one.text) for one in found] == [
        ("PMID", "15390328"), ("PMCID", "PMC2424842"), ("PMID", "99000002"),
    ]  # fmt: skip
    assert {one.parsed.dossier.entries[0].bibliography for one in found if one.parsed.dossier} == {
        "List"
    }


def test_a_list_of_citations_with_an_identifier_among_them() -> None:
    found = pasted.several(f"1. {CITATION}\n2. PMID: 99000003\n3. what is this\n", "List")
    assert [one.what for one in found] == ["citation", "PMID", "citation"]
    dossier = found[0].parsed.dossier
    assert dossier
    assert (dossier.entries[0].bibliography, dossier.entries[0].citation) == ("List", CITATION)


def test_nothing_pasted_is_an_error() -> None:
    [found] = pasted.several(" \n")
    assert found.parsed.diagnostics[0].code == "no-references"


# ---------------------------------------------------------------------------- the command


def run(program: Program, *arguments: str, **more: Any) -> Any:
    return program("--db", "refbase.db", *arguments, REFBASE_PERSON="ann", **more)


def test_what_is_here_already_is_found(demo: Program) -> None:
    done = run(demo, "add", "15390328", "99000001", CITATION)
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    assert lines[0].startswith("PMID 15390328: here already russo2004liver, Liver transplant")
    assert lines[1] == "PMID 99000001: new pmid99000001"
    assert lines[2].endswith(": new doe2001title, Title of an example")
    assert lines[3] == "2: added; `refbase undo 2` takes it back"
    again = run(demo, "add", "15390328", "99000001", CITATION)
    assert "nothing changed" in again.err
    assert run(demo, "undo").code == 0
    assert len(run(demo, "list").out.splitlines()) == 35


def test_a_list_from_standard_input_into_a_bibliography(refbase: Program) -> None:
    done = run(refbase, "add", "-b", "New", "--json", stdin=b"99000001\n99000002\n99000001\n")
    told = json.loads(done.out)
    assert [(one["what"], one["key"], one["new"]) for one in told["items"]] == [
        ("PMID", "pmid99000001", True),
        ("PMID", "pmid99000002", True),
        ("PMID", "pmid99000001", True),
    ]
    assert (told["applied"], told["counts"]["new"]) == (True, 2)


def test_what_was_not_understood_is_told_and_the_rest_is_added(demo: Program) -> None:
    done = run(demo, "add", "garbage words", "99000001")
    assert done.code == 1
    assert "error: 'garbage words' is no identifier" in done.err
    assert "PMID 99000001: new" in done.err
    nothing = run(demo, "add", "garbage words")
    assert (nothing.code, "nothing changed" in nothing.err) == (1, True)


def test_a_dry_run_adds_nothing(demo: Program) -> None:
    before = demo.database.read_bytes()
    done = run(demo, "add", "-n", "99000001")
    assert "PMID 99000001: new pmid99000001" in done.err
    assert demo.database.read_bytes() == before


def test_what_is_added_is_enriched_at_once(refbase: Program) -> None:
    with Server(article("99000001", title="A made-up work"), rate=0) as server:
        around = {"REFBASE_EMAIL": "someone@example.org", **server.environment}
        done = refbase("--db", "refbase.db", "add", "99000001", "--enrich", **around)
    assert done.code == 0, done.err
    assert "A made-up work" in run(refbase, "show", "pmid99000001").out


# --------------------------------------------------------------------------------- stats


def test_what_there_is_is_counted(empty: Store) -> None:
    read_in(
        empty,
        Dossier(work(1), entries=(entry("x"), entry("", name="Others"))),
        work(2, PMID="", DOI="10.5555/2", container_title=""),
        work(3, PMID="", type_="x"),
    )
    found = empty.statistics()
    assert found == Statistics(
        references=3,
        entries=2,
        annotations=1,
        years=Counter({"1991": 1, "1992": 1, "1993": 1}),
        types=Counter({"article-journal": 3}),
        containers=Counter({"J Examples": 2, "unknown": 1}),
        bibliographies=Counter({"Examples": 1, "Others": 1}),
        identifiers=Counter({"PMID": 1, "DOI": 1, "none": 1}),
        enrichment=Counter({"not enriched": 2, "without identifier": 1}),
    )
    assert empty.statistics(Filter(missing="PMID")).references == 2


def test_stats_as_bars_and_as_json(demo: Program) -> None:
    out = run(demo, "stats").out
    assert out.startswith("35 references, 35 entries, 35 annotations\n\nBy year\n")
    assert "  1980s                              11  ███" in out
    assert all(len(line) <= 100 for line in out.splitlines())
    told = json.loads(run(demo, "stats", "--json", "--year", "2010..").out)
    assert (told["references"], list(told["years"])) == (7, ["2010", "2011", "2013", "2015"])
    assert told["enrichment"] == {"not enriched": 7}


def test_stats_as_a_picture(refbase: Program, tmp_path: Path) -> None:
    hostile = 'type,title,container_title\nbook,x,"<script>&""\n"\n'
    run(refbase, "import", str(refbase.write("x.csv", hostile)))
    assert run(refbase, "stats", "--svg", "x.svg").code == 0
    tree = etree.parse(tmp_path / "x.svg")
    texts = [element.text for element in tree.iter("{*}text")]
    assert '<script>&"' in texts
    assert "1 reference" in texts
    assert run(refbase, "stats", "--svg", "no/where.svg").code == 3
