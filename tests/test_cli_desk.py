"""edit, annotate, tag, merge, bibliography, log, undo, as their users meet them."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from program import Program

KEY = "russo2004liver"


@pytest.fixture
def desk(demo: Program) -> Program:
    return demo


def run(program: Program, *arguments: str, **more: Any) -> Any:
    around = {"REFBASE_PERSON": "ann", "TMPDIR": str(program.folder), **more}
    return program("--db", "refbase.db", *arguments, **around)


def shown(program: Program, key: str = KEY) -> Any:
    [dossier] = json.loads(run(program, "show", "--json", key).out)
    return dossier


def editor(program: Program, script: str) -> str:
    """An editor that changes the file it is given by a script of Python, in which it is `text`."""
    path = program.write(
        "editor.py",
        "import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\ntext = path.read_text()\n"
        f"{script}\n"
        "path.write_text(text)\n",
    )
    return f"{sys.executable} {path}"


# -------------------------------------------------------------------------------------- edit


def test_an_edit_says_what_it_changed_and_how_to_take_it_back(desk: Program) -> None:
    done = run(desk, "edit", KEY, "issued=2004-08", "volume=")
    assert (done.code, done.out) == (0, "")
    assert "- 2004\n" in done.err
    assert "+ 2004-08\n" in done.err
    assert "2: edit russo2004liver: issued, volume (ann); `refbase undo 2`" in done.err
    assert shown(desk)["reference"]["issued"] == {"date-parts": [[2004, 8]]}


def test_an_edit_as_json(desk: Program) -> None:
    told = json.loads(run(desk, "edit", "--json", "--dry-run", KEY, "volume=11").out)
    assert (told["applied"], told["number"], told["kind"]) == (False, None, "edit")
    told = json.loads(run(desk, "edit", "--json", KEY, "volume=11").out)
    assert (told["applied"], told["number"]) == (True, 2)
    assert told["changes"][0]["reference"] == {"volume": {"before": "10", "after": "11"}}


@pytest.mark.parametrize(
    "said", [["pmid=abc"], ["issued=1999-13"], ["foo=1"], ["volume"], ["type=novel"]]
)
def test_what_makes_no_sense_is_a_usage_error(desk: Program, said: list[str]) -> None:
    before = desk.database.read_bytes()
    done = run(desk, "edit", KEY, *said)
    assert done.code == 2
    assert done.err.startswith("refbase: error: ")
    assert desk.database.read_bytes() == before


def test_in_an_editor_what_was_typed_is_shown_and_applied(desk: Program) -> None:
    script = 'text = text.replace(\'"volume": "10"\', \'"volume": "11"\')'
    done = run(desk, "edit", KEY, stdin=b"y\n", EDITOR=editor(desk, script))
    assert done.code == 0, done.err
    assert done.err.count("+ 11") == 1
    assert shown(desk)["reference"]["volume"] == "11"


def test_nothing_typed_is_nothing_changed(desk: Program) -> None:
    done = run(desk, "edit", KEY, EDITOR=editor(desk, ""))
    assert (done.code, done.err) == (0, "nothing changed\n")


def test_no_is_no_and_what_was_typed_is_kept(desk: Program) -> None:
    script = "text = text.replace('\"10\"', '\"11\"')"
    done = run(desk, "edit", KEY, stdin=b"n\n", EDITOR=editor(desk, script))
    assert done.code == 130
    kept = done.err.partition("kept in ")[2].splitlines()[0]
    assert '"volume": "11"' in Path(kept).read_text()
    assert shown(desk)["reference"]["volume"] == "10"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("text = text.replace(',', '', 1)", "line 3: Expecting ',' delimiter"),
        ("text = text.replace('\"title\"', '\"titel\"')", "'titel'"),
        ("text = text.replace('15390328', 'x')", "'x' is no PMID"),
    ],
)
def test_a_slip_in_the_editor_is_told_and_the_text_is_kept(
    desk: Program, script: str, told: str
) -> None:
    done = run(desk, "edit", KEY, EDITOR=editor(desk, script))
    assert done.code == 2
    assert told in done.err
    assert Path(done.err.partition("kept in ")[2].splitlines()[0]).exists()
    assert "Traceback" not in done.err


def test_the_second_of_two_editors_is_told_and_asked_again(desk: Program) -> None:
    other = f"{sys.executable} -m refbase --db refbase.db edit {KEY} volume=12"
    script = (
        f"import os; os.environ['REFBASE_PERSON'] = 'bob'; os.system('{other}')\n"
        "text = text.replace('\"1018-23\"', '\"1018-1023\"')"
    )
    done = run(desk, "edit", KEY, stdin=b"y\ny\n", EDITOR=editor(desk, script))
    assert done.code == 0, done.err
    assert "was changed meanwhile (2: edit russo2004liver: volume (bob))" in done.err
    found = shown(desk)["reference"]
    assert (found["volume"], found["page"]) == ("12", "1018-1023")


def test_on_a_terminal_a_slip_opens_the_editor_again(desk: Program) -> None:
    script = (
        "text = text.replace('\"10\"', '\"11\"')\n"
        "text = text[:-1] if text.endswith('!') else text + '!'"
    )
    environment = {
        **desk.environment, "EDITOR": editor(desk, script), "TMPDIR": str(desk.folder),
    }  # fmt: skip
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "refbase", "--db", "refbase.db", "edit", KEY]
    child = subprocess.Popen(
        command, cwd=desk.folder, env=environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    os.write(master, b"y\ny\n")
    child.wait(60)
    said = b""
    while select.select([master], [], [], 0)[0]:
        try:
            said += os.read(master, 65536)
        except OSError:
            break
    os.close(master)
    assert b"Open the editor again?" in said
    assert shown(desk)["reference"]["volume"] == "11"


# ---------------------------------------------------------------------- annotate, tag, merge


def test_an_annotation_from_the_command_line_and_from_standard_input(desk: Program) -> None:
    assert run(desk, "annotate", KEY, "-b", "Baclofen", "One.").code == 0
    assert run(desk, "annotate", KEY, "-", stdin=b"Zwei.\n").code == 0
    assert shown(desk)["entries"][0]["annotation"] == "Zwei."
    done = run(desk, "annotate", KEY, "--bibliography", "Nowhere", "x")
    assert (done.code, "hint: it is listed in Baclofen no. 26" in done.err) == (2, True)


def test_what_comes_from_another_program_is_read_in_its_encoding(desk: Program) -> None:
    done = run(desk, "annotate", KEY, "-", stdin="Zürich".encode("cp1252"))
    assert (done.code, "warning: not UTF-8" in done.err) == (0, True)
    assert shown(desk)["entries"][0]["annotation"] == "Zürich"


def test_an_editor_that_takes_the_file_away_is_an_error(desk: Program) -> None:
    done = run(desk, "edit", KEY, EDITOR="rm")
    assert (done.code, "Traceback" in done.err) == (3, False)


def test_a_tag_that_goes_is_no_option(desk: Program) -> None:
    assert run(desk, "tag", KEY, "hudgson1972clinical", "+hepatic", "+n", "+to read").code == 0
    done = run(desk, "tag", KEY, "-hepatic", "-n")
    assert done.code == 0, done.err
    assert "tags               -hepatic -n" in done.err
    assert (shown(desk)["tags"], len(shown(desk, "hudgson1972clinical")["tags"])) == (
        ["to read"],
        3,
    )
    assert run(desk, "tag", KEY).code == run(desk, "tag", "+x").code == 2


def test_a_merge_warns_and_obeys(desk: Program) -> None:
    done = run(desk, "merge", KEY, "hudgson1972clinical")
    assert done.code == 0
    assert "hudgson1972clinical is not certainly the same work: different PMID" in done.err
    assert shown(desk, "hudgson1972clinical")["key"] == KEY
    assert run(desk, "merge", KEY, "hudgson1972clinical").code == 2


# ---------------------------------------------------------------------------- bibliographies


def test_bibliographies_are_listed_and_shown(desk: Program) -> None:
    assert (
        run(desk, "bibliography", "list").out.split()
        == "Baclofen 35 entries, 35 references".split()
    )
    assert json.loads(run(desk, "bibliography", "list", "--json").out) == [
        {"name": "Baclofen", "entries": 35, "references": 35}
    ]
    told = json.loads(run(desk, "bibliography", "show", "Baclofen", "--json").out)
    assert [one["position"] for one in told] == list(range(1, 36))
    assert told[25]["key"] == KEY
    text = run(desk, "bibliography", "show", "Baclofen").out
    assert "   26  russo2004liver" in text
    assert run(desk, "bibliography", "show", "Baclophen").code == 2


def test_entries_are_moved_added_and_removed(desk: Program) -> None:
    assert run(desk, "bibliography", "move", "Baclofen", KEY, "1").code == 0
    assert run(desk, "bibliography", "remove", "Baclofen", "zimmerman1999muscle").code == 0
    assert run(desk, "bibliography", "add", "New", KEY, "zimmerman1999muscle").code == 0
    told = json.loads(run(desk, "bibliography", "show", "Baclofen", "--json").out)
    assert [one["key"] for one in told[:2]] == [KEY, "hudgson1972clinical"]
    told = json.loads(run(desk, "bibliography", "show", "New", "--json").out)
    assert [one["key"] for one in told] == [KEY, "zimmerman1999muscle"]


def test_a_bibliography_is_exported_for_people(desk: Program) -> None:
    text = run(desk, "bibliography", "export", "Baclofen").out
    assert text.startswith("Baclofen\n")
    assert "[PubMed: 15390328]" in text
    assert "<html" in run(desk, "bibliography", "export", "Baclofen", "--format", "html").out
    assert run(desk, "bibliography", "export", "Baclofen", "-o", "x.ris").code == 0
    assert "TY  - JOUR" in (desk.folder / "x.ris").read_text()


# ------------------------------------------------------------------------------- log, undo


def test_the_log_and_a_look_at_what_was(desk: Program) -> None:
    run(desk, "edit", KEY, "volume=11")
    lines = run(desk, "log").out.splitlines()
    assert lines[0].split()[0::3] == ["2", "edit", "(ann)"]
    assert "volume 10 → 11" in run(desk, "log", KEY).out
    assert "edit" not in run(desk, "log", "hudgson1972clinical").out
    told = json.loads(run(desk, "log", KEY, "--json", "--limit", "1").out)
    assert (told[0]["number"], told[0]["undone_by"]) == (2, None)
    [before] = json.loads(run(desk, "show", KEY, "--at", "1", "--json").out)
    assert before["reference"]["volume"] == "10"
    assert run(desk, "show", KEY, "--at", "2000-01-01").code == 2


def test_undo_and_undo_of_the_undo(desk: Program) -> None:
    before = run(desk, "export", "--format", "jsonl").out
    run(desk, "edit", KEY, "volume=11")
    assert "would be undone: 2" in run(desk, "undo", "--dry-run").err
    done = run(desk, "undo")
    assert done.code == 0
    assert (
        "undone: 2: edit russo2004liver: volume (ann); `refbase undo 3` does it again" in done.err
    )
    assert run(desk, "export", "--format", "jsonl").out == before
    told = json.loads(run(desk, "undo", "3", "--json").out)
    assert (told["undoes"], told["restored"]) == (3, {"source": 1, "record": 1})
    assert shown(desk)["reference"]["volume"] == "11"


def test_an_undo_that_makes_no_sense_says_why(desk: Program) -> None:
    run(desk, "edit", KEY, "volume=11")
    done = run(desk, "undo", "1")
    assert done.code == 2
    assert "1 cannot be undone because of what came later: 2 (edit" in done.err
    assert "hint: `refbase undo 2` first" in done.err


@pytest.mark.parametrize(
    "arguments", [["log"], ["undo"], ["edit", KEY, "volume=1"], ["bibliography", "list"]]
)
def test_none_of_them_makes_a_database(refbase: Program, arguments: list[str]) -> None:
    done = run(refbase, *arguments)
    assert (done.code, refbase.database.exists()) == (5, False)
