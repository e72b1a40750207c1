"""Everything that was seen to go wrong with NCBI, each by name: a good reply in, a bad one out.

The texts are composed after what others saw and after NCBI's documentation; addresses are those
set aside for examples.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from .replies import XML, Asked, Reply, error, in_json, page

Fault = Callable[[Reply, Asked], Reply]


def too_many(key: str = "203.0.113.7", limit: int = 3) -> Reply:
    """The refusal of too many requests; it repeats the caller's address or key."""
    told = {"error": "API rate limit exceeded", "api-key": key}
    return in_json({**told, "count": str(limit + 1), "limit": str(limit)}, 429)


def _with(reply: Reply, **headers: str) -> Reply:
    return replace(reply, headers={name.replace("_", "-"): text for name, text in headers.items()})


def _halved(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def _zipped_and_cut(reply: Reply) -> Reply:
    zipped = replace(reply, body=gzip.compress(reply.body))
    return replace(_halved(zipped), headers={"Content-Encoding": "gzip"})


def _root(asked: Asked) -> str:
    return {"esearch": "eSearchResult", "elink": "eLinkResult"}.get(asked.endpoint, "eFetchResult")


def _prolog(asked: Asked) -> Reply:
    return Reply(f'{XML}<!DOCTYPE {_root(asked)} PUBLIC "-//NLM//DTD//EN" "x.dtd">\n\n'.encode())


def _raw_newline(asked: Asked) -> Reply:
    text = '{"esearchresult":{"ERROR":"Search Backend failed: Exception:\nthe backend is away"}}'
    return Reply(text.encode(), "application/json; charset=UTF-8")


def _invalid_key(asked: Asked) -> Reply:
    return in_json({"error": "API key invalid", "api-key": asked.text("api_key")}, 400)


_NEG = {"error": "/lbsm/eutils_lb -> Neg", "api-key": "203.0.113.7", "type": "ip", "status": "ok"}
_COMMENT = '<DocumentSummarySet status="OK"><!-- the summaries are away --></DocumentSummarySet>'
_UNREADABLE = "Search Backend failed: Database is not supported: pubmed"

FAULTS: dict[str, Fault] = {
    # Statuses
    "429": lambda reply, asked: too_many(),
    "429-retry-after": lambda reply, asked: _with(too_many(), Retry_After="1"),
    "500": lambda reply, asked: page(500, "WWW Error 500 Diagnostic"),
    "502": lambda reply, asked: page(502, "Bad Gateway"),
    "503-retry-after": lambda reply, asked: _with(page(503, "Unavailable"), Retry_After="1"),
    "414": lambda reply, asked: page(414, "Submitted URI too large!"),
    "403": lambda reply, asked: page(403, "Blocked"),
    "invalid-key": lambda reply, asked: _invalid_key(asked),
    "no-ids": lambda reply, asked: error(_root(asked), "ID list is empty!", status=400),
    # Bodies with status 200 that are no answer
    "empty": lambda reply, asked: replace(reply, body=b""),
    "prolog": lambda reply, asked: _prolog(asked),
    "html": lambda reply, asked: page(200, "down_bethesda"),
    "backend": lambda reply, asked: error(_root(asked), _UNREADABLE),
    "address-table": lambda reply, asked: error(
        _root(asked), "Couldn't resolve #exLinkSrv2, the address table is empty."
    ),
    "history": lambda reply, asked: error(_root(asked), "Unable to obtain query #1"),
    "empty-id": lambda reply, asked: error(_root(asked), "Supplied id parameter is empty."),
    "load-balancer": lambda reply, asked: in_json(_NEG),
    "rate-in-200": lambda reply, asked: replace(too_many(), status=200),
    "raw-newline": lambda reply, asked: _raw_newline(asked),
    "comment": lambda reply, asked: Reply(f"{XML}{_COMMENT}".encode()),
    "half": lambda reply, asked: _halved(reply),
    "half-gzip": lambda reply, asked: _zipped_and_cut(reply),
    # On the way
    "cut": lambda reply, asked: replace(reply, manner="cut"),
    "cut-chunked": lambda reply, asked: replace(reply, manner="cut-chunked"),
    "reset": lambda reply, asked: replace(reply, manner="reset"),
    "slow": lambda reply, asked: replace(reply, manner="slow"),
    "silent": lambda reply, asked: replace(reply, manner="silent"),
}
TRANSIENT = (
    "429 429-retry-after 500 502 503-retry-after empty prolog html backend address-table"
    " load-balancer rate-in-200 half half-gzip cut cut-chunked reset"
).split()
"""Those that pass: who asks again is answered."""


def every(nth: int, names: list[str] | None = None, seed: int = 0) -> Iterator[str]:
    """A fault, picked at random but always the same, on every nth request; without end."""
    pick = random.Random(seed)
    while True:
        yield from [""] * (nth - 1)
        yield pick.choice(names or TRANSIENT)
