"""The two dialects as tables: the entry type of each CSL type, and the field of each variable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from refbase import identifiers
from refbase.formats.base import WriteOptions, annotation_texts, custom_severity, keyword_list
from refbase.formats.bibtex import fields
from refbase.formats.bibtex.fields import SUBTYPES, Draft
from refbase.model import Dossier, Value

Writer = Callable[[Draft, Any], str | None]

OWN = "bibtex"
"""The custom variable that holds the fields of a BibTeX entry that no variable holds, in LaTeX."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field, the variable that stands in it, how that is written, and the entry types that
    have it; `not` in front of them means all others."""

    name: str
    variable: str
    write: Writer = fields.text
    types: str = ""

    def stands_in(self, entry_type: str) -> bool:
        listed = self.types.split()
        return not listed or (entry_type in listed) != (listed[0] == "not")


@dataclass(frozen=True, eq=False)
class Dialect:
    """BibTeX or BibLaTeX: the entry type of each CSL type, and its fields in written order.

    `arrange` divides the variables as the dialect needs them and has the last word on the
    entry type.
    """

    name: str
    types: Mapping[str, str]
    rows: tuple[Row, ...]
    arrange: Callable[[str, dict[str, Value]], str]

    def draft(self, dossier: Dossier, options: WriteOptions) -> Draft:
        reference = dossier.reference
        variables = dict(reference.variables)
        _add_annotations(variables, annotation_texts(dossier, options))
        if words := keyword_list(dossier):
            variables["keyword"] = "; ".join(words)
        if "page" in variables:
            variables.pop("page-first", None)
        if reference.type in SUBTYPES:
            variables["type"] = reference.type
        draft = Draft(self.arrange(self.types[reference.type], variables), variables, options)
        if CSL_TYPES[draft.type] != reference.type and reference.type not in SUBTYPES:
            draft.lose(f"{self.name} has no type '{reference.type}': written as @{draft.type}")
        for name in reference.custom:
            if name != OWN:
                message = f"{self.name} has no field for the custom variable '{name}'"
                draft.losses[message] = custom_severity(name)
        return draft

    @lru_cache(maxsize=1024)  # noqa: B019 - the dialects live as long as the program
    def layout(self, entry_type: str, variables: tuple[str, ...]) -> Layout:
        """Where these variables stand in an entry of a type. A file has few different sets."""
        rows = [row for row in self.rows if row.variable in variables and row.stands_in(entry_type)]
        places = {
            variable: [
                (place, row.write) for place, row in enumerate(rows) if row.variable == variable
            ]
            for variable in variables
        }
        return Layout(tuple(places.items()), [(row.name, row.variable) for row in rows])


class Layout(NamedTuple):
    """How the variables of an entry are written: by variable the places of its fields and how they
    are filled; and the fields at these places, each with its variable."""

    writers: tuple[tuple[str, list[tuple[int, Writer]]], ...]
    fields: list[tuple[str, str]]


def _add_annotations(variables: dict[str, Value], annotations: list[str]) -> None:
    """The annotations of all entries, and the one that the reference brought, in one text."""
    own = variables.get("annote")
    if isinstance(own, str) and own not in annotations:
        annotations.append(own)
    if annotations:
        variables["annote"] = " ".join(annotations)


def _arrange_bibtex(entry_type: str, variables: dict[str, Value]) -> str:
    if entry_type != "phdthesis":
        return entry_type
    # Without `type` Zotero and the styles take it for a PhD thesis
    genre = str(variables.setdefault("genre", "Thesis"))
    return "mastersthesis" if _MASTERS.search(genre) else entry_type


_MASTERS = re.compile(r"\bmaster|\bm\.?\s?(?:sc|a|phil)\b", re.IGNORECASE)


def _arrange_biblatex(entry_type: str, variables: dict[str, Value]) -> str:
    _address_pmcid(variables)
    if entry_type == "article":
        _split_volume(variables)
    elif entry_type == "thesis":
        variables.setdefault("genre", "Thesis")
    elif entry_type == "book" and "editor" in variables and "author" not in variables:
        return "collection"
    elif entry_type in _DEMANDS:
        needed, instead = _DEMANDS[entry_type]
        if not any(variable in variables for variable in needed.split()):
            return instead
    return entry_type


# What biber demands of an entry type (one of these), and the type for a reference without.
_DEMANDS = {
    "incollection": ("editor", "inbook"),
    "inreference": ("editor", "inbook"),
    "online": ("URL DOI PMID", "misc"),
    "report": ("genre", "techreport"),
}


def _address_pmcid(variables: dict[str, Value]) -> None:
    """A PMCID has no field; the address in PubMed Central says it, if there is no other one."""
    pmcid = variables.get("PMCID")
    if isinstance(pmcid, str):
        address = variables.setdefault("URL", identifiers.url("PMCID", pmcid))
        if pmcid in str(address):
            del variables["PMCID"]


def _split_volume(variables: dict[str, Value]) -> None:
    """`48 Suppl 5` is a volume and a number to biblatex: a volume is an integer."""
    found = re.fullmatch(r"(\d+)[ (]+(\D.*?)\)?", str(variables.get("volume", "")))
    if found:
        issue = variables.get("issue")
        variables["volume"] = found[1]
        variables["issue"] = f"{issue} {found[2]}" if issue else found[2]


# The CSL type that an entry type is read as. A type that does not come back is told as a loss.
CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "collection": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "inreference": "entry-encyclopedia",
    "manual": "book",
    "mastersthesis": "thesis",
    "misc": "document",
    "online": "webpage",
    "patent": "patent",
    "phdthesis": "thesis",
    "report": "report",
    "software": "software",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
}


def _entry_types(of: Mapping[str, str]) -> dict[str, str]:
    return {csl: entry_type for entry_type, types in of.items() for csl in types.split()}


# A @dataset, which Zotero's import throws away, is a @misc in both dialects.
_COMMON_TYPES = {
    "article": "article-journal article-magazine article-newspaper review review-book",
    "book": "book classic",
    "booklet": "pamphlet",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "manual": "standard",
    "misc": """
        bill broadcast collection dataset document event figure graphic hearing interview
        legal_case legislation map motion_picture musical_score performance periodical
        personal_communication regulation song treaty
    """,
    "patent": "patent",
    "unpublished": "manuscript speech",
}

# ----------------------------------------------------------------------------------- BibTeX

BIBTEX = Dialect(
    "BibTeX",
    # Only types that every style knows; and @patent, which Zotero reads as one.
    _entry_types(_COMMON_TYPES)
    | _entry_types(
        {
            "incollection": "entry entry-dictionary entry-encyclopedia",
            "misc": "article post post-weblog software webpage",
            "phdthesis": "thesis",
            "techreport": "report",
        }
    ),
    (
        Row("author", "author", fields.names),
        Row("title", "title", fields.title),
        Row("shorttitle", "title-short", fields.title),
        Row("booktitle", "container-title", fields.title, "incollection inproceedings"),
        # Read by Zotero (into Extra) and pandoc also where no classic style looks for it
        Row("journal", "container-title", fields.text, "not incollection inproceedings"),
        Row("shortjournal", "container-title-short"),
        Row("entrysubtype", "type", fields.subtype),
        Row("bookauthor", "container-author", fields.names),
        Row("eventtitle", "event-title", fields.title),
        Row("eventdate", "event-date", fields.date),
        Row("venue", "event-place"),
        Row("series", "collection-title", fields.title),
        Row("edition", "edition"),
        Row("editor", "editor", fields.names),
        Row("translator", "translator", fields.names),
        Row("school", "publisher", fields.text, "phdthesis mastersthesis"),
        Row("institution", "publisher", fields.text, "techreport"),
        Row("organization", "publisher", fields.text, "manual"),
        Row("publisher", "publisher", fields.text, "not phdthesis mastersthesis techreport manual"),
        Row("address", "publisher-place"),
        # In other types Zotero puts `type` into Extra, where it would change the type
        Row("type", "genre", fields.text, "not article book incollection inproceedings"),
        Row("version", "version"),
        Row("year", "issued", fields.year),
        Row("month", "issued", fields.month),
        Row("day", "issued", fields.day),
        Row("date", "issued", fields.date_beyond),
        Row("origtitle", "original-title", fields.title),
        Row("origdate", "original-date", fields.date),
        Row("origpublisher", "original-publisher"),
        Row("origlocation", "original-publisher-place"),
        Row("volume", "volume"),
        Row("volumes", "number-of-volumes"),
        Row("part", "part"),
        Row("number", "issue", fields.text, "article"),
        Row("number", "collection-number", fields.text, "book incollection inproceedings"),
        Row("number", "number", fields.text, "not article book incollection inproceedings"),
        Row("chapter", "chapter-number"),
        Row("pages", "page", fields.pages),
        Row("pages", "page-first", fields.pages),
        Row("pagetotal", "number-of-pages"),
        Row("isbn", "ISBN"),
        Row("issn", "ISSN"),
        Row("doi", "DOI", fields.verbatim),
        Row("pmid", "PMID"),
        Row("pmcid", "PMCID"),
        Row("url", "URL", fields.verbatim),
        Row("urldate", "accessed", fields.date),
        Row("library", "call-number"),
        Row("pubstate", "status"),
        Row("language", "language"),
        Row("abstract", "abstract"),
        Row("keywords", "keyword", fields.keywords),
        Row("note", "note"),
        Row("annote", "annote"),
    ),
    _arrange_bibtex,
)

# --------------------------------------------------------------------------------- BibLaTeX

_PARTS = "inbook incollection inreference"
_BOOKS = f"book collection {_PARTS}"
_VOLUMES = f"{_BOOKS} inproceedings"
_REPORTS = "report techreport thesis"
_PAGED = f"article booklet manual {_VOLUMES} {_REPORTS}"
_TOTALLED = f"book booklet collection manual {_REPORTS}"
_TYPED = "booklet manual misc patent report software thesis unpublished"
_VERSIONED = "article manual misc online patent report software techreport"

BIBLATEX = Dialect(
    "BibLaTeX",
    _entry_types(_COMMON_TYPES)
    | _entry_types(
        {
            "inreference": "entry entry-dictionary entry-encyclopedia",
            "online": "article post post-weblog webpage",
            "report": "report",
            "software": "software",
            "thesis": "thesis",
        }
    ),
    # The entry types of each field are those of biber's data model; a test compares them.
    (
        Row("author", "author", fields.names, "not collection"),
        Row("title", "title", fields.title),
        Row("shorttitle", "title-short", fields.title),
        Row("booktitle", "container-title", fields.title, f"{_PARTS} inproceedings"),
        Row("journaltitle", "container-title", fields.text, "article"),
        Row("shortjournal", "container-title-short"),
        Row("entrysubtype", "type", fields.subtype),
        Row("bookauthor", "container-author", fields.names, "inbook"),
        Row("eventtitle", "event-title", fields.title, "inproceedings unpublished"),
        Row("eventdate", "event-date", fields.date, "inproceedings unpublished"),
        Row("venue", "event-place", fields.text, "inproceedings unpublished"),
        Row("series", "collection-title", fields.title, f"article manual {_VOLUMES}"),
        Row("edition", "edition", fields.edition, f"manual {_BOOKS}"),
        Row("editor", "editor", fields.names, f"not patent unpublished {_REPORTS}"),
        Row("translator", "translator", fields.names, f"article {_BOOKS}"),
        Row("publisher", "publisher", fields.item, f"manual {_VOLUMES}"),
        Row("institution", "publisher", fields.item, _REPORTS),
        Row("organization", "publisher", fields.item, "misc online software"),
        Row("organization", "container-title", fields.item, "misc online software"),
        Row("howpublished", "publisher", fields.text, "booklet unpublished"),
        Row("howpublished", "container-title", fields.text, "booklet unpublished"),
        Row("location", "publisher-place", fields.item, "not article online"),
        Row("type", "genre", fields.text, _TYPED),
        Row("version", "version", fields.text, _VERSIONED),
        Row("date", "issued", fields.date),
        Row("year", "issued", fields.year_in_words),
        Row("origtitle", "original-title", fields.title),
        Row("origdate", "original-date", fields.date),
        Row("origpublisher", "original-publisher", fields.item),
        Row("origlocation", "original-publisher-place", fields.item),
        Row("volume", "volume", fields.text, f"article {_VOLUMES}"),
        Row("volumes", "number-of-volumes", fields.text, _VOLUMES),
        Row("part", "part", fields.text, _VOLUMES),
        Row("number", "issue", fields.text, "article"),
        Row("number", "collection-number", fields.text, _VOLUMES),
        Row("number", "number", fields.text, "manual patent report techreport"),
        Row("chapter", "chapter-number", fields.text, f"booklet manual {_VOLUMES} {_REPORTS}"),
        Row("pages", "page", fields.pages, _PAGED),
        Row("pages", "page-first", fields.pages, _PAGED),
        Row("pagetotal", "number-of-pages", fields.text, _TOTALLED),
        Row("isbn", "ISBN", fields.valid("ISBN"), f"manual {_VOLUMES}"),
        Row("issn", "ISSN", fields.valid("ISSN"), "article"),
        Row("doi", "DOI", fields.verbatim),
        Row("eprint", "PMID"),
        Row("eprinttype", "PMID", fields.pubmed),
        Row("url", "URL", fields.verbatim),
        Row("urldate", "accessed", fields.date),
        Row("library", "call-number"),
        Row("pubstate", "status"),
        Row("language", "language", fields.language, "not patent"),
        Row("langid", "language", fields.langid),
        Row("abstract", "abstract"),
        Row("keywords", "keyword", fields.keywords),
        Row("note", "note"),
        Row("annote", "annote"),
    ),
    _arrange_biblatex,
)
