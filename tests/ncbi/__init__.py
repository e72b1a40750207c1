"""A stand-in for NCBI: a real HTTP server on this machine, with NCBI's manners and failures.

    with Server(article("1", title="Example"), faults=["502", "cut"]) as server:
        client = Client("someone@example.org", eutils_url=server.url, first_wait=0.01)

It serves efetch, esearch, esummary, epost, elink, ecitmatch and the ID converter from a set of
PubMed XML. What it says was composed from what NCBI documents and from how its answers were
observed to look; no answer of NCBI is copied. `python -m tests.ncbi FILE.xml` runs it by hand.
"""

from .faults import FAULTS, every
from .records import article, from_citations, load
from .server import Server

__all__ = ["FAULTS", "Server", "article", "every", "from_citations", "load"]
