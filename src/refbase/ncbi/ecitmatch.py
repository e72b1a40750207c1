"""ECitMatch: the PMID of a printed citation, from journal, year, volume, page and first author.

What it finds is a candidate and no more. It overlooks a wrong author and a wrong year and then
names another paper with confidence, so every PMID must be fetched and compared before it is
believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from refbase import identifiers
from refbase.model import Reference
from refbase.ncbi import answers
from refbase.ncbi.answers import Answer, Question
from refbase.text import clean, fold, plain
from refbase.values import ET_AL, first_page, undotted

BATCH = 100


class Outcome(StrEnum):
    """What became of a citation. NCBI leaves lines out: `unanswered` is not `not found`."""

    FOUND = "found"
    NOT_FOUND = "not found"
    AMBIGUOUS = "ambiguous"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome for one citation: one PMID if found, the candidates if it is ambiguous."""

    outcome: Outcome
    pmids: tuple[str, ...] = ()
    remark: str = ""


def can_ask(reference: Reference) -> bool:
    """Whether enough is printed to be looked up: a journal, a page, and a volume or a year."""
    journal, year, volume, page, _ = _fields(reference)
    return bool(journal and page and (volume or year))


def ecitmatch(citations: Mapping[str, Reference]) -> Question:
    """Ask for the PMIDs of up to 100 citations, each named by a key of the caller's."""
    lines = (
        "|".join((*_fields(reference), str(number), ""))
        for number, reference in enumerate(citations.values(), 1)
    )
    fields = {"db": "pubmed", "retmode": "xml", "bdata": "\r".join(lines)}
    return Question("ecitmatch", tuple(citations), fields, _lines)


def parse(answer: Answer) -> dict[str, Match]:
    """Read an answer of ECitMatch: for each key that was asked for, what became of it.

    Each line repeats the number that it was sent with; its place says nothing.

    >>> line = b"j ex|2001|1|5|example ab|2|NOT_FOUND;INVALID_JOURNAL"
    >>> matches = parse(Answer("ecitmatch", ("a", "b"), line))
    >>> matches["a"].outcome, matches["b"].remark
    (<Outcome.UNANSWERED: 'unanswered'>, 'INVALID_JOURNAL')
    """
    found: dict[str, set[str]] = {}
    for fields in _lines(answer.body):
        found.setdefault(fields[5].strip(), set()).add(fields[6].strip())
    numbered = enumerate(answer.asked, 1)
    return {key: _match(found.get(str(number), set())) for number, key in numbered}


def _lines(body: bytes) -> list[list[str]]:
    lines = [line.split("|") for line in answers.lines(body)]
    if any(len(fields) < 7 for fields in lines):
        raise answers.Refusal("an answer that is cut short, or of another kind")
    return lines


def _match(told: set[str]) -> Match:
    if len(told) != 1:
        return Match(Outcome.UNANSWERED)
    [text] = told
    if identifiers.pmid(text) == text:
        return Match(Outcome.FOUND, (text,))
    word, _, rest = text.replace(";", " ").partition(" ")
    if word == "AMBIGUOUS":
        return Match(Outcome.AMBIGUOUS, _candidates(rest), rest)
    return Match(Outcome.NOT_FOUND if word == "NOT_FOUND" else Outcome.UNANSWERED, (), rest)


def _candidates(text: str) -> tuple[str, ...]:
    """The PMIDs behind `AMBIGUOUS`; at times it only says how many there are."""
    found = [identifiers.pmid(part) for part in text.split(",")]
    return tuple(pmid for pmid in found if pmid) if all(found) else ()


def _fields(reference: Reference) -> tuple[str, str, str, str, str]:
    journal = reference.text("container-title-short") or reference.container_title
    return (
        _field(journal.replace(".", " ")),
        str(reference.year or ""),
        _field(reference.text("volume")),
        _field(first_page(reference.text("page"))),
        _field(_author(reference)),
    )


def _field(text: str) -> str:
    """A text without what would end a field or a line."""
    return clean(re.sub(r"[|\r\n]", " ", plain(text)))


def _author(reference: Reference) -> str:
    """The first author as `mann bj`; groups are not asked for."""
    for name in reference.authors[:1]:
        if name.family and name != ET_AL:
            return fold(f"{name.surname} {undotted(name.given)}")
    return ""
