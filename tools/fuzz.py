"""Feed each reader with files that were bred to break it: `make fuzz`.

    python tools/fuzz.py                 every reader, FUZZ_SECONDS each (600)
    python tools/fuzz.py ris bibtex      some of them
    python tools/fuzz.py ris --once FILE what one file does to a reader

A reader may report whatever it likes, but it neither raises, nor takes twenty seconds over a
file, nor a gigabyte of memory. What breaks one is kept in `.fuzz/crashes/`, and what was bred in
`.fuzz/corpus/`, from which the next run goes on. Coverage is guided by atheris (libFuzzer).
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
GROUND = ROOT / ".fuzz"
SEEDS = ROOT / "tests" / "corpus"
# Formats that share a folder of examples with another one
SHARED = {"tsv": "csv", "biblatex": "bibtex"}
LIMITS = ["-rss_limit_mb=1024", "-timeout=20", "-max_len=65536"]


def target(name: str) -> None:
    """Run libFuzzer on one reader, in this process, until its time is over."""
    import atheris

    with atheris.instrument_imports(include=["refbase"]):
        from refbase import formats
        from refbase.errors import FormatError

        fmt = formats.get(name)

    def once(data: bytes) -> None:
        # That a file is of another format is said of the whole
        with suppress(FormatError):
            for parsed in formats.read(io.BytesIO(data), "x", fmt):
                if parsed.dossier:
                    parsed.dossier.reference.to_csl()

    with atheris.instrument_imports(include=["refbase"]):
        once(b"x")  # imports what the reader needs

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


def folders(name: str) -> list[str]:
    bred = GROUND / "corpus" / name
    bred.mkdir(parents=True, exist_ok=True)
    (GROUND / "crashes").mkdir(exist_ok=True)
    seeds = SEEDS / SHARED.get(name, name)
    return [str(bred), *([str(seeds)] if seeds.is_dir() else [])]


def fuzz(name: str, seconds: int) -> bool:
    """Whether a reader lived through the time that it was given."""
    command = [sys.executable, __file__, "--target", name, *LIMITS]
    command += [f"-max_total_time={seconds}", f"-artifact_prefix={GROUND}/crashes/{name}-"]
    done = subprocess.run([*command, *folders(name)], capture_output=True, text=True, check=False)
    last = re.findall(r"(?m)^#\d.*", done.stderr)[-1:]
    verdict = "ok" if done.returncode == 0 else "BROKEN"
    sys.stdout.write(f"{name}: {verdict} {' '.join(last)}\n")
    if done.returncode:
        sys.stdout.write(done.stderr[-4000:])
    sys.stdout.flush()
    return done.returncode == 0


def readers() -> list[str]:
    from refbase import formats

    return [fmt.name for fmt in formats.FORMATS if fmt.reader]


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--target"]:
        name = arguments[1]
        del sys.argv[1:3]
        target(name)
    if arguments[1:2] == ["--once"]:
        sys.argv[1:] = arguments[2:]
        target(arguments[0])
    seconds = int(os.environ.get("FUZZ_SECONDS", "600"))
    verdicts = {name: fuzz(name, seconds) for name in arguments or readers()}
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
