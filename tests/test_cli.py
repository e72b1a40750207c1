"""The command line as its users meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from program import CHAPTER, ROOT, SEED, Program

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "requests", "lxml", "alembic", "platformdirs")


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["formats"], ["export", "--help"], ["convert", str(SEED), "-"]],
    ids=" ".join,
)
def test_what_needs_no_database_does_not_load_one(arguments: list[str]) -> None:
    script = (
        "import sys; from refbase.cli import main\n"
        f"code = main({arguments!r})\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], code, file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stderr.splitlines()[-1] == "[] 0"


def test_a_small_conversion_loads_no_more_than_it_uses(tmp_path: Path) -> None:
    slow = ("_hashlib", "tempfile", "html", "json", "pickle", "refbase.formats.csv.writer")
    script = (
        "import sys; from refbase.cli import main\n"
        f"code = main(['convert', {str(SEED)!r}, 'x.bib'])\n"
        f"print([m for m in {slow!r} if m in sys.modules], code, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stderr.splitlines()[-1] == "[] 0"
    assert [path.name for path in tmp_path.iterdir()] == ["x.bib"]


def test_a_file_that_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    from refbase import files

    left = tmp_path / f".refbase-{os.getpid()}-0"
    left.write_text("left")
    with files.writing(str(tmp_path / "x.bib")) as stream:
        stream.write("new")
        (beside,) = set(tmp_path.iterdir()) - {left}
        assert beside.stat().st_mode & 0o077 == 0
    assert (tmp_path / "x.bib").read_text() == "new"
    assert left.read_text() == "left"


def test_importing_the_library_loads_nothing() -> None:
    script = "import refbase, sys; print([m for m in sys.modules if m.startswith('refbase.')])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_public_names_are_sorted_and_there() -> None:
    import refbase

    assert sorted(refbase.__all__, key=lambda n: (not n.isupper(), n[0].islower(), n)) == list(
        refbase.__all__
    )
    for name in refbase.__all__:
        assert getattr(refbase, name) is not None
    assert dir(refbase) == sorted(refbase.__all__)


# ------------------------------------------------------------------ import


def test_importing_again_changes_nothing_and_exports_the_same_bytes(demo: Program) -> None:
    before = demo("--db", "refbase.db", "export", "--format", "jsonl").out
    again = demo("--db", "refbase.db", "import", SEED)
    assert again.code == 0
    assert "nothing changed" in again.err
    assert demo("--db", "refbase.db", "export", "--format", "jsonl").out == before


def test_a_dry_run_tells_and_does_nothing(refbase: Program) -> None:
    run = refbase("--db", "refbase.db", "import", "--dry-run", "--json", SEED)
    assert run.code == 0, run.err
    assert not refbase.database.exists()
    [told] = json.loads(run.out)
    assert told["references"]["new"] == 35
    assert told["applied"] is False


def test_the_summary_as_json(refbase: Program) -> None:
    run = refbase("--db", "refbase.db", "import", "--json", SEED, SEED)
    first, second = json.loads(run.out)
    assert first["references"] == {"new": 35, "updated": 0, "unchanged": 0}
    assert second["references"] == {"new": 0, "updated": 0, "unchanged": 35}
    assert (first["file"], first["applied"], second["applied"]) == (str(SEED), True, False)


def test_from_standard_input(refbase: Program) -> None:
    run = refbase("--db", "refbase.db", "import", stdin=SEED.read_bytes())
    assert run.code == 0, run.err
    assert len(refbase("--db", "refbase.db", "list").out.splitlines()) == 35


def test_the_chapter_and_the_csv_made_from_it_are_the_same_references(demo: Program) -> None:
    run = demo("--db", "refbase.db", "import", "--json", CHAPTER)
    [told] = json.loads(run.out)
    assert told["references"]["new"] == 0
    counts = json.loads(demo("--db", "refbase.db", "doctor", "--json").out)["counts"]
    assert counts["references"] == 35
    assert counts["entries"] == 35


def test_a_bibliography_may_be_named(refbase: Program) -> None:
    refbase("--db", "refbase.db", "import", "--bibliography", "Mine", CHAPTER)
    listed = json.loads(refbase("--db", "refbase.db", "list", "--json").out)
    assert {e["bibliography"] for item in listed for e in item["entries"]} == {"Mine"}


# ------------------------------------------------------------------ list, show


def test_list_shows_one_line_each_in_order(demo: Program) -> None:
    lines = demo("--db", "refbase.db", "list", "--bibliography", "Baclofen").out.splitlines()
    assert len(lines) == 35
    assert lines[0].startswith("zimmerman1999muscle")
    assert "15390328" in lines[25]
    assert all(len(line) <= 100 for line in lines)


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        (["--year", "1972"], 1),
        (["--year", "..1975"], 5),
        (["--year", "2010..2011"], 5),
        (["--year", "2013.."], 2),
        (["--type", "chapter"], 1),
        (["--missing", "pmid"], 1),
        (["--missing", "PMCID"], 28),
        (["--author", "chalasani"], 2),
        (["--author", "Van der Ploeg"], 1),
        (["--bibliography", "Baclofen", "--year", "1972"], 1),
    ],
)
def test_filters(demo: Program, filters: list[str], number: int) -> None:
    assert len(demo("--db", "refbase.db", "list", *filters).out.splitlines()) == number


def test_list_as_json(demo: Program) -> None:
    listed = json.loads(demo("--db", "refbase.db", "list", "--json").out)
    one = next(item for item in listed if item["key"] == "ghose1980complications")
    assert one == {
        "key": "ghose1980complications",
        "type": "article-journal",
        "title": "Complications of baclofen overdosage",
        "author": "Ghose K, Holmes KM, Matthewson K",
        "container-title": "Postgrad Med J",
        "year": 1980,
        "pmid": "7267501",
        "pmcid": "PMC2424842",
        "doi": "",
        "entries": [{"bibliography": "Baclofen", "position": 11}],
        "notices": [],
    }


def test_show_tells_everything(demo: Program) -> None:
    shown = demo("--db", "refbase.db", "show", "russo2004liver").out
    for text in (
        "russo2004liver",
        "Liver transplantation for acute liver failure",
        "Russo MW",
        "PMID",
        "15390328",
        "https://pubmed.ncbi.nlm.nih.gov/15390328/",
        "Among ~50,000 liver transplants",
        "Baclofen",
        "references.csv",
    ):
        assert text in shown


def test_a_key_typed_wrong_is_met_with_those_like_it(demo: Program) -> None:
    run = demo("--db", "refbase.db", "show", "russo2004livr")
    assert (run.code, run.out) == (2, "")
    assert "did you mean russo2004liver?" in run.err


def test_show_as_json_is_a_dossier(demo: Program) -> None:
    run = demo("--db", "refbase.db", "show", "--json", "russo2004liver", "hudgson1972clinical")
    first, second = json.loads(run.out)
    assert first["reference"]["PMID"] == "15390328"
    assert second["entries"][0]["annotation"].startswith("23 patients")
    assert second["records"][0]["source"]["name"] == "references.csv"


# ------------------------------------------------------------------ export, convert


@pytest.mark.parametrize("extension", ["bib", "ris", "json", "csv", "jsonl"])
def test_an_export_is_the_same_bytes_each_time(demo: Program, extension: str) -> None:
    for name in ("one", "two"):
        run = demo("--db", "refbase.db", "export", "-o", f"{name}.{extension}")
        assert run.code == 0, run.err
        assert "35 references" in run.err
    one, two = (demo.folder / f"{name}.{extension}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes() != b""


def test_the_exported_csv_is_the_imported_one(demo: Program) -> None:
    run = demo("--db", "refbase.db", "export", "--bibliography", "Baclofen", "--format", "csv")
    assert run.out.encode() == SEED.read_bytes()


def test_data_references_csv_is_made_from_the_chapter(refbase: Program) -> None:
    run = refbase("convert", CHAPTER, "references.csv")
    assert run.code == 0, run.err
    assert (refbase.folder / "references.csv").read_bytes() == SEED.read_bytes()


def test_an_annotation_goes_with_its_bibliography(demo: Program) -> None:
    other = SEED.read_text().replace("Baclofen,", "Tizanidine,").replace("hepatotoxicity", "HARM")
    demo.write("other.csv", other)
    assert demo("--db", "refbase.db", "import", "other.csv").code == 0
    for name, word in (("Baclofen", "hepatotoxicity"), ("Tizanidine", "HARM")):
        one = demo("--db", "refbase.db", "export", "-b", name, "hudgson1972clinical").out
        assert f"mention of {word}" in one
        assert one.count("mention of") == 1
        assert f"[{name}]" not in one
    both = demo("--db", "refbase.db", "export", "hudgson1972clinical").out
    assert "[Baclofen] 23 patients" in both
    assert "[Tizanidine] 23 patients" in both
    ris = demo("--db", "refbase.db", "export", "--format", "ris", "hudgson1972clinical").out
    assert ris.count("N1  - [") == 2


def test_losses_are_counted_and_named_with_verbose(demo: Program) -> None:
    told = demo("--db", "refbase.db", "export").err
    assert "et-al" in told
    assert len(told.splitlines()) < 10
    named = demo("--verbose", "--db", "refbase.db", "export").err
    assert "dapas1985baclofen:" in named
    assert demo("--quiet", "--db", "refbase.db", "export").err == ""


def test_strict_writes_nothing_that_is_not_whole(demo: Program) -> None:
    run = demo("--db", "refbase.db", "export", "--strict", "-o", "x.bib")
    assert run.code == 1
    assert not (demo.folder / "x.bib").exists()
    run = demo("--db", "refbase.db", "export", "--strict")
    assert (run.code, run.out) == (1, "")
    whole = demo("--db", "refbase.db", "export", "--strict", "--et-al", "-o", "x.bib")
    assert whole.code == 0, whole.err


def test_convert_reads_standard_input_and_guesses(refbase: Program) -> None:
    run = refbase("convert", "-", "--to", "ris", stdin=SEED.read_bytes())
    assert run.code == 0, run.err
    assert run.out.count("TY  - ") == 35


def test_output_is_utf8_whatever_the_locale(refbase: Program) -> None:
    refbase.write("x.json", '[{"id": "x", "type": "book", "title": "Exämple β"}]')
    run = refbase("convert", "x.json", "--to", "ris", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert "TI  - Exämple β\n" in run.out


# ------------------------------------------------------------------ the rest


def test_formats(refbase: Program) -> None:
    assert len(refbase("formats").out.splitlines()) == len(
        json.loads(refbase("formats", "--json").out)
    )


def test_init_makes_a_database_once(refbase: Program) -> None:
    assert refbase("--db", "refbase.db", "init").code == 0
    again = refbase("--db", "refbase.db", "init")
    assert again.code == 0
    assert "was there already" in again.err
    assert refbase("--db", "refbase.db", "list").out == ""


def test_settings_name_their_origin_and_hide_the_key(refbase: Program) -> None:
    refbase.write("config.toml", 'email = "a@example.org"\nstyle = "vancouver"\n')
    run = refbase("config", "--json", NCBI_API_KEY="secretword", REFBASE_STYLE="nlm")
    told = json.loads(run.out)
    assert told["email"] == {
        "value": "a@example.org",
        "origin": str(refbase.folder / "config.toml"),
    }
    assert told["style"] == {"value": "nlm", "origin": "REFBASE_STYLE"}
    assert told["api_key"] == {"value": "(set)", "origin": "NCBI_API_KEY"}
    assert "secretword" not in run.out + refbase("config", NCBI_API_KEY="secretword").out
    given = refbase("--db", "x.db", "config", "--json", REFBASE_DB="y.db")
    assert json.loads(given.out)["db"] == {"value": "x.db", "origin": "--db"}


def test_the_database_is_found_where_the_contract_says(refbase: Program) -> None:
    home = str(refbase.folder)
    data = {"HOME": home, "XDG_DATA_HOME": f"{home}/data"}
    assert refbase("import", SEED, **data).code == 0
    assert Path(home, "data", "refbase", "refbase.db").exists()
    refbase("--db", "refbase.db", "init")
    assert refbase("list", **data).out == ""
    assert len(refbase("list", REFBASE_DB="data/refbase/refbase.db").out.splitlines()) == 35


def test_a_key_pattern_may_be_set(refbase: Program) -> None:
    refbase.write("config.toml", 'citation_key_pattern = "{family}-{pmid}"\n')
    refbase("--db", "refbase.db", "import", CHAPTER)
    assert refbase("--db", "refbase.db", "list").out.count("hudgson-4585729") == 1


def test_doctor_finds_a_reference_that_is_not_what_its_records_say(demo: Program) -> None:
    import sqlite3

    assert demo("--db", "refbase.db", "doctor").code == 0
    with sqlite3.connect(demo.database) as connection:
        connection.execute("UPDATE reference SET csl = replace(csl, 'Baclofen', 'Bacon')")
    connection.close()
    run = demo("--db", "refbase.db", "doctor")
    assert run.code == 1
    assert "Traceback" not in run.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(refbase: Program, shell: str) -> None:
    assert "_REFBASE_COMPLETE" in refbase("completion", shell).out


def test_completion_offers_the_commands(refbase: Program) -> None:
    words = {"_REFBASE_COMPLETE": "bash_complete", "COMP_WORDS": "refbase ex", "COMP_CWORD": "1"}
    assert refbase(**words).out.split() == ["plain,export"]


def test_github_diagnostics(refbase: Program) -> None:
    refbase.write("x.csv", "key,title\nexample,Example\n")
    run = refbase("--diagnostics", "github", "convert", "x.csv", "--to", "ris")
    assert "::warning file=x.csv,line=1::" in run.err


def test_make_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test", "check", "data", "bench"):
        assert f"\n{target}:" in makefile
