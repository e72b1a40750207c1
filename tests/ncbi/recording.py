"""Cassettes: what NCBI was asked and answered, to be played where there is no network.

`make record` asks NCBI itself and writes them anew. Those in the project say in their first lines
that they were composed, by the stand-in, from the documented wire format and from citations as
they are printed in data/references.csv; `python -m tests.ncbi.recording` composes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import vcr
from vcr.stubs import VCRHTTPResponse

from refbase import files
from refbase.ncbi import Client, Question, ecitmatch, eutils, idconv
from refbase.ncbi.client import RATE
from refbase.ncbi.throttle import Throttle
from refbase.ncbi.transport import EUTILS, IDCONV

from .records import from_citations
from .server import Server

FOLDER = Path(__file__).parent / "cassettes"
SEED = Path(__file__).parents[2] / "data" / "references.csv"
_HEADER = """\
# Composed from the documented wire format and from citations as they are printed in
# data/references.csv: not recorded. `make record` replaces it by what NCBI answers.
"""
_SECRETS = ["api_key", "email"]
_KEPT = ("content-type", "content-encoding", "location", "retry-after", "x-ratelimit")


def _read1(self: Any, amount: int = -1, decode_content: bool | None = None) -> bytes:
    """What vcrpy's response lacks of urllib3's; bodies stand in cassettes unpacked."""
    return bytes(self._content.read1(amount))


VCRHTTPResponse.read1 = _read1


def _questions() -> dict[str, Question]:
    works = {p.dossier.key: p.dossier.reference for p in files.read(SEED) if p.dossier}
    known = {key: works[key] for key in ("hudgson1972clinical", "zimmerman1999muscle")}
    return {
        "efetch": eutils.efetch(["15390328", "999999999", "4585729"]),
        "efetch_unknown": eutils.efetch(["999999999"]),
        "esearch": eutils.esearch("15390328[uid]"),
        "esearch_nothing": eutils.esearch('"nosuchphraseanywhere"[Title]'),
        "ecitmatch": ecitmatch.ecitmatch(known),
        "idconv": idconv.idconv(["PMC2424842", "PMC2425514"]),
        "idconv_not_in_pmc": idconv.idconv(["4585729"]),
    }


QUESTIONS = _questions()


def recorder(mode: str = "none", before: Callable[[Any], Any] | None = None) -> vcr.VCR:
    """The player of cassettes. Whatever the mode, no secret and no cookie gets into one."""
    return vcr.VCR(
        cassette_library_dir=str(FOLDER),
        record_mode=mode,
        match_on=("method", "scheme", "host", "path", "query", "body"),
        filter_post_data_parameters=_SECRETS,
        filter_query_parameters=_SECRETS,
        filter_headers=["Authorization", "Cookie", "User-Agent", "Content-Length", "Connection"],
        before_record_request=before,
        before_record_response=_plain,
        decode_compressed_response=True,
    )


def _plain(response: dict[str, Any]) -> dict[str, Any]:
    """A response without cookies, and without what the ID converter repeats of its request."""
    headers = response["headers"].items()
    kept = {name: text for name, text in headers if name.lower().startswith(_KEPT)}
    body = response["body"]["string"]
    for variable in ("REFBASE_EMAIL", "NCBI_API_KEY"):
        if secret := os.environ.get(variable):
            for spelling in (secret, quote(secret, safe="")):
                body = body.replace(spelling.encode(), b"...")
    return {**response, "headers": kept, "body": {"string": body}}


def compose() -> None:
    """Let the stand-in answer the questions, in NCBI's name."""
    with Server(*from_citations(SEED)) as server:

        def renamed(request: Any) -> Any:
            for ours, theirs in ((server.url, EUTILS), (server.idconv_url, IDCONV)):
                request.uri = request.uri.replace(ours, theirs)
            return request

        for name, question in QUESTIONS.items():
            file = FOLDER / f"{name}.yaml"
            file.unlink(missing_ok=True)
            throttle = Throttle(RATE)
            urls = {"eutils_url": server.url, "idconv_url": server.idconv_url}
            with (
                recorder("all", renamed).use_cassette(file.name),
                Client("someone@example.org", throttle=throttle, **urls) as client,
            ):
                client.ask(question)
            file.write_text(_HEADER + file.read_text())


def mode() -> str:
    return os.environ.get("NCBI_RECORD", "none")


if __name__ == "__main__":
    compose()
