"""Running refbase as its user does: the installed program, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEED = ROOT / "data" / "references.csv"
CHAPTER = ROOT / "corpora" / "livertox" / "baclofen.txt"


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """refbase in a folder, without the settings of whoever runs the tests."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("REFBASE")}
        kept.pop("NCBI_API_KEY", None)
        config = str(self.folder / "config.toml")
        return {**kept, "REFBASE_CONFIG": config, "HOME": str(self.folder), "COLUMNS": "100"}

    @property
    def database(self) -> Path:
        return self.folder / "refbase.db"

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", **environment: str) -> Run:
        run = subprocess.run(
            [sys.executable, "-m", "refbase", *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )
        return Run(run.returncode, run.stdout.decode(), run.stderr.decode())

    def shell(self, script: str, **environment: str) -> Run:
        """A script of bash in which `refbase` is the program."""
        define = f'refbase() {{ "{sys.executable}" -m refbase "$@"; }}\n'
        run = subprocess.run(
            ["bash", "-c", define + script],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            check=False,
        )
        return Run(run.returncode, run.stdout.decode(), run.stderr.decode())

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
