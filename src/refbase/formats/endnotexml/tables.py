"""Types and elements of EndNote XML and what they hold, for reading and for writing.

An element is named by its path below the record: `titles/secondary-title`.
"""

from __future__ import annotations

from functools import cache

# EndNote's types that a type of CSL has to itself.
TYPES = {
    "article": "Unpublished Work",
    "article-journal": "Journal Article",
    "article-magazine": "Magazine Article",
    "article-newspaper": "Newspaper Article",
    "bill": "Bill",
    "book": "Book",
    "chapter": "Book Section",
    "classic": "Classical Work",
    "dataset": "Dataset",
    "document": "Generic",
    "entry-dictionary": "Dictionary",
    "entry-encyclopedia": "Encyclopedia",
    "figure": "Figure",
    "graphic": "Artwork",
    "hearing": "Hearing",
    "legal_case": "Case",
    "legislation": "Statute",
    "manuscript": "Manuscript",
    "map": "Map",
    "motion_picture": "Film or Broadcast",
    "pamphlet": "Pamphlet",
    "paper-conference": "Conference Proceedings",
    "patent": "Patent",
    "periodical": "Serial",
    "personal_communication": "Personal Communication",
    "post-weblog": "Blog",
    "regulation": "Legal Rule or Regulation",
    "report": "Report",
    "software": "Computer Program",
    "song": "Music",
    "speech": "Conference Paper",
    "standard": "Standard",
    "thesis": "Thesis",
    "webpage": "Web Page",
}
# The nearest type that there is.
NEAREST = {
    "broadcast": "Film or Broadcast",
    "collection": "Generic",
    "entry": "Encyclopedia",
    "event": "Generic",
    "interview": "Personal Communication",
    "musical_score": "Music",
    "performance": "Generic",
    "post": "Web Page",
    "review": "Journal Article",
    "review-book": "Journal Article",
    "treaty": "Generic",
}
NUMBERS = {
    "Artwork": 2,
    "Bill": 4,
    "Blog": 56,
    "Book": 6,
    "Book Section": 5,
    "Case": 7,
    "Classical Work": 49,
    "Computer Program": 9,
    "Conference Paper": 47,
    "Conference Proceedings": 10,
    "Dataset": 59,
    "Dictionary": 52,
    "Encyclopedia": 53,
    "Figure": 37,
    "Film or Broadcast": 21,
    "Generic": 13,
    "Hearing": 14,
    "Journal Article": 17,
    "Legal Rule or Regulation": 50,
    "Magazine Article": 19,
    "Manuscript": 36,
    "Map": 20,
    "Music": 61,
    "Newspaper Article": 23,
    "Pamphlet": 24,
    "Patent": 25,
    "Personal Communication": 26,
    "Report": 27,
    "Serial": 57,
    "Standard": 58,
    "Statute": 31,
    "Thesis": 32,
    "Unpublished Work": 34,
    "Web Page": 12,
}

_AUTHORS = "contributors/authors/author"
_SECOND = "contributors/secondary-authors/author"
_THIRD = "contributors/tertiary-authors/author"
_FOURTH = "contributors/subsidiary-authors/author"
_TITLE_2, _TITLE_3 = "titles/secondary-title", "titles/tertiary-title"
SHORT_JOURNAL = "periodical/abbr-1"
FULL_JOURNAL = "periodical/full-title"
YEAR, DATE = "dates/year", "dates/pub-dates/date"
URL = "urls/web-urls/url"
KEY, TYPE = "label", "ref-type"
DATABASE, PROVIDER = "remote-database-name", "remote-database-provider"

# The order in which elements are written: that of EndNote's own document type.
ORDER = (
    *(_AUTHORS, _SECOND, _THIRD, _FOURTH),
    *("contributors/translated-authors/author", "auth-address", "auth-affiliation"),
    *("titles/title", _TITLE_2, _TITLE_3, "titles/alt-title", "titles/short-title"),
    *("titles/translated-title", FULL_JOURNAL, SHORT_JOURNAL),
    *("periodical/abbr-2", "periodical/abbr-3"),
    *("alt-periodical/full-title", "alt-periodical/abbr-1", "alt-periodical/abbr-2"),
    *"pages volume number issue secondary-volume secondary-issue num-vols edition section".split(),
    *("reprint-edition", "reprint-status", "keywords/keyword", YEAR, DATE),
    *("dates/copyright-dates/date", "pub-location", "publisher", "orig-pub", "isbn"),
    *("accession-num", "call-num", "report-id", "coden", "electronic-resource-num", "abstract"),
    *(KEY, "image", "caption", "notes", "research-notes", "work-type", "reviewed-item"),
    *"availability remote-source meeting-place work-location work-extent pack-method".split(),
    *("size", "repro-ratio", DATABASE, PROVIDER, "language", URL),
    *("urls/pdf-urls/url", "urls/text-urls/url", "urls/related-urls/url", "urls/image-urls/url"),
    *"access-date modified-date custom1 custom2 custom3 custom4 custom5 custom6 custom7".split(),
    *"misc1 misc2 misc3".split(),
)

# What an element holds in all types that say nothing else.
COMMON = {
    _AUTHORS: "author",
    _FOURTH: "translator",
    "titles/title": "title",
    "titles/short-title": "title-short",
    "pages": "page",
    "volume": "volume",
    "number": "issue",
    "num-vols": "number-of-volumes",
    "edition": "edition",
    "section": "section",
    "keywords/keyword": "keyword",
    YEAR: "issued",
    "pub-location": "publisher-place",
    "publisher": "publisher",
    "isbn": "ISBN",
    "accession-num": "PMID",
    "call-num": "call-number",
    "electronic-resource-num": "DOI",
    "abstract": "abstract",
    "notes": "note",
    "research-notes": "annote",
    "work-type": "genre",
    "reviewed-item": "reviewed-title",
    DATABASE: "source",
    "language": "language",
    URL: "URL",
    "access-date": "accessed",
    "custom2": "PMCID",
}
_PERIODICAL = {_TITLE_2: "container-title", SHORT_JOURNAL: "container-title-short", "isbn": "ISSN"}
_BOOK = {
    _TITLE_2: "collection-title",
    _SECOND: "collection-editor",
    _THIRD: "editor",
    "pages": "number-of-pages",
    "number": "collection-number",
    "issue": "issue",
}
_ENTRY = {_TITLE_2: "container-title", _SECOND: "editor", _THIRD: "collection-editor"}
_MANUSCRIPT = {"pages": "number-of-pages"}
_LAW = {
    _TITLE_2: "container-title",
    "edition": "chapter-number",
    "number": "number",
    "orig-pub": "references",
}
_PICTURE = {"custom3": "dimensions", "misc2": "medium"}

# Where a type differs: EndNote's own names for its fields, which Zotero's reader follows.
BY_TYPE: dict[str, dict[str, str]] = {
    "Artwork": _PICTURE,
    "Bill": _LAW | {_TITLE_3: "authority"},
    "Blog": {_TITLE_2: "container-title"},
    "Book": _BOOK,
    "Book Section": _ENTRY
    | {_TITLE_3: "collection-title", "number": "collection-number", "section": "chapter-number"},
    "Case": {_TITLE_2: "container-title", "publisher": "authority", "orig-pub": "references"},
    "Classical Work": _BOOK,
    "Computer Program": {_TITLE_2: "collection-title", "edition": "version", "misc1": "medium"},
    "Conference Paper": {_TITLE_2: "event-title"},
    "Conference Proceedings": {
        _TITLE_2: "event-title",
        _TITLE_3: "collection-title",
        _SECOND: "editor",
        _THIRD: "collection-editor",
        "pub-location": "event-place",
        "custom1": "publisher-place",
        "custom3": "container-title",
    },
    "Dataset": {"edition": "version", "number": "number"},
    "Dictionary": _ENTRY,
    "Encyclopedia": _ENTRY,
    "Figure": _PICTURE,
    "Film or Broadcast": {
        _AUTHORS: "director",
        _THIRD: "producer",
        "pages": "dimensions",
        "custom5": "medium",
    },
    "Generic": {
        _TITLE_2: "container-title",
        SHORT_JOURNAL: "container-title-short",
        _SECOND: "editor",
    },
    "Hearing": _LAW | {_TITLE_2: "section", _TITLE_3: "authority", "section": ""},
    "Journal Article": _PERIODICAL
    | {
        _TITLE_3: "collection-title",
        _SECOND: "editor",
        "edition": "available-date",
        "custom7": "number",
    },
    "Legal Rule or Regulation": _LAW,
    "Magazine Article": _PERIODICAL,
    "Manuscript": _MANUSCRIPT,
    "Map": {_TITLE_2: "collection-title", _THIRD: "collection-editor", "custom1": "scale"},
    "Music": {
        _AUTHORS: "composer",
        _SECOND: "author",
        _TITLE_3: "collection-title",
        "custom5": "medium",
    },
    "Newspaper Article": _PERIODICAL,
    "Pamphlet": _MANUSCRIPT,
    "Patent": {
        "custom2": "",
        "custom3": "jurisdiction",
        "custom5": "references",
        "custom6": "status",
        "isbn": "number",
    },
    "Personal Communication": {_SECOND: "recipient"},
    "Report": {_TITLE_2: "collection-title", _SECOND: "collection-editor", "isbn": "number"},
    "Serial": _PERIODICAL,
    "Standard": {"number": "number"},
    "Statute": _LAW,
    "Thesis": _MANUSCRIPT,
    "Unpublished Work": {_TITLE_2: "container-title", "number": "number"},
    "Web Page": {_TITLE_2: "container-title"},
}


@cache
def fields(endnote_type: str) -> dict[str, str]:
    """What each element holds in a type, in the order in which they are written.

    >>> fields("Book")["pages"], fields("Journal Article")["pages"]
    ('number-of-pages', 'page')
    """
    held = COMMON | BY_TYPE.get(endnote_type, {})
    return {path: held[path] for path in ORDER if held.get(path)}


# --------------------------------------------------------------------------------- reading

CSL_TYPES = {endnote: csl for csl, endnote in TYPES.items()}
# Types that are read only, and the one whose elements they have.
SAME_AS = {
    "Aggregated Database": "Dataset",
    "Ancient Text": "Classical Work",
    "Audiovisual Material": "Film or Broadcast",
    "Catalog": "Book",
    "Chart or Table": "Figure",
    "Edited Book": "Book",
    "Electronic Article": "Journal Article",
    "Electronic Book": "Book",
    "Electronic Book Section": "Book Section",
    "Equation": "Figure",
    "Government Document": "Report",
    "Grant": "Report",
    "Journal": "Journal Article",
    "Online Database": "Dataset",
    "Online Multimedia": "Web Page",
    "Press Release": "Report",
}
_READ_NUMBERS = {number: name for name, number in NUMBERS.items()} | {
    3: "Audiovisual Material",
    8: "Catalog",
    28: "Edited Book",
    38: "Chart or Table",
    39: "Equation",
    43: "Electronic Article",
    44: "Electronic Book",
    45: "Online Database",
    46: "Government Document",
    48: "Online Multimedia",
    51: "Ancient Text",
    54: "Grant",
    55: "Aggregated Database",
    60: "Electronic Book Section",
}
_NAMES = {name.lower(): name for name in (*CSL_TYPES, *SAME_AS)}
# Elements that stand for others, by what they are read as: the first that is there counts. The
# number of a law is where Zotero puts it.
ALSO = {
    "container-title": (FULL_JOURNAL, "titles/alt-title"),
    "container-title-short": ("titles/alt-title", "periodical/abbr-2", "alt-periodical/abbr-1"),
    "genre": ("misc2",),
    "issue": ("issue",),
    "issued": (DATE, "dates/copyright-dates/date"),
    "number": ("misc1",),
    "PMCID": ("custom7", "custom3"),
    "URL": ("urls/related-urls/url",),
}
# Who was edited only has editors, whatever EndNote calls them.
_READ_BY_TYPE = {"Edited Book": {_AUTHORS: "editor", _THIRD: ""}}


def type_named(name: str, number: str) -> str:
    """EndNote's type by its name, else by its number: programs that write the format agree on
    the names alone.

    >>> type_named("Report", "10"), type_named("", "17"), type_named("Dream", "99")
    ('Report', 'Journal Article', '')
    """
    if name:
        return _NAMES.get(name.lower(), "")
    return _READ_NUMBERS.get(int(number), "") if number.isdecimal() and len(number) < 4 else ""


@cache
def readings(endnote_type: str) -> dict[str, tuple[str, ...]]:
    """The elements from which each variable is read in a type, the best one first."""
    base = SAME_AS.get(endnote_type, endnote_type)
    held = fields(base) | _READ_BY_TYPE.get(endnote_type, {})
    own = {path for path, variable in held.items() if variable}
    return {
        variable: (path, *(other for other in ALSO.get(variable, ()) if other not in own))
        for path, variable in held.items()
        if variable
    }
