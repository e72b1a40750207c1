"""Names whose initials have full stops, as publishers print them: `Doe, J.A., Roe, K.`,
`Doe J.A., Roe K.` and `J.A. Doe, K. Roe`.

Here a full stop does not end the list, so it is read name by name, in one of the three orders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from refbase.values import ET_AL, Name

_WORD = r"(?![JS]r\b)(?:[^\W\d_]['’])?[^\W\d_a-z][^\W\d_]*(?:['’‐-][^\W\d_]+)*"
_PARTICLES = r"(?:(?:[^\W\d_A-Z]{1,4}|['’]t)\s){0,3}(?:d['’])?"
_SURNAME = (
    rf"(?P<surname>{_PARTICLES}{_WORD}(?:\s(?:(?:de|del|la|y|von|van|der)\s)*{_WORD}){{0,3}})"
)
_GIVEN = r"(?P<given>[^\W\d_a-z][^\W\d_A-Z]?\.(?:\s?[-‐]?\s?[^\W\d_a-z][^\W\d_A-Z]?\.)*)"
_SUFFIX = r"(?:,?\s(?P<suffix>[JS]r\b\.?|I{2,3}\b|IV\b|[2-4](?:nd|rd|th)\b))?"
_ORDERS = tuple(
    (first, re.compile(pattern + _SUFFIX))
    for first, pattern in (
        ("surname", rf"{_SURNAME},\s{_GIVEN}"),
        ("surname", rf"{_SURNAME}\s{_GIVEN}"),
        ("given", rf"{_GIVEN}\s?{_SURNAME}"),
    )
)
_BETWEEN = re.compile(r"\s*[,;]\s*(?:(?:and|&)\s+)?|\s+(?:and|&)\s+")
_CUT = re.compile(
    r"[,;]?\s*(?:…\s?|(?:\.\s?){3})?,?\s*\b(?:et al\b|and others\b)\.?|,?\s*(?:…|\.\s?\.\s?\.)"
)
_EDITORS = re.compile(r",?\s*\(?\b[Ee]d(?:itor)?s?\b\.?\)?[.,:]?")
_SIGN = re.compile(r"\s*[.,:;]?")


@dataclass(frozen=True, slots=True)
class Names:
    """The names, whether the given name stands first, whether they are editors, their end."""

    names: tuple[Name, ...]
    given_first: bool
    editors: bool
    end: int


def read(text: str) -> Names | None:
    """The names at the beginning of a citation; None where they are printed in another way.

    >>> found = read("van Doe, J.A. & Roe, K.-L., Jr. A title. J. Ex. 12, 1-5 (2001).")
    >>> [name.inverted for name in found.names], found.end
    (['van Doe, J. A.', 'Roe, K.-L., Jr.'], 32)
    >>> read("Doe J. A title. Gut 2001; 1: 2.") is None
    True
    """
    for first, order in _ORDERS:
        names, end = _names(text, order)
        if names and _is_list(names, text[:end], first == "given" and text[end : end + 1] == ","):
            return _ended(text, names, first == "given", end)
    return None


def _names(text: str, order: re.Pattern[str]) -> tuple[list[Name], int]:
    names: list[Name] = []
    position = end = 0
    while found := order.match(text, position):
        names.append(Name.person(found["surname"], spaced(found["given"]), found["suffix"] or ""))
        end = found.end()
        between = _BETWEEN.match(text, end)
        if not between:
            break
        position = between.end()
    return names, end


def spaced(given: str) -> str:
    """`J.A.` as `J. A.`; a hyphen stays.

    >>> spaced("J.A."), spaced("K.-L.")
    ('J. A.', 'K.-L.')
    """
    return re.sub(r"\.\s?(?=[^\s\W])", ". ", re.sub(r"\s?[-‐]\s?", "-", given))


def _is_list(names: list[Name], printed: str, goes_on: bool) -> bool:
    """One name with one initial, without a comma, is as well the beginning of `Doe J. A title`."""
    return goes_on or len(names) > 1 or "," in printed or "." in names[0].given[:-1]


def _ended(text: str, names: list[Name], given_first: bool, end: int) -> Names:
    cut, editors = _CUT.match(text, end), None
    if cut:
        names.append(ET_AL)
        end = cut.end()
    elif editors := _EDITORS.match(text, end):
        end = editors.end()
    sign = _SIGN.match(text, end)
    return Names(tuple(names), given_first, bool(editors), sign.end() if sign else end)
