"""What refbase costs, as ratios to a yardstick measured in the same run.

Each pair is run in turn, A B A B ..., as whole processes; the figure is the median of the ratios of
their CPU time (user and system). Absolute times depend on the machine, ratios hardly.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 9
PYTHON = sys.executable
REFBASE = str(Path(PYTHON).parent / "refbase")


def cpu(command: list[str], folder: str) -> float:
    """CPU seconds of one process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratio(command: list[str], yardstick: list[str], folder: str) -> float:
    """How many times the yardstick's CPU time a command needs."""
    pairs = [(cpu(command, folder), cpu(yardstick, folder)) for _ in range(RUNS + 1)][1:]
    return statistics.median(a / b for a, b in pairs)


def main() -> None:
    python = [PYTHON, "-c"]
    with tempfile.TemporaryDirectory() as folder:
        database = [REFBASE, "--db", "refbase.db"]
        subprocess.run(
            [*database, "import", str(ROOT / "data" / "references.csv")],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        rows = [
            ("refbase --help", [REFBASE, "--help"], "import click", 2.0),
            ("refbase export (demo database)", [*database, "export"], "import sqlmodel", 1.4),
            ("refbase list (demo database)", [*database, "list"], "import sqlmodel", None),
            (
                "refbase convert references.csv (35 entries)",
                [REFBASE, "convert", str(ROOT / "data" / "references.csv")],
                "import click",
                None,
            ),
        ]
        sys.stdout.write("| command | CPU, times that of | | goal |\n|---|---|---|---|\n")
        for name, command, yardstick, goal in rows:
            measured = ratio(command, [*python, yardstick], folder)
            wanted = f"≤ {goal}" if goal else ""
            sys.stdout.write(
                f"| `{name}` | `python -c '{yardstick}'` | {measured:.2f} | {wanted} |\n"
            )


if __name__ == "__main__":
    main()
