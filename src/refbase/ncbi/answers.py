"""What NCBI is asked and what it answers, as data, and whether an answer is one.

NCBI's errors hide: in documents with status 200, in pages of HTML, in JSON where XML was asked
for, in an XML declaration that nothing follows. So a body counts only if it is a complete
document of the kind that was asked for; everything else is a `Refusal` that says whether
asking again makes sense. All of this is pure: an answer that was stored is judged and read the
same way without the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

from lxml import etree

from refbase.formats import xmltext
from refbase.text import clean


@dataclass(frozen=True, slots=True)
class Question:
    """One request: whom it goes to, what is asked for, and what counts as an answer to it.

    `asked` is what people asked for (PMIDs, citations, a search), `fields` what is sent. `some`
    asks for some of it, where that can be.
    """

    endpoint: str
    asked: tuple[str, ...]
    fields: Mapping[str, str]
    accept: Callable[[bytes], object]
    some: Callable[[Sequence[str]], Question] | None = None

    def halves(self) -> tuple[Question, ...]:
        """Two questions that ask for the same together; none where there is nothing to halve."""
        half = len(self.asked) // 2
        if not self.some or not half:
            return ()
        return self.some(self.asked[:half]), self.some(self.asked[half:])


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, word for word, with what was asked, of whom, and when (UTC).

    It holds no secret and can be stored, and read again by the `parse` of its endpoint.
    """

    endpoint: str
    asked: tuple[str, ...]
    body: bytes
    time: str = ""
    url: str = ""


class Verdict(Enum):
    """What to do about an answer that is none."""

    AGAIN = "may pass: ask again"
    BUSY = "too many requests: ask again, then the service is gone"
    LOST = "nobody answers: ask again, then the service is gone"
    NEVER = "this request will never be answered; others may"
    GONE = "nobody's request will be answered"


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """Why what came back is no answer. `wait` is how long NCBI asks us to wait, if it does."""

    def __init__(
        self, message: str, verdict: Verdict = Verdict.AGAIN, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.verdict = verdict
        self.wait = wait


# What no repetition changes. Any other error may be one of the services behind the service.
_PERMANENT = re.compile(
    r"id list is empty|supplied id parameter is empty|invalid uid|empty term|nothing todo"
    r"|cannot be larger|too many uids|unable to obtain query|neither query_key nor id"
    r"|invalid db name",
    re.I,
)
_KEY = re.compile(r"api key (?:is )?(?:invalid|not)|invalid api key|api key invalid", re.I)
# Without NLM's DTD: its name changes every year
_PARSER = xmltext.parser(whole=True)
_SAID = 200


def xml(body: bytes, *roots: str) -> etree._Element:
    """The root of a complete XML document of one of these kinds; else a `Refusal`."""
    if not body.strip():
        raise Refusal("an empty answer")
    if body.lstrip()[:1] in (b"{", b"["):
        raise _said(_message(_loads(body)) or "JSON where XML was asked for")
    try:
        root = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError:
        raise Refusal(_what(body)) from None
    if errors := [clean(element.text or "") for element in root.iter("ERROR")]:
        raise _said("; ".join(errors))
    if root.tag not in roots:
        raise Refusal(_what(body))
    return root


def json_object(body: bytes) -> dict[str, Any]:
    """The object of a complete JSON document that tells no error; else a `Refusal`."""
    if not body.strip():
        raise Refusal("an empty answer")
    value = _loads(body)
    if not isinstance(value, dict):
        raise Refusal(_what(body))
    if message := _message(value):
        raise _said(message)
    return value


def lines(body: bytes) -> list[str]:
    """The lines of a plain text; a `Refusal` where something else was answered."""
    text = body.decode(errors="replace").strip()
    if not text:
        raise Refusal("an empty answer")
    if text[0] in "<{[":
        error = re.search(r"<ERROR>(.*?)</ERROR>", text, re.S)
        raise _said(clean(error[1])) if error else Refusal(_what(body))
    return [line for line in text.splitlines() if line.strip()]


def _loads(body: bytes) -> Any:
    """NCBI's JSON: its messages hold line breaks that JSON forbids."""
    try:
        return json.loads(body.decode(), strict=False)
    except (ValueError, RecursionError):
        raise Refusal(_what(body)) from None


def _message(value: Any) -> str:
    """The error that a JSON document tells, in any of the places where NCBI puts one."""
    if not isinstance(value, dict):
        return ""
    found = [value.get(name) for name in ("error", "ERROR")]
    if value.get("status") == "error":
        found.append(unquote(str(value.get("message") or "an error without a message")))
    for name in ("esearchresult", "esummaryresult"):
        inner = value.get(name)
        found += inner if isinstance(inner, list) else []
        found.append(inner.get("ERROR") if isinstance(inner, dict) else None)
    return clean("; ".join(str(text) for text in found if text))


def _said(message: str) -> Refusal:
    """The refusal of an error that NCBI tells in words."""
    if _KEY.search(message):
        return Refusal(message, Verdict.GONE)
    if "rate limit exceeded" in message.lower():
        return Refusal(message, Verdict.BUSY)
    permanent = _PERMANENT.search(message)
    return Refusal(message[:_SAID], Verdict.NEVER if permanent else Verdict.AGAIN)


def _what(body: bytes) -> str:
    """What a body is that is not what was asked for."""
    head = body[:2000].lstrip().lower()
    if b"<html" in head or head.startswith(b"<!doctype html"):
        title = re.search(rb"<title>(.*?)</title>", body[:2000], re.S | re.I)
        name = clean(title[1].decode(errors="replace")) if title else ""
        return f"a web page: {name[:_SAID]}" if name else "a web page"
    if not re.search(rb"<[a-z_]", head) and head.startswith(b"<"):
        return "an answer without content"
    return "an answer that is cut short, or of another kind"


# ------------------------------------------------------------------------------- statuses

_PASSING = frozenset((408, 425, 500, 502, 503, 504))
_NOT_HERE = frozenset((404, 405, 410))


def judge(status: int, body: bytes, wait: float | None = None) -> None:
    """Raise the `Refusal` that an HTTP status other than 200 means; its body may say more."""
    if status == 200:
        return
    try:
        told = _message(_loads(body)) if body.lstrip()[:1] == b"{" else _error(body)
    except Refusal:
        told = ""
    message = f"HTTP status {status}" + (f": {told[:_SAID]}" if told else "")
    if status == 429:
        raise Refusal(message, Verdict.BUSY, wait)
    if status in _PASSING or status >= 500:
        raise Refusal(message, Verdict.AGAIN, wait)
    gone = status in (401, 403) or (status in _NOT_HERE and not told) or _KEY.search(told)
    raise Refusal(message, Verdict.GONE if gone else Verdict.NEVER)


def _error(body: bytes) -> str:
    found = re.search(rb"<ERROR>(.*?)</ERROR>", body[:5000], re.S)
    return clean(found[1].decode(errors="replace")) if found else ""
