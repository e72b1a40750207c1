"""The documentation says what the program does. `make docs` rewrites what can be generated."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import click
import pytest

from refbase.cli import COMMANDS, app
from refbase.errors import CODES

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("corpora/**/*.md")])
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
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
    for folder in ("data", "corpora"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "exports").mkdir()
    scripts = sysconfig.get_path("scripts")
    environment = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }

    def play(block: re.Match[str]) -> str:
        shown = []
        for command, expected in _steps(block[1]):
            run = subprocess.run(
                [bash, "-c", command],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            seen = run.stdout.decode().replace(str(tmp_path), "~")
            same = _matches(expected, seen)
            assert same or update, f"$ {command}\n--- documented\n{expected}\n--- seen\n{seen}"
            shown.append(f"$ {command}\n{expected if same else seen}")
        return "```console\n" + "".join(shown) + "```"

    text = page.read_text()
    played = BLOCK.sub(play, text)
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
        context = click.Context(found, info_name=command, parent=root, terminal_width=90)
        parts.append(f"\n## refbase {command}\n\n```text\n{found.get_help(context)}\n```\n")
    return "".join(parts)


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
