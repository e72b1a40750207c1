"""PMIDs for what has none: from a PMCID or DOI, else from what is printed.

What is found is no more than a lead. Its record is fetched and compared like any other, and where
nothing but a search led to it, all that is printed must agree (`match.recognised`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from refbase.enrich.asking import Asking, Batches
from refbase.enrich.plan import citation_of, converted_of, dois_of, named, search_of
from refbase.errors import AnswerError
from refbase.model import Reference
from refbase.ncbi import Answer, Question, ecitmatch, eutils, idconv
from refbase.store.jobs import Kept
from refbase.store.query import Target

MOST = 5
"""A search that finds more found nothing in particular."""

Of = Mapping[str, Sequence[Target]]


@dataclass(slots=True)
class Leads:
    """Where references may lead: by number of the reference the PMIDs, those that only a search
    led to, and why there is none where NCBI did not answer."""

    pmids: dict[int, list[str]] = field(default_factory=dict)
    searched: set[int] = field(default_factory=set)
    failed: dict[int, str] = field(default_factory=dict)
    unasked: set[int] = field(default_factory=set)


def leads(asking: Asking, targets: Sequence[Target]) -> Leads:
    """Look for the PMIDs of references that have none, each way only for what the one before it
    did not find."""
    search = _Search(asking)
    for look in (search.convert, search.by_doi, search.by_citation, search.by_title):
        look([target for target in targets if target.id not in search.leads.pmids])
    return search.leads


class _Search:
    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self.leads = Leads()

    def convert(self, targets: Sequence[Target]) -> None:
        """PMC's converter knows the articles of PMC, and of others nothing."""
        of = _grouped(targets, converted_of)
        for answer in self._answers(of, "IDCONV", idconv.idconv, idconv.batches):
            for value, found in idconv.parse(answer).found.items():
                if pmid := found.get("PMID"):
                    self._lead(of.get(value, ()), [pmid], searched=False)

    def by_doi(self, targets: Sequence[Target]) -> None:
        of = _grouped(targets, lambda work: [f'"{doi}"[doi]' for doi in dois_of(work)])
        self._by_term(of, searched=False)

    def by_citation(self, targets: Sequence[Target]) -> None:
        """By journal, volume and page; it names another paper with confidence at times."""
        of = _grouped(targets, citation_of)
        works = {text: several[0].reference for text, several in of.items()}

        def question(batch: Sequence[str]) -> Question:
            return ecitmatch.ecitmatch({text: works[text] for text in batch})

        for answer in self._answers(of, "CITATION", question, _hundreds):
            for text, match in ecitmatch.parse(answer).items():
                self._lead(of.get(text, ()), match.pmids, searched=True)

    def by_title(self, targets: Sequence[Target]) -> None:
        self._by_term(_grouped(targets, search_of), searched=True)

    def _by_term(self, of: Of, searched: bool) -> None:
        def question(batch: Sequence[str]) -> Question:
            return eutils.esearch(batch[0], MOST + 1)

        for answer in self._answers(of, "SEARCH", question, _singly):
            found = eutils.found(answer)
            if found.count <= MOST:
                self._lead(of.get(answer.asked[0], ()), found.pmids, searched)

    def _lead(self, targets: Iterable[Target], pmids: Sequence[str], searched: bool) -> None:
        for target in targets if pmids else ():
            self.leads.pmids[target.id] = list(dict.fromkeys(pmids))
            self.leads.failed.pop(target.id, None)
            if searched:
                self.leads.searched.add(target.id)

    def _answers(
        self,
        of: Of,
        scheme: str,
        question: Callable[[Sequence[str]], Question],
        batches: Batches,
    ) -> Iterator[Answer]:
        """Answers about these things, and a note of those that there is none about."""
        silent = set(of)
        for kept in self._asking.answers(named(scheme, of), question, batches):
            silent.difference_update(kept.asked)
            if isinstance(kept, AnswerError):
                failed = (target for thing in kept.asked for target in of.get(thing, ()))
                self.leads.failed |= {target.id: kept.message for target in failed}
            else:
                yield _answer(kept)
        self.leads.unasked |= {target.id for thing in silent for target in of[thing]}


def _answer(kept: Kept) -> Answer:
    return Answer(kept.endpoint, kept.asked, kept.body, kept.time)


def _grouped(
    targets: Iterable[Target], things: Callable[[Reference], Iterable[str]]
) -> dict[str, list[Target]]:
    """What is asked for, and the references that it is asked for."""
    of: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        for thing in things(target.reference):
            of[thing].append(target)
    return dict(of)


def _singly(things: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return ((thing,) for thing in things)


def _hundreds(things: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return eutils.batches(things, ecitmatch.BATCH)
