"""What enriching costs against what NCBI's limit allows, on the stand-in with slow answers.

    python tools/bench_enrich.py [REFERENCES] [SECONDS OF AN ANSWER] [REQUESTS A SECOND]

Made-up references with PMIDs go into a database and are enriched over real HTTP. The floor is
the time that the limit takes for so many requests, and the last answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from ncbi import Server, article  # noqa: E402

REFBASE = (sys.executable, "-m", "refbase", "--quiet", "--db", "bench.db")


def library(number: int) -> list[dict[str, object]]:
    return [
        {
            "id": f"k{n}",
            "type": "article-journal",
            "title": f"Example number {n}",
            "author": [{"family": "Example", "given": "A. B."}],
            "container-title": "J Examples",
            "issued": {"date-parts": [[2001]]},
            "page": str(n),
            "PMID": str(1_000_000 + n),
        }
        for n in range(number)
    ]


def known(number: int) -> list[bytes]:
    return [
        article(str(1_000_000 + n), f"Example number {n}.", page=str(n), doi=f"10.5555/{n}")
        for n in range(number)
    ]


def main(number: int = 10_000, latency: float = 1.0, rate: float = 3.0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "library.json").write_text(json.dumps(library(number)))
        subprocess.run([*REFBASE, "import", "library.json"], cwd=folder, check=True)
        with Server(*known(number), latency=latency, rate=rate) as server:
            settings = {"REFBASE_EMAIL": "someone@example.org", "HOME": folder, "NO_PROXY": "*"}
            begun, used = time.monotonic(), os.times().children_user
            subprocess.run(
                [*REFBASE, "enrich"],
                cwd=folder,
                env={**os.environ, **server.environment, **settings},
                check=True,
            )
            spent = time.monotonic() - begun
            used = os.times().children_user - used
        requests = server.count("efetch")
        floor = (requests - 1) / rate + latency
        sys.stdout.write(
            f"{number} references, {requests} requests, {server.refused} refused: {spent:.1f} s;"
            f" the limit takes {floor:.1f} s ({100 * (spent / floor - 1):+.0f} %), and refbase"
            f" computes for {used:.1f} s\n"
        )


if __name__ == "__main__":
    values = [float(text) for text in sys.argv[1:]]
    main(int(values[0]) if values else 10_000, *values[1:])
