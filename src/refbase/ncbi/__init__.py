"""NCBI: the records that PubMed has of PMIDs, and the PMIDs of citations and identifiers.

    with ncbi.Client.configured(email, api_key, database) as client:
        for answer in client.fetch_many(eutils.batches(pmids)):
            if isinstance(answer, AnswerError):
                ...                             # these PMIDs failed: answer.asked
            else:
                fetched = eutils.parse(answer)  # pure: stored answers are read the same way

Everything that is asked is a `Question` (plain data), everything answered an `Answer` (the bytes
as they came). How the client behaves is told in docs/ncbi.md.
"""

from typing import TYPE_CHECKING

from refbase.ncbi.answers import Answer, Question

if TYPE_CHECKING:
    from refbase.ncbi.client import Client

__all__ = ["Answer", "Client", "Question"]


def __getattr__(name: str) -> object:
    # Reading stored answers again needs no network, and the client takes a while to load
    if name == "Client":
        from refbase.ncbi.client import Client

        return Client
    raise AttributeError(f"module 'refbase.ncbi' has no attribute '{name}'")
