"""A chapter or a book of the Bookshelf (LiverTox, StatPearls, GeneReviews)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refbase.pubmed.articles import article_ids, grants, kinds, languages, pages, titles
from refbase.pubmed.conventions import trimmed
from refbase.pubmed.dates import date, revised
from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import Parts, leaf, text
from refbase.pubmed.people import contributors
from refbase.pubmed.subjects import abstract, keywords

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def book_article(draft: Draft, element: Element) -> None:
    parts = Parts(Parts(element).one("BookDocument"), frozenset(("Pagination",)))
    book = Parts(parts.one("Book"), frozenset(("Publisher",)))
    draft.type = "chapter" if parts.text("ArticleTitle") else "book"
    draft.identify("PMID", map(leaf, parts.all("PMID")))
    article_ids(draft, parts, book)
    _accession(draft, parts)
    whole = trimmed(book.rich("BookTitle"))
    if draft.type == "chapter":
        titles(draft, parts)
        draft.say("container-title", whole)
    else:
        languages(draft, parts)
        draft.say("title", whole)
    _contributors(draft, parts, book)
    _imprint(draft, book)
    pages(draft, parts)
    _issued(draft, parts, book)
    abstract(draft, parts)
    keywords(draft, parts)
    kinds(draft, parts.all("PublicationType"))
    grants(draft, parts.children("GrantList"))
    revised(draft, parts.one("DateRevised"))


def _accession(draft: Draft, parts: Parts) -> None:
    for element in parts.children("ArticleIdList"):
        if element.get("IdType") == "bookaccession":
            draft.shelve(text(element))


def _contributors(draft: Draft, parts: Parts, book: Parts) -> None:
    """Who wrote the chapter, who the book, and who edited it."""
    whole = "container-author" if draft.type == "chapter" else "author"
    for lists, writer in ((book, whole), (parts, "author")):
        for element in lists.all("AuthorList"):
            role = "editor" if element.get("Type") == "editors" else writer
            draft.say(role, contributors(draft, element))


_IMPRINT = {
    "edition": "Edition",
    "volume": "Volume",
    "volume-title": "VolumeTitle",
    "collection-title": "CollectionTitle",
    "medium": "Medium",
    "number": "ReportNumber",
}


def _imprint(draft: Draft, book: Parts) -> None:
    draft.say("publisher", book.text("PublisherName"))
    draft.say("publisher-place", book.text("PublisherLocation"))
    draft.identify("ISBN", map(leaf, book.all("Isbn")))
    for variable, name in _IMPRINT.items():
        draft.say(variable, book.rich(name))


def _issued(draft: Draft, parts: Parts, book: Parts) -> None:
    """When the chapter was last worked on, else when the book came out or was begun."""
    said = (parts.one("ContributionDate"), book.one("PubDate"), book.one("BeginningDate"))
    dates = [found for element in said if (found := date(draft, element))]
    draft.say("issued", dates[0] if dates else None)
