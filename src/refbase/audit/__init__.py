"""What an editor should look at before a bibliography is published, found offline in what is
stored: printed citations that PubMed tells otherwise, retractions, identifiers of two works,
slips of the pen.

    audit = Audit(year=2026)
    for dossier in store.dossiers(records=True):
        findings += audit.of(dossier)
    findings += audit.rest()

A finding names who says so. What could not be compared (no answer of PubMed is stored) is "not
checked", never wrong. Some findings know their remedy: a statement for `Store.plan_edit`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from refbase.audit import comparing, slips
from refbase.audit.comparing import Comparison
from refbase.audit.findings import CHECKS, Finding
from refbase.match import IDENTIFIERS, same_work
from refbase.merge import current
from refbase.model import Dossier, Record, Reference
from refbase.text import plain

__all__ = ["CHECKS", "Audit", "Comparison", "Finding"]

_MOST = 50
"""Of so many references that bear one identifier, pairs are looked at; of more, the first."""


class _Seen(NamedTuple):
    key: str
    reference: Reference
    bibliographies: frozenset[str]


class Audit:
    """The checks, over references one after the other. `year` is this year; `compared` collects
    every comparison of a printed variable with PubMed, `unchecked` the keys of references of
    which no answer of PubMed is stored, `titles` the titles by key, for reports."""

    def __init__(self, year: int) -> None:
        self.compared: list[Comparison] = []
        self.unchecked: list[str] = []
        self.titles: dict[str, str] = {}
        self.count = 0
        self._year = year
        self._by: dict[tuple[str, str], list[_Seen]] = defaultdict(list)

    def of(self, dossier: Dossier) -> list[Finding]:
        """What is to be said of one reference, which comes with its records."""
        self.count += 1
        self.titles[dossier.key] = plain(dossier.reference.title)
        self._remember(dossier)
        records = current(dossier.records)
        pubmed = next((r for r in records if r.source.kind == "pubmed"), None)
        settled = _settled(records)
        found = [*slips.of(dossier, self._year, pubmed, settled)]
        if pubmed is None:
            self.unchecked.append(dossier.key)
            return found
        printed = [record for record in records if record.source.kind == "file"]
        for record in printed:
            compared = list(comparing.compare(dossier.key, record, pubmed, settled))
            self.compared += compared
            found += comparing.findings(compared, pubmed)
        found += comparing.untold(dossier.key, pubmed, printed)
        return _once(found)

    def rest(self) -> Iterator[Finding]:
        """What only the whole shows: two works with one identifier, one work listed twice."""
        said: set[tuple[str, str]] = set()
        for (name, value), seen in self._by.items():
            for one, other in combinations(seen[:_MOST], 2):
                pair = (one.key, other.key)
                if pair not in said:
                    said.add(pair)
                    yield from _pair(name, value, one, other)

    def _remember(self, dossier: Dossier) -> None:
        lists = frozenset(entry.bibliography for entry in dossier.entries)
        seen = _Seen(dossier.key, dossier.reference, lists)
        for name in IDENTIFIERS:
            if value := dossier.reference.text(name).lower():
                self._by[name, value].append(seen)


def _pair(name: str, value: str, one: _Seen, other: _Seen) -> Iterator[Finding]:
    verdict = same_work(one.reference, other.reference)
    both = sorted(one.bibliographies & other.bibliographies)
    if verdict.certain:
        for bibliography in both:
            yield Finding(
                "listed-twice",
                other.key,
                f"'{one.key}' is the same work ({name} {value}); `refbase dedupe` merges them",
                bibliography=bibliography,
                source="the two references",
            )
    else:
        why = ", ".join(verdict.reasons)
        yield Finding(
            "shared-identifier",
            other.key,
            f"{name} {value} is that of '{one.key}' too, which looks like another work ({why})",
            variable=name,
            source="the two references",
        )


def _settled(records: list[Record]) -> frozenset[str]:
    """The variables of which a person has spoken: nobody need look at them again."""
    return frozenset(
        name
        for record in records
        if record.source.kind == "person"
        for name in (*record.reference.variables, *record.reference.custom.get("absent", ()))
    )


def _once(found: list[Finding]) -> list[Finding]:
    """Several files may print the same: said once."""
    return list(dict.fromkeys(found))
