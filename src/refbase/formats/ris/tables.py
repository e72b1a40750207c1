"""Types and tags of RIS and what they hold, for reading and for writing."""

from __future__ import annotations

from functools import cache

# Types that Zotero reads as what they are. Right to left this is the reader's table.
TYPES = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "bill": "BILL",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "entry-dictionary": "DICT",
    "entry-encyclopedia": "ENCYC",
    "graphic": "ART",
    "hearing": "HEAR",
    "legal_case": "CASE",
    "legislation": "STAT",
    "manuscript": "MANSCPT",
    "map": "MAP",
    "motion_picture": "MPCT",
    "paper-conference": "CONF",
    "patent": "PAT",
    "personal_communication": "PCOMM",
    "post-weblog": "BLOG",
    "report": "RPRT",
    "software": "COMP",
    "song": "SOUND",
    "speech": "SLIDE",
    "thesis": "THES",
    "webpage": "ELEC",
}
# The nearest type that there is; a line of Extra says what it really is.
NEAREST = {
    "article": "UNPB",
    "broadcast": "VIDEO",
    "classic": "CLSWK",
    "collection": "GEN",
    "document": "GEN",
    "entry": "ENCYC",
    "event": "GEN",
    "figure": "FIGURE",
    "interview": "GEN",
    "musical_score": "MUSIC",
    "pamphlet": "PAMP",
    "performance": "GEN",
    "periodical": "JFULL",
    "post": "GEN",
    "regulation": "STAT",
    "review": "JOUR",
    "review-book": "JOUR",
    "standard": "STAND",
    "treaty": "GEN",
}

# The order in which tags are written. AN stands before IS: JabRef takes it for the issue.
ORDER = (
    "AU TI ST T2 J2 T3 A2 A3 A4 ET PB CY C1 C3 C4 C5 C6 PY AN VL IS C7 SP NV SV SE M1 M3 SN DO"
    " C2 M2 OP CN DP LA Y2 AB KW N1 RN UR"
).split()

# What a tag holds in all types that say nothing else. PY stands for PY and DA, SP for SP and EP.
COMMON = {
    "AU": "author",
    "TI": "title",
    "ST": "title-short",
    "A4": "translator",
    "ET": "edition",
    "PB": "publisher",
    "CY": "publisher-place",
    "PY": "issued",
    "VL": "volume",
    "IS": "issue",
    "SP": "page",
    "NV": "number-of-volumes",
    "SE": "section",
    "SN": "ISBN",
    "DO": "DOI",
    "CN": "call-number",
    "DP": "source",
    "LA": "language",
    "Y2": "accessed",
    "AB": "abstract",
    "KW": "keyword",
    "N1": "annote",
    "UR": "URL",
}
_PERIODICAL = {"T2": "container-title", "J2": "container-title-short", "SN": "ISSN"}
_BOOK = {
    "T2": "collection-title",
    "A2": "collection-editor",
    "A3": "editor",
    "SP": "number-of-pages",
    "M1": "collection-number",
}
_ENTRY = {"T2": "container-title", "A2": "editor", "A3": "collection-editor"}
_MANUSCRIPT = {"SP": "number-of-pages", "M3": "genre"}
_LAW = {
    "T2": "container-title",
    "ET": "chapter-number",
    "M1": "number",
    "OP": "references",
    "A4": "",
}
_RECORDING = {"AU": "composer", "A2": "author", "T3": "collection-title", "C5": "medium"}
_PICTURE = {"C3": "dimensions", "M3": "medium", "A4": ""}

# Where a type differs; an empty variable says that the tag means something else there. So does
# A4 where Zotero knows no translator: it makes an author of that.
# As Zotero reads them (RIS.js, January 2026), within the specification of 2011.
BY_TYPE: dict[str, dict[str, str]] = {
    "ART": _PICTURE,
    "BILL": _LAW | {"T3": "authority"},
    "BLOG": {"T2": "container-title", "M3": "genre"},
    "BOOK": _BOOK,
    "CASE": {
        "A2": "container-title",
        "A4": "",
        "PB": "authority",
        "OP": "references",
        "SE": "",
        "ST": "",
    },
    # IS is the number of volumes in a chapter, so its issue must not go there
    "CHAP": _ENTRY
    | {"T3": "collection-title", "IS": "number-of-volumes", "NV": "", "SV": "collection-number"},
    "CLSWK": _BOOK,
    "COMP": {"T2": "collection-title", "ET": "version", "M1": "medium", "LA": "", "A4": ""},
    "CONF": {
        "T2": "event-title",
        "T3": "collection-title",
        "A2": "editor",
        "A3": "collection-editor",
        "A4": "",
        "C1": "publisher-place",
        "C3": "container-title",
        "CY": "",
    },
    "DATA": {"ET": "version", "NV": "number", "IS": "", "A4": ""},
    "DICT": _ENTRY,
    "ELEC": {"T2": "container-title", "M3": "genre", "VL": ""},
    "ENCYC": _ENTRY,
    "FIGURE": _PICTURE,
    "GEN": {"T2": "container-title", "J2": "container-title-short", "SN": ""},
    "HEAR": _LAW | {"T2": "section", "T3": "authority", "SE": ""},
    "JFULL": _PERIODICAL,
    # An article has no edition: in `ET` EndNote puts the date on which it was first there
    "JOUR": _PERIODICAL | {"T3": "collection-title", "A2": "editor", "ET": ""},
    "MANSCPT": _MANUSCRIPT,
    "MAP": {
        "T2": "collection-title",
        "A3": "collection-editor",
        "C1": "scale",
        "M3": "genre",
        "A4": "",
    },
    "MGZN": _PERIODICAL,
    "MPCT": {
        "AU": "director",
        "A3": "producer",
        "A4": "",
        "C4": "genre",
        "C5": "medium",
        "SP": "dimensions",
    },
    "MUSIC": _RECORDING,
    "NEWS": _PERIODICAL,
    "PAMP": _MANUSCRIPT,
    "PAT": {
        "A2": "authority",
        "C5": "references",
        "C6": "status",
        "SN": "number",
        "VL": "",
        "IS": "",
        "A4": "",
    },
    "PCOMM": {"A2": "recipient", "M3": "genre"},
    "RPRT": {
        "T2": "collection-title",
        "A2": "collection-editor",
        "SN": "number",
        "M3": "genre",
    },
    "SLIDE": {"T2": "event-title", "M3": "genre"},
    "SOUND": _RECORDING,
    "STAND": {"SN": "", "PB": "", "A4": ""},
    "STAT": _LAW | {"ST": ""},
    "THES": _MANUSCRIPT | {"A4": ""},
    "UNPB": {"T2": "container-title", "SN": ""},
    "VIDEO": {"AU": "director", "A3": "producer"},
}
# What only one flavour writes. C2 is the PMCID in JOUR alone: of CHAP Zotero makes the author of
# the book of it.
BY_FLAVOUR: dict[str, dict[str, dict[str, str]]] = {
    "zotero": {"JOUR": {"C2": "PMCID"}, "CHAP": {"C2": "container-author"}},
    "endnote": {
        "": {"AN": "PMID", "RN": "note"},
        "JOUR": {"C2": "PMCID", "C7": "number"},
    },
}
# Their SP takes the pages in one: EP would become the pages of the whole.
WHOLE_PAGES = frozenset(("BILL", "CASE"))


@cache
def fields(ris_type: str, flavour: str) -> dict[str, str]:
    """What each tag holds in a type, in the order in which they are written.

    >>> fields("BOOK", "zotero")["A3"], fields("CHAP", "zotero")["A2"]
    ('editor', 'editor')
    """
    only = BY_FLAVOUR[flavour]
    held = COMMON | BY_TYPE.get(ris_type, {}) | only.get("", {}) | only.get(ris_type, {})
    return {tag: held[tag] for tag in ORDER if held.get(tag)}


# --------------------------------------------------------------------------------- reading

# Right to left, what a type of RIS is; of those that several share, the plainest.
CSL_TYPES = {
    **{ris: csl for csl, ris in NEAREST.items()},
    **{ris: csl for csl, ris in TYPES.items()},
    "GEN": "document",
    "VIDEO": "motion_picture",
}
# Types that are written by others, and the one whose tags they have.
SAME_AS = {
    "ABST": "JOUR",
    "ADVS": "MPCT",
    "AGGR": "DATA",
    "ANCIENT": "CLSWK",
    "CHART": "FIGURE",
    "CPAPER": "CONF",
    "CTLG": "BOOK",
    "DBASE": "DATA",
    "EBOOK": "BOOK",
    "ECHAP": "CHAP",
    "EDBOOK": "BOOK",
    "EJOUR": "JOUR",
    "EQUA": "FIGURE",
    "GOVDOC": "RPRT",
    "GRANT": "RPRT",
    "ICOMM": "PCOMM",
    "INPR": "JOUR",
    "LEGAL": "STAT",
    "MULTI": "GEN",
    "SER": "JFULL",
    "UNBILL": "BILL",
    "WEB": "ELEC",
}
# Tags that stand for others, mostly those of the older specification (2001): the first that is
# there is read. J2 is never the journal itself: Zotero's own guess, which we do not share.
ALSO = {
    "AB": ("N2",),
    "AU": ("A1",),
    "DO": ("DI", "M3"),
    "IS": ("CP",),
    "J2": ("JA", "J1", "JO"),
    "KW": ("K1",),
    "PY": ("Y1", "DA"),
    "SP": ("EP",),
    "T2": ("JF", "JO", "BT", "JA", "J1"),
    "TI": ("T1", "CT", "BT"),
}
# Whatever the type is
_ALWAYS = {"ED": "editor", "DB": "source", "SP": "page"}
# The authors of an edited book are its editors.
_READ_BY_TYPE = {"EDBOOK": {"AU": "editor"}, "JOUR": {"ET": "available-date"}}


@cache
def readings(ris_type: str) -> dict[str, tuple[str, ...]]:
    """The tags from which each variable is read in a type, the best one first.

    >>> readings("JOUR")["container-title"], readings("EDBOOK")["editor"]
    (('T2', 'JF', 'JO', 'BT', 'JA', 'J1'), ('AU', 'A1', 'A3', 'ED'))
    """
    base = SAME_AS.get(ris_type, ris_type)
    held = fields(base, "endnote") | fields(base, "zotero") | _READ_BY_TYPE.get(ris_type, {})
    tags: dict[str, tuple[str, ...]] = {"DOI": ()}  # first: M3 is a genre only if it is no DOI
    for tag, variable in [*held.items(), *_ALWAYS.items()]:
        known = tags.get(variable, ())
        tags[variable] = tuple(dict.fromkeys((*known, tag, *ALSO.get(tag, ()))))
    return tags
