"""`refbase enrich` and `refbase review` as their user meets them; killed, interrupted, resumed."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ncbi import Server, article, from_citations
from program import SEED, Program, Run
from refbase import store

EMAIL = {"REFBASE_EMAIL": "someone@example.org"}


@pytest.fixture
def seed() -> Iterator[Server]:
    """PubMed as far as it can be composed from the seed's own citations."""
    with Server(*from_citations(SEED, dois=True), rate=0) as server:
        yield server


def around(server: Server) -> dict[str, str]:
    return {**EMAIL, **server.environment}


def test_the_seed_is_enriched(demo: Program, seed: Server) -> None:
    plan = demo("enrich", "--dry-run", **around(seed))
    assert plan.out.splitlines()[0] == "35 references: 34 with a PMID, 1 left alone"
    assert seed.asked == []
    run = demo("enrich", **around(seed))
    assert (run.code, run.out) == (0, "")
    assert "35 references: 34 updated, 1 left alone (1 request)" in run.err
    assert seed.count("efetch") == 1
    assert demo("review").out == "no question is open\n"
    assert "10.5555/15390328" in demo("show", "russo2004liver").out
    assert demo("doctor").code == 0
    assert "34 unchanged, 1 left alone (0 requests)" in demo("enrich", **around(seed)).err


def test_the_report_for_programs(demo: Program, seed: Server) -> None:
    plan = json.loads(demo("enrich", "-n", "--json", **around(seed)).out)
    assert plan["requests"] == [{"service": "efetch", "wanted": 34, "known": 0, "requests": 1}]
    assert (plan["references"], len(plan["pmid"]), plan["others"]) == (35, 34, [])
    assert plan["left"] == ["zimmerman1999muscle"]
    told = json.loads(demo("enrich", "--json", **around(seed)).out)
    assert told["counts"] == {"left alone": 1, "updated": 34}
    assert (told["requests"], told["open_questions"], told["change_set"]) == (1, 0, 2)
    assert told["references"][0] == {
        "key": "addolorato2010safety",
        "state": "updated",
        "detail": "",
    }


def test_some_references_only(demo: Program, seed: Server) -> None:
    run = demo("enrich", "russo2004liver", **around(seed))
    assert "1 reference: 1 updated" in run.err
    run = demo("enrich", "--year", "..1975", "--bibliography", "Baclofen", **around(seed))
    assert "updated" in run.err
    assert seed.asked[-1].text("id").count(",") < 10


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--refresh", "--offline"], 2, "--offline asks nobody"),
        (["--bibliography", "Nowhere"], 2, "no bibliography 'Nowhere'"),
        (["nobody1999"], 2, "no reference 'nobody1999'"),
        (["--resume"], 0, "no run to go on with"),
        (["--offline"], 0, "34 not asked, 1 left alone"),
    ],
)
def test_requests_that_make_no_sense(
    demo: Program, arguments: list[str], code: int, said: str
) -> None:
    run = demo("enrich", *arguments)
    assert (run.code, run.out) == (code, "")
    assert said in run.err
    assert "Traceback" not in run.err


def test_without_a_database_nothing_is_made(refbase: Program) -> None:
    run = refbase("enrich")
    assert run.code == 5
    assert not refbase.database.exists()


def test_an_address_is_asked_for_only_when_something_is_asked(demo: Program, seed: Server) -> None:
    nobody = {**around(seed), "REFBASE_EMAIL": ""}
    run = demo("enrich", **nobody)
    assert (run.code, "REFBASE_EMAIL" in run.err) == (2, True)
    assert "no run to go on with" in demo("enrich", "--resume", **nobody).err
    assert demo("enrich", **around(seed)).code == 0
    assert demo("enrich", **nobody).code == 0


def test_who_may_not_search_begins_no_run(refbase: Program, seed: Server) -> None:
    work = {"id": "k", "type": "article-journal", "title": "An Example", "DOI": "10.5555/1"}
    refbase.write("library.json", json.dumps([work]))
    refbase("import", "library.json")
    run = refbase("enrich", **{**around(seed), "REFBASE_EMAIL": ""})
    assert (run.code, "REFBASE_EMAIL" in run.err) == (2, True)
    assert "no run to go on with" in refbase("enrich", "--resume", **around(seed)).err


def test_nobody_answers(demo: Program, seed: Server) -> None:
    away = {**around(seed), "REFBASE_NCBI_URL": "http://127.0.0.1:9/"}
    run = demo("enrich", **away)
    assert (run.code, run.out) == (4, "")
    assert "refbase enrich --resume" in run.err
    assert "Traceback" not in run.err
    run = demo("enrich", "--resume", **around(seed))
    assert "34 updated" in run.err
    assert (run.code, demo("enrich", "--resume").err) == (0, "there is no run to go on with\n")


def test_what_does_not_end_well_is_named(demo: Program) -> None:
    with Server(article("15390328", title="Somebody else's."), rate=0) as server:
        run = demo("enrich", "russo2004liver", "brogden1974baclofen", **around(server))
    assert run.code == 1
    assert "russo2004liver: warning: PMID 15390328: different" in run.err
    assert "brogden1974baclofen: warning: PubMed has no PMID 4154834 [not-in-pubmed]" in run.err
    assert "1 question is open: `refbase review`" in run.err


def test_files_instead_of_ncbi(demo: Program, seed: Server) -> None:
    records = b"".join(record.xml for record in seed.services.records.values())
    demo.write("pubmed.xml", b"<PubmedArticleSet>" + records + b"</PubmedArticleSet>")
    run = demo("enrich", "--from", "pubmed.xml")
    assert (run.code, run.out) == (0, "")
    assert "35 references: 34 updated, 1 not in the files (0 requests)" in run.err
    missing = demo("enrich", "--from", "nowhere.xml")
    assert (missing.code, missing.out) == (3, "")
    assert "nowhere.xml: cannot be read" in missing.err
    assert demo("enrich", "--from", "pubmed.xml", "--resume").code == 2


# -------------------------------------------------------------------------------- review


@pytest.fixture
def disputed(demo: Program) -> Program:
    """The seed, with PubMed of another opinion on two volumes and on one work."""
    records = [record for record in from_citations(SEED) if b">15390328<" not in record]
    records = [
        record.replace(b"<Volume>8<", b"<Volume>88<").replace(b"<Volume>23<", b"<Volume>32<")
        for record in records
    ]
    with Server(*records, article("15390328", title="Somebody else's."), rate=0) as server:
        demo("enrich", **around(server))
    return demo


def test_questions_are_shown_side_by_side(disputed: Program) -> None:
    told = disputed("review")
    assert told.code == 0
    assert "brogden1974baclofen  variable volume" in told.out
    lines = [line.split() for line in told.out.splitlines()]
    assert ["kept", "8"] in lines
    assert ["new", "88"] in lines
    assert "russo2004liver  match PMID:15390328" in told.out
    assert "Somebody else's" in told.out
    assert "different author" in told.out


def test_answers_by_number_and_by_kind(disputed: Program) -> None:
    open_ = json.loads(disputed("review", "--json").out)
    kinds = {one["key"]: one for one in open_}
    assert {one["kind"] for one in open_} == {"variable", "match"}
    number = str(kinds["brogden1974baclofen"]["id"])
    run = disputed("review", "--accept", number)
    assert (run.code, run.out) == (0, "")
    assert "1 accepted; `refbase undo 3` takes it back" in run.err
    assert '"volume": "88"' in disputed("export", "brogden1974baclofen", "-f", "csl-json").out
    left = json.loads(disputed("review", "--reject-kind", "variable:volume", "--json").out)
    assert [one["kind"] for one in left] == ["match"]
    assert disputed("undo", "3").code == 0
    again = json.loads(disputed("review", "--json").out)
    assert number in [str(one["id"]) for one in again]


def test_all_that_one_source_says(disputed: Program) -> None:
    run = disputed("review", "--all-from", "pubmed")
    assert "accepted" in run.err
    [left] = json.loads(disputed("review", "--json").out)
    assert left["kind"] == "match", "a doubtful match is not taken unseen"
    assert "no open question" in disputed("review", "--all-from", "nobody").err


@pytest.mark.parametrize("arguments", [["--accept", "99"], ["--accept", "1", "--reject", "1"]])
def test_answers_that_make_no_sense_change_nothing(disputed: Program, arguments: list[str]) -> None:
    before = disputed("review", "--json").out
    run = disputed("review", *arguments)
    assert (run.code, run.out) == (2, "")
    assert disputed("review", "--json").out == before


# ------------------------------------------------------------- killed, interrupted, resumed

MANY = 900


def library(folder: Path, number: int = MANY) -> Path:
    """A library of many references, each with its PMID."""
    items = [
        {
            "id": f"k{n}",
            "type": "article-journal",
            "title": f"Example number {n}",
            "author": [{"family": "Example", "given": "A. B."}],
            "container-title": "J Examples",
            "issued": {"date-parts": [[2001]]},
            "volume": "1",
            "page": str(n),
            "PMID": str(500000 + n),
        }
        for n in range(1, number + 1)
    ]
    path = folder / "library.json"
    path.write_text(json.dumps(items))
    return path


def records(number: int = MANY) -> list[bytes]:
    return [
        article(
            str(500000 + n),
            title=f"Example number {n}.",
            volume="1" if n % 40 else "2",
            page=str(n),
            doi=f"10.5555/{n}",
        )
        for n in range(1, number + 1)
    ]


def end_state(program: Program) -> list[Any]:
    assert program("doctor").code == 0
    open_ = json.loads(program("review", "--json").out)
    told = sorted((one["key"], one["subject"], one["new"]) for one in open_)
    return [program("export", "--format", "csl-json").out, told]


def has_job(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        [number] = connection.execute("SELECT count(*) FROM job").fetchone()
    return bool(number)


def start(program: Program, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "refbase", *arguments],
        cwd=program.folder,
        env={**program.environment, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def killed_until_done(
    program: Program, server: Server, times: int, draw: random.Random
) -> tuple[int, Run]:
    """Start and kill with signal 9 at random moments; then let it end. How often it was killed
    while there was something to do."""
    killed = 0
    for _ in range(times):
        run = start(program, *_next(program), **around(server))
        try:
            run.communicate(timeout=draw.uniform(0.5, 3))
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            killed += 1
    return killed, program(*_next(program), **around(server))


def _next(program: Program) -> list[str]:
    """What a user would say now: go on, if something was begun."""
    with store.open(program.database) as opened:
        return ["enrich", "--resume"] if opened.jobs.unfinished("enrich") else ["enrich"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The library before it is enriched, and what it is afterwards if nothing happens."""
    program = Program(tmp_path_factory.mktemp("undisturbed"))
    assert program("--db", "refbase.db", "import", str(library(program.folder))).code == 0
    before = program.folder / "before.db"
    before.write_bytes(program.database.read_bytes())
    with Server(*records(), rate=0) as server:
        assert program("enrich", **around(server)).code == 0
        assert server.count("efetch") == -(-MANY // 200)
    return before, end_state(program)


def killed(refbase: Program, undisturbed: tuple[Path, list[Any]], times: int, seed: int) -> None:
    before, expected = undisturbed
    refbase.database.write_bytes(before.read_bytes())
    with Server(*records(), rate=0, latency=0.2) as server:
        number, last = killed_until_done(refbase, server, times, random.Random(seed))
    assert number
    assert last.code == 0, last.err
    assert end_state(refbase) == expected


def test_killed_and_resumed_it_ends_the_same(
    refbase: Program, undisturbed: tuple[Path, list[Any]]
) -> None:
    killed(refbase, undisturbed, times=3, seed=1)


@pytest.mark.slow
def test_killed_twenty_times_and_resumed_it_ends_the_same(
    refbase: Program, undisturbed: tuple[Path, list[Any]]
) -> None:
    killed(refbase, undisturbed, times=20, seed=2)


def test_interrupted_it_says_so_and_goes_on(
    refbase: Program, undisturbed: tuple[Path, list[Any]]
) -> None:
    before, expected = undisturbed
    refbase.database.write_bytes(before.read_bytes())
    with Server(*records(), rate=0, latency=0.3) as server:
        run = start(refbase, "enrich", **around(server))
        # The first questions are under way before the job is written down
        while not (server.asked and has_job(refbase.database)):
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        assert run.returncode == 130
        assert b"refbase enrich --resume" in err
        assert b"Traceback" not in err
        assert refbase("enrich", "--resume", **around(server)).code == 0
    assert end_state(refbase) == expected


@pytest.mark.parametrize("room", [200, 600])
def test_on_a_full_disk_it_stops_and_goes_on_when_there_is_room(
    refbase: Program, undisturbed: tuple[Path, list[Any]], room: int
) -> None:
    """`room` is what the files may grow beyond the database as it is, in kilobytes."""
    before, expected = undisturbed
    refbase.database.write_bytes(before.read_bytes())
    most = before.stat().st_size // 1024 + room
    with Server(*records(), rate=0) as server:
        run = refbase.shell(f"ulimit -f {most}; trap '' XFSZ; refbase enrich", **around(server))
        assert run.code == 5
        assert "what was done before is kept; `refbase enrich --resume` goes on" in run.err
        assert "Traceback" not in run.err
        assert refbase("enrich", "--resume", **around(server)).code == 0
    assert end_state(refbase) == expected


# ---------------------------------------------------------------------------- provenance


def test_every_value_names_who_said_it_when_and_what_others_say(disputed: Program) -> None:
    disputed("edit", "brogden1974baclofen", "title=As the curator wants it", "page=")
    told = disputed("show", "--provenance", "brogden1974baclofen").out.splitlines()
    title = next(place for place, line in enumerate(told) if line.startswith("  title"))
    assert told[title].split(maxsplit=1)[1] == "As the curator wants it"
    assert told[title + 1].split()[:2] == ["says", "person"]
    assert told[title + 2].split()[:2] == ["otherwise", "pubmed"]
    volume = next(place for place, line in enumerate(told) if line.startswith("  volume"))
    assert told[volume + 1].split()[:4] == ["says", "file", "references.csv,", "line"]
    assert "otherwise           pubmed PubMed (PMID:4154834)" in told[volume + 2]
    assert told[volume + 3].strip() == "88"
    [said] = json.loads(disputed("show", "--provenance", "--json", "brogden1974baclofen").out)
    page = said["variables"]["page"]
    assert (page[0]["value"], page[0]["source"]["kind"]) == (None, "person")
    assert [one["value"] for one in said["variables"]["volume"]] == ["8", "88"]
