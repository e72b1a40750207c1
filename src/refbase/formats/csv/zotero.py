"""The table that Zotero exports (`Export library...`, CSV).

Zotero writes every line of Extra into one, and its notes as HTML. The contributors of a work
stand among its authors as well.
"""

from __future__ import annotations

import re

from refbase import extra
from refbase.formats.csv.layouts import Layout, Row
from refbase.model import Dossier, Entry, Reference
from refbase.text import clean, unescaped
from refbase.values import Date, Name
from refbase.vocab import VARIABLES

# The types of Zotero that are another word in CSL; source: the `csl` part of Zotero's schema
TYPES = {
    "artwork": "graphic",
    "audioRecording": "song",
    "bill": "bill",
    "blogPost": "post-weblog",
    "book": "book",
    "bookSection": "chapter",
    "case": "legal_case",
    "computerProgram": "software",
    "conferencePaper": "paper-conference",
    "dataset": "dataset",
    "dictionaryEntry": "entry-dictionary",
    "document": "document",
    "email": "personal_communication",
    "encyclopediaArticle": "entry-encyclopedia",
    "film": "motion_picture",
    "forumPost": "post",
    "hearing": "hearing",
    "instantMessage": "personal_communication",
    "interview": "interview",
    "journalArticle": "article-journal",
    "letter": "personal_communication",
    "magazineArticle": "article-magazine",
    "manuscript": "manuscript",
    "map": "map",
    "newspaperArticle": "article-newspaper",
    "patent": "patent",
    "podcast": "broadcast",
    "preprint": "article",
    "presentation": "speech",
    "radioBroadcast": "broadcast",
    "report": "report",
    "standard": "standard",
    "statute": "legislation",
    "thesis": "thesis",
    "tvBroadcast": "broadcast",
    "videoRecording": "motion_picture",
    "webpage": "webpage",
}
# Column and variable. Where two lead to one variable, the first that says something counts.
COLUMNS = {
    "Author": "author",
    "Title": "title",
    "Publication Title": "container-title",
    "ISBN": "ISBN",
    "ISSN": "ISSN",
    "DOI": "DOI",
    "Url": "URL",
    "Abstract Note": "abstract",
    "Date": "issued",
    "Publication Year": "issued",
    "Access Date": "accessed",
    "Pages": "page",
    "Num Pages": "number-of-pages",
    "Issue": "issue",
    "Volume": "volume",
    "Number Of Volumes": "number-of-volumes",
    "Journal Abbreviation": "container-title-short",
    "Short Title": "title-short",
    "Series": "collection-title",
    "Series Title": "collection-title",
    "Series Number": "collection-number",
    "Publisher": "publisher",
    "Place": "publisher-place",
    "Language": "language",
    "Type": "genre",
    "Archive": "archive",
    "Archive Location": "archive_location",
    "Library Catalog": "source",
    "Call Number": "call-number",
    "Extra": "note",
    "Automatic Tags": "keyword",
    "Editor": "editor",
    "Series Editor": "collection-editor",
    "Translator": "translator",
    "Contributor": "contributor",
    "Book Author": "container-author",
    "Cast Member": "performer",
    "Composer": "composer",
    "Interviewer": "interviewer",
    "Producer": "producer",
    "Recipient": "recipient",
    "Reviewed Author": "reviewed-author",
    "Scriptwriter": "script-writer",
    "Guest": "guest",
    "Number": "number",
    "Edition": "edition",
    "Running Time": "dimensions",
    "Artwork Size": "dimensions",
    "Scale": "scale",
    "Medium": "medium",
    "System": "medium",
    "Filing Date": "submitted",
    "Application Number": "call-number",
    "Issuing Authority": "authority",
    "Court": "authority",
    "Legislative Body": "authority",
    "Meeting Name": "event-title",
    "Conference Name": "event-title",
    "References": "references",
    "History": "references",
    "Reporter": "container-title",
    "Code": "container-title",
    "Code Number": "volume",
    "Legal Status": "status",
    "Priority Numbers": "issue",
    "Programming Language": "genre",
    "Version": "version",
    "Section": "section",
    "Committee": "section",
    "Session": "chapter-number",
}
_LABELS = "|".join(
    re.escape(label)
    for label in (
        *(extra.KEY, extra.TYPE, extra.CUT, "status"),
        *(name for name in VARIABLES if "-" in name or name.isupper()),
    )
)
# What holds no blank ends its line of Extra
_TOKEN = re.compile(
    r"\b((?:PMID|PMCID|DOI|ISSN|Citation Key|type|et-al|[a-z]+-date): \S+"
    r"|status: (?:retracted|in press))\s+"
)
_FIELD = re.compile(rf"\s+(?=(?:{_LABELS}): )")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def names(text: str) -> tuple[Name, ...]:
    """`Doe, Jane; Example Group`; a name without a comma is that of a body.

    >>> [name.nlm for name in names("van der Roe, R. J., Jr.; Example Group")]
    ['van der Roe RJ Jr.', 'Example Group']
    """
    return tuple(_name(part) for part in text.split("; ") if part.strip(" ;,"))


def _name(text: str) -> Name:
    family, comma, given = text.strip().partition(",")
    return extra.person(family, given.strip()) if comma else Name(literal=family)


def finish(row: Row) -> Dossier:
    """Type, tags and notes; the lines of Extra each for itself again."""
    said = row.take("Item Type")
    kind = TYPES.get(said, "")
    if not kind:
        row.report("unknown-type", f"Zotero has no type '{said}'; read as 'document'")
        row.cells["Item Type"] = said
    _date(row)
    _apart(row)
    tags = tuple(tag.strip() for tag in row.take("Manual Tags").split("; ") if tag.strip())
    annotation = _text(row.take("Notes"))
    note = row.variables.get("note", "")
    if isinstance(note, str) and note:
        row.variables["note"] = _FIELD.sub("\n", _TOKEN.sub(r"\1\n", note))
    reference = Reference(kind or "document", row.variables, row.custom())
    reference, key = extra.take(reference)
    entries = (Entry(annotation=annotation),) if annotation else ()
    return Dossier(reference, key, entries, tags)


def _date(row: Row) -> None:
    """The date, and of one that is none at least the year that Zotero found in it."""
    issued, year = row.variables.get("issued"), row.take("Publication Year")
    if isinstance(issued, Date) and not issued.start and year:
        row.cells["Date"] = issued.literal
        row.variables["issued"] = Date.parse(year)


def _apart(row: Row) -> None:
    """The authors without those who are contributors."""
    whole = Reference("document", row.variables)
    others = whole.names("contributor")
    authors = tuple(name for name in whole.authors if name not in others)
    if authors:
        row.variables["author"] = authors
    else:
        row.variables.pop("author", None)


def _text(html: str) -> str:
    """A note without its markup."""
    return clean(unescaped(_TAG.sub(" ", html))) if "<" in html else html


ZOTERO = Layout(
    marks=frozenset(("Key", "Item Type", "Publication Title")),
    columns=COLUMNS,
    names=names,
    finish=finish,
)
