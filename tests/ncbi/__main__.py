"""Run the stand-in by hand, for a session in the documentation or to try something out.

    python -m tests.ncbi FILE.xml --port 8123 --latency 1
    python -m tests.ncbi data/references.csv --run refbase enrich

FILE is PubMed XML, also .gz, or any file that refbase reads: records are then composed from its
citations, and say that they were. --run takes the rest of the line for a command, which is
pointed at the stand-in and ends it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from .faults import FAULTS, every
from .records import from_citations
from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.ncbi",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--dois", action="store_true", help="give composed records a DOI")
    parser.add_argument("--port", type=int, help="[default: 8123, or any with --run]")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--rate", type=float, help="its limit; 0 for none  [default: NCBI's]")
    parser.add_argument("--key", default="", help="the API key that it takes for valid")
    parser.add_argument("--every", type=int, default=0, help="a fault on every nth request")
    parser.add_argument("--faults", nargs="*", choices=list(FAULTS), help="which ones")
    parser.add_argument("--run", nargs=argparse.REMAINDER, metavar="COMMAND", help="run it")
    given = parser.parse_args()
    sources: list[Path | bytes] = []
    for file in given.files:
        is_xml = file.name.endswith((".xml", ".xml.gz"))
        sources += [file] if is_xml else from_citations(file, given.dois)
    server = Server(
        *sources,
        latency=given.latency,
        faults=every(given.every, given.faults) if given.every else given.faults or (),
        api_key=given.key,
        rate=given.rate,
        port=given.port or (0 if given.run else 8123),
    )
    known = len(server.services.records)
    sys.stderr.write(f"{known} records at {server.url} and {server.idconv_url}\n")
    sys.exit(_run(server, given.run) if given.run else _serve(server))


def _run(server: Server, command: list[str]) -> int:
    environment = {"REFBASE_EMAIL": "librarian@example.org", **os.environ, **server.environment}
    with server:
        return subprocess.run(command, env=environment, check=False).returncode


def _serve(server: Server) -> int:
    with suppress(KeyboardInterrupt):
        server.serve()
    return 0


if __name__ == "__main__":
    main()
