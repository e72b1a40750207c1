"""What refbase costs, as ratios to what others cost in the same run.

    BENCH_RECORDS=100000 BENCH_RUNS=1 python tools/bench.py

Everything runs as a whole process on the same made-up records, refbase and the other in turn;
figures are medians. Absolute times depend on the machine and on who else uses it, ratios hardly.
`make peers` installs the others into .peers; what is not there is skipped, and says so.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "tools"
PEERS = ROOT / ".peers"
RECORDS = int(os.environ.get("BENCH_RECORDS", "10000"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
SMALL = 40
SMALL_RUNS = 7
PYTHON = sys.executable
REFBASE = str(Path(PYTHON).parent / "refbase")
OTHERS = str(PEERS / "venv" / "bin" / "python")

Command = list[str]


@dataclass(frozen=True)
class Peer:
    """Another program that does the same. `source` is the extension of what it reads."""

    name: str
    command: tuple[str, ...]
    needs: Path
    source: str
    target: str
    wall: float | None = None
    cpu: float | None = None
    counts: bool = True


def _python(name: str, script: str, *formats: str, **more: float) -> Peer:
    source, target, *arguments = formats
    command = (OTHERS, str(TOOLS / "peers" / script), *arguments)
    return Peer(name, command, PEERS / "venv", source, target, **more)


def _node(source: str, target: str, *names: str, wall: float) -> Peer:
    command = ("node", str(TOOLS / "peers" / "citation_js.cjs"), *names)
    return Peer("citation-js", command, PEERS / "node_modules", source, target, wall)


# What each conversion is compared with. `wall`: so many times as fast is the goal; `cpu`: at most
# so many times its CPU time.
CONVERSIONS = (
    _node("ris", "bib", "ris", "bibtex", wall=4),
    _python("rispy + bibtexparser", "ris_to_bibtex.py", "ris", "bib"),
    _node("json", "bib", "csl-json", "bibtex", wall=3),
    _node("bib", "ris", "bibtex", "ris", wall=4),
    _python("citerra + orjson", "bibtex_to_json.py", "bib", "json", "citerra", wall=1),
    _python("bibtexparser + orjson", "bibtex_to_json.py", "bib", "json", "bibtexparser", wall=3),
    _python("Bio.Medline + rispy", "nbib_to_ris.py", "nbib", "ris", wall=1.3),
    _python("pubmed_parser + rispy", "xml_to_ris.py", "xml.gz", "ris", wall=3.5),
    Peer(
        name="lxml iterparse, counting only",
        command=(PYTHON, str(TOOLS / "peers" / "iterparse.py")),
        needs=Path(PYTHON),
        source="xml",
        target="ris",
        cpu=2.5,
        counts=False,
    ),
)
GENERATED = {
    "ris": "ris",
    "bib": "bibtex",
    "json": "csl-json",
    "nbib": "nbib",
    "xml": "pubmed-xml",
}
SMALL_PAIRS = (
    ("ris", "bib"), ("json", "bib"), ("bib", "ris"), ("bib", "json"), ("nbib", "ris"),
    ("xml", "ris"),
)  # fmt: skip
EMPTY = [PYTHON, "-c", "pass"]


@dataclass(frozen=True)
class Cost:
    """What one process took. Its memory is that of its largest part, if it is several."""

    wall: float
    cpu: float
    memory: float
    failed: bool = False


def run(command: Command, folder: Path, source: str = "", target: str = "") -> Cost:
    """Run a command to its end, from and to the files of these names if there are any."""
    report = folder / "report.json"
    with (
        (folder / source if source else Path(os.devnull)).open("rb") as stdin,
        (folder / target if target else Path(os.devnull)).open("wb") as stdout,
    ):
        subprocess.run(
            [PYTHON, "-S", str(TOOLS / "measured.py"), str(report), *command],
            cwd=folder,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NODE_PATH": str(PEERS / "node_modules")},
            check=True,
        )
    wall, cpu, kilobytes, code = json.loads(report.read_text())
    return Cost(wall, cpu, kilobytes / 1024, code != 0)


def median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
        any(cost.failed for cost in costs),
    )


def in_turn(runs: int, *measured: Callable[[], Cost]) -> list[Cost]:
    """The cost of each, run A B A B ..."""
    rounds = [[measure() for measure in measured] for _ in range(runs)]
    return [median(list(costs)) for costs in zip(*rounds, strict=True)]


COUNTERS = {
    "ris": "sum(line.startswith(b'TY  - ') for line in stream)",
    "bib": "sum(line.startswith(b'@') for line in stream)",
    "json": "len(json.load(stream))",
}


def count(path: Path) -> int:
    """The records of a file; by a process of its own, whose memory is not ours."""
    script = (
        f"import json\nwith open({str(path)!r}, 'rb') as stream: print({COUNTERS[path.suffix[1:]]})"
    )
    done = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else 0


def generate(folder: Path, records: int) -> None:
    for extension, name in GENERATED.items():
        with (folder / f"in.{extension}").open("wb") as stream:
            command = [PYTHON, str(TOOLS / "generate.py"), name, str(records)]
            subprocess.run(command, stdout=stream, check=True)
    with (
        (folder / "in.xml").open("rb") as plain,
        gzip.open(folder / "in.xml.gz", "wb", 6) as packed,
    ):
        shutil.copyfileobj(plain, packed)


def convert(source: str, target: str) -> Command:
    return [REFBASE, "--quiet", "convert", f"in.{source}", f"out.{target}"]


# ------------------------------------------------------------------------------------ the tables


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def conversions(folder: Path) -> Iterator[str]:
    """Large files: refbase and the other in turn."""
    generate(folder, RECORDS)
    yield row(
        "conversion", "refbase", "compared with", "it", "times as fast", "CPU, times its", "goal"
    )
    yield "|---|---|---|---|--:|--:|---|"
    for peer in CONVERSIONS:
        if peer.needs.exists():
            yield compared(peer, folder)
        else:
            yield row(title(peer), "", peer.name, "skipped: not there; `make peers`", "", "", "")


def compared(peer: Peer, folder: Path) -> str:
    own = convert(peer.source, peer.target)
    others = f"peer.{peer.target}"
    ours, theirs, empty = in_turn(
        RUNS,
        partial(run, own, folder),
        partial(run, list(peer.command), folder, f"in.{peer.source}", others),
        partial(run, EMPTY, folder),
    )
    faster, dearer = theirs.wall / ours.wall, ours.cpu / theirs.cpu
    return row(
        title(peer),
        said(ours, empty, count(folder / f"out.{peer.target}")),
        peer.name,
        said(theirs, empty, count(folder / others)) if peer.counts else said(theirs, empty),
        f"{faster:.2f}",
        f"{dearer:.2f}",
        goal(peer, faster, dearer),
    )


def title(peer: Peer) -> str:
    return f"{peer.source} → {peer.target}"


def said(cost: Cost, empty: Cost, out: int | None = None) -> str:
    """Speed, CPU time, memory, and how many records came out."""
    if cost.failed:
        return "fails"
    speed = f"{RECORDS / cost.wall:,.0f}/s, {cost.cpu:.1f} s CPU"
    lost = f", **{out:,} records**" if out is not None and out != RECORDS else ""
    return f"{speed}, {cost.memory - empty.memory:.0f} MB{lost}"


def goal(peer: Peer, faster: float, dearer: float) -> str:
    if peer.wall:
        return f"≥ {peer.wall:g} times as fast: {'met' if faster >= peer.wall else 'not met'}"
    if peer.cpu:
        return f"CPU ≤ {peer.cpu:g} times: {'met' if dearer <= peer.cpu else 'not met'}"
    return ""


def small_files(folder: Path) -> Iterator[str]:
    """What one waits for: CPU time beyond that of a Python that does nothing."""
    generate(folder, SMALL)
    yield row("conversion", "CPU over `python -c pass`, s", "goal, s")
    yield "|---|--:|--:|"
    for source, target in SMALL_PAIRS:
        command = convert(source, target)
        ours, empty = in_turn(
            SMALL_RUNS, partial(run, command, folder), partial(run, EMPTY, folder)
        )
        allowed = 0.25 if source == "xml" else 0.15
        yield row(f"{source} → {target}", f"{ours.cpu - empty.cpu:.3f}", allowed)


def start_up(folder: Path) -> Iterator[str]:
    references = str(ROOT / "data" / "references.csv")
    database = [REFBASE, "--db", "refbase.db"]
    subprocess.run([*database, "import", references], cwd=folder, check=True, capture_output=True)
    yield row("command", "CPU, times that of", "", "goal")
    yield "|---|---|--:|--:|"
    for name, command, yardstick, wanted in (
        ("refbase --help", [REFBASE, "--help"], "import click", "≤ 2.0"),
        ("refbase export (demo database)", [*database, "export"], "import sqlmodel", "≤ 1.4"),
        ("refbase list (demo database)", [*database, "list"], "import sqlmodel", ""),
        (
            "refbase convert references.csv (35 entries)",
            [REFBASE, "convert", references],
            "import click",
            "",
        ),
    ):
        ours, theirs = in_turn(
            SMALL_RUNS,
            partial(run, command, folder),
            partial(run, [PYTHON, "-c", yardstick], folder),
        )
        yield row(f"`{name}`", f"`python -c '{yardstick}'`", f"{ours.cpu / theirs.cpu:.2f}", wanted)


def main() -> None:
    print_line = sys.stdout.write
    load = os.getloadavg()[0]
    print_line(f"{RECORDS:,} records; load of the machine at the beginning: {load:.1f}\n\n")
    for table in (conversions, small_files, start_up):
        with tempfile.TemporaryDirectory() as folder:
            for line in table(Path(folder)):
                print_line(f"{line}\n")
                sys.stdout.flush()
        print_line("\n")


if __name__ == "__main__":
    main()
