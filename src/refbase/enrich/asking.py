"""Ask NCBI, with a memory: what was answered once is not asked again, and every answer is kept
word for word before anybody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeAlias

from refbase.errors import AnswerError
from refbase.ncbi import Answer, Client, Question, eutils
from refbase.store import Store
from refbase.store.jobs import Kept

Batches: TypeAlias = Callable[[Iterable[str]], Iterator[tuple[str, ...]]]
Connect: TypeAlias = Callable[[], Client]
"""Makes the client when there is something to ask, and not before: NCBI wants to know by whom."""


class Asking:
    """The questions of one job. Without `connect` nobody is asked, and only what was kept is
    heard; `after` is the answer after which the others count, for those who want fresh ones."""

    def __init__(self, store: Store, connect: Connect | None, after: int = 0) -> None:
        self._store = store
        self._connect = connect
        self.after = after
        self._client: Client | None = None
        self.requests = 0
        """How many questions were asked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client:
            self._client.close()

    def unknown(self, named: Mapping[str, str]) -> list[str]:
        """What there is no answer for yet, of things with the names they are kept under."""
        known = self._store.jobs.kept(named.values(), self.after)
        return [thing for thing, name in named.items() if name not in known]

    def answers(
        self,
        named: Mapping[str, str],
        question: Callable[[Sequence[str]], Question],
        batches: Batches = eutils.batches,
    ) -> Iterator[Kept | AnswerError]:
        """Answers that tell of all these things: first those that were kept, then new ones, the
        first of which are asked for at once.

        `question` asks for one of the `batches` that they are cut into. What could not be
        answered comes as the error, which says what it was about.
        """
        known = self._store.jobs.kept(named.values(), self.after)
        asked = [thing for thing, name in named.items() if name not in known]
        coming: Iterator[Answer | AnswerError] = iter(())
        if asked and (client := self.connected()):
            coming = client.ask_many(self._counted(map(question, batches(asked))))
        return self._heard(set(known.values()), coming, named)

    def connected(self) -> Client | None:
        """The client, made when it is first needed; None if nobody is to be asked."""
        if self._connect and not self._client:
            self._client = self._connect()
        return self._client

    def _heard(
        self, known: set[int], coming: Iterator[Answer | AnswerError], named: Mapping[str, str]
    ) -> Iterator[Kept | AnswerError]:
        for number in sorted(known):
            yield self._store.jobs.answer(number)
        for answer in coming:
            yield answer if isinstance(answer, AnswerError) else self._keep(answer, named)

    def _counted(self, questions: Iterable[Question]) -> Iterator[Question]:
        for question in questions:
            self.requests += 1
            yield question

    def _keep(self, answer: Answer, named: Mapping[str, str]) -> Kept:
        kept = Kept(answer.endpoint, answer.asked, answer.body, answer.time)
        number = self._store.jobs.keep(kept, [named[thing] for thing in answer.asked])
        return Kept(answer.endpoint, answer.asked, answer.body, answer.time, number)
