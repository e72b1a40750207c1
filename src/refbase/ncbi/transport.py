"""One try of one request: what is sent, what may be followed, and what is let in.

The identifiers and the key travel in the body of a POST, where no log of any server holds them.
This is the only module that knows of HTTP; whatever goes wrong here is a `Refusal`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from threading import Event, Lock, local
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3

from refbase.errors import UsageError
from refbase.ncbi import answers, retries
from refbase.ncbi.answers import Answer, Question, Refusal, Verdict
from refbase.ncbi.throttle import Throttle

EUTILS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
IDCONV = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles/"
LARGEST = 1 << 26
"""Bytes of an answer, unpacked: twenty times what 200 records have on average."""
MOST_IN_FLIGHT = 32

CONNECTING = 0.25
"""A request on a new connection may leave so much later than those on open ones, which must not
overtake it. When the connection is open, it is known how much it was."""

_log = logging.getLogger(__name__)
_PROGRAMS = {"ecitmatch": "ecitmatch.cgi"}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5
_CONNECT = 10.0
_CHUNK = 1 << 16
_LONGEST_NUMBER = 10
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Transport:
    """The connections to NCBI. `timeout` is how long it may be silent, in seconds; a whole
    answer may take four times that."""

    def __init__(
        self,
        known: dict[str, str],
        key: str,
        eutils_url: str,
        idconv_url: str,
        throttle: Throttle,
        timeout: float,
    ) -> None:
        self._known, self._key = known, key
        self._eutils, self._idconv = _base(eutils_url), _base(idconv_url)
        self._throttle = throttle
        self._timeout = timeout
        self._session = _session(self._connected)
        self._lock = Lock()
        self._busy = self._open = 0
        self._mine = local()

    def close(self) -> None:
        self._session.close()

    def once(self, question: Question, stop: Event) -> Answer:
        """Send a question when it is its turn; the answer, or a Refusal."""
        url = self._idconv if question.endpoint == "idconv" else self._program(question.endpoint)
        home = url
        for _ in range(_MOST_REDIRECTS):
            self._mine.slot = self._throttle.take(stop, self._begin)
            sent = time.time()
            try:
                response = self._send(question, url, home)
                with response:
                    self._observe(response, sent)
                    if response.status_code in _REDIRECTS:
                        url = _redirected(url, response.headers.get("Location", ""))
                        continue
                    body = self._read(response)
            finally:
                self._end()
            wait = retries.retry_after(response.headers.get("Retry-After", ""), time.time())
            answers.judge(response.status_code, body, wait)
            question.accept(body)
            now = datetime.now(UTC).isoformat(timespec="microseconds")
            return Answer(question.endpoint, question.asked, body, now, public(url))
        raise Refusal("redirected too often", Verdict.GONE)

    def _begin(self) -> float:
        """Count the connections in use; the seconds that it takes to open one more."""
        with self._lock:
            self._busy += 1
            is_new = self._busy > self._open
            self._open = max(self._busy, self._open)
        return CONNECTING if is_new else 0.0

    def _connected(self) -> None:
        """The connection of this thread is open: its request leaves now."""
        self._throttle.leaves(self._mine.slot)

    def _end(self) -> None:
        with self._lock:
            self._busy -= 1

    def _program(self, endpoint: str) -> str:
        return urljoin(self._eutils, _PROGRAMS.get(endpoint, f"{endpoint}.fcgi"))

    def _send(self, question: Question, url: str, home: str) -> requests.Response:
        fields = {**question.fields, **self._known}
        # The converter is documented for GET only; it needs no key
        get = question.endpoint == "idconv"
        if self._key and not get and _may_see_key(url, home):
            fields["api_key"] = self._key
        written = urlencode(fields, safe=",")
        begun = time.monotonic()
        try:
            response = self._session.request(
                "GET" if get else "POST",
                # Who redirects a GET repeats its query
                f"{url}?{written}" if get and url == home else url,
                data=None if get else written,
                headers={} if get else _FORM,
                timeout=(min(_CONNECT, self._timeout), self._timeout),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as fault:
            raise _refusal(fault) from None
        seconds = time.monotonic() - begun
        told = (question.endpoint, len(question.asked), response.status_code, seconds)
        _log.debug("%s: %d asked for, status %d after %.2f s", *told)
        return response

    def _observe(self, response: requests.Response, sent: float) -> None:
        """What NCBI counts, if it says so."""
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining")
        said = [response.headers.get(name, "") for name in names]
        if all(text.isdecimal() and len(text) < _LONGEST_NUMBER for text in said):
            self._throttle.observe(sent, int(said[0]), int(said[1]))

    def _read(self, response: requests.Response) -> bytes:
        """The whole body, unpacked, even if the service has refused others in the meantime. A
        server that sends a byte now and then is not waited for."""
        parts: list[bytes] = []
        size, until = 0, time.monotonic() + 4 * self._timeout
        try:
            while part := response.raw.read1(_CHUNK, decode_content=True):
                parts.append(part)
                size += len(part)
                if size > LARGEST:
                    raise Refusal(f"an answer of more than {LARGEST >> 20} MB", Verdict.NEVER)
                if time.monotonic() > until:
                    raise Refusal("an answer that comes too slowly")
        except (urllib3.exceptions.HTTPError, OSError):
            raise Refusal("an answer that is cut short") from None
        return b"".join(parts)


# ---------------------------------------------------------------------------- addresses


class _Adapter(requests.adapters.HTTPAdapter):
    """Tells when a connection has been opened, in the thread that opened it."""

    def __init__(self, opened: Callable[[], None]) -> None:
        self._opened = opened
        super().__init__(pool_maxsize=MOST_IN_FLIGHT, max_retries=0)

    def init_poolmanager(self, *values: Any, **named: Any) -> None:
        super().init_poolmanager(*values, **named)
        self.poolmanager.pool_classes_by_scheme = _pools(self._opened)


def _pools(opened: Callable[[], None]) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """urllib3's pools, with connections that tell."""
    known: dict[str, type[urllib3.HTTPConnectionPool]] = {
        "http": urllib3.HTTPConnectionPool,
        "https": urllib3.HTTPSConnectionPool,
    }
    return {
        scheme: type(
            pool.__name__, (pool,), {"ConnectionCls": _telling(pool.ConnectionCls, opened)}
        )
        for scheme, pool in known.items()
    }


def _telling(kind: type[Any], opened: Callable[[], None]) -> type[Any]:
    def connect(self: Any) -> None:
        kind.connect(self)
        opened()

    return type(kind.__name__, (kind,), {"connect": connect})


def _session(opened: Callable[[], None]) -> requests.Session:
    session = requests.Session()
    session.headers.update(
        {"User-Agent": f"refbase/{version('refbase')}", "Accept-Encoding": "gzip"}
    )
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(opened))
    return session


def _base(url: str) -> str:
    if not _is_web(url):
        shown = "what should be one" if "@" in url else f"'{url}'"
        hint = "REFBASE_NCBI_URL and REFBASE_IDCONV_URL are like https://host/path/"
        raise UsageError(f"{shown} is not the address of a server", hint)
    return url if url.endswith("/") else f"{url}/"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def public(url: str) -> str:
    """An address without what may be secret in it: name and password, and the query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if not _is_web(target):
        raise Refusal("a redirection to nowhere", Verdict.GONE)
    if (urlsplit(url).scheme, urlsplit(target).scheme) == ("https", "http"):
        message = f"a redirection away from encryption, to {public(target)}"
        raise Refusal(message, Verdict.GONE)
    return target


_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


def _may_see_key(url: str, home: str) -> bool:
    """The key goes to the host it is meant for, and in the clear only to this machine."""
    parts, known = urlsplit(url), urlsplit(home)
    private = parts.scheme == "https" or parts.hostname in _LOOPBACK
    return private and parts.hostname == known.hostname


# ------------------------------------------------------------------------------- faults


def _refusal(fault: requests.RequestException) -> Refusal:
    """What a request that found no server means; the library's own words are for its makers."""
    if isinstance(fault, requests.exceptions.SSLError):
        return Refusal("the connection cannot be trusted (TLS)", Verdict.GONE)
    if isinstance(fault, requests.ReadTimeout):
        return Refusal("no answer in time")
    if isinstance(fault, requests.ConnectTimeout):
        return Refusal("no connection in time", Verdict.LOST)
    if isinstance(fault, requests.ConnectionError):
        return Refusal(_reason(fault), Verdict.LOST)
    return Refusal("the address cannot be used", Verdict.GONE)


def _reason(fault: BaseException) -> str:
    """What the system said, which lies at the bottom of a chain of exceptions."""
    seen: BaseException | None = fault
    reason = "no connection"
    while seen:
        if isinstance(seen, OSError) and isinstance(seen.strerror, str):
            reason = seen.strerror
        seen = seen.__cause__ or seen.__context__
    return reason[:1].lower() + reason[1:]
