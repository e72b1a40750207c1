"""What the tests of asking NCBI begin with: a server with forty records, and a client of it."""

from __future__ import annotations

from ncbi import Server, article
from refbase.model import Reference
from refbase.ncbi import Client, eutils
from refbase.ncbi.answers import Answer
from refbase.ncbi.throttle import Throttle

MANN = Reference("article-journal", {"container-title": "J Examples", "page": "1"})
KEY = "made-up-key-0123456789"
PEOPLE = [article(str(n), f"Example {n}.") for n in range(1, 41)]
ALL = [str(n) for n in range(1, 41)]


def asking(server: Server, api_key: str = "", **options: float) -> Client:
    """A client that waits milliseconds where others wait seconds."""
    chosen = {"first_wait": 0.001, "timeout": 5.0, "deadline": 60.0, **options}
    return Client(
        "someone@example.org",
        api_key,
        eutils_url=server.url,
        idconv_url=server.idconv_url,
        throttle=Throttle(500),
        **chosen,
    )


def server(*faults: str, records: list[bytes] = PEOPLE, **options: object) -> Server:
    return Server(*records, faults=faults, rate=0, **options)  # type: ignore[arg-type]


def records(answer: Answer) -> list[str]:
    return list(eutils.parse(answer).records)
