"""Plan: which references are asked about, of whom, and what that costs. Nothing is asked yet.

What a reference has decides how PubMed is asked: by its PMID; by its PMCID or DOI, which lead to
a PMID; or by what is printed, which may lead to one. What was answered before is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from math import ceil
from typing import Any

from refbase import identifiers
from refbase.enrich.asking import Asking
from refbase.model import Reference
from refbase.ncbi import ecitmatch, eutils, idconv
from refbase.store.query import Target
from refbase.text import words
from refbase.values import first_page

_LONGEST = 200


def name(scheme: str, value: str) -> str:
    """What an answer is found again by: an identifier, a citation, a search.

    >>> name("PMID", "15390328")
    'PMID:15390328'
    """
    if len(value) > _LONGEST:
        value = blake2b(value.encode(), digest_size=16).hexdigest()
    return f"{scheme}:{value}"


@dataclass(frozen=True, slots=True)
class Step:
    """What one service of NCBI is asked: of how many, how many of these were answered before,
    and in how many requests the others are asked for, at most."""

    service: str
    wanted: int
    known: int
    requests: int

    def to_json(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in ("service", "wanted", "known", "requests")}


@dataclass(frozen=True, slots=True)
class Groups:
    """References by what PubMed can be asked: `pmid` are those that have one, by it; for `others`
    one is looked for; `invalid` have something else in its place; `left` are those that there is
    nothing to look up by, or that are no articles."""

    pmid: dict[str, list[Target]] = field(default_factory=dict)
    others: list[Target] = field(default_factory=list)
    invalid: list[Target] = field(default_factory=list)
    left: list[Target] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an enrichment will ask, of whom, about what."""

    groups: Groups
    steps: tuple[Step, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many references there are of each group."""
        return {group: len(targets) for group, targets in self._targets().items()}

    @property
    def requests(self) -> int:
        return sum(step.requests for step in self.steps)

    def to_json(self, rate: float) -> dict[str, Any]:
        """The plan for programs; `seconds` at so many requests a second."""
        keys = {
            group: [target.key for target in targets] for group, targets in self._targets().items()
        }
        return {
            "references": sum(map(len, keys.values())),
            **keys,
            "requests": [step.to_json() for step in self.steps],
            "seconds": ceil(self.requests / rate),
        }

    def _targets(self) -> dict[str, list[Target]]:
        groups = self.groups
        return {
            "pmid": list(chain.from_iterable(groups.pmid.values())),
            "others": groups.others,
            "invalid": groups.invalid,
            "left": groups.left,
        }


def plan(asking: Asking, targets: Iterable[Target]) -> Plan:
    """What enriching these references will ask, and of whom. How many searches it will take is
    known only when the converter and ECitMatch have answered; the plan says how many at most."""
    groups = grouped(targets)
    steps = (
        _step(asking, "efetch", named("PMID", groups.pmid), eutils.BATCH),
        *_seeking(asking, groups),
    )
    return Plan(groups, tuple(step for step in steps if step.wanted))


def must_seek(asking: Asking, groups: Groups) -> bool:
    """Whether somebody will be asked for the PMIDs of those that have none."""
    return bool(groups.others) and any(step.requests for step in _seeking(asking, groups))


def _seeking(asking: Asking, groups: Groups) -> tuple[Step, ...]:
    return tuple(
        _step(asking, service, _of_all(scheme, groups.others, things), size)
        for service, scheme, things, size in (
            ("idconv", "IDCONV", converted_of, idconv.BATCH),
            ("ecitmatch", "CITATION", citation_of, ecitmatch.BATCH),
            ("esearch", "SEARCH", search_of, 1),
        )
    )


def grouped(targets: Iterable[Target]) -> Groups:
    """References by what PubMed can be asked about them."""
    found = Groups()
    for target in targets:
        if pmid := pmid_of(target):
            found.pmid.setdefault(pmid, []).append(target)
        else:
            _without_pmid(found, target).append(target)
    return found


def _without_pmid(found: Groups, target: Target) -> list[Target]:
    reference = target.reference
    if reference.pmid:
        return found.invalid
    ways = (converted_of, citation_of, search_of)
    return found.others if any(way(reference) for way in ways) else found.left


def _step(asking: Asking, service: str, wanted: Mapping[str, str], size: int) -> Step:
    unknown = len(asking.unknown(wanted))
    return Step(service, len(wanted), len(wanted) - unknown, -(-unknown // size))


def _of_all(
    scheme: str, targets: Iterable[Target], things: Callable[[Reference], list[str]]
) -> dict[str, str]:
    return named(scheme, (thing for target in targets for thing in things(target.reference)))


def named(scheme: str, things: Iterable[str]) -> dict[str, str]:
    """Things to ask for, and the names that answers about them are kept under."""
    return {thing: name(scheme, thing) for thing in things}


# ----------------------------------------------------------- what a reference is looked up by

# What PubMed holds; of books it knows those of the Bookshelf only, and no search tells which
_ARTICLES = frozenset(
    "article article-journal article-magazine article-newspaper document review".split()
)
_LEAST_WORD, _MOST_WORDS = 4, 8


def pmid_of(target: Target) -> str:
    """The PMID of a reference, if it is one: PubMed makes another one of what is none."""
    return target.pmid if identifiers.pmid(target.pmid) == target.pmid else ""


def pmcids_of(reference: Reference) -> list[str]:
    return [pmcid] if (pmcid := identifiers.pmcid(reference.pmcid)) else []


def dois_of(reference: Reference) -> list[str]:
    return [doi] if (doi := identifiers.doi(reference.doi)) and '"' not in doi else []


def converted_of(reference: Reference) -> list[str]:
    """The identifiers that the ID converter may know a PMID for."""
    return [
        value for value in (*pmcids_of(reference), *dois_of(reference)) if idconv.can_ask(value)
    ]


def citation_of(reference: Reference) -> list[str]:
    """The citation that ECitMatch is asked for, as the name that its answer is kept under."""
    if reference.type not in _ARTICLES or not ecitmatch.can_ask(reference):
        return []
    author = next((one.nlm for one in reference.authors), "")
    page = first_page(reference.text("page"))
    parts = (reference.container_title, str(reference.year or ""), reference.text("volume"))
    return ["|".join((*parts, page, author))]


def search_of(reference: Reference) -> list[str]:
    """A search by the words of the title and the first author.

    >>> from refbase.values import Name
    >>> search_of(Reference("article-journal", {"title": "Effects of the first example"}))
    []
    >>> work = {"title": "Effects of an example", "author": (Name.from_nlm("Doe JR"),)}
    >>> search_of(Reference("article-journal", work))
    ['effects[ti] AND example[ti] AND "doe"[1au]']
    """
    known = [word for word in words(reference.title) if len(word) >= _LEAST_WORD]
    author = next((" ".join(words(one.surname)) for one in reference.authors), "")
    if reference.type not in _ARTICLES or not author or len(known) < 2:
        return []
    return [" AND ".join([*(f"{word}[ti]" for word in known[:_MOST_WORDS]), f'"{author}"[1au]'])]
