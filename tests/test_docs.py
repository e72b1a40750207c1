"""The documentation says what the program does. `make docs` rewrites what can be generated."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import keeps
from program import ROOT
from refbase.cli import COMMANDS, app
from refbase.duplicates.judge import DOUBT, NO
from refbase.duplicates.points import POINTS, SIGNALS
from refbase.errors import CODES

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("corpora/**/*.md")])
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
# The same, where the folder `chapters` holds the real chapters of --corpora
CHAPTERS = re.compile(r"(?ms)^```console chapters\n(.*?)^```$")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ELLIPSIS = "..."


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


# ------------------------------------------------------------------ sessions are run


@pytest.fixture(scope="module")
def bash() -> str:
    found = shutil.which("bash")
    if not found:
        pytest.skip("the sessions in the documentation need bash")
    return found


@pytest.mark.parametrize("page", [p for p in PAGES if BLOCK.search(p.read_text())], ids=name)
def test_sessions_show_what_happens(page: Path, bash: str, tmp_path: Path, update: bool) -> None:
    for folder in ("data", "corpora", "tests/ncbi"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "exports").mkdir()
    _play(page, BLOCK, bash, tmp_path, update)


@pytest.mark.parametrize("page", [p for p in PAGES if CHAPTERS.search(p.read_text())], ids=name)
def test_sessions_with_real_chapters(
    page: Path, bash: str, tmp_path: Path, update: bool, corpora: Path
) -> None:
    (tmp_path / "chapters").symlink_to(corpora / "livertox")
    _play(page, CHAPTERS, bash, tmp_path, update)


def _play(page: Path, blocks: re.Pattern[str], bash: str, folder: Path, update: bool) -> None:
    """Run what stands in the blocks of a page, and compare; or put in what is seen."""
    scripts = sysconfig.get_path("scripts")
    environment = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }

    def play(block: re.Match[str]) -> str:
        shown = []
        for command, expected in _steps(block[1]):
            run = subprocess.run(
                [bash, "-c", command],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            seen = run.stdout.decode().replace(str(folder), "~")
            same = _matches(expected, seen)
            assert same or update, f"$ {command}\n--- documented\n{expected}\n--- seen\n{seen}"
            shown.append(f"$ {command}\n{expected if same else seen}")
        return block[0].partition("\n")[0] + "\n" + "".join(shown) + "```"

    text = page.read_text()
    played = blocks.sub(play, text)
    if update and played != text:
        page.write_text(played)


def test_the_example_in_python_runs(tmp_path: Path) -> None:
    [example] = re.findall(r"(?ms)^```python\n(.*?)^```$", (ROOT / "README.md").read_text())
    command = [sys.executable, "-m", "refbase", "--db", "refbase.db", "import"]
    subprocess.run([*command, ROOT / "data/references.csv"], cwd=tmp_path, check=True)
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert len(run.stdout.splitlines()) == 35
    assert "russo2004liver 15390328 Among ~50,000" in run.stdout


def _steps(block: str) -> list[tuple[str, str]]:
    steps = re.split(r"(?m)^\$ ", block)[1:]
    return [(command, output) for command, _, output in (s.partition("\n") for s in steps)]


def _matches(expected: str, seen: str) -> bool:
    """`...` on a line of its own stands for any lines, at the end of a line for any text."""
    pattern = re.escape(expected)
    pattern = re.sub(r"(?m)^\\\.\\\.\\\.\\?\n", "(?:.*\n)*?", pattern)
    pattern = pattern.replace(re.escape(ELLIPSIS), ".*")
    return re.fullmatch(pattern, seen) is not None


# ------------------------------------------------------------------ what is generated


def _command_line() -> str:
    parts = [
        "# The command line\n\nWritten by `make docs` from the program's own help. Exit codes: "
        "[exit-codes.md](exit-codes.md).\n"
    ]
    root = click.Context(app, info_name="refbase", terminal_width=90)
    parts.append(f"\n## refbase\n\n```text\n{app.get_help(root)}\n```\n")
    for command in COMMANDS:
        found = app.get_command(root, command)
        assert found is not None
        parts += _helps(found, command, root)
    return "".join(parts)


def _helps(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """The help of a command, and of those under it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=90)
    yield f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    for under in command.list_commands(context) if isinstance(command, click.Group) else ():
        found = command.get_command(context, under)  # type: ignore[union-attr]
        assert found is not None
        yield from _helps(found, under, context)


def _diagnostics() -> str:
    rows = [f"| `{code}` | {meaning} |" for code, meaning in sorted(CODES.items())]
    return "\n".join(["| code | what it means |", "|---|---|", *rows]) + "\n"


def test_the_command_line_page_is_the_programs_help(update: bool) -> None:
    page = ROOT / "docs/cli.md"
    if update:
        page.write_text(_command_line())
    assert page.read_text() == _command_line(), "make docs"


def test_the_page_of_diagnostics_is_the_table_of_codes(update: bool) -> None:
    page = ROOT / "docs/diagnostics.md"
    text = page.read_text()
    head, mark, _ = text.partition("| code |")
    assert mark
    if update:
        page.write_text(head + _diagnostics())
    assert page.read_text() == head + _diagnostics(), "make docs"


def _points() -> str:
    """The tables of `refbase dedupe`: what signs are worth, and the rules."""
    rows = ["| sign | points | looks at |", "|---|---|---|"]
    rows.append(f"| *start* | {POINTS['start']['']} | how seldom two references are one work |")
    for signal, meaning in SIGNALS.items():
        worth = "; ".join(f"{state} {points:+}" for state, points in POINTS[signal].items())
        rows.append(f"| {signal} | {worth} | {meaning} |")
    for title, rules in (("never one work", NO), ("never certain", DOUBT)):
        rows += ["", f"| {title} |", "|---|", *(f"| {reason} |" for reason, _ in rules)]
    return "\n".join(["", *rows, ""])


def test_the_page_of_duplicates_is_the_table_of_points(update: bool) -> None:
    page = ROOT / "docs/duplicates.md"
    table = re.compile(r"(?s)(?<=<!-- points -->\n).*(?=<!-- end of points -->)")
    expected = table.sub(lambda _: _points() + "\n", page.read_text())
    if update:
        page.write_text(expected)
    assert page.read_text() == expected, "make docs"


def test_the_page_of_what_is_kept_is_what_round_trips_keep(update: bool) -> None:
    page = ROOT / "docs/keeps.md"
    text = page.read_text()
    head, begin, rest = text.partition("<!-- written by make docs -->\n")
    _, end, tail = rest.partition("<!-- until here -->\n")
    assert begin
    assert end
    made = f"{head}{begin}{keeps.table()}{end}{tail}"
    if update:
        page.write_text(made)
    assert page.read_text() == made, "make docs"


# ------------------------------------------------------------------ what must agree


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_help_is_the_commands_own(command: str) -> None:
    found = app.get_command(click.Context(app), command)
    assert found is not None
    assert found.help is not None
    assert found.help.split("\n")[0] == COMMANDS[command][1]
    assert "Examples:" in found.help


def test_every_code_is_in_the_table_and_every_code_of_the_table_is_used() -> None:
    said: set[str] = set()
    reported: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        if file.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.add(node.value)
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
                called = called.id if isinstance(called, ast.Name) else called
                if called in ("Diagnostic", "report") and CODE.fullmatch(str(node.args[0].value)):
                    reported.add(str(node.args[0].value))
    assert reported <= CODES.keys()
    assert CODES.keys() <= said


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text())
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"\w+:", link):
            assert (page.parent / link).exists(), link


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        waiting += [page.parent / link for link in links if not re.match(r"\w+:", link)]
    assert {page.resolve() for page in PAGES} <= seen


def test_the_program_runs_as_a_module() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "refbase", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("refbase, version ")
