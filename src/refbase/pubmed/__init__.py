"""A record of PubMed and the reference that it describes.

One parser for files and for the answers of NCBI: give `reference` a `PubmedArticle` or a
`PubmedBookArticle` that an XML library has parsed (lxml or the standard library).

    articles     an article of a journal; books, a chapter or a book of the Bookshelf
    people       lists of contributors; dates, the date to cite; subjects, abstract and keywords
    markup       the text of an element
    draft        a reference in the making
    conventions  what NLM does to titles, languages and numbers, in XML and in MEDLINE's format

What CSL has no variable for is kept in `custom`; docs/formats/pubmed-xml.md lists it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refbase.model import Reference, Report, ignore
from refbase.pubmed.draft import Draft

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["reference"]


def reference(element: Element, report: Report = ignore) -> Reference:
    """The reference that a `PubmedArticle` or `PubmedBookArticle` describes.

    It is read by anchored paths only: the identifiers in an article's list of references are
    not its own. `report` is told of what was not understood. An element that describes nothing
    gives a reference without variables. Comments must not be in the tree (`remove_comments` of
    lxml).

    >>> from xml.etree.ElementTree import fromstring
    >>> article = "<Article><ArticleTitle>Effects of CO<sub>2</sub>.</ArticleTitle></Article>"
    >>> citation = f"<MedlineCitation><PMID>1</PMID>{article}</MedlineCitation>"
    >>> work = reference(fromstring(f"<PubmedArticle>{citation}</PubmedArticle>"))
    >>> work.pmid, work.title
    ('1', 'Effects of CO<sub>2</sub>')
    """
    # Who reads nbib shares the conventions only
    from refbase.pubmed.articles import article
    from refbase.pubmed.books import book_article

    draft = Draft(report)
    read = book_article if element.tag == "PubmedBookArticle" else article
    read(draft, element)
    return draft.finish()
