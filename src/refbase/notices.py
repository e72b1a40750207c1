"""What PubMed says of a work's fate: retracted, of concern, corrected, updated; with the way to
the notice.

PubMed links a work to its notices by kind, whatever their titles say. A notice itself ("Retraction
notice", an erratum) carries the reverse link and is none of these.
"""

from __future__ import annotations

from typing import NamedTuple

from refbase.identifiers import url
from refbase.model import Reference

# PubMed's kinds of links, what they mean, and in which words they are told
_KINDS = {
    "RetractionIn": ("retracted", "Retraction in"),
    "PartialRetractionIn": ("retracted", "Partial retraction in"),
    "RetractedandRepublishedIn": ("retracted", "Retracted and republished in"),
    "ExpressionOfConcernIn": ("concern", "Expression of concern in"),
    "ErratumIn": ("corrected", "Erratum in"),
    "CorrectedandRepublishedIn": ("corrected", "Corrected and republished in"),
    "UpdateIn": ("updated", "Update in"),
}
RETRACTED = "Retracted Publication"
"""PubMed's publication type, and the keyword by which a retraction travels through exports."""


class Notice(NamedTuple):
    """`kind` is `retracted`, `concern`, `corrected` or `updated`; `words` say where, as PubMed
    does."""

    kind: str
    words: str
    source: str = ""
    pmid: str = ""

    def __str__(self) -> str:
        where = url("PMID", self.pmid) if self.pmid else ""
        named = f"{self.source} ({where})" if self.source and where else self.source or where
        return f"{self.words}: {named}" if named else self.words


def notices(reference: Reference) -> list[Notice]:
    """The notices on a work, the gravest first.

    >>> link = {"type": "ErratumIn", "source": "J Ex. 2001;1:2", "pmid": "1"}
    >>> work = Reference("article-journal", {}, {"corrections": [link, {"type": "CommentIn"}]})
    >>> [str(notice) for notice in notices(work)]
    ['Erratum in: J Ex. 2001;1:2 (https://pubmed.ncbi.nlm.nih.gov/1/)']
    """
    links = reference.custom.get("corrections", ())
    known = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    found = [
        Notice(kind, words, str(link.get("source", "")), str(link.get("pmid", "")))
        for place, (kind, words) in _KINDS.items()
        for link in known
        if link.get("type") == place
    ]
    if is_retracted(reference) and not any(notice.kind == "retracted" for notice in found):
        found.insert(0, Notice("retracted", RETRACTED))
    return found


def is_retracted(reference: Reference) -> bool:
    return reference.text("status").lower() == "retracted"
