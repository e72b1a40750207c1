"""What two cards have in common, as states that can be named: `title: same`, `DOI: different`.

Each signal looks at one thing and answers with one word. What the words are worth stands in
`points`; no number here decides anything but which word it is.
"""

from __future__ import annotations

from functools import lru_cache

from refbase.duplicates.cards import Card

UNKNOWN, SAME, DIFFERENT = "unknown", "same", "different"
States = dict[str, str]


def states(a: Card, b: Card) -> States | None:
    """The state of every signal, in the order in which they are told.

    None where it is not worth looking further: the titles are unlike, and the two neither begin
    on one page nor share an identifier.
    """
    title = _titles(a.title, b.title)
    place = _place(a, b)
    doi, pmid, pmcid = _equal(a.doi, b.doi), _equal(a.pmid, b.pmid), _equal(a.pmcid, b.pmcid)
    if title in _UNLIKE and SAME not in (place[1], doi, pmid, pmcid):
        return None
    return {
        "title": title,
        "numbers": _numbers(a.numbers, b.numbers),
        "authors": _authors(a.people, b.people),
        "initial": _equal(a.initial, b.initial),
        "journal": _containers(a, b),
        "year": _years(a.year, b.year),
        "place": f"volume {place[0]}, page {place[1]}",
        "last page": _equal(a.last, b.last),
        "issue": _equal(a.issue, b.issue),
        "DOI": doi,
        "PMID": pmid,
        "PMCID": pmcid,
    }


def _equal(a: str, b: str) -> str:
    if not (a and b):
        return UNKNOWN
    return SAME if a == b else DIFFERENT


# ------------------------------------------------------------------------------------ titles

_SHORT, _LONG = 25, 60
# Share of the letters that stand in words of both titles, and what it is called
_SHARES = ((0.97, "nearly the same"), (0.9, "close"), (0.75, "alike"), (0.5, "half alike"))
_CLOSE = 0.9
_UNLIKE = ("half alike", DIFFERENT, UNKNOWN)


def _titles(a: str, b: str) -> str:
    if not (a and b):
        return UNKNOWN
    one, other = a.replace(" ", ""), b.replace(" ", "")
    if one == other:
        return SAME + (", short" if len(one) < _SHORT else ", long" if len(one) >= _LONG else "")
    shorter, longer = (one, other) if len(one) < len(other) else (other, one)
    if len(shorter) >= _SHORT and longer.startswith(shorter):
        return "begins the same"
    share = _share(a, b)
    if len(shorter) >= _SHORT and share < _CLOSE and shorter in longer:
        return "part of the other"
    return next((name for least, name in _SHARES if share >= least), DIFFERENT)


def _share(a: str, b: str) -> float:
    """How much of two titles is the same, 0 to 1, in whatever order; a misspelt word counts for
    as much as it is alike."""
    ours, theirs = a.split(), b.split()
    total = len(a) + len(b) - len(ours) - len(theirs) + 2
    both = set(ours).intersection(theirs)
    left = "".join([word for word in ours if word not in both])
    right = "".join([word for word in theirs if word not in both])
    common = total - len(left) - len(right)
    if left and right and 2 * common > total:
        common += 2 * _common_letters(left, right)
    return common / total


def _common_letters(one: str, other: str) -> int:
    """How many letters stand in runs of three or more that both have."""
    if len(one) > len(other):
        one, other = other, one
    count = place = 0
    while place < len(one) - 2:
        end = place + 3
        if one[place:end] not in other:
            place += 1
            continue
        while end < len(one) and one[place : end + 1] in other:
            end += 1
        count += end - place
        place = end
    return count


def _numbers(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    if ours == theirs:
        return SAME if ours else "none"
    fewer, more = sorted((set(ours), set(theirs)), key=len)
    return "some left out" if fewer <= more else DIFFERENT


# ----------------------------------------------------------------------------------- authors

_MANY = 0.7
"""The share of the shorter list that must stand in the other one."""


def _authors(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    if not (ours and theirs):
        return UNKNOWN
    fewest = min(len(ours), len(theirs))
    common = fewest if ours == theirs else _in_common(ours, theirs)
    many = common >= _MANY * fewest and common > 1
    if _alike(ours[0], theirs[0]):
        if len(ours) == len(theirs) == 1:
            return "same, alone"
        return SAME if many else "same first"
    if common >= _MANY * fewest:
        return "same, another first" if many else "one of the others"
    return "some" if common else DIFFERENT


def _in_common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    both = set(ours).intersection(theirs)
    left = sorted(set(ours) - both)
    right = sorted(set(theirs) - both)
    if len(left) > len(right):
        left, right = right, left
    return len(both) + sum(any(_alike(one, other) for other in right) for one in left)


def _alike(one: str, other: str) -> bool:
    """Whether two surnames may be one: cut, joined with another one, or misspelt."""
    if one == other:
        return True
    if len(one) < 4 or len(other) < 4:
        return False
    return one.startswith(other) or other.startswith(one) or _spelt_alike(one, other)


def _spelt_alike(one: str, other: str) -> bool:
    """Whether they differ in one stretch of at most two letters.

    >>> _spelt_alike("slettebo", "slettebe"), _spelt_alike("muller", "mueller")
    (True, True)
    """
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 2:
        return False
    head = 0
    while head < len(shorter) and shorter[head] == longer[head]:
        head += 1
    tail = 0
    while tail < len(shorter) - head and shorter[-1 - tail] == longer[-1 - tail]:
        tail += 1
    return len(longer) - head - tail <= (2 if len(shorter) > 5 else 1)


# ---------------------------------------------------------------------------- place and time


def _years(a: int, b: int) -> str:
    if not (a and b):
        return UNKNOWN
    return {0: SAME, 1: "one apart", 2: "two apart"}.get(abs(a - b), "far apart")


def _place(a: Card, b: Card) -> tuple[str, str]:
    """Volume and first page: each alone says little, so they count together."""
    page = _equal(a.first, b.first)
    if page == DIFFERENT and _digits(a.first) == _digits(b.first):
        page = SAME
    return _equal(a.volume, b.volume), page


def _digits(page: str) -> str:
    return page if page.isdigit() else "".join(filter(str.isdigit, page))


def _containers(a: Card, b: Card) -> str:
    if (a.container and a.container == b.container) or not set(a.issns).isdisjoint(b.issns):
        return SAME
    if not (a.container and b.container):
        return UNKNOWN
    return _journals(*sorted((a.container, b.container)))


@lru_cache(50_000)
def _journals(a: str, b: str) -> str:
    """Two names of journals: one may be the abbreviation of the other.

    >>> _journals("basic res cardiol", "basic research cardiology")
    'abbreviated'
    >>> _journals("circulation", "circulation research"), _journals("gut", "stroke")
    ('alike', 'different')
    """
    one, other = a.split(), b.split()
    if len(one) == len(other) and all(map(_shortens, one, other)):
        return "abbreviated"
    shorter, longer = (one, other) if len(one) < len(other) else (other, one)
    if len(shorter) == 1 and shorter[0] == "".join(word[0] for word in longer):
        return "abbreviated"
    if not (_MEETINGS.isdisjoint(shorter) or _MEETINGS.isdisjoint(longer)):
        return "alike"  # No two databases give a conference the same name
    if len(shorter) == 1 and not _shortens(shorter[0], longer[0]):
        return DIFFERENT  # Stroke is not the Journal of Stroke
    found = all(any(_shortens(word, full) for full in longer) for word in shorter)
    return "alike" if found else DIFFERENT


_MEETINGS = frozenset("proceedings conference symposium workshop congress meeting".split())


def _shortens(one: str, other: str) -> bool:
    """Whether one word may stand for the other: `j` for `journal`, `natl` for `national`."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if long.startswith(short):
        return True
    letters = iter(long)
    contracted = all(letter in letters for letter in short)
    return contracted and short[0] == long[0] and short[-1] == long[-1]
