"""E-utilities: the records of PMIDs (EFetch), and searching PubMed (ESearch).

`efetch` and `esearch` make questions, `parse` and `found` read their answers, also long after
they were asked.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from refbase import formats, identifiers
from refbase.errors import Diagnostic, UsageError
from refbase.model import Parsed, Reference
from refbase.ncbi import answers
from refbase.ncbi.answers import Answer, Question

BATCH = 200
"""PMIDs in one request: NCBI's own advice, and some 2 MB of answer to lose if it is cut."""
_LONGEST_NUMBER = 10
MOST_FOUND = 9999
"""ESearch serves no more of PubMed, whatever the number of hits."""


def batches(values: Iterable[str], size: int = BATCH) -> Iterator[tuple[str, ...]]:
    """The different values in their order, in batches for one request each.

    >>> list(batches(["1", "2", "1", "3"], 2))
    [('1', '2'), ('3',)]
    """
    different = iter(dict.fromkeys(values))
    return iter(lambda: tuple(islice(different, size)), ())


def efetch(pmids: Sequence[str]) -> Question:
    """Ask for the records of PMIDs.

    PubMed makes another PMID of what is none (`-1` becomes 1), so nothing but PMIDs in their
    one spelling may be asked for.
    """
    for pmid in pmids:
        if identifiers.pmid(pmid) != pmid:
            raise UsageError(f"'{pmid}' is no PMID")
    fields = {"db": "pubmed", "retmode": "xml", "retmax": str(len(pmids)), "id": ",".join(pmids)}
    return Question("efetch", tuple(pmids), fields, _records, efetch)


def _records(body: bytes) -> object:
    return answers.xml(body, "PubmedArticleSet", "PubmedBookArticleSet")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The records of an answer, each by its PMID, and what was asked but not answered.

    PubMed says nothing of PMIDs that it does not know (any more): `missing` are those. What
    it answers without having been asked is in `unasked`, and not among the records.
    """

    records: Mapping[str, Parsed]
    missing: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def references(self) -> dict[str, Reference]:
        return {pmid: p.dossier.reference for pmid, p in self.records.items() if p.dossier}


def parse(answer: Answer) -> Fetched:
    """Read an answer of EFetch. Records are told apart by their PMID, never by their place."""
    found: dict[str, Parsed] = {}
    told: list[Diagnostic] = []
    stream = io.BytesIO(answer.body)
    for parsed in formats.read(stream, answer.endpoint, formats.get("pubmed-xml")):
        pmid = parsed.dossier.reference.pmid if parsed.dossier else ""
        if pmid:
            found[pmid] = parsed
        elif not any(d.code == "no-references" for d in parsed.diagnostics):
            told += parsed.diagnostics
    asked = dict.fromkeys(answer.asked)
    return Fetched(
        {pmid: found[pmid] for pmid in asked if pmid in found},
        tuple(pmid for pmid in asked if pmid not in found),
        tuple(pmid for pmid in found if pmid not in asked),
        tuple(told),
    )


def esearch(term: str, limit: int = 20) -> Question:
    """Search PubMed for at most `limit` PMIDs."""
    most = min(limit, MOST_FOUND)
    fields = {"db": "pubmed", "retmode": "json", "retmax": str(most), "term": term}
    return Question("esearch", (term,), fields, _search)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found. With warnings PubMed searched for something else than was asked:
    a phrase that it does not know is left out, and the rest finds too much."""

    pmids: tuple[str, ...]
    count: int
    translation: str = ""
    warnings: tuple[str, ...] = ()


def found(answer: Answer) -> Search:
    """Read an answer of ESearch."""
    result = _search(answer.body)
    pmids = [identifiers.pmid(str(pmid)) for pmid in result["idlist"]]
    count = str(result.get("count", ""))
    return Search(
        tuple(pmid for pmid in pmids if pmid),
        int(count) if count.isdecimal() and len(count) < _LONGEST_NUMBER else len(pmids),
        str(result.get("querytranslation", "")),
        tuple(_warnings(result)),
    )


def _search(body: bytes) -> dict[str, Any]:
    result = answers.json_object(body).get("esearchresult")
    if not isinstance(result, dict) or not isinstance(result.get("idlist"), list):
        raise answers.Refusal("an answer of another kind")
    return result


_WARNINGS = {
    "phrasesnotfound": "not found: {}",
    "fieldsnotfound": "no such field: {}",
    "phrasesignored": "ignored: {}",
    "quotedphrasesnotfound": "not found: {}",
    "outputmessages": "{}",
}


def _warnings(result: Mapping[str, Any]) -> Iterator[str]:
    for group in ("errorlist", "warninglist"):
        told = result.get(group)
        for name, pattern in _WARNINGS.items():
            texts = told.get(name) if isinstance(told, dict) else ()
            if isinstance(texts, list):
                yield from (pattern.format(text) for text in texts)
