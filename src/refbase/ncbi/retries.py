"""How long to wait before a request is sent again, and when to give it up. Pure, but for chance.

Each cause has its own measure: what NCBI asks us to wait goes first; too many requests and a
lost network may last longer than a page of an overloaded server; what no repetition changes is
not repeated. Waiting times are scattered, so that many clients that were refused together do not
come back together.
"""

from __future__ import annotations

import random
from email.utils import parsedate_to_datetime

from refbase.errors import AnswerError, ServiceError
from refbase.ncbi.answers import Refusal, Verdict

TRIES = {
    Verdict.AGAIN: 10,
    Verdict.BUSY: 12,
    Verdict.LOST: 12,
    Verdict.NEVER: 1,
    Verdict.GONE: 1,
}
FIRST_TRIES = 4
"""As often is tried to reach a service that never answered: the network may be off."""
LONGEST_WAIT = 30.0


class Patience:
    """What one request may still cost: tries, and seconds to its deadline."""

    def __init__(self, deadline: float, first_wait: float = 1.0, most: int = 99) -> None:
        self._left = deadline
        self._first = first_wait
        self._most = most
        self._tries = 0

    def wait(self, refusal: Refusal, spent: float, reached: bool = True) -> float:
        """Seconds to wait before the next try, or the error that ends the request.

        `spent` is how long the last try took; `reached` says that the service answered before.
        """
        self._tries += 1
        self._left -= spent
        most = min(self._most, TRIES[refusal.verdict])
        if refusal.verdict is Verdict.LOST and not reached:
            most = FIRST_TRIES
        seconds = self._seconds(refusal)
        if self._tries >= most or seconds > self._left:
            raise failure(refusal, self._tries)
        self._left -= seconds
        return seconds

    def _seconds(self, refusal: Refusal) -> float:
        longest = min(self._first * 2 ** (self._tries - 1), LONGEST_WAIT)
        scattered = random.uniform(longest / 2, longest)
        if refusal.wait is None:
            return scattered
        return refusal.wait + scattered / 4


def failure(refusal: Refusal, tries: int) -> AnswerError | ServiceError:
    """The error that a refusal becomes when nothing is tried any more."""
    times = f" ({tries} tries)" if tries > 1 else ""
    message = f"{refusal.message}{times}"
    if hint := _HINTS.get(refusal.verdict):
        return ServiceError(f"NCBI cannot be reached: {message}", hint)
    return AnswerError(f"NCBI did not answer: {message}")


LATER = "what was done is kept; try again later"
_HINTS = {
    Verdict.LOST: LATER,
    Verdict.BUSY: LATER,
    Verdict.GONE: "check the API key (NCBI_API_KEY), REFBASE_NCBI_URL and REFBASE_IDCONV_URL",
}


def retry_after(text: str, now: float) -> float | None:
    """The seconds that a `Retry-After` asks for: a number, or a date (RFC 9110).

    >>> retry_after("2", 0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20), retry_after("?", 0)
    (2.0, 40.0, None)
    """
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
