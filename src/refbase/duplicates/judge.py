"""The verdict on two cards: points are added, and a few rules have the last word.

Points cannot know that part II is not part I, or that an erratum has the title of what it
corrects. Such knowledge is written down as rules: `NO` says that two references are two works
however alike they look, `DOUBT` that a person must look however many points there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from refbase.duplicates.cards import Card
from refbase.duplicates.points import POINTS
from refbase.duplicates.signals import DIFFERENT, SAME, UNKNOWN, States, states

CERTAIN, DOUBTFUL = 10, 1
"""Points from which a pair is certain, ten to one, and from which it is rather one work."""
CONFLICT = -15
"""So few points are as good as a no: what stands between two groups keeps them apart."""
SURE = 20
"""Points of the same title with the same identifier, where nothing is different."""


class Verdict(NamedTuple):
    """What is thought of two references. `conflict`: they must never come into one group."""

    points: int
    certain: bool
    doubtful: bool
    conflict: bool


UNLIKE = Verdict(-99, False, False, True)
Test = Callable[[Card, Card, States], bool]


def judge(a: Card, b: Card) -> Verdict:
    """The verdict on two cards."""
    found = states(a, b)
    if found is None:
        return UNLIKE
    points = total(found)
    if points < DOUBTFUL:
        return Verdict(points, False, False, points <= CONFLICT or _against(a, b, found))
    if _against(a, b, found):
        return Verdict(points, False, False, True)
    certain = points >= CERTAIN and not any(test(a, b, found) for _, test in DOUBT)
    return Verdict(points, certain, not certain, False)


def total(found: States) -> int:
    """The points of all states together; a sure sign makes up for what is not known."""
    points = POINTS["start"][""] + sum(
        [POINTS[signal].get(state, 0) for signal, state in found.items()]
    )
    return SURE if points < SURE and _sure(found) else points


def _against(a: Card, b: Card, found: States) -> bool:
    return any(test(a, b, found) for _, test in NO)


def reasons(a: Card, b: Card) -> tuple[str, ...]:
    """Why: first what makes it doubtful, then what is the same, then what differs."""
    found = states(a, b) or {}
    doubts = [reason for reason, test in (*NO, *DOUBT) if found and test(a, b, found)]
    if found and total(found) < CERTAIN:
        doubts.append("little speaks for it")
    return (*doubts, *told(found))


def score(points: int) -> float:
    """Points as a likelihood: ten points make something ten times as likely.

    >>> score(0), score(10), score(20)
    (0.5, 0.909, 0.99)
    """
    return min(round(1 / (1 + 10 ** (-points / 10)), 3), 0.999)


def told(found: States) -> tuple[str, ...]:
    """The states as reasons, those that say nothing left out."""
    return tuple(
        f"{signal} {state}" if signal != "place" else state
        for signal, state in found.items()
        if state not in (UNKNOWN, "none") and state != "volume unknown, page unknown"
    )


# ------------------------------------------------------------------------------------- rules

_SAME_TITLES = ("same", "same, long")
_CERTAIN_TITLES = (
    "same",
    "same, short",
    "same, long",
    "nearly the same",
    "close",
    "begins the same",
)
_SAME_JOURNAL = ("same", "abbreviated", UNKNOWN)


def _volume(found: States) -> str:
    return found["place"].split()[1].rstrip(",")


def _page(found: States) -> str:
    return found["place"].split()[-1]


def _same_identifier(found: States) -> bool:
    return SAME in (found["DOI"], found["PMID"], found["PMCID"])


def _all_but_place(found: States) -> bool:
    """Title, authors, journal and year are the same."""
    return (
        found["title"] in _SAME_TITLES
        and found["authors"] in ("same", "same, alone")
        and found["journal"] in _SAME_JOURNAL
        and found["year"] == SAME
    )


def _sure(found: States) -> bool:
    return (
        found["title"] in _SAME_TITLES
        and _same_identifier(found)
        and DIFFERENT not in found.values()
        and "different" not in found["place"]
    )


def _one_is_a_notice(a: Card, b: Card, found: States) -> bool:
    return a.notice != b.notice


def _two_parts(a: Card, b: Card, found: States) -> bool:
    return (
        found["numbers"] == DIFFERENT
        and found["title"] in ("nearly the same", "close", "alike", "begins the same")
        and _page(found) != SAME
    )


def _two_versions(a: Card, b: Card, found: States) -> bool:
    """Cochrane reviews keep their number (CD004746); .pub2 and .pub3 are two versions."""
    if a.version and b.version:
        return a.version != b.version
    return a.first == b.first and a.first.startswith("cd0") and found["year"] not in (SAME, UNKNOWN)


def _neighbours(a: Card, b: Card, found: States) -> bool:
    """Papers of one series follow each other with titles that differ in a word: rat and mouse."""
    return (
        found["title"] not in _SAME_TITLES
        and _page(found) == DIFFERENT
        and not _same_identifier(found)
    )


def _two_abstracts(a: Card, b: Card, found: States) -> bool:
    return found["title"] in ("half alike", DIFFERENT) and _abstracts(a, b)


def _abstracts(a: Card, b: Card) -> bool:
    """A page of a supplement holds several abstracts, often of the same people."""
    return any((c.first and not c.first.isdigit()) or c.issue.startswith("s") for c in (a, b))


def _printed_twice(a: Card, b: Card, found: States) -> bool:
    """The abstract and the paper, the meeting of one year and of the next."""
    elsewhere = DIFFERENT in (_volume(found), found["issue"]) or found["year"] not in (
        SAME,
        UNKNOWN,
    )
    return found["DOI"] == DIFFERENT and _page(found) != SAME and elsewhere


NO: tuple[tuple[str, Test], ...] = (
    ("one is an erratum, a reply or a comment", _one_is_a_notice),
    ("two parts of one series", _two_parts),
    ("two versions of one review", _two_versions),
    ("titles differ a little, and so do the pages", _neighbours),
    ("two abstracts on one page", _two_abstracts),
    ("printed twice, with two DOIs", _printed_twice),
)


def _titles_differ(a: Card, b: Card, found: States) -> bool:
    """A misspelt word is no difference, a rat for a mouse is one: where several works may begin
    on one page, only the last page or an identifier tells, and a supplement has one DOI."""
    if found["title"] not in ("close", "nearly the same"):
        return found["title"] not in _CERTAIN_TITLES
    signs = ["last page", "PMID", "PMCID"]
    if not _abstracts(a, b):
        if found["title"] == "nearly the same":
            return False
        signs.append("DOI")
    return SAME not in [found[sign] for sign in signs]


def _no_place(a: Card, b: Card, found: States) -> bool:
    """A title, also with its authors, is not enough: a letter and its reply, the abstract and
    the paper, the same survey every year share theirs."""
    if _same_identifier(found) or _page(found) == SAME:
        return False
    return not (_all_but_place(found) and found["title"] == "same, long" and _volume(found) == SAME)


def _another_place(a: Card, b: Card, found: States) -> bool:
    if _page(found) == DIFFERENT:
        return not (_all_but_place(found) and _same_identifier(found))
    return _volume(found) == DIFFERENT and not _all_but_place(found)


def _general_title(a: Card, b: Card, found: States) -> bool:
    """`Editorial`, `Antidepressants`: only the place tells one from the other."""
    placed = _page(found) == SAME and SAME in (_volume(found), found["last page"])
    return found["title"] == "same, short" and not placed


def _other_authors(a: Card, b: Card, found: States) -> bool:
    return found["authors"] in (DIFFERENT, "some", "one of the others")


def _unknown_authors(a: Card, b: Card, found: States) -> bool:
    return (
        found["authors"] == UNKNOWN
        and not _sure(found)
        and (_volume(found), _page(found)) != (SAME, SAME)
    )


def _other_journal(a: Card, b: Card, found: States) -> bool:
    return found["journal"] == DIFFERENT


def _other_year(a: Card, b: Card, found: States) -> bool:
    return found["year"] in ("two apart", "far apart")


def _two_identifiers(a: Card, b: Card, found: States) -> bool:
    """A journal that moved to another publisher got new DOIs; a PMID is given once."""
    if found["PMID"] == DIFFERENT or found["PMCID"] == DIFFERENT:
        return True
    return found["DOI"] == DIFFERENT and not (
        _all_but_place(found) and (_volume(found), _page(found)) == (SAME, SAME)
    )


def _other_numbers(a: Card, b: Card, found: States) -> bool:
    return found["numbers"] in (DIFFERENT, "some left out") and found["title"] != "begins the same"


DOUBT: tuple[tuple[str, Test], ...] = (
    ("titles differ", _titles_differ),
    ("numbers in the titles differ", _other_numbers),
    ("no page or identifier in common", _no_place),
    ("printed in different places", _another_place),
    ("a title that many works have", _general_title),
    ("different authors", _other_authors),
    ("no authors to compare", _unknown_authors),
    ("different journals", _other_journal),
    ("years far apart", _other_year),
    ("different identifiers", _two_identifiers),
)
