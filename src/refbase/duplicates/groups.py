"""Pairs into groups: the best first, and nothing is joined that a conflict keeps apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from refbase.duplicates.blocking import pairs
from refbase.duplicates.cards import Card
from refbase.duplicates.judge import judge, reasons, score


@dataclass(frozen=True, slots=True)
class Group:
    """References that describe one work, `certain`ly or perhaps.

    `score` and `reasons` are those of the weakest link that holds the group together. A doubtful
    group names all its references, also those that are certain among themselves and therefore
    stand in a certain group as well.
    """

    keys: tuple[str, ...]
    score: float
    certain: bool
    reasons: tuple[str, ...]


def group(cards: Sequence[Card], apart: Iterable[tuple[str, str]] = ()) -> list[Group]:
    """The groups of sorted cards: the certain ones first, the best first."""
    certain: list[_Link] = []
    doubtful: list[_Link] = []
    for one, other in pairs(cards):
        found = judge(cards[one], cards[other])
        if found.certain or found.doubtful:
            (certain if found.certain else doubtful).append((-found.points, one, other))
    union = _Union(cards, apart)
    return [*union.join_all(certain, True), *union.join_all(doubtful, False)]


_Link = tuple[int, int, int]
"""The points of a pair, negative so that the best sorts first, and the places of its cards."""
_MOST_FACES = 25
"""Of a set with more different cards, the others are not asked whether they mind."""


class _Union:
    """Sets of cards that grow together."""

    def __init__(self, cards: Sequence[Card], apart: Iterable[tuple[str, str]]) -> None:
        self._cards = cards
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
        self._parent = list(range(len(cards)))
        self._members: dict[int, list[int]] = {}

    def join_all(self, links: list[_Link], certain: bool) -> list[Group]:
        """Join what is linked, the best link first; the groups that this made or made larger."""
        weakest: dict[int, _Link] = {}
        for link in sorted(links):
            one, other = self._root(link[1]), self._root(link[2])
            if one != other and not self._in_conflict(one, other):
                root = self._join(one, other)
                weakest[root] = link
        last = {root: link for root, link in weakest.items() if self._root(root) == root}
        ordered = sorted(last.items(), key=lambda item: item[1])
        return [self._group(root, link, certain) for root, link in ordered]

    def _root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def _set(self, root: int) -> list[int]:
        return self._members.get(root, [root])

    def _join(self, one: int, other: int) -> int:
        root, child = min(one, other), max(one, other)
        self._members[root] = self._set(root) + self._set(child)
        self._members.pop(child, None)
        self._parent[child] = root
        return root

    def _in_conflict(self, one: int, other: int) -> bool:
        """Whether any card of one set is in conflict with any of the other."""
        ours, theirs = self._set(one), self._set(other)
        if self._apart and self._are_kept_apart(ours, theirs):
            return True
        if len(ours) == len(theirs) == 1:
            return False
        return any(
            judge(self._cards[a], self._cards[b]).conflict
            for a in self._faces(ours)
            for b in self._faces(theirs)
        )

    def _are_kept_apart(self, ours: list[int], theirs: list[int]) -> bool:
        keys = {self._cards[place].key for place in theirs}
        return any(
            not keys.isdisjoint(self._apart.get(self._cards[place].key, ())) for place in ours
        )

    def _faces(self, places: list[int]) -> Iterator[int]:
        """One place for each different card: copies have the same friends and foes."""
        seen = {_face(self._cards[place]): place for place in places}
        return iter(sorted(seen.values())[:_MOST_FACES])

    def _group(self, root: int, link: _Link, certain: bool) -> Group:
        keys = tuple(sorted(self._cards[place].key for place in self._set(root)))
        _, one, other = link
        why = reasons(self._cards[one], self._cards[other])
        return Group(keys, score(-link[0]), certain, why)


def _face(card: Card) -> tuple[object, ...]:
    """All of a card but its key."""
    return tuple(getattr(card, name) for name in _SHOWN)


_SHOWN = tuple(name for name in Card.__dataclass_fields__ if name != "key")
