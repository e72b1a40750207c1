"""The values of a reference as people type them: one text for names, dates, identifiers.

The cells of a table are written so, and what a person says on the command line. Names stand
`Family, Given`, separated by `; `; a body of people stands in braces, and `et al.` comes last
where the list was cut. Dates are EDTF (`2013-09`), or as they are printed.

Braces keep whatever stands in them as it is: `{de Silva}, A` has no particle, `Smith, {RJ}` is
not R. J., and `{Smith; Jones}` is one name. In them `\\` stands before a brace or backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from refbase.identifiers import SCHEMES
from refbase.model import Report, Value
from refbase.values import ET_AL, Date, Name, dotted, undotted
from refbase.vocab import VARIABLES, Kind

_PIECE = re.compile(r"\{((?:[^{}\\]|\\.)*)\}|([^{}]+)", re.S)
_SPECIAL = re.compile(r"[{}\\;,]|^\s|\s$")


def parse_value(variable: str, text: str, report: Report) -> Value | None:
    """A cell with its type; None where it cannot be what its column says."""
    kind = VARIABLES[variable]
    if kind is Kind.NAMES:
        return parse_names(text)
    if kind is Kind.DATE:
        date = Date.parse(text)
        if date.literal:
            report("bad-date", f"'{text}' is no date; kept as it is")
        return date
    if variable in SCHEMES:
        identifier = SCHEMES[variable].parse(text)
        if not identifier:
            report("bad-identifier", f"'{text}' is no {variable}; kept as a custom variable")
        return identifier
    return text


def format_value(value: Value) -> str:
    """The text that `parse_value` reads back."""
    if isinstance(value, Date):
        return value.to_edtf()
    return value if isinstance(value, str) else format_names(value)


def format_names(names: Iterable[Name]) -> str:
    """Names for one cell.

    >>> format_names([Name.from_nlm("van der Ploeg RJ"), Name(literal="Example Group"), ET_AL])
    'van der Ploeg, RJ; {Example Group}; et al.'
    """
    return "; ".join(_format_name(name) for name in names)


def _format_name(name: Name) -> str:
    if name == ET_AL:
        return "et al."
    if name.literal:
        return _braced(name.literal)
    parts = [_format_surname(name), _format_given(name.given), _part(name.suffix)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) == 1 and (parts[0].endswith("}") or parts[0] == "et al."):
        return parts[0] + ","  # a family name alone, not a body
    return ", ".join(parts)


def _format_surname(name: Name) -> str:
    plain = Name(family=name.family, particle=name.particle).surname
    if not _SPECIAL.search(plain) and Name.person(plain) == Name(
        family=name.family, particle=name.particle
    ):
        return plain
    particle = _braced(name.particle) + " " if name.particle else ""
    return particle + _braced(name.family)


def _format_given(given: str) -> str:
    compact = undotted(given)
    return _part(compact) if dotted(compact) == given else _braced(given)


def _part(text: str) -> str:
    return _braced(text) if _SPECIAL.search(text) else text


def _braced(text: str) -> str:
    return "{" + re.sub(r"([{}\\])", r"\\\1", text) + "}"


def parse_names(text: str) -> tuple[Name, ...]:
    """The names in one cell, in whatever order they stand.

    >>> parse_names("Smith, RJ, Jr.; {Example Group}; et al.")
    (Name(family='Smith', given='R. J.', suffix='Jr.'), Name(literal='Example Group'), \
Name(literal='et al.'))
    """
    names = (_parse_name(name) for name in _split(text, ";") if name.strip())
    return tuple(name for name in names if name != Name())


def _parse_name(text: str) -> Name:
    if text.strip().lower().rstrip(".") == "et al":
        return ET_AL
    if "{" not in text and "}" not in text:
        surname, given, suffix = (*(part.strip() for part in text.split(",", 2)), "", "")[:3]
        return Name.person(surname, dotted(given), suffix)
    parts = [_pieces(part) for part in _split(text, ",")]
    if len(parts) == 1 and len(parts[0]) == 1 and parts[0][0][1]:
        return Name(literal=parts[0][0][0])
    given = "".join(text if verbatim else dotted(text) for text, verbatim in _nth(parts, 1))
    suffix = " ".join(text for part in parts[2:] for text, _ in part)
    pieces = parts[0]
    if any(verbatim for _, verbatim in pieces):
        particle = " ".join(text for text, _ in pieces[:-1])
        return Name(family=pieces[-1][0], particle=particle, given=given, suffix=suffix)
    return Name.person(" ".join(text for text, _ in pieces), given, suffix)


def _nth(parts: Sequence[list[tuple[str, bool]]], place: int) -> list[tuple[str, bool]]:
    return parts[place] if place < len(parts) else []


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The pieces of a part, and of each whether it stood in braces."""
    found = []
    for piece in _PIECE.finditer(text):
        if piece[1] is not None:
            found.append((re.sub(r"\\(.)", r"\1", piece[1], flags=re.S), True))
        elif piece[2].strip():
            found.append((piece[2].strip(), False))
    return found


def _split(text: str, separator: str) -> list[str]:
    """The text between the separators that stand outside of braces."""
    if "{" not in text:
        return text.split(separator)
    parts, start, depth, escaped = [], 0, 0, False
    for place, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = depth > 0
        elif character == "{":
            depth += 1
        elif character == "}":
            depth = max(depth - 1, 0)
        elif character == separator and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]
