"""What each sign is worth, in points: ten of them make it ten times as likely that two
references describe one work.

`POINTS` was weighed with `tools/weigh.py` on sets of records in which people marked the
duplicates; nothing is learnt while the program runs. What is unknown is worth nothing.
"""

from __future__ import annotations

# What each signal looks at, for people
SIGNALS: dict[str, str] = {
    "title": "the words of the titles, without what databases hang on them",
    "numbers": "the words of the titles that count: part II, type 2, 2009, IL-6",
    "authors": "surnames, cut lists and misspelt names allowed for",
    "initial": "the first initial of the first author",
    "journal": "the name of the journal or book, its abbreviation, or the ISSN",
    "year": "print and electronic publication often fall a year apart",
    "place": "volume and first page together",
    "last page": "the last page, in full",
    "issue": "the issue or supplement",
    "DOI": "neither proof nor veto: supplements share one, and columns are dragged down",
    "PMID": "PubMed's number",
    "PMCID": "PubMed Central's number",
}

# Too few pairs of the sets have these to be weighed; they are set by hand
BY_HAND: dict[str, dict[str, int]] = {
    "PMID": {"same": 15, "different": -15},
    "PMCID": {"same": 15, "different": -15},
}

# --- written by tools/weigh.py
POINTS: dict[str, dict[str, int]] = {
    "start": {"": -29},
    "title": {
        "same, long": 12,
        "same": 11,
        "nearly the same": 7,
        "same, short": 2,
        "begins the same": 1,
        "part of the other": 0,
        "close": -2,
        "half alike": -5,
        "alike": -7,
        "different": -19,
    },
    "numbers": {
        "same": 6,
        "none": 6,
        "different": -6,
        "some left out": -7,
    },
    "authors": {
        "same": 8,
        "same, alone": 7,
        "same, another first": 1,
        "one of the others": 0,
        "some": -2,
        "same first": -3,
        "different": -9,
    },
    "initial": {
        "same": 5,
        "different": -4,
    },
    "journal": {
        "same": 7,
        "abbreviated": 3,
        "alike": 0,
        "different": -16,
    },
    "year": {
        "same": 11,
        "two apart": -3,
        "one apart": -3,
        "far apart": -5,
    },
    "place": {
        "volume same, page same": 10,
        "volume same, page unknown": 10,
        "volume different, page same": 6,
        "volume unknown, page same": 3,
        "volume same, page different": 1,
        "volume unknown, page different": -4,
        "volume different, page different": -7,
        "volume different, page unknown": -10,
    },
    "last page": {
        "same": 14,
        "different": -6,
    },
    "issue": {
        "same": 4,
        "different": -8,
    },
    "DOI": {
        "same": 4,
        "different": -7,
    },
}
# --- end
POINTS.update(BY_HAND)
