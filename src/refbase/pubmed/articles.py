"""An article of a journal, as PubMed describes it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from refbase import identifiers
from refbase.pubmed.conventions import LANGUAGES, is_article_number, number, trimmed, unbracketed
from refbase.pubmed.dates import article_dates, revised
from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import SHORT, Parts, leaf, text, tidy
from refbase.pubmed.people import contributors
from refbase.pubmed.subjects import abstract, keywords

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# What is in these is the article's own, whatever else has elements of the same name
_OPENED = frozenset(
    """
    MedlineCitation PubmedData Article Journal JournalIssue MedlineJournalInfo Pagination
    """.split()
)
# Preprints and newspapers by the UI of the publication type. PubMed's "Review" is none in the
# sense of CSL, which is one of a book or of a film.
_TYPES = {"D000076942": "article", "D018431": "article-newspaper"}
_RETRACTED = "D016441"


def article(draft: Draft, element: Element) -> None:
    parts = Parts(element, _OPENED)
    draft.identify("PMID", map(leaf, parts.all("PMID")))
    article_ids(draft, parts, parts)
    titles(draft, parts)
    draft.say("author", contributors(draft, parts.one("AuthorList")))
    _journal(draft, parts)
    draft.say("volume", number(parts.leaf("Volume")))
    draft.say("issue", number(parts.leaf("Issue")))
    pages(draft, parts)
    article_dates(draft, parts, parts.attribute("Article", "PubModel"))
    abstract(draft, parts)
    keywords(draft, parts)
    kinds(draft, parts.children("PublicationTypeList"))
    _corrections(draft, parts.children("CommentsCorrectionsList"))
    grants(draft, parts.children("GrantList"))
    _state(draft, parts)


def article_ids(draft: Draft, parts: Parts, located: Parts) -> None:
    """DOI and PMCID. Half of the old records have the DOI only in the list of identifiers, a
    few only as location; the list goes first where they differ."""
    listed: dict[str, list[str]] = {"doi": [], "pmc": []}
    for element in parts.children("ArticleIdList"):
        listed.setdefault(element.get("IdType", ""), []).append(leaf(element))
    draft.identify("DOI", [*listed["doi"], *_locations(located, "doi")])
    draft.identify("PMCID", listed["pmc"])
    # The manuscript of an article that NIH paid for; it is in PMC under its PMCID later
    draft.keep("nihms", next(iter(listed.get("mid", ())), ""))


def _locations(parts: Parts, kind: str) -> list[str]:
    return [
        leaf(element)
        for element in parts.all("ELocationID")
        if element.get("EIdType") == kind and element.get("ValidYN") != "N"
    ]


_NO_TITLE = "not available"


def titles(draft: Draft, parts: Parts) -> None:
    """NLM puts the translation of a title in brackets; an English title may have its own."""
    title, original = trimmed(parts.rich("ArticleTitle")), trimmed(parts.rich("VernacularTitle"))
    codes = languages(draft, parts)
    foreign = codes.count("eng") < len(codes)
    if title.startswith("[") and (original or foreign or title.lower() == f"[{_NO_TITLE}]"):
        title = unbracketed(title)
    if title.lower() == _NO_TITLE:
        title = ""
    draft.say("title", title or original)
    draft.say("original-title", original if title and title != original else "")


def languages(draft: Draft, parts: Parts) -> list[str]:
    codes = [leaf(element) for element in parts.all("Language")]
    draft.say("language", ", ".join([LANGUAGES.get(code, code) for code in codes if code != "und"]))
    return codes


def _journal(draft: Draft, parts: Parts) -> None:
    """NLM prints MedlineTA. The ISSN is that of the cited medium; ISSN-L and the NLM's own
    number say which journal it is."""
    said = [parts.said(name) for name in _JOURNAL]
    title = parts.one("Title")
    plain = (title is None or not len(title)) and len("".join(said)) < 3 * SHORT
    full, short, issn, linking, number = (_known_journal if plain else _read_journal)(*said)
    if not plain:
        full = parts.rich("Title") or short
    draft.say("container-title", full)
    draft.say("container-title-short", short)
    if issn:
        draft.variables["ISSN"] = issn
    else:
        draft.identify("ISSN", map(leaf, parts.all("ISSN")))
    draft.keep("issn-l", linking)
    draft.keep("nlm-journal-id", number)


_JOURNAL = ("Title", "MedlineTA", "ISOAbbreviation", "ISSN", "ISSNLinking", "NlmUniqueID")


def _read_journal(*said: str) -> tuple[str, str, str, str, str]:
    """Its full and its short name, its ISSN if that is one, its ISSN-L and its number."""
    title, medline, iso, issn, linking, number = map(tidy, said)
    short = medline or iso
    known = identifiers.issn(issn) if len(issn) < SHORT else None
    return title or short, short, known or "", linking, number


# A file holds many articles of few journals
_known_journal = lru_cache(maxsize=4096)(_read_journal)


def pages(draft: Draft, parts: Parts) -> None:
    """The pages as printed, else the publisher's article number if it looks like one."""
    page = parts.leaf("MedlinePgn")
    if not page:
        page, last = parts.leaf("StartPage"), parts.leaf("EndPage")
        page = f"{page}-{last}" if last and last != page else page
    pii = next(iter(_locations(parts, "pii")), "")
    if pii and not page and is_article_number(pii):
        page = pii
    draft.say("page", page)
    draft.keep("pii", pii if pii != page else "")


def kinds(draft: Draft, elements: Iterable[Element]) -> None:
    """Publication types. Their UIs count: NLM renames them, and titles only seem to tell."""
    names = []
    for element in elements:
        number = element.get("UI", "")
        if number in _TYPES:
            draft.type = _TYPES[number]
        elif number == _RETRACTED:
            draft.say("status", "retracted")
        names.append(leaf(element))
    draft.keep("publication-types", [name for name in names if name])


def _corrections(draft: Draft, elements: Iterable[Element]) -> None:
    """Retraction, erratum, comment and the like. What the article cites is not among them."""
    kept = []
    for element in elements:
        kind = element.get("RefType", "")
        if kind == "RetractionIn":
            draft.say("status", "retracted")
        if kind != "Cites":
            said = Parts(element)
            link = {
                "type": kind,
                "source": said.text("RefSource"),
                "pmid": said.leaf("PMID"),
                "note": said.text("Note"),
            }
            kept.append({name: text for name, text in link.items() if text})
    draft.keep("corrections", kept)


_GRANT = {"GrantID": "id", "Agency": "agency", "Country": "country"}


def grants(draft: Draft, elements: Iterable[Element]) -> None:
    draft.keep(
        "grants",
        [{_GRANT[e.tag]: text(e) for e in grant if e.tag in _GRANT} for grant in elements],
    )


def _state(draft: Draft, parts: Parts) -> None:
    """What tells whether the record will change again."""
    draft.keep("pubmed-status", parts.attribute("MedlineCitation", "Status"))
    version = parts.attribute("PMID", "Version")
    draft.keep("pmid-version", version if version != "1" else "")
    draft.keep("publication-status", parts.leaf("PublicationStatus"))
    revised(draft, parts.one("DateRevised"))
