"""Persons as nbib has them: FAU `Muster, Anna B Jr`, AU `Muster AB Jr`."""

from __future__ import annotations

import re
from functools import lru_cache

from refbase.pubmed.people import person
from refbase.values import Name, dotted, undotted

# At the end of the given names
_GENERATION = re.compile(r"(?:(.*) )?((?:Jr|Sr|2nd|3rd|[4-9]th|II|III|IV)\.?)")


def full_name(text: str) -> Name:
    """A person from FAU. Initials are written as refbase writes them, `A. B.`

    >>> full_name("van der Ploeg, R J"), full_name("Muster, Anna Jr").suffix
    (Name(family='Ploeg', given='R. J.', particle='van der'), 'Jr')
    """
    family, comma, rest = text.partition(",")
    if not comma:
        return Name(literal=text) if " " in text else Name.person(text)
    given, suffix = _given(rest) if len(rest) < _SHORT else _parts(rest)
    return person(family.strip(), given, suffix)


def _parts(text: str) -> tuple[str, str]:
    """Given names and generation.

    >>> _parts(" Anna B Jr"), _parts(" R J"), _parts(" Jr"), _parts("Jo An")
    (('Anna B', 'Jr'), ('R. J.', ''), ('Jr', ''), ('Jo An', ''))
    """
    given, suffix = text.strip(), ""
    found = _GENERATION.fullmatch(given)
    if found and found[1]:
        given, suffix = found[1].strip(), found[2]
    initials = given.replace(" ", "")
    if initials.isupper() and all(len(word.replace("-", "")) < 3 for word in given.split()):
        given = dotted(initials)
    return given, suffix


# Given names come again and again; what is longer than any is not worth the memory
_SHORT = 80
_given = lru_cache(maxsize=4096)(_parts)


def full_text(name: Name) -> str:
    if name.literal:
        return name.literal
    bare = undotted(name.given)
    given = name.given if bare == name.given else name.given.replace(".", "")
    given = " ".join(part for part in (given, name.suffix) if part)
    return ", ".join(part for part in (name.surname.replace(",", ""), given) if part)


def short_text(name: Name) -> str:
    """`Muster AB`: the first letters of the given names."""
    initials = "".join(word[:1] for word in re.split(r"[\s.-]+", name.given))
    return " ".join(part for part in (name.surname, initials, name.suffix) if part) or name.literal
