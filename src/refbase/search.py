"""What a librarian types into a search box, taken apart; the database is asked elsewhere.

    baclofen "hepatic injury" withdraw*      words, phrases, beginnings: all must be there
    author:bass (letter OR reply)            one variable only; one or the other
    year:1980..1990 -missing:pmid            conditions; `-` is "not"

Accents and case do not matter, markup is not searched. Words are cut the same way in what is
searched and in what is asked (`terms`), so both databases find the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from refbase.errors import UsageError
from refbase.text import clean, plain, unaccented
from refbase.vocab import TYPES, VARIABLES

FIELDS = (
    "title",
    "contributors",
    "container",
    "abstract",
    "annotations",
    "identifiers",
    "keywords",
)
"""What is searched, in the order in which a match counts for less and less, roughly."""

_FIELD_NAMES = {
    "title": "title",
    "author": "contributors",
    "journal": "container",
    "abstract": "abstract",
    "annotation": "annotations",
    "identifier": "identifiers",
    "keyword": "keywords",
}
_BETWEEN = re.compile(r"[\W_]+")
# The same for plain English text, twenty times as fast: small letters, and blanks for the rest
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
_LONGEST = 60
_MOST_WORDS = 100
_DEEPEST = 20
_TOKEN = re.compile(
    r"""\s+|(?P<open>\()|(?P<close>\))|(?P<not>-(?=\S))|(?P<or>OR(?=[\s()]|\Z))"""
    r"""|(?P<field>[a-zA-Z]+):(?=\S)|"(?P<phrase>[^"]*)(?P<end>"\*?|\Z)|(?P<word>[^\s()"]+)"""
)


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other, in one of FIELDS or (empty) in any; with `prefix` the last
    is the beginning of one."""

    words: tuple[str, ...]
    field: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so or not: `year` with two years or None, `missing` with a variable,
    `bibliography`, `tag`, `type`, `pmid`, `pmcid`, `doi`, `key` with a text, `retracted`."""

    name: str
    value: str | bool | tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Not:
    part: Query


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Query, ...]


Query: TypeAlias = Words | Condition | Not | All | Either


def parse(text: str) -> Query:
    """A query; one that is typed wrong is a UsageError that says where.

    >>> parse("liver author:Slettebø")
    All(parts=(Words(words=('liver',), field='', prefix=False), \
Words(words=('slettebo',), field='contributors', prefix=False)))
    >>> parse("year:abc")
    Traceback (most recent call last):
    refbase.errors.UsageError: search, character 6: 'abc' is neither a year nor a range
    """
    parser = _Parser(text)
    found = parser.alternatives()
    if parser.token:
        raise _fault(parser.at, "nothing is open that ')' could close")
    if found is None:
        raise UsageError("there is no word to search for", "letters and digits are searched")
    return found


def terms(text: str) -> list[str]:
    """The words of a text as they are searched: folded, in any script.

    >>> terms("<i>N</i>-acetyl β-Lactam d’Émden CO<sub>2</sub>")
    ['n', 'acetyl', 'β', 'lactam', 'd', 'emden', 'co2']
    """
    return spaced(text).split()


def spaced(text: str) -> str:
    """The same words in one string, with blanks between."""
    text = plain(text)
    if text.isascii():
        found = text.translate(_ASCII).split()
    else:
        found = _BETWEEN.sub(" ", unaccented(text).casefold()).split()
    return " ".join(word[:_LONGEST] for word in found)


def wanted(query: Query) -> Iterator[Words]:
    """The words that a match has, to show where."""
    if isinstance(query, Words):
        yield query
    elif isinstance(query, All | Either):
        for part in query.parts:
            yield from wanted(part)


def is_text(query: Query) -> bool:
    """Whether only words are asked for, so that the full-text index can answer alone."""
    if isinstance(query, All | Either):
        return all(is_text(part) for part in query.parts)
    return isinstance(query, Words)


class _Parser:
    """By recursive descent: alternatives of sequences of (negated) atoms."""

    def __init__(self, text: str) -> None:
        self._found = _tokens(text)
        self._words = self._depth = 0
        self._next()

    def _next(self) -> None:
        self.token, self.value, self.at = next(self._found, ("", "", 0))

    def alternatives(self) -> Query | None:
        parts = [self._sequence()]
        while self.token == "or":
            at = self.at
            self._next()
            parts.append(self._sequence())
            if None in parts:
                raise _fault(at, "OR stands between two things")
        return _joined(Either, [part for part in parts if part])

    def _sequence(self) -> Query | None:
        parts = []
        while self.token and self.token not in ("or", "close"):
            if part := self._factor():
                parts.append(part)
        return _joined(All, parts)

    def _factor(self) -> Query | None:
        if self.token != "not":
            return self._atom()
        at = self.at
        self._next()
        if self.token in ("", "or", "close", "not"):
            raise _fault(at, "nothing follows '-'")
        part = self._atom()
        return Not(part) if part else None

    def _atom(self) -> Query | None:
        if self.token == "open":
            return self._group()
        name, at = "", self.at
        if self.token == "field":
            name = self.value.lower()
            self._next()
        value, quoted, at_value = self.value, self.token in ("phrase", "phrase*"), self.at
        if self.token not in ("word", "phrase", "phrase*"):
            raise _fault(at, f"nothing follows '{name}:'")
        prefix = self.token == "phrase*" or (not quoted and value.endswith("*"))
        self._next()
        if name in _CONDITIONS:
            return Condition(name, _CONDITIONS[name](value, at_value))
        if name and name not in _FIELD_NAMES:
            known = ", ".join(sorted([*_FIELD_NAMES, *_CONDITIONS]))
            raise _fault(at, f"'{name}:' is not known", f"{known}; or put it in quotes")
        return self._counted(Words(tuple(terms(value)), _FIELD_NAMES.get(name, ""), prefix), at)

    def _group(self) -> Query | None:
        at = self.at
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _fault(at, "too many '(' in each other")
        self._next()
        found = self.alternatives()
        if self.token != "close":
            raise _fault(at, "this '(' is never closed")
        self._next()
        self._depth -= 1
        return found

    def _counted(self, found: Words, at: int) -> Words | None:
        self._words += len(found.words)
        if self._words > _MOST_WORDS:
            raise _fault(at, f"more than {_MOST_WORDS} words")
        return found if found.words else None


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place (counted from 1) of everything but white space."""
    for found in _TOKEN.finditer(text):
        kind, at = found.lastgroup, found.start() + 1
        if kind == "end":
            if not found["end"]:
                raise _fault(at, "this quotation mark is never closed")
            yield "phrase*" if found["end"] == '"*' else "phrase", found["phrase"], at
        elif kind:
            yield kind, found[kind], at


def _joined(how: type[All] | type[Either], parts: list[Query]) -> Query | None:
    return how(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None


def _fault(at: int, what: str, hint: str = "") -> UsageError:
    return UsageError(f"search, character {at}: {what}", hint)


# ---------------------------------------------------------------------------- conditions

_YEARS = re.compile(r"(-?\d{1,4})?(?:(\.\.)(-?\d{1,4})?)?")


def years(text: str) -> tuple[int | None, int | None] | None:
    """`1990`, `1990..2000`, `1990..` or `..2000` as the first and the last year; None for what
    is neither."""
    found = _YEARS.fullmatch(text)
    if not found or not (found[1] or found[3]):
        return None
    first, dots, last = found.groups()
    start = int(first) if first else None
    return start, (int(last) if last else None) if dots else start


def _as_years(value: str, at: int) -> tuple[int | None, int | None]:
    found = years(value)
    if found is None:
        raise _fault(at, f"'{value}' is neither a year nor a range", "year:1990, year:1990..2000")
    return found


def _one_of(known: Iterable[str], what: str) -> Callable[[str, int], str]:
    spellings = {name.lower(): name for name in known}

    def chosen(value: str, at: int) -> str:
        if value.lower() not in spellings:
            raise _fault(at, f"'{value}' is not {what}", f"for example: {min(spellings)}")
        return spellings[value.lower()]

    return chosen


def _as_truth(value: str, at: int) -> bool:
    if value.lower() not in ("yes", "no"):
        raise _fault(at, f"'{value}' is neither yes nor no")
    return value.lower() == "yes"


def _as_text(value: str, at: int) -> str:
    if not clean(value):
        raise _fault(at, "nothing stands between the quotation marks")
    return clean(value)


_CONDITIONS: dict[str, Callable[[str, int], str | bool | tuple[int | None, int | None]]] = {
    "year": _as_years,
    "type": _one_of(TYPES, "a CSL type"),
    "missing": _one_of([*VARIABLES, "annotation"], "a CSL variable"),
    "retracted": _as_truth,
    **dict.fromkeys(("bibliography", "tag", "key", "pmid", "pmcid", "doi"), _as_text),
}
