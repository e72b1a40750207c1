"""Do two sources say the same of a variable, only in other words?

A printed citation abbreviates: initials for given names, `544-45` for pages, `Clin Ther` for
the journal, the year for the date. Where that is all, nothing was changed and nobody disagrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest

from refbase.model import Reference
from refbase.text import plain
from refbase.values import Date, Name, full_pages
from refbase.vocab import VARIABLES, Kind

_SEPARATORS = re.compile(r"[\W_]+")
_SUPPLEMENT = re.compile(r"\bsuppl(?:ement)?s?\b")
_ASIDE = re.compile(r"\s*\([^)]*\)")
# Words that an abbreviated title of a journal leaves out
_SMALL = frozenset("a an and at for in of on the to".split())


def agree(variable: str, ours: Reference, theirs: Reference) -> bool | None:
    """Whether theirs says nothing of a variable that ours does not; None where one is silent.

    Names are compared with their letters: `Sletteb` is not `Slettebø`, and a given name in full
    says more than its initial.

    >>> printed = Reference("article-journal", {"page": "544-45", "container-title": "Clin Ther"})
    >>> full = {"page": "544-545", "container-title": "Clinical therapeutics", "volume": "3"}
    >>> pubmed = Reference("article-journal", full)
    >>> [agree(name, printed, pubmed) for name in ("page", "container-title", "volume")]
    [True, True, None]
    """
    if variable == "type":
        known = "document" not in (ours.type, theirs.type)
        return ours.type == theirs.type if known else None
    if variable in NUMBERING and _numbering(ours) == _numbering(theirs) != "":
        return True
    if variable not in ours.variables or variable not in theirs.variables:
        return None
    if VARIABLES.get(variable) is Kind.NAMES:
        return _same_names(ours.names(variable), theirs.names(variable))
    if VARIABLES.get(variable) is Kind.DATE:
        return _same_date(variable, ours, theirs)
    if variable in _CONTAINER:
        return _same_container(ours, theirs)
    reduce = _REDUCED.get(variable, bare)
    return reduce(ours.text(variable)) == reduce(theirs.text(variable))


def bare(text: str) -> str:
    """A text without case, markup and punctuation; every letter and digit stays.

    >>> bare("<i>E. coli</i>: a Double-blind study")
    'e coli a double blind study'
    """
    return _SEPARATORS.sub(" ", plain(text).casefold()).strip()


# ------------------------------------------------------------------------------- numbers

NUMBERING = ("volume", "issue")
"""A supplement stands in the volume with one source and in the issue with another, so the two
are compared together."""


def _numbering(reference: Reference) -> str:
    text = bare(" ".join(reference.text(name) for name in NUMBERING))
    return _SUPPLEMENT.sub("suppl", text)


def _pages(text: str) -> str:
    return bare(full_pages(text))


_REDUCED: dict[str, Callable[[str], str]] = {"page": _pages, "DOI": str.casefold}


def _same_date(variable: str, ours: Reference, theirs: Reference) -> bool:
    """By the year, which is what a citation prints; of what is no date, by its words."""
    one, other = ours.date(variable) or Date(), theirs.date(variable) or Date()
    return one.year == other.year and bare(one.literal) == bare(other.literal)


# --------------------------------------------------------------------------------- names


def _same_names(ours: tuple[Name, ...], theirs: tuple[Name, ...]) -> bool:
    return all(a and b and _same_name(a, b) for a, b in zip_longest(ours, theirs))


def _same_name(ours: Name, theirs: Name) -> bool:
    if bare(ours.literal) != bare(theirs.literal) or bare(ours.suffix) != bare(theirs.suffix):
        return False
    if bare(ours.surname) != bare(theirs.surname):
        return False
    return _says(bare(ours.given), bare(theirs.given))


def _says(ours: str, theirs: str) -> bool:
    """Whether a given name holds another one, which may be its initials."""
    if ours.replace(" ", "") == theirs.replace(" ", ""):
        return True
    one, other = ours.split(), theirs.split()
    return len(other) <= len(one) and all(
        mine == name or (len(name) == 1 and mine.startswith(name))
        for mine, name in zip(one, other, strict=False)
    )


# ---------------------------------------------------------------------- container titles

_CONTAINER = ("container-title", "container-title-short")


def _same_container(ours: Reference, theirs: Reference) -> bool:
    """Whether any of the two titles of the one is, or abbreviates, any of the other."""
    titles = [
        [_title_words(r.text(name)) for name in _CONTAINER if name in r.variables]
        for r in (ours, theirs)
    ]
    return any(_abbreviates(a, b) or _abbreviates(b, a) for a in titles[0] for b in titles[1])


def _title_words(title: str) -> list[str]:
    """The words that count: `Internist (Berl)` is `Internist`."""
    words = bare(_ASIDE.sub("", plain(title)) or title).split()
    return [word for word in words if word not in _SMALL] or words


def _abbreviates(short: list[str], full: list[str]) -> bool:
    """Word by word: `n engl j med` stands for `new england journal medicine`."""
    return len(short) == len(full) and all(map(str.startswith, full, short))
