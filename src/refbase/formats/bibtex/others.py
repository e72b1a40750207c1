"""What refbase never writes, but others do: entry types, fields, and what they say in them."""

from __future__ import annotations

from functools import lru_cache

from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX
from refbase.formats.bibtex.fields import SUBTYPES
from refbase.vocab import VARIABLES

# Entry types that are never written: the one whose fields they have, and their own CSL type.
OTHER_TYPES = {
    "artwork": ("misc", "graphic"),
    "audio": ("misc", "song"),
    "bookinbook": ("inbook", "chapter"),
    "conference": ("inproceedings", "paper-conference"),
    "dataset": ("misc", "dataset"),
    "electronic": ("online", "webpage"),
    "image": ("misc", "graphic"),
    "jurisdiction": ("misc", "legal_case"),
    "legislation": ("misc", "legislation"),
    "letter": ("misc", "personal_communication"),
    "movie": ("misc", "motion_picture"),
    "music": ("misc", "song"),
    "mvbook": ("book", "book"),
    "mvcollection": ("collection", "book"),
    "mvproceedings": ("collection", "book"),
    "mvreference": ("collection", "book"),
    "performance": ("misc", "performance"),
    "periodical": ("misc", "periodical"),
    "proceedings": ("collection", "book"),
    "reference": ("collection", "book"),
    "review": ("article", "review"),
    "standard": ("manual", "standard"),
    "suppbook": ("inbook", "chapter"),
    "suppcollection": ("incollection", "chapter"),
    "suppperiodical": ("article", "article-journal"),
    "video": ("misc", "motion_picture"),
    "webpage": ("online", "webpage"),
    "www": ("online", "webpage"),
}
SUBTYPE_KINDS = {said: kind for kind, said in SUBTYPES.items()}
PREPRINTS = frozenset("arxiv biorxiv medrxiv chemrxiv".split())
# What `type` says of a thesis or a report without saying it in words (biblatex manual, 4.9.2.15)
GENRES = {
    "candthesis": "Candidate thesis",
    "mastersthesis": "Master's thesis",
    "mathesis": "Master's thesis",
    "phdthesis": "PhD thesis",
    "resreport": "Research report",
    "techreport": "Technical report",
}

_OTHER_FIELDS = {
    "accessed": "accessed",
    "annotation": "annote",
    "articleno": "page",
    "eid": "page",
    "fjournal": "container-title",
    "howpublished": "publisher",
    "hyphenation": "language",
    "issue": "issue",
    "keyword": "keyword",
    "lastaccessed": "accessed",
    "lastchecked": "accessed",
    "numpages": "number-of-pages",
    "pmc": "PMCID",
    "pubmedid": "PMID",
}
# Read last: what they say counts only where no better field does
LATE = frozenset("articleno eid howpublished hyphenation issue langid organization".split())
SUBTITLES = {
    "subtitle": "title",
    "booksubtitle": "container-title",
    "journalsubtitle": "container-title",
}
DATE_FIELDS = ("date", "year", "month", "day")
EPRINT_FIELDS = ("eprint", "eprinttype", "archiveprefix")
EPRINTS = {"pubmed": "PMID", "pmid": "PMID", "pmcid": "PMCID", "pmc": "PMCID"}


@lru_cache(maxsize=128)
def variables_of(entry_type: str) -> dict[str, str]:
    """The variable of each field in this entry type; of fields that it should not have, too."""
    rows = (*BIBLATEX.rows, *BIBTEX.rows)
    own = [row for row in rows if row.stands_in(entry_type)]
    table: dict[str, str] = {}
    for row in (*own, *rows):
        if row.variable in VARIABLES and row.name not in (*DATE_FIELDS, *EPRINT_FIELDS):
            table.setdefault(row.name, row.variable)
    return table | _OTHER_FIELDS
