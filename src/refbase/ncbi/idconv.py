"""PMC's ID converter: the PMID of a PMCID or of a DOI.

It knows the articles of PMC and no others: what it does not know is not in PMC, and may well
exist. Records of PubMed carry DOI and PMCID themselves; this is for what has only one of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refbase.errors import UsageError
from refbase.identifiers import SCHEMES
from refbase.ncbi import answers
from refbase.ncbi.answers import Answer, Question

BATCH = 200
# It takes nothing but GET, and addresses of some 3,000 characters were refused
_LONGEST = 2000
_NAMES = {"pmid": "PMID", "pmcid": "PMCID", "doi": "DOI"}


@dataclass(frozen=True, slots=True)
class Converted:
    """What an answer holds: for each identifier that was asked for and is in PMC, all three of
    its identifiers as far as they are known (`{"PMID": ..., "PMCID": ..., "DOI": ...}`)."""

    found: Mapping[str, Mapping[str, str]]
    not_in_pmc: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


def can_ask(identifier: str) -> bool:
    """Whether an identifier can be sent: a comma would make two of a DOI."""
    return _scheme(identifier) is not None and "," not in identifier


def batches(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The identifiers in batches for one request each: of one kind, and not too long.

    >>> list(batches(["PMC11", "10.5555/a", "PMC12"]))
    [('PMC11', 'PMC12'), ('10.5555/a',)]
    """
    kinds: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        kinds.setdefault(_scheme(value) or "", []).append(value)
    for same in kinds.values():
        batch: list[str] = []
        for value in same:
            if batch and (len(batch) == BATCH or len(",".join((*batch, value))) > _LONGEST):
                yield tuple(batch)
                batch = []
            batch.append(value)
        yield tuple(batch)


def idconv(values: Sequence[str]) -> Question:
    """Ask for the identifiers of articles; one request takes one kind, PMCIDs or DOIs."""
    kinds = {_scheme(value) if can_ask(value) else None for value in values}
    if len(kinds) != 1 or None in kinds:
        raise UsageError("the ID converter takes PMCIDs, or DOIs, or PMIDs, and no mixture")
    [kind] = kinds
    fields = {"ids": ",".join(values), "idtype": str(kind), "format": "json", "versions": "no"}
    return Question("idconv", tuple(values), fields, _records, idconv)


def parse(answer: Answer) -> Converted:
    """Read an answer of the converter. It is asked in one case and may answer in another."""
    known: dict[str, Mapping[str, str]] = {}
    lost: set[str] = set()
    for record in _records(answer.body):
        found = _identifiers(record)
        names = {str(record.get(name) or "").lower() for name in ("requested-id", *_NAMES)}
        if record.get("status") == "error":
            lost |= names
        else:
            known.update(dict.fromkeys(names, found))
    asked = dict.fromkeys(answer.asked)
    return Converted(
        {text: known[text.lower()] for text in asked if text.lower() in known},
        tuple(text for text in asked if text.lower() in lost - known.keys()),
        tuple(text for text in asked if text.lower() not in lost | known.keys()),
    )


def _records(body: bytes) -> list[dict[str, Any]]:
    records = answers.json_object(body).get("records")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise answers.Refusal("an answer of another kind")
    return records


def _identifiers(record: Mapping[str, Any]) -> dict[str, str]:
    """PMIDs are numbers there, or texts in the service that came before."""
    found = {
        scheme: SCHEMES[scheme].parse(str(record[name]))
        for name, scheme in _NAMES.items()
        if record.get(name)
    }
    return {scheme: value for scheme, value in found.items() if value}


def _scheme(identifier: str) -> str | None:
    """The name that the converter has for the kind of an identifier in its one spelling."""
    for name, scheme in _NAMES.items():
        if SCHEMES[scheme].parse(identifier) == identifier:
            return name
    return None
