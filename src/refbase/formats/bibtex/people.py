r"""Names as BibTeX writes them, taken apart.

`von Last, First`, `von Last, Jr, First`, `First von Last`; a name in braces is a body; `and
others` ends a list that was cut. Of `First von Last` the particle is what begins in lower case.
Biber's `family=Ploeg, given=R. J., prefix=van der` is read too.
"""

from __future__ import annotations

import re

from refbase.latex import Tell, has_macros, rich
from refbase.text import clean, is_line
from refbase.values import ET_AL, Name

_DEPTH = re.compile(r"\\.|[{}]|,| and |[ ~]", re.IGNORECASE | re.DOTALL)
_GENERATIONS = frozenset("jr jr. sr sr. ii iii iv 2nd 3rd".split())
_CAPITAL_AND = re.compile(" (?!and )[aA][nN][dD] ")
_CUT = frozenset(("others", "et al", "et al."))
_BIBER = re.compile(r"\s*(family|given|prefix|suffix|useprefix)(?:-i)?\s*=\s*(.*?)\s*", re.I | re.S)


def people(value: str, tell: Tell) -> tuple[Name, ...]:
    r"""The names of a field, in LaTeX, its white space collapsed.

    >>> [name.inverted for name in people("R. J. van der Ploeg and {Example Group}", print)]
    ['van der Ploeg, R. J.', 'Example Group']
    >>> people("Smith, Jr., {\\'E}. and others", print)
    (Name(family='Smith', given='É.', suffix='Jr.'), Name(literal='et al.'))
    """
    listed = [part for part in _parted_at_and(f" {value} ") if part]
    cut = bool(listed) and listed[-1].lower() in _CUT
    names = [_plain_name(part) or _name(part, tell) for part in (listed[:-1] if cut else listed)]
    return (*filter(_says_something, names), *((ET_AL,) if cut else ()))


def plain_people(value: str) -> tuple[Name, ...]:
    """The names of a field, if each is `Last, First` and there is no LaTeX; else none. The text
    must be one that `clean` leaves alone."""
    parts = value.split(" and ")
    if value.count(",") != len(parts) or "=" in value or " ," in value or has_macros(value):
        return ()
    # A small `and` elsewhere would begin a surname
    if _CAPITAL_AND.search(f" {value} ") or value.endswith(" and"):
        return ()
    names = []
    for part in parts:
        family, comma, given = part.partition(", ")
        if not (comma and family[:1].isupper()):
            return ()
        names.append(Name(family, given))
    return tuple(names)


def _says_something(name: Name) -> bool:
    return bool(name.family or name.given or name.literal)


_BRACED = r"\{(?:[^{}\\]++|\\.)*+\}"
_WHOLE = re.compile(rf"(?:[^{{}}\\]++|\\.|\{{(?:[^{{}}\\]++|\\.|{_BRACED})*+\}})*+", re.DOTALL)


def _parted_at_and(value: str) -> list[str]:
    """The value parted at each ` and ` outside of braces: at all of them, if then the braces of
    each part are paired."""
    lower = value.lower()
    if " and and " not in lower and lower.count(" and ") == value.count(" and "):
        found = value.split(" and ")
        if all(("{" not in part and "\\" not in part) or _WHOLE.fullmatch(part) for part in found):
            return [part.strip() for part in found]
    return _parted(value, " and ")


def _parted(value: str, at: str) -> list[str]:
    """The value parted where `at` stands outside of braces: ` and `, `,`, or a blank."""
    if at != " and " and "{" not in value and "\\" not in value and "~" not in value:
        return [part.strip() for part in value.split(at)]
    parts: list[str] = []
    start = position = depth = 0
    while found_mark := _DEPTH.search(value, position):
        mark, position = found_mark[0].lower().replace("~", " "), found_mark.end()
        if mark in "{}":
            depth = max(depth + (1 if mark == "{" else -1), 0)
        elif mark == at and not depth:
            parts.append(value[start : found_mark.start()].strip())
            start = position
        if mark == " and ":
            position -= 1  # Its last blank may begin the next one
    return [*parts, value[start:].strip()]


def _plain_name(written: str) -> Name | None:
    """`Last, First`, if that is all there is to it."""
    family, comma, given = written.partition(", ")
    if written.count(",") != 1 or not comma or "=" in family or not family[:1].isupper():
        return None
    if has_macros(written) or not is_line(written) or family[-1] == " ":
        return None
    return Name(family, given)


def _name(written: str, tell: Tell) -> Name:
    if _is_braced(written):
        return Name(literal=_plain(written, tell))
    parts = _parted(written, ",")
    if len(parts) > 1 and "=" in parts[0] and all(map(_BIBER.fullmatch, parts)):
        return _biber_name(parts, tell)
    if len(parts) == 1:
        return _first_von_last(written, tell)
    surname, *rest = parts
    suffix = rest.pop(0) if len(rest) > 1 else ""
    return _person(surname, _plain(", ".join(rest), tell), _plain(suffix, tell), tell)


def _is_braced(written: str) -> bool:
    if not (written.startswith("{") and written.endswith("}")):
        return False
    depth = 0
    for found in re.finditer(r"\\.|[{}]", written):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end() == len(written)
    return False


def _first_von_last(written: str, tell: Tell) -> Name:
    words = [word for word in _parted(written, " ") if word]
    suffix = ""
    if len(words) > 2 and words[-1].lower() in _GENERATIONS:
        suffix = _plain(words.pop(), tell)
    texts = [_plain(word, tell) for word in words]
    lower = [
        place
        for place, text in enumerate(texts[:-1])
        if text[:1].islower() and not words[place].startswith("{")
    ]
    if not lower:
        return _person(" ".join(words[-1:]), " ".join(texts[:-1]), suffix, tell)
    first, last = lower[0], lower[-1] + 1
    family = " ".join(texts[last:])
    return Name(family, " ".join(texts[:first]), " ".join(texts[first:last]), suffix=suffix)


def _person(surname: str, given: str, suffix: str, tell: Tell) -> Name:
    """A surname in braces is one word to BibTeX, whatever it begins with."""
    if _is_braced(surname):
        return Name(_plain(surname, tell), given, suffix=suffix)
    return Name.person(_plain(surname, tell), given, suffix)


def _biber_name(parts: list[str], tell: Tell) -> Name:
    said = {
        found[1].lower(): _plain(found[2].strip('"'), tell)
        for found in map(_BIBER.fullmatch, parts)
        if found
    }
    return Name(
        said.get("family", ""),
        said.get("given", ""),
        said.get("prefix", ""),
        suffix=said.get("suffix", ""),
    )


def _plain(written: str, tell: Tell) -> str:
    """The characters of a part of a name; a name holds no markup."""
    return clean(rich(written, tell))
