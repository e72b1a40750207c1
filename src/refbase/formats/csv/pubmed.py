"""The table that PubMed hands out (`Save`, CSV).

It has no columns for volume, issue and pages: they stand in `Citation`, as PubMed prints it.
"""

from __future__ import annotations

import re

from refbase.citation import bylines, imprints
from refbase.citation.imprints import Imprint
from refbase.formats.csv.layouts import Layout, Row
from refbase.model import Dossier, Reference
from refbase.values import Name

_BOOK = re.compile(r"In: .+?\. (?P<place>[^:.]+): (?P<publisher>[^;]+); \d{4}")
COLUMNS = {
    "PMID": "PMID",
    "Title": "title",
    "Authors": "author",
    "Journal/Book": "container-title",
    "Publication Year": "issued",
    "PMCID": "PMCID",
    "DOI": "DOI",
}


def names(text: str) -> tuple[Name, ...]:
    """`Doe J, Roe RJ Jr; Example Group.`

    >>> [name.inverted for name in names("Doe J, van der Roe RJ Jr; Example Group.")]
    ['Doe, J.', 'van der Roe, R. J., Jr', 'Example Group']
    """
    parts = re.split(r"[,;]\s+", text.removesuffix("."))
    return tuple(_name(part.strip()) for part in parts if part.strip())


def _name(text: str) -> Name:
    return Name.from_nlm(text) if bylines.is_person(text) else Name(literal=text)


def finish(row: Row) -> Dossier:
    """Title without brackets and full stop; date, volume, issue and pages from the citation."""
    reference = Reference("document", row.variables)
    title = reference.title.removesuffix(".")
    if title.startswith("[") and title.endswith("]"):
        title = title[1:-1].removesuffix(".")  # it is a translation
    if title:
        row.variables["title"] = title
    first = [name.literal or name.nlm for name in reference.authors[:1]]
    if row.cells.get("First Author") in first:
        row.take("First Author")  # says nothing new
    citation = row.cells.get("Citation", "")
    if whole := _BOOK.match(citation):
        row.variables |= {"publisher-place": whole["place"], "publisher": whole["publisher"]}
    elif (imprint := imprints.read(citation)) and _agrees(imprint, reference):
        row.take("Citation")
        _add(row, imprint, citation)
    kind = "chapter" if citation.startswith("In: ") else "article-journal"
    return Dossier(Reference(kind, row.variables, row.custom()))


def _agrees(imprint: Imprint, reference: Reference) -> bool:
    """Whether all of a citation was read, and it is of the year that the columns say."""
    same = imprint.date and reference.year in (None, imprint.date.year)
    return bool(same and not imprint.unread and not imprint.problems)


def _add(row: Row, imprint: Imprint, citation: str) -> None:
    """What the citation says and the columns do not."""
    found = {**imprint.found, "note": "; ".join(imprint.notes)}
    if "page" not in found and f":{found.get('volume')}" in citation:
        found["page"] = found.pop("volume")  # 2026 Jan 5:e0001: the number of the article
    row.variables["issued"] = imprint.date or ""
    for variable, value in found.items():
        if value:
            row.variables.setdefault(variable, value)


PUBMED = Layout(
    marks=frozenset(("PMID", "Authors", "Journal/Book")),
    columns=COLUMNS,
    names=names,
    finish=finish,
)
