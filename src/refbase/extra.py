"""Zotero's Extra: lines `variable: value` for what Zotero has no field for.

Zotero reads them as if they were fields, CSL processors and pandoc do so too, and Zotero writes
them out again as the `note` of CSL-JSON. RIS reaches Extra by `M2`, CSL-JSON by `note`. Besides
the variables of CSL there are three lines of other names: `Citation Key`, `type`, and `et-al`,
which names a list of contributors that the source cut.

Fields stand first. A blank line ends them: what follows is a note, whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from refbase.model import Reference, Value
from refbase.text import clean
from refbase.values import ET_AL, QUARTERS, SEASONS, Date, Name
from refbase.vocab import ALIASES, NAMES, TYPES, VARIABLES, Kind

KEY, TYPE, CUT = "Citation Key", "type", "et-al"
# Zotero's own name, where it makes nothing of the one that CSL has for a type
_ZOTERO_TYPES = {"article": "preprint"}
_CSL_TYPES = {zotero: csl for csl, zotero in _ZOTERO_TYPES.items()}
_LINE = re.compile(r"([A-Za-z][A-Za-z_ -]*): *(\S.*)")


def lines(variable: str, value: Value) -> Iterator[str]:
    """A variable as lines of Extra, a contributor each.

    >>> list(lines("translator", (Name.from_inverted("Smith, John, Jr."), ET_AL)))
    ['translator: Smith || John, Jr.', 'et-al: translator']
    """
    if isinstance(value, tuple):
        for name in value:
            if name == ET_AL:
                yield f"{CUT}: {variable}"
            elif text := _name_text(name):
                yield f"{variable}: {text}"
    elif text := date_text(value) if isinstance(value, Date) else clean(value):
        yield f"{variable}: {text}"


def type_line(kind: str) -> str:
    """The line that says of what type a reference is.

    >>> type_line("review-book"), type_line("article")
    ('type: review-book', 'type: preprint')
    """
    return f"{TYPE}: {_ZOTERO_TYPES.get(kind, kind)}"


def compose(fields: list[str], note: str) -> str:
    """Extra from lines and a note, so that `take` finds both again.

    >>> compose(["PMID: 1"], "PMID: 2 is a letter on it"), compose([], "Example.")
    ('PMID: 1\\n\\nPMID: 2 is a letter on it', 'Example.')
    """
    if note and (fields or note.startswith("\n") or any(map(_field, note.split("\n")))):
        return "\n".join([*fields, "", note])
    return "\n".join(fields) or note


def take(reference: Reference) -> tuple[Reference, str]:
    """The reference with what the lines of its `note` say as variables, and the citation key.

    A line that repeats what the reference says anyway goes; one that contradicts it stays.

    >>> work, key = take(Reference("book", {"note": "PMID: 1\\nCitation Key: x\\nAs cited."}))
    >>> work.variables, key
    ({'PMID': '1', 'note': 'As cited.'}, 'x')
    """
    text = reference.text("note")
    if not text:
        return reference, ""
    if more := _single(reference, text):
        return more, ""
    said = {name: value for name, value in reference.variables.items() if name != "note"}
    cut = [name for name, value in said.items() if value == (ET_AL,)]
    said = {name: value for name, value in said.items() if name not in cut}
    head, blank, note = ("", "\n", text[1:]) if text[:1] == "\n" else text.partition("\n\n")
    special: dict[str, list[str]] = {KEY: [], TYPE: [], CUT: cut}
    variables, left = _sorted_out(head.split("\n"), said, special)
    for variable in special[CUT]:
        names = variables.get(variable, ())
        if isinstance(names, tuple) and names[-1:] != (ET_AL,):
            variables[variable] = (*names, ET_AL)
    if rest := "\n".join(left) + blank + note if any(left) else note:
        variables["note"] = rest
    kind = special[TYPE][0] if special[TYPE] else reference.type
    kind = _CSL_TYPES.get(kind, kind)
    return replace(reference, type=kind, variables=variables), "".join(special[KEY][:1])


# What the line of an identifier says can be nothing but text
_SINGLE = re.compile(r"(PMID|PMCID|DOI|ISSN|ISBN): *(\S.*)")


def _single(reference: Reference, note: str) -> Reference | None:
    """The reference, if its note is but one identifier and that is news: so are most."""
    found = _SINGLE.fullmatch(note)
    said = reference.variables
    if not found or found[1] in said or _ONLY_CUT in said.values():
        return None
    variables = {name: value for name, value in said.items() if name != "note"}
    variables[found[1]] = found[2]
    kind = _CSL_TYPES.get(reference.type, reference.type)
    return Reference(kind, variables, reference.custom)


_ONLY_CUT = (ET_AL,)


def _field(line: str) -> tuple[str, str] | None:
    """Name and text of a line that is a field; None if it is only a line of a note."""
    found = _LINE.fullmatch(line)
    if not found:
        return None
    name, text = ALIASES.get(found[1], found[1]), found[2]
    fits = {TYPE: text in TYPES or text in _CSL_TYPES, CUT: text in NAMES, KEY: True}
    return (name, text) if fits.get(name, name in VARIABLES and name != "note") else None


def _sorted_out(
    listed: list[str], said: Mapping[str, Value], special: dict[str, list[str]]
) -> tuple[dict[str, Value], list[str]]:
    """The variables with what the lines add to them, and the lines that are none of them. What
    `special` names goes there."""
    variables, people = dict(said), dict[str, list[Name]]()
    repeated = cache(lambda variable: frozenset(lines(variable, said[variable])))
    left = []
    for line in listed:
        variable, value = _field(line) or ("", "")
        if variable in special and (variable == CUT or special[variable][:1] in ([], [value])):
            special[variable].append(value)
        elif variable in said:
            if line not in repeated(variable):
                left.append(line)
        elif not _adds(variables, people, variable, value):
            left.append(line)
    variables.update((role, tuple(names)) for role, names in people.items())
    return variables, left


def _adds(
    variables: dict[str, Value], people: dict[str, list[Name]], variable: str, text: str
) -> bool:
    """Add what a line says of a variable. A second line only adds contributors; of these there
    may be any number, so they are made a tuple when all of them are there."""
    kind = VARIABLES.get(variable)
    if kind is Kind.NAMES:
        variables.setdefault(variable, ())
        people.setdefault(variable, []).append(_name(text))
        return True
    if kind is None or variable in variables:
        return False
    variables[variable] = Date.parse(text) if kind is Kind.DATE else text
    return True


def _name_text(name: Name) -> str:
    return clean(name.literal or " || ".join(person_text(name)))


def _name(text: str) -> Name:
    family, bars, given = text.partition("||")
    return person(family.strip(), given.strip()) if bars else Name(literal=text)


def changes(value: Value) -> bool:
    """Whether a value comes back from its lines otherwise than it is.

    >>> (
    ...     changes((Name("Ploeg", "R.", particle="van der"),)),
    ...     changes((Name("Dyke", particle="Van"),)),
    ... )
    (False, True)
    """
    if isinstance(value, Date):
        return Date.parse(date_text(value)) != value
    names = value if isinstance(value, tuple) else ()
    return any(name != ET_AL and _name(_name_text(name)) != name for name in names)


def person(family: str, given: str) -> Name:
    """A person as Zotero keeps one: particles with the surname, the suffix with the given name.

    >>> person("van der Ploeg", "R. J."), person("Smith", "John, Jr.").suffix
    (Name(family='Ploeg', given='R. J.', particle='van der'), 'Jr.')
    """
    given, _, suffix = given.partition(", ")
    return Name.person(family, given, suffix)


def person_text(name: Name) -> tuple[str, str]:
    """Surname and given name as `person` reads them. It is the reverse for any person whose
    surname reads as one: not for the particle `Van`, nor for a suffix without a given name."""
    return name.surname, ", ".join(part for part in (name.given, name.suffix) if part)


def date_text(date: Date) -> str:
    """A date as programs and people understand it: EDTF, but seasons in words.

    EDTF's own `2015-21` is read as the years 2015 to 2021 by Zotero.

    >>> date_text(Date((2015, 6))), date_text(Date((1979, 23), (1980, 24)))
    ('2015-06', '1979 Autumn-1980 Winter')
    """
    words = {**SEASONS, **QUARTERS}
    sides = [side for side in (date.start, date.end) if side]
    if not any(len(side) > 1 and side[1] in words for side in sides):
        return clean(date.to_edtf())
    return "-".join(_side_text(side) for side in sides)


def _side_text(side: tuple[int, ...]) -> str:
    season = {**SEASONS, **QUARTERS}.get(side[1], "") if len(side) > 1 else ""
    return f"{side[0]} {season}" if season else Date(side).to_edtf()
