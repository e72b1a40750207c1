"""Which references are worth comparing: those that share something telling.

Comparing each with each would take hours for a hundred thousand. So every reference is put
into several blocks, and only what meets in one is compared. A block that grew large (a
conference supplement that begins on one page, a DOI dragged down a spreadsheet column) is
sorted, and each reference meets its nearest neighbours only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations

from refbase.duplicates.cards import Card

LARGEST = 60
"""In a block of more, only neighbours meet."""
_NEIGHBOURS = 6
_EDGE = 24
_RARE, _OF_RARE = 4, 3
Keys = Callable[[Card], Iterator[Hashable]]


def pairs(cards: Sequence[Card]) -> list[tuple[int, int]]:
    """The places of all pairs that share a block, the smaller place first, in order."""
    size = len(cards)
    found: set[int] = set()
    for keys in (_identifiers, _title_edges, _places, _rare_words(cards)):
        for block in _blocks(cards, keys):
            if len(block) <= LARGEST:
                found.update(a * size + b for a, b in combinations(block, 2))
            else:
                found.update(a * size + b for a, b in _neighbours(cards, block))
    return [divmod(pair, size) for pair in sorted(found)]


def _blocks(cards: Sequence[Card], keys: Keys) -> Iterator[list[int]]:
    """The places of the cards that share a key, in order."""
    first: dict[Hashable, int] = {}
    more: dict[Hashable, list[int]] = {}
    for place, card in enumerate(cards):
        for key in set(keys(card)):
            if key not in first:
                first[key] = place
            elif key in more:
                more[key].append(place)
            else:
                more[key] = [first[key], place]
    yield from more.values()


def _neighbours(cards: Sequence[Card], block: list[int]) -> Iterator[tuple[int, int]]:
    """Each with the next few, sorted by title and then by who wrote it."""
    for order in (_by_title, _by_author):
        ordered = sorted(block, key=lambda place: order(cards[place]))
        for step in range(1, _NEIGHBOURS + 1):
            for pair in zip(ordered, ordered[step:], strict=False):
                yield min(pair), max(pair)


def _by_title(card: Card) -> tuple[object, ...]:
    return card.title, card.people, card.year, card.volume, card.first


def _by_author(card: Card) -> tuple[object, ...]:
    return card.people[:1], card.year, card.first, card.title


def _identifiers(card: Card) -> Iterator[Hashable]:
    yield from filter(None, (card.doi, card.pmid, card.pmcid))


def _title_edges(card: Card) -> Iterator[Hashable]:
    letters = card.title.replace(" ", "")
    if letters:
        yield letters[:_EDGE], ""
        yield "", letters[-_EDGE:]


def _places(card: Card) -> Iterator[Hashable]:
    if card.first and card.volume and card.year:
        yield card.year, card.volume, card.first
    if card.first and card.people:
        yield card.people[0], card.first


def _rare_words(cards: Sequence[Card]) -> Keys:
    """Blocks by the words of a title that few other titles have."""
    known = Counter(word for card in cards for word in set(card.title.split()))

    def keys(card: Card) -> Iterator[Hashable]:
        words = {word for word in card.title.split() if len(word) > 2}
        rarest = sorted(words, key=lambda word: (known[word], word))[:_RARE]
        yield from combinations(sorted(rarest), _OF_RARE)
        if card.people:
            yield from ((card.people[0], word, "") for word in rarest[:2])

    return keys
