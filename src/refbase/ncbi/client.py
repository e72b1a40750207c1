"""Asking NCBI: politely, patiently, many questions at a time, and without telling secrets.

A request is a `Question`, what comes back an `Answer` that is complete and of the kind asked
for; else it is an `AnswerError` (this one failed, others may go on) or a `ServiceError` (nobody
answers: stop, and keep what is).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import ceil
from queue import SimpleQueue
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from refbase.errors import AnswerError, ServiceError, UsageError
from refbase.ncbi import eutils, retries
from refbase.ncbi.answers import Answer, Question, Refusal, Verdict
from refbase.ncbi.throttle import SLOWEST, StoppedError, Throttle, shared_file
from refbase.ncbi.transport import EUTILS, IDCONV, MOST_IN_FLIGHT, Transport

RATE, RATE_WITH_KEY = 3.0, 10.0
_FAILURES = 3
"""So many requests in a row that fail mean that the service does."""

_TRIES_OF_A_PART = 3

_log = logging.getLogger(__name__)
_Result = Answer | AnswerError | ServiceError | None


class Client:
    """NCBI as seen from here. Close it, or use it in a `with`; threads may share it.

    `deadline` bounds what one request may take with all its tries, `timeout` how long NCBI may
    be silent; `first_wait` is what is waited before the second try.
    """

    def __init__(
        self,
        email: str,
        api_key: str = "",
        *,
        tool: str = "refbase",
        eutils_url: str = EUTILS,
        idconv_url: str = IDCONV,
        throttle: Throttle | None = None,
        timeout: float = 30.0,
        deadline: float = 300.0,
        first_wait: float = 1.0,
    ) -> None:
        if "@" not in email:
            hint = "set `email` in config.toml, or REFBASE_EMAIL"
            raise UsageError("NCBI wants to know an e-mail address", hint)
        self._key = api_key
        self._deadline, self._first_wait = deadline, first_wait
        self._throttle = throttle or Throttle(RATE_WITH_KEY if api_key else RATE)
        known = {"tool": tool, "email": email}
        self._transport = Transport(known, api_key, eutils_url, idconv_url, self._throttle, timeout)
        self._lock = Lock()
        self._reached = False
        self._failures = 0

    @classmethod
    def configured(
        cls,
        email: str,
        api_key: str = "",
        database: str = "",
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """The client of a user: their address and key, the limit shared by all who work on the
        database, and the servers that the environment names instead of NCBI's."""
        address = environ.get("REFBASE_NCBI_URL") or EUTILS
        idconv = environ.get("REFBASE_IDCONV_URL") or IDCONV
        rate = allowed_rate(api_key, environ)
        throttle = Throttle(rate, shared_file(database, address))
        return cls(email, api_key, eutils_url=address, idconv_url=idconv, throttle=throttle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()
        self._throttle.close()

    @property
    def rate(self) -> float:
        """Requests a second, at most."""
        return self._throttle.rate

    # ------------------------------------------------------------------------- asking

    def efetch(self, pmids: Sequence[str]) -> Answer:
        """The records of up to 200 PMIDs; `eutils.parse` reads them."""
        return self.ask(eutils.efetch(pmids))

    def fetch_many(self, batches: Iterable[Sequence[str]]) -> Iterator[Answer | AnswerError]:
        """The records of many batches of PMIDs, see `ask_many`."""
        return self.ask_many(map(eutils.efetch, batches))

    def ask(self, question: Question) -> Answer:
        """Ask until there is an answer, or no hope of one."""
        return self._ask(question, Event())

    def ask_many(self, questions: Iterable[Question]) -> Iterator[Answer | AnswerError]:
        """Ask many questions, as many at a time as the limit needs, and yield what comes as it
        comes: answers, and errors of single requests, which say what they asked for.

        The first ones are asked at once, the others as they are needed, so that nothing is asked
        for that nobody awaits. A question that fails is asked in halves, so that one record that
        NCBI cannot give costs itself and not 199 others. A `ServiceError` is raised last, when
        all that was still answered has been handed on.
        """
        results: SimpleQueue[_Result] = SimpleQueue()
        stop, waiting = Event(), iter(questions)
        flying = self._fly(islice(waiting, self._in_flight), stop, results)
        return self._landed(waiting, flying, stop, results)

    def _landed(
        self,
        waiting: Iterator[Question],
        flying: int,
        stop: Event,
        results: SimpleQueue[_Result],
    ) -> Iterator[Answer | AnswerError]:
        """What comes back; for each that has landed another one of those that wait flies."""
        gone: ServiceError | None = None
        try:
            while flying:
                result = results.get()
                if isinstance(result, Answer | AnswerError):
                    yield result
                    continue
                flying -= 1
                if result:
                    gone = gone or result
                    stop.set()
                if not gone:
                    flying += self._fly(islice(waiting, self._in_flight - flying), stop, results)
        finally:
            stop.set()
        if gone:
            raise gone

    @property
    def _in_flight(self) -> int:
        """As many as keep the rate while each answer takes up to two seconds."""
        return max(2, min(MOST_IN_FLIGHT, ceil(2 * self.rate)))

    def _fly(
        self, questions: Iterable[Question], stop: Event, results: SimpleQueue[_Result]
    ) -> int:
        """Ask each in a thread, and say how many these are. Not in a pool, whose threads Python
        waits for when it ends: Ctrl-C would then wait for a server that is silent."""
        threads = [
            Thread(target=self._answer_into, args=(question, stop, results), daemon=True)
            for question in questions
        ]
        for thread in threads:
            thread.start()
        return len(threads)

    def _answer_into(self, question: Question, stop: Event, results: SimpleQueue[_Result]) -> None:
        """Hand on what is answered, and in the end None, or why nothing will be any more."""
        end: ServiceError | None = ServiceError(f"{question.endpoint}: a request was not ended")
        try:
            try:
                results.put(self._ask(question, stop))
            except AnswerError as fault:
                self._ask_parts(question, fault, stop, results)
            end = None
        except StoppedError:
            end = None
        except ServiceError as fault:
            end = fault
        finally:
            results.put(end)

    def _ask_parts(
        self, question: Question, fault: AnswerError, stop: Event, results: SimpleQueue[_Result]
    ) -> None:
        """Ask the halves of a question that failed, and theirs; but only as long as one of two is
        answered, for else it is not a record that is at fault."""
        failed = []
        halves = question.halves()
        for half in halves:
            try:
                results.put(self._ask(half, stop, _TRIES_OF_A_PART))
            except AnswerError as one:
                failed.append((half, one))
        if len(failed) == len(halves):
            results.put(fault)
            return
        for half, why in failed:
            self._ask_parts(half, why, stop, results)

    def _ask(self, question: Question, stop: Event, most: int = 99) -> Answer:
        patience = retries.Patience(self._deadline, self._first_wait, most)
        while True:
            begun = time.monotonic()
            try:
                answer = self._transport.once(question, stop)
            except Refusal as refusal:
                wait = self._endure(question, refusal, patience, time.monotonic() - begun)
            else:
                self._failures, self._reached = 0, True
                return answer
            if stop.wait(wait):
                raise StoppedError

    def _endure(
        self, question: Question, refusal: Refusal, patience: retries.Patience, spent: float
    ) -> float:
        """The seconds to wait after a refusal; or the error that ends the request."""
        refusal.message = self._redacted(refusal.message)
        if refusal.verdict is Verdict.BUSY:
            self._throttle.pause(refusal.wait or self._first_wait)
        if refusal.verdict is not Verdict.LOST:
            self._reached = True
        try:
            wait = patience.wait(refusal, spent, self._reached)
        except AnswerError as fault:
            fault.asked = question.asked
            raise self._counted(fault, refusal) from None
        _log.info("%s: %s; again in %.1f s", question.endpoint, refusal.message, wait)
        return wait

    def _counted(self, fault: AnswerError, refusal: Refusal) -> AnswerError | ServiceError:
        """One request that fails is that request's fault; several in a row are the service's."""
        if refusal.verdict is Verdict.NEVER:
            return fault
        with self._lock:
            self._failures += 1
        if self._failures < _FAILURES:
            return fault
        return ServiceError(fault.message, retries.LATER)

    def _redacted(self, text: str) -> str:
        return text.replace(self._key, "...") if self._key else text


def allowed_rate(api_key: str = "", environ: Mapping[str, str] = os.environ) -> float:
    """Requests a second, at most. For NCBI the environment may only lower it."""
    usual = RATE_WITH_KEY if api_key else RATE
    wished, url = environ.get("REFBASE_NCBI_RATE", ""), environ.get("REFBASE_NCBI_URL") or EUTILS
    if not wished:
        return usual
    try:
        rate = float(wished)
    except ValueError:
        rate = 0.0
    if not SLOWEST <= rate <= 1000:
        raise UsageError(
            f"REFBASE_NCBI_RATE is '{wished}', which is no number of requests a second"
        )
    host = urlsplit(url).hostname or ""
    return min(rate, usual) if host.endswith(".nih.gov") else rate
