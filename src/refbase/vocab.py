"""The words of CSL 1.0.2: which types a reference may have, which variables, and of what kind.

Source: the CSL 1.0.2 input schema (csl-data.json of the Citation Style Language project); a
test holds these tables equal to it where the schema is at hand. Four names of the schema are
not variables of the reference itself and stand elsewhere in refbase: `id` and `citation-key`
(the citation key), `type`, and `custom`. Three are old spellings, read but stored under the
name of today (`ALIASES`).
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a variable holds: `text` and `number` are strings, `names` a list, `date` a date."""

    TEXT = "text"
    NUMBER = "number"
    NAMES = "names"
    DATE = "date"


TYPES = frozenset(
    """
    article article-journal article-magazine article-newspaper bill book broadcast chapter
    classic collection dataset document entry entry-dictionary entry-encyclopedia event figure
    graphic hearing interview legal_case legislation manuscript map motion_picture
    musical_score
    pamphlet paper-conference patent performance periodical personal_communication post
    post-weblog regulation report review review-book software song speech standard thesis
    treaty
    webpage
    """.split()
)

NAMES = """
    author chair collection-editor compiler composer container-author contributor curator
    director editor editorial-director executive-producer guest host illustrator interviewer
    narrator organizer original-author performer producer recipient reviewed-author
    script-writer series-creator translator
    """.split()

DATES = "accessed available-date event-date issued original-date submitted".split()

NUMBERS = """
    chapter-number citation-number collection-number edition first-reference-note-number issue
    locator number number-of-pages number-of-volumes page page-first part printing supplement
    volume
    """.split()

TEXTS = """
    DOI ISBN ISSN PMCID PMID URL abstract annote archive archive-place archive_collection
    archive_location authority call-number citation-label collection-title container-title
    container-title-short dimensions division event-place event-title genre jurisdiction
    keyword
    language medium note original-publisher original-publisher-place original-title part-title
    publisher publisher-place references reviewed-genre reviewed-title scale section source
    status title title-short version volume-title volume-title-short year-suffix
    """.split()

VARIABLES: dict[str, Kind] = {
    **dict.fromkeys(NAMES, Kind.NAMES),
    **dict.fromkeys(DATES, Kind.DATE),
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
    **dict.fromkeys(TEXTS, Kind.TEXT),
}

ALIASES = {
    "journalAbbreviation": "container-title-short",
    "shortTitle": "title-short",
    "event": "event-title",
}

# Where a whole stands inside another one: its title is not the container's.
CONTAINED = frozenset(
    """
    article-journal article-magazine article-newspaper chapter entry entry-dictionary
    entry-encyclopedia paper-conference post post-weblog review review-book
    """.split()
)
