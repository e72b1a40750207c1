"""Bad input and a bad world: a clear message, the right exit code, nothing lost, no traceback."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from program import CHAPTER, SEED, Program, Run
from refbase.files import writing

HEADER = "key,bibliography,position,type,author,title,issued,pmid,annotation\n"


def refused(run: Run, code: int, *said: str) -> None:
    assert run.code == code, run.err
    for text in said:
        assert text in run.err
    assert "Traceback" not in run.err
    assert run.out == ""


def count(program: Program) -> int:
    with sqlite3.connect(program.database) as connection:
        number: int = connection.execute("SELECT count(*) FROM reference").fetchone()[0]
    connection.close()
    return number


# ------------------------------------------------------------------ the file


@pytest.mark.parametrize("command", [("--db", "refbase.db", "import"), ("convert",)])
class TestFiles:
    def test_missing(self, refbase: Program, command: tuple[str, ...]) -> None:
        refused(refbase(*command, "nowhere.csv"), 3, "nowhere.csv", "No such file")
        assert not refbase.database.exists()

    def test_a_directory(self, refbase: Program, command: tuple[str, ...]) -> None:
        (refbase.folder / "folder.csv").mkdir()
        refused(refbase(*command, "folder.csv"), 3, "folder.csv", "directory")
        assert not refbase.database.exists()

    @pytest.mark.parametrize("name", ["empty.csv", "empty.txt", "empty.json", "empty.jsonl"])
    def test_empty(self, refbase: Program, command: tuple[str, ...], name: str) -> None:
        refused(refbase(*command, refbase.write(name, "")), 3, name)
        assert not refbase.database.exists()

    @pytest.mark.parametrize("name", ["picture.csv", "picture.txt", "picture"])
    def test_binary(self, refbase: Program, command: tuple[str, ...], name: str) -> None:
        picture = refbase.write(name, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
        refused(refbase(*command, picture), 3, name, "not a text file")
        assert not refbase.database.exists()

    def test_of_another_format(self, refbase: Program, command: tuple[str, ...]) -> None:
        wrong = refbase.write("wrong.csv", "TY  - JOUR\nTI  - Example\nER  - \n")
        refused(refbase(*command, wrong), 3, "wrong.csv")
        assert not refbase.database.exists()

    @pytest.mark.parametrize("name", ["letter.ris", "letter.bib", "letter.nbib", "letter.xml"])
    def test_prose_under_the_name_of_a_format(
        self, refbase: Program, command: tuple[str, ...], name: str
    ) -> None:
        letter = refbase.write(name, "Dear editor,\nhere is no reference at all.\n")
        refused(refbase(*command, letter), 3, name)
        assert not refbase.database.exists()

    def test_of_no_format(self, refbase: Program, command: tuple[str, ...]) -> None:
        refused(refbase(*command, refbase.write("x.xyz", "hello\n")), 3, "x.xyz", "--format")

    def test_a_chapter_without_a_bibliography(
        self, refbase: Program, command: tuple[str, ...]
    ) -> None:
        head = CHAPTER.read_text().split("ANNOTATED BIBLIOGRAPHY")[0]
        refused(refbase(*command, refbase.write("chapter.txt", head)), 3, "chapter.txt")

    def test_standard_input_that_is_empty(self, refbase: Program, command: tuple[str, ...]) -> None:
        refused(refbase(*command, "-"), 3, "-")


def test_a_truncated_bibliography_is_read_as_far_as_it_goes(refbase: Program) -> None:
    text = CHAPTER.read_text()
    cut = text[: text.index("no mention of hepatotoxicity of either drug")]
    refbase.write("chapter.txt", cut)
    run = refbase("--db", "refbase.db", "import", "chapter.txt")
    assert run.code in (0, 1)
    assert "chapter.txt:" in run.err
    assert count(refbase) == 13


def test_a_missing_column_is_read_as_empty_and_said(refbase: Program) -> None:
    refbase.write("x.csv", "key,title\nexample,Example\n")
    run = refbase("--db", "refbase.db", "import", "x.csv")
    assert run.code == 0
    assert "missing-column" in run.err
    assert count(refbase) == 1


def test_a_bad_row_is_named_by_its_line_and_the_others_are_read(refbase: Program) -> None:
    rows = 'a,B,1,book,"A, B",One,1999,1,x\nb,B,2\nc,B,3,book,"C, D",Three,1999,3,y\n'
    refbase.write("x.csv", HEADER + rows)
    run = refbase("--db", "refbase.db", "import", "x.csv")
    assert run.code == 1
    assert "x.csv:3: error:" in run.err
    assert "Traceback" not in run.err
    assert count(refbase) == 2


def test_with_strict_a_bad_row_keeps_everything_out(refbase: Program) -> None:
    refbase.write("x.csv", HEADER + 'a,B,1,book,"A, B",One,1999,1,x\nb,B,2\n')
    refused(refbase("--db", "refbase.db", "import", "--strict", "x.csv"), 1, "x.csv:3")
    assert not refbase.database.exists()


def test_two_works_with_one_key_are_both_kept(refbase: Program) -> None:
    rows = 'k,B,1,book,"A, B",One,1999,1,x\nk,B,2,book,"C, D",Quite another,2001,3,y\n'
    refbase.write("x.csv", HEADER + rows)
    run = refbase("--db", "refbase.db", "import", "x.csv")
    assert "duplicate-key" in run.err
    assert count(refbase) == 2
    shown = refbase("--db", "refbase.db", "list", "--json").out
    assert '"k"' in shown
    assert "Quite another" in shown


def test_one_bad_file_does_not_keep_the_others_out(refbase: Program) -> None:
    run = refbase("--db", "refbase.db", "import", "nowhere.csv", SEED)
    assert run.code == 3
    assert "nowhere.csv" in run.err
    assert count(refbase) == 35


# ------------------------------------------------------------------ the database


@pytest.mark.parametrize(
    "command", [("list",), ("show", "x"), ("export",), ("doctor",)], ids=lambda c: c[0]
)
class TestDatabases:
    def test_missing(self, refbase: Program, command: tuple[str, ...]) -> None:
        refused(refbase("--db", "nowhere.db", *command), 5, "nowhere.db", "hint:")
        assert not (refbase.folder / "nowhere.db").exists()

    def test_not_a_database(self, refbase: Program, command: tuple[str, ...]) -> None:
        refbase.write("text.db", "this is text, and quite a bit of it\n" * 100)
        refused(refbase("--db", "text.db", *command), 5, "text.db", "not a database")
        assert "this is text" in (refbase.folder / "text.db").read_text()

    def test_of_a_newer_version(self, demo: Program, command: tuple[str, ...]) -> None:
        with sqlite3.connect(demo.database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        refused(demo("--db", "refbase.db", *command), 5, "newer")

    def test_of_another_program(self, refbase: Program, command: tuple[str, ...]) -> None:
        with sqlite3.connect(refbase.folder / "other.db") as connection:
            connection.execute("CREATE TABLE t (x)")
        connection.close()
        refused(refbase("--db", "other.db", *command), 5, "other.db")


def test_what_is_not_a_database_is_not_written_to(refbase: Program) -> None:
    path = refbase.write("text.db", "this is text\n" * 100)
    before = path.read_bytes()
    refused(refbase("--db", "text.db", "import", SEED), 5, "not a database")
    assert path.read_bytes() == before


def test_an_unknown_kind_of_database(refbase: Program) -> None:
    refused(refbase("--db", "oracle://x/y", "list"), 5, "oracle")


def test_a_password_is_not_shown(refbase: Program) -> None:
    url = "postgresql+psycopg://user:secretword@127.0.0.1:9/none"
    run = refbase("--db", url, "list")
    refused(run, 5, "127.0.0.1")
    assert "secretword" not in run.err


@pytest.fixture
def read_only(demo: Program) -> Program:
    for file in demo.folder.glob("refbase.db*"):
        file.chmod(0o444)
    demo.folder.chmod(0o555)
    yield demo  # type: ignore[misc]
    demo.folder.chmod(0o755)


as_anybody = pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"),
    reason="root may write everywhere, and there is no setpriv to be somebody else",
)


def unprivileged(program: Program, *arguments: str | Path) -> Run:
    """Run as somebody whom file permissions concern."""
    if os.geteuid() != 0:
        return program(*arguments)
    words = " ".join(f"'{argument}'" for argument in arguments)
    return program.shell(
        "setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,"
        f'-dac_read_search "{sys.executable}" -m refbase {words}'
    )


@as_anybody
def test_a_read_only_database_can_be_read(read_only: Program) -> None:
    run = unprivileged(read_only, "--db", "refbase.db", "list")
    assert run.code == 0, run.err
    assert len(run.out.splitlines()) == 35


@as_anybody
def test_a_read_only_database_is_not_written(read_only: Program) -> None:
    run = unprivileged(read_only, "--db", "refbase.db", "import", CHAPTER)
    refused(run, 5, "refbase.db")


@as_anybody
def test_an_export_into_a_read_only_folder(read_only: Program) -> None:
    run = unprivileged(read_only, "--db", "refbase.db", "export", "-o", "x.bib")
    refused(run, 3, "x.bib", "Permission denied")


def test_a_locked_database(demo: Program) -> None:
    lock = sqlite3.connect(demo.database, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        run = demo("--db", "refbase.db", "import", CHAPTER)
    finally:
        lock.close()
    refused(run, 5, "locked")


# ------------------------------------------------------------------ the way out

LARGE = HEADER + "".join(
    f'k{n},B,{n},book,"A, B",Example {n} {"x" * 100},1999,{n},"{"y" * 200}"\n'
    for n in range(1, 2001)
)


@pytest.mark.parametrize("command", ["list", "export", "export --format csl-json", "list --json"])
def test_a_closed_pipe_is_no_fault(demo: Program, command: str) -> None:
    run = demo.shell(f"refbase --db refbase.db {command} | head -1; echo ${{PIPESTATUS[0]}}")
    assert run.out.splitlines()[-1] == "0"
    assert "Traceback" not in run.err
    assert "Exception" not in run.err
    assert "BrokenPipe" not in run.err


def test_a_closed_pipe_in_the_middle_of_much(refbase: Program) -> None:
    refbase.write("large.csv", LARGE)
    run = refbase.shell("refbase convert large.csv --to bibtex | head -1; echo ${PIPESTATUS[0]}")
    assert run.out.splitlines()[-1] == "0"
    assert "Error" not in run.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["list", "export", "formats", "show hudgson1972clinical"])
def test_standard_output_on_a_full_disk(demo: Program, command: str) -> None:
    run = demo.shell(f"refbase --db refbase.db {command} > /dev/full")
    refused(run, 3, "No space left")


def limited(program: Program, kilobytes: int, arguments: str) -> Run:
    """Run where no file may grow over so many kilobytes: a small disk."""
    return program.shell(f"ulimit -f {kilobytes}; trap '' XFSZ; refbase {arguments}")


@pytest.mark.parametrize("name", ["letter.ris", "letter.bib", "letter.csv"])
def test_a_file_without_references_leaves_the_old_output(refbase: Program, name: str) -> None:
    refbase.write(name, "Dear editor,\nhere is no reference at all.\n")
    refbase.write("out.json", "what was there before\n")
    refused(refbase("convert", name, "out.json"), 3, name)
    assert (refbase.folder / "out.json").read_text() == "what was there before\n"


def test_a_full_disk_leaves_the_old_export(refbase: Program) -> None:
    refbase.write("large.csv", LARGE)
    refbase.write("out.bib", "what was there before\n")
    refused(limited(refbase, 64, "convert large.csv out.bib"), 3, "out.bib", "too large")
    assert (refbase.folder / "out.bib").read_text() == "what was there before\n"
    assert sorted(p.name for p in refbase.folder.iterdir()) == ["large.csv", "out.bib"]


def test_an_interrupt_leaves_the_old_export(tmp_path: Path) -> None:
    export = tmp_path / "out.bib"
    export.write_text("what was there before\n")

    def interrupted() -> None:
        with writing(str(export)) as stream:
            stream.write("half of it")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert export.read_text() == "what was there before\n"
    assert list(tmp_path.iterdir()) == [export]


def test_a_full_disk_leaves_the_database_as_it_was(demo: Program) -> None:
    demo.write("large.csv", LARGE)
    size = demo.database.stat().st_size // 1024 + 64
    refused(limited(demo, size, "--db refbase.db import large.csv"), 5, "refbase.db")
    assert count(demo) == 35
    assert demo("--db", "refbase.db", "doctor").code == 0


def test_an_interrupt_says_so(demo: Program) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "refbase", "--db", "refbase.db", "import", "-", "--format", "csv"],
        cwd=demo.folder,
        env=demo.environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell starts what runs in the background deaf to interrupts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    assert process.stderr is not None
    # More than a pipe holds: once all of it has gone, the program is reading, and soon waits
    process.stdin.write(LARGE.encode())
    process.stdin.flush()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=60)
    err = process.stderr.read().decode()
    process.stdin.close()
    process.stderr.close()
    assert code == 130
    assert "Traceback" not in err
    assert count(demo) == 35


# ------------------------------------------------------------------ the request


@pytest.mark.parametrize(
    "arguments",
    [
        ("lst",),
        ("export", "--format", "marc"),
        ("export", "--flavour", "plain"),
        ("export", "--format", "pubmed-xml"),
        ("export", "--bibliography", "Nowhere"),
        ("list", "--year", "recently"),
        ("list", "--type", "painting"),
        ("show", "nobody2001nothing"),
        ("export", "nobody2001nothing"),
    ],
)
def test_a_request_that_makes_no_sense(demo: Program, arguments: tuple[str, ...]) -> None:
    refused(demo("--db", "refbase.db", *arguments), 2)


def test_a_configuration_that_is_not_toml(refbase: Program) -> None:
    refbase.write("config.toml", 'email = "a@example.org\n')
    refused(refbase("config"), 3, "config.toml", "line 1")


def test_a_setting_that_nobody_knows(refbase: Program) -> None:
    refbase.write("config.toml", 'emial = "a@example.org"\n')
    refused(refbase("config"), 3, "config.toml", "emial")
