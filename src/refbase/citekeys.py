"""Citation keys: `hudgson1972clinical`. Made once, then stored; never recomputed silently.

The usual key is the first author's surname, the year, and the first significant word of the
title, in lower-case ASCII, because BibTeX compares keys without regard to case and knows no
other letters. What is unknown is left out, but a work without author or editor is `anonymous`.
A key that is taken gets `-2`, `-3`, ...
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from string import Formatter

from refbase.errors import UsageError
from refbase.model import Reference
from refbase.text import words

PATTERN = "{family}{year}{word}"
ANONYMOUS = "anonymous"

# Words that say nothing about a work, in the languages our bibliographies cite.
_EMPTY = frozenset(
    """
    a an the of on in for to with by from at as is are was were be and or but not no its it this
    that these those what when where which who how why does do can should into under over after
    before during between among versus vs via per about
    der die das ein eine des dem den und von zur zum bei mit im auf
    le la les un une des du de et en au aux sur chez dans
    el los las una del y con por para
    il lo gli i uno di e
    het een van en bij
    """.split()
)


def make(reference: Reference, taken: Callable[[str], bool], pattern: str = PATTERN) -> str:
    """A citation key that `taken` does not know yet.

    The pattern is text with any of `{family} {year} {word} {words} {container} {pmid} {type}`;
    `{word}` is the first significant word of the title, `{words}` the first three.

    >>> from refbase.values import Date, Name
    >>> work = Reference(
    ...     "article-journal",
    ...     {
    ...         "author": (Name.from_nlm("van der Ploeg RJ"),),
    ...         "issued": Date((1988,)),
    ...         "title": "The effect of an Example",
    ...     },
    ... )
    >>> make(work, taken=set().__contains__), make(work, taken={"ploeg1988effect"}.__contains__)
    ('ploeg1988effect', 'ploeg1988effect-2')
    >>> make(work, taken=set().__contains__, pattern="{family}:{year}")
    'ploeg:1988'
    """
    stem = _fill(pattern, reference) or ANONYMOUS
    if not taken(stem):
        return stem
    # The numbers are given in turn, so the first free one is found by halving: a file may hold
    # a hundred thousand references without author and title
    used, free = 1, 2
    while taken(f"{stem}-{free}"):
        used, free = free, 2 * free
    while free - used > 1:
        middle = (used + free) // 2
        used, free = (middle, free) if taken(f"{stem}-{middle}") else (used, middle)
    return f"{stem}-{free}"


@lru_cache(maxsize=64)
def check_pattern(pattern: str) -> str:
    """The pattern itself, if every part of it is known; a usage error otherwise."""
    try:
        fields = {field for _, field, _, _ in Formatter().parse(pattern) if field is not None}
    except ValueError as fault:
        raise UsageError(f"citation key pattern '{pattern}': {fault}") from fault
    if unknown := sorted(fields - _PARTS.keys()):
        known = ", ".join(f"{{{part}}}" for part in _PARTS)
        raise UsageError(
            f"citation key pattern '{pattern}' names '{unknown[0]}'", f"known: {known}"
        )
    if not fields:
        raise UsageError(f"citation key pattern '{pattern}' is the same for every reference")
    return pattern


# Signs that BibTeX, LaTeX and pandoc all let stand inside a key
_NOT_IN_KEYS = re.compile(r"[^a-z0-9:_.-]")


def _fill(pattern: str, reference: Reference) -> str:
    parts = {name: _PARTS[name](reference) for name in _parts(pattern)}
    return _NOT_IN_KEYS.sub("", check_pattern(pattern).format(**parts).lower())


@lru_cache(maxsize=64)
def _parts(pattern: str) -> list[str]:
    return [name for name in _PARTS if f"{{{name}}}" in pattern]


def _family(reference: Reference) -> str:
    for role in ("author", "editor", "translator"):
        for name in reference.names(role)[:1]:
            if name.literal:
                return _first(name.literal)
            return "".join(words(name.family))
    # A key that begins with the year would be the only one to begin with a digit
    return ANONYMOUS


def _significant(text: str) -> list[str]:
    """The words that say something; all of them if none does, or if the text has other letters."""
    found = words(text)
    return [word for word in found if word not in _EMPTY and not word.isdigit()] or found


def _first(text: str) -> str:
    """The first word that says something."""
    found = words(text)
    for word in found:
        if word not in _EMPTY and not word.isdigit():
            return word
    return found[0] if found else ""


_PARTS: dict[str, Callable[[Reference], str]] = {
    "family": _family,
    "year": lambda reference: str(reference.year or ""),
    "word": lambda reference: _first(reference.title),
    "words": lambda reference: "".join(_significant(reference.title)[:3]),
    "container": lambda reference: "".join(_significant(reference.container_title)[:3]),
    "pmid": lambda reference: reference.pmid,
    "type": lambda reference: reference.type,
}
