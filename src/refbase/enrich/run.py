"""Fetch, match, merge, apply: one enrichment, from its beginning or from where it was interrupted.

What is told of a reference, by NCBI or by a file, is put to it two hundred at a time; the store
matches, merges and applies (`refbase.store.attach`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePath
from typing import Any, TypeVar

from refbase.enrich import offline
from refbase.enrich.asking import Asking
from refbase.enrich.finding import Leads, leads
from refbase.enrich.offline import Wanted
from refbase.enrich.plan import Groups, grouped, must_seek, named
from refbase.errors import AnswerError, Diagnostic
from refbase.model import Record, Source
from refbase.ncbi import Answer, eutils
from refbase.store import Store
from refbase.store.attach import (
    DOUBTFUL,
    LEFT,
    NOT_FOUND,
    REJECTED,
    UNCHANGED,
    UPDATED,
    Told,
)
from refbase.store.jobs import GONE, PLANNED, Job, Kept, Outcome, tally
from refbase.store.log import chunks
from refbase.store.query import Target

Report = Callable[[Iterable[Diagnostic]], None]
T = TypeVar("T")

KIND = "enrich"
DELETED, INVALID, FAILED = "deleted", "invalid", "failed"
NOT_ASKED, NOT_IN_FILES = "not asked", "not in the files"
STATES = (
    UPDATED, UNCHANGED, DOUBTFUL, REJECTED, NOT_FOUND, DELETED, INVALID, FAILED, NOT_ASKED,
    NOT_IN_FILES, LEFT, GONE, PLANNED,
)  # fmt: skip
"""How it may end for a reference, in the order in which it is told."""
_NOT_ASKED = "no answer was kept, and nobody was asked"
BATCH = 200
"""References in one transaction."""


def _ignore(found: Iterable[Diagnostic]) -> None:
    """The `Report` of those who do not want to know."""


class Run:
    """One enrichment, from its beginning or from where it was interrupted, to its end."""

    def __init__(self, store: Store, asking: Asking, report: Report = _ignore) -> None:
        self._store = store
        self._asking = asking
        self._report = report
        self._job: Job | None = None
        self.number = 0
        """How many references it is about, once it is begun."""

    @property
    def job(self) -> Job:
        """The job that the run is to the database, once it is begun."""
        assert self._job, "nothing was begun"
        return self._job

    def begin(self, targets: Sequence[Target]) -> Iterator[Outcome]:
        """Enrich these references; how it ended for each, as it ends."""
        groups = grouped(targets)
        answers = self._answers(groups)
        # They travel while the job is written down
        self._start(targets, {"after": self._asking.after})
        return self._run(self.job, groups, answers)

    def read(self, targets: Sequence[Target], paths: Sequence[str]) -> Iterator[Outcome]:
        """Enrich from files of PubMed XML or nbib, one after the other, and ask nobody."""
        for path in paths:
            offline.check(path)
        self._start(targets, {"from": list(paths)})
        return self._read(self.job, targets, paths)

    def resume(self, job: Job) -> Iterator[Outcome]:
        """Go on with a job that was interrupted."""
        self._job = job
        left = self._store.jobs.left(job)
        self.number = len(left)
        if files := job.options.get("from"):
            return self._read(job, left, files)
        groups = grouped(left)
        return self._run(job, groups, self._answers(groups))

    def _answers(self, groups: Groups) -> Iterator[Kept | AnswerError]:
        """What is said of the PMIDs; the first questions are asked. Whoever cannot ask is told so
        here, before there is a job."""
        if must_seek(self._asking, groups):
            self._asking.connected()
        return self._asking.answers(named("PMID", groups.pmid), eutils.efetch)

    def _start(self, targets: Sequence[Target], options: Mapping[str, Any]) -> None:
        self.number = len(targets)
        self._job = self._store.jobs.start(KIND, options, [target.id for target in targets])

    def _run(
        self, job: Job, groups: Groups, answers: Iterator[Kept | AnswerError]
    ) -> Iterator[Outcome]:
        with self._store.jobs.held():
            yield from self._noted(job, groups.invalid, INVALID, "is no PMID")
            yield from self._noted(job, groups.left, LEFT, "no article, or nothing to go by")
            yield from self._fetched(job, answers, groups.pmid)
            yield from self._sought(job, groups.others)
            self._store.jobs.finish(job, self.summary(job))

    def _read(self, job: Job, targets: Sequence[Target], paths: Sequence[str]) -> Iterator[Outcome]:
        wanted = Wanted(targets)
        seen: set[int] = set()
        for path in paths:
            for batch in _batches(self._told(path, wanted)):
                records = [one for one in batch if isinstance(one, Told)]
                gone = [one for one in batch if isinstance(one, Outcome)]
                outcomes = self._store.attach(job, records, gone)
                yield from (one for one in outcomes if one.reference_id not in seen)
                seen.update(one.reference_id for one in outcomes)
        rest = [target for target in targets if target.id not in seen]
        yield from self._noted(job, rest, NOT_IN_FILES, "")
        self._store.jobs.finish(job, self.summary(job))

    def _told(self, path: str, wanted: Wanted) -> Iterator[Told | Outcome]:
        """What a file says of the references that are wanted; findings go to `report`."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        where = f"PubMed, {PurePath(path).name}"
        for parsed in offline.records(path, wanted):
            for pmid in offline.withdrawn(parsed):
                for target in wanted.of_pmid(pmid):
                    detail = f"PubMed has withdrawn PMID {pmid}"
                    yield Outcome(target.id, target.key, DELETED, detail)
            self._report(parsed.diagnostics)
            if not parsed.dossier or not parsed.dossier.reference.pmid:
                continue
            reference = parsed.dossier.reference
            record = Record(pubmed(reference.pmid, now, where), reference, parsed.raw)
            yield from (Told(target.id, record) for target in wanted.of(reference))

    def summary(self, job: Job) -> str:
        """The job in a few words, for people and for the log."""
        return summary(tally(self._store.jobs.outcomes(job)))

    def _noted(
        self, job: Job, targets: Sequence[Target], state: str, detail: str
    ) -> Iterator[Outcome]:
        outcomes = [Outcome(target.id, target.key, state, detail) for target in targets]
        if outcomes:
            self._store.jobs.note(job, outcomes)
        yield from outcomes

    # ---------------------------------------------------------------------- with a PMID

    def _fetched(
        self,
        job: Job,
        answers: Iterator[Kept | AnswerError],
        by_pmid: Mapping[str, Sequence[Target]],
    ) -> Iterator[Outcome]:
        """The references that have a PMID, answer by answer."""
        of = dict(by_pmid)
        for kept in answers:
            if isinstance(kept, AnswerError):
                failed = [target for pmid in kept.asked for target in of.pop(pmid, ())]
                yield from self._noted(job, failed, FAILED, kept.message)
                continue
            mine = {pmid: of.pop(pmid) for pmid in kept.asked if pmid in of}
            for chunk in chunks(list(mine.items()), BATCH):
                yield from self._tell(job, kept, dict(chunk))
        rest = [target for targets in of.values() for target in targets]
        yield from self._noted(job, rest, NOT_ASKED, _NOT_ASKED)

    def _tell(self, job: Job, kept: Kept, of: Mapping[str, Sequence[Target]]) -> Iterator[Outcome]:
        """Put what one answer says to the references that have its PMIDs."""
        records = _records(kept, of)
        told = [
            Told(target.id, records[pmid], kept.id)
            for pmid, targets in of.items()
            for target in targets
            if pmid in records
        ]
        missing = [
            Outcome(target.id, target.key, NOT_FOUND, f"PubMed has no PMID {pmid}")
            for pmid, targets in of.items()
            for target in targets
            if pmid not in records
        ]
        yield from self._store.attach(job, told, missing)

    # ------------------------------------------------------------------- without a PMID

    def _sought(self, job: Job, targets: Sequence[Target]) -> Iterator[Outcome]:
        """The references that have no PMID: what may be theirs is fetched and compared."""
        found = leads(self._asking, targets)
        records = self._led(found)
        for batch in _batches(targets):
            told, others = [], []
            for target in batch:
                mine = [records[pmid] for pmid in found.pmids.get(target.id, ()) if pmid in records]
                searched = target.id in found.searched
                told += [Told(target.id, record, fetch, searched) for record, fetch in mine]
                if not mine:
                    others.append(Outcome(target.id, target.key, *_why(found, target)))
            yield from self._store.attach(job, told, others)

    def _led(self, found: Leads) -> dict[str, tuple[Record, int]]:
        """The records that the leads lead to, with the answers that they are from."""
        wanted = {pmid for several in found.pmids.values() for pmid in several}
        records: dict[str, tuple[Record, int]] = {}
        for kept in self._asking.answers(named("PMID", sorted(wanted)), eutils.efetch):
            if not isinstance(kept, AnswerError):
                told = _records(kept, wanted)
                records |= {pmid: (record, kept.id) for pmid, record in told.items()}
        return records


def _why(found: Leads, target: Target) -> tuple[str, str]:
    """How it ended for a reference that nothing was found for."""
    if target.id in found.failed:
        return FAILED, found.failed[target.id]
    if target.id in found.unasked:
        return NOT_ASKED, _NOT_ASKED
    return NOT_FOUND, "PubMed has nothing that fits what is printed"


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    return iter(lambda: list(islice(rest, BATCH)), [])


def summary(counts: Mapping[str, int]) -> str:
    """How many references ended how, in words.

    >>> summary({"updated": 2, "not found": 1})
    '3 references: 2 updated, 1 not found'
    """
    number = sum(counts.values())
    said = ", ".join(f"{counts[state]} {state}" for state in STATES if counts.get(state))
    return f"{number} {'reference' if number == 1 else 'references'}{said and ': '}{said}"


def _records(kept: Kept, pmids: Collection[str]) -> dict[str, Record]:
    """What an answer says of these PMIDs, each as a record of its own source."""
    fetched = eutils.parse(Answer(kept.endpoint, kept.asked, kept.body, kept.time))
    return {
        pmid: Record(pubmed(pmid, kept.time), reference)
        for pmid, reference in fetched.references.items()
        if pmid in pmids
    }


def pubmed(pmid: str, time: str, where: str = "PubMed") -> Source:
    """PubMed's record of one PMID, as a source: fetched again it is the same in a newer state."""
    return Source("pubmed", where, f"PMID:{pmid}", "", "pubmed-xml", time)
