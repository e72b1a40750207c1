"""The server: counts, keeps the limit, is late or faulty on request, and writes down who asked."""

from __future__ import annotations

import gzip
import itertools
import os
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from .endpoints import Services
from .faults import FAULTS, too_many
from .records import load
from .replies import Asked, Reply, in_json, page

EUTILS = "/entrez/eutils/"
IDCONV = "/tools/idconv/api/v1/articles/"
OLD_IDCONV = "/pmc/utils/idconv/v1.0/"
LONGEST_ADDRESS = 3000


class Server:
    """NCBI on this machine, from PubMed XML (files, or pieces of it).

    `latency` is how long it thinks before each answer; `faults` names what goes wrong with one
    request after the other (an empty name: nothing); `rate` is its limit, 3 or 10 with the
    `api_key`, and 0 for none. With `moved_to` it only says where it is now, as NCBI did when it
    left http. `asked` is the list of the requests that came.
    """

    def __init__(
        self,
        *records: Path | bytes,
        latency: float = 0.0,
        faults: Iterable[str] = (),
        api_key: str = "",
        rate: float | None = None,
        port: int = 0,
        moved_to: str = "",
    ) -> None:
        self.services = Services(load(records))
        self.latency = latency
        self.api_key = api_key
        self.rate = rate
        self.moved_to = moved_to
        self.asked: list[Asked] = []
        self.refused = 0
        self.in_flight = self.most_in_flight = 0
        self.closing = Event()
        self._faults: Iterator[str] = iter(faults)
        self._seen: dict[str, deque[float]] = {}
        self._lock = Lock()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.standin = self
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}{EUTILS}"
        self.idconv_url = f"http://127.0.0.1:{self.port}{IDCONV}"

    @property
    def environment(self) -> dict[str, str]:
        """What points the program at this server, at its rate."""
        rate = {"REFBASE_NCBI_RATE": f"{self.rate or 1000:g}"} if self.rate is not None else {}
        return {"REFBASE_NCBI_URL": self.url, "REFBASE_IDCONV_URL": self.idconv_url, **rate}

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._http.serve_forever()

    def count(self, endpoint: str) -> int:
        return sum(asked.endpoint == endpoint for asked in self.asked)

    def answer(self, asked: Asked) -> Reply:
        """The reply to a request, faults and limit included."""
        with self._lock:
            self.asked.append(asked)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            fault = next(self._faults, "")
        try:
            return self._answer(asked, fault)
        finally:
            with self._lock:
                self.in_flight -= 1

    def _answer(self, asked: Asked, fault: str) -> Reply:
        if self.moved_to:
            target = self.moved_to + asked.url.removeprefix(EUTILS)
            return replace(page(301, "Moved Permanently"), headers={"Location": target})
        service = self.services.table.get(asked.endpoint)
        if not service:
            return page(404, "Not found")
        if "api_key" in parse_qs(urlsplit(asked.url).query):
            return in_json({"error": "a key does not belong into an address"}, 400)
        key = asked.text("api_key")
        if key != self.api_key and key:
            return FAULTS["invalid-key"](Reply(), asked)
        limited = asked.endpoint != "idconv"
        limit, remaining = self._remaining(key) if limited else (0, 1)
        self.closing.wait(self.latency)
        if remaining < 0:
            self.refused += 1
            reply = too_many(key or "203.0.113.7", limit)
            return replace(reply, headers={"Retry-After": "2"})
        reply = service(asked)
        if limit:
            counts = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining)}
            reply = replace(reply, headers={**counts, **reply.headers})
        return FAULTS[fault](reply, asked) if fault else reply

    def _remaining(self, key: str) -> tuple[int, int]:
        """The limit, and how many requests are left in the last second; -1: it was too many."""
        usual = 10 if key else 3
        limit = int(usual if self.rate is None else self.rate)
        if not limit:
            return 0, 1
        with self._lock:
            now = time.monotonic()
            seen = self._seen.setdefault(key, deque())
            while seen and seen[0] <= now - 1:
                seen.popleft()
            if len(seen) >= limit:
                return limit, -1
            seen.append(now)
            return limit, limit - len(seen)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    standin: Server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    _counter = itertools.count(1)

    def do_GET(self) -> None:
        self._reply("")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._reply(self.rfile.read(length).decode())

    def _reply(self, body: str) -> None:
        parts = urlsplit(self.path)
        if len(self.path) > LONGEST_ADDRESS:
            self._send(page(414, "Submitted URI too large!"))
            return
        if parts.path == OLD_IDCONV:
            target = f"{IDCONV}?{parts.query}" if parts.query else IDCONV
            self._send(replace(page(301, "Moved Permanently"), headers={"Location": target}))
            return
        name = Path(parts.path).stem if parts.path.startswith(EUTILS) else ""
        known = {f"{name}.fcgi", "ecitmatch.cgi"} - {"ecitmatch.fcgi"}
        endpoint = name if Path(parts.path).name in known else ""
        if parts.path == IDCONV and self.command == "GET":
            endpoint = "idconv"
        fields = parse_qs(f"{parts.query}&{body}", keep_blank_values=True)
        asked = Asked(endpoint, self.command, fields, time.monotonic(), self.path)
        self._send(self.server.standin.answer(asked))

    def _send(self, reply: Reply) -> None:
        if reply.manner == "reset":
            # No farewell: the client sees its connection reset
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return
        if reply.manner == "silent":
            self.server.standin.closing.wait(60)
            self.close_connection = True
            return
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        zips = "gzip" in self.headers.get("Accept-Encoding", "")
        if zips and len(body) > 1000 and "Content-Encoding" not in reply.headers:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self._body(body, reply.manner)

    def _body(self, body: bytes, manner: str) -> None:
        if manner == "cut-chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            half = body[: len(body) // 2]
            self.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
            self.close_connection = True
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if manner == "slow":
            self._drip(body)
        else:
            self.wfile.write(body[: len(body) // 2] if manner == "cut" else body)
            self.close_connection = self.close_connection or manner == "cut"

    def _drip(self, body: bytes) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if self.server.standin.closing.wait(0.05):
                break

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent, unless it is run by hand."""
        if os.environ.get("STANDIN_LOG"):
            super().log_message(format, *args)
