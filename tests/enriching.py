"""What the tests of enriching begin with: a store, a server of NCBI's, and a run of enriching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from made import FAMILIES, work
from ncbi import Server, article
from refbase.enrich import Asking, Run
from refbase.model import Reference
from refbase.ncbi import Client
from refbase.ncbi.throttle import Throttle
from refbase.store import Filter, Store
from refbase.store.jobs import Outcome, tally


def known(number: int, /, **fields: Any) -> bytes:
    """What PubMed knows of `work(number)`, and more: a given name, the DOI, the whole pages."""
    reference = work(number)
    said = {
        "title": f"{reference.title}.",
        "journal": "J Examples",
        "year": str(reference.year),
        "volume": str(number),
        "page": f"{100 * number}-{100 * number + 9}",
        "authors": [f"{FAMILIES[number]} AB"],
        "doi": f"10.5555/example.{number}",
        **fields,
    }
    return article(said.pop("pmid", reference.pmid), **said)


def serving(*records: bytes, **options: Any) -> Server:
    return Server(*records, rate=0, **options)


def connect(server: Server, rate: float = 1000) -> Callable[[], Client]:
    return lambda: Client(
        "someone@example.org",
        eutils_url=server.url,
        idconv_url=server.idconv_url,
        throttle=Throttle(rate),
        first_wait=0.001,
    )


def enrich(of: Store, server: Server | None, refresh: bool = False) -> dict[str, Outcome]:
    """Enrich everything; how it ended for each key."""
    after = of.jobs.last_answer() if refresh else 0
    with Asking(of, connect(server) if server else None, after) as asking:
        return {one.key: one for one in Run(of, asking).begin(of.jobs.targets(Filter()))}


def resume(of: Store, server: Server) -> dict[str, Outcome]:
    job = of.jobs.unfinished("enrich")
    assert job
    with Asking(of, connect(server), job.options["after"]) as asking:
        return {one.key: one for one in Run(of, asking).resume(job)}


def states(outcomes: dict[str, Outcome]) -> dict[str, int]:
    return dict(tally(outcomes.values()))


def contents(of: Store) -> list[Reference]:
    return [dossier.reference for dossier in of.dossiers()]


FIRST = "alpha1991first"

# The faults that cost no time
QUICK = "429 500 502 empty prolog html backend half half-gzip cut cut-chunked reset".split()
