"""Which references describe one work? Looked for without a database, explained, never merged.

    cards      what is compared of a reference, freed from the ways of the databases
    blocking   which pairs are worth comparing
    signals    what two cards have in common, in words
    points     what each word is worth: the table
    judge      the points added up, and the rules that have the last word
    groups     pairs into groups, kept apart where a conflict stands between
    rows       tables of records as systematic reviews exchange them

`refbase.match` asks the same of two references when a file is imported, and only ever says
certain of what must not become a twin; here whole libraries are searched, and doubts are told.
"""

from __future__ import annotations

from collections.abc import Iterable

from refbase.duplicates.cards import card
from refbase.duplicates.groups import Group, group
from refbase.model import Reference

__all__ = ["Group", "find"]


def find(
    items: Iterable[tuple[str, Reference]], apart: Iterable[tuple[str, str]] = ()
) -> list[Group]:
    """The groups of references that describe one work: the certain ones first, the best first.

    Each reference comes with a name of its own. The order in which they come does not matter,
    and nothing is learnt on the way: two references get the same points in every library. The
    pairs of names that are kept `apart`, because a person said so, come into no group together.

    >>> work = {"title": "Example of a title that is long enough", "DOI": "10.5555/1"}
    >>> [found] = find([("a", Reference("book", work)), ("b", Reference("document", work))])
    >>> found.keys, found.certain, found.reasons
    (('a', 'b'), True, ('title same', 'DOI same'))
    """
    return group(sorted(card(key, reference) for key, reference in items), apart)
