"""Names, dates and pages: read from the ways in which they are printed, and written back.

What no rule understands is kept as it is written (`Name.literal`, `Date.literal`); nothing is
guessed. A page stays the text that it is (`544-45`, `1340-1352.e7`, `S39`); `full_pages` is the
view in which an abbreviated range is complete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

# --------------------------------------------------------------------------------- names

_ELISION = re.compile(r"[^\W\d_]{1,2}['’](?=\w)")
_GENERATION = re.compile(r"(?:jr|sr|[IV]{2,3}|VI{0,3}|[2-9](?:nd|rd|th))\.?", re.I)
_INITIALS = re.compile(r"[^\W\d_]{1,4}(?:-[^\W\d_]{1,2})*")


# A tuple, because a large file makes millions of them, and a dataclass takes three times as long
class Name(NamedTuple):
    """One contributor: a person (`family`, `given`, ...) or a body of people (`literal`).

    `particle` is what belongs to the surname but does not sort ("van der"; CSL's
    non-dropping-particle); `dropping_particle` vanishes where only the surname is printed.
    `flags` are CSL's odder switches (comma-suffix, static-ordering, parse-names), kept.
    """

    family: str = ""
    given: str = ""
    particle: str = ""
    dropping_particle: str = ""
    suffix: str = ""
    literal: str = ""
    flags: tuple[tuple[str, str | int | float | bool], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to the name but a surname and a given name."""
        return self[2:] == _NOTHING_MORE and self[0] != "" != self[1]

    @property
    def surname(self) -> str:
        """The surname with its particles, as printed in front of a comma: `van der Ploeg`."""
        return join_particle(self.dropping_particle, join_particle(self.particle, self.family))

    @property
    def inverted(self) -> str:
        """`van der Ploeg, R. J., Jr.`; a body as it is.

        >>> Name.from_nlm("van der Ploeg RJ Jr").inverted
        'van der Ploeg, R. J., Jr'
        """
        if self.literal:
            return self.literal
        return ", ".join(part for part in (self.surname, self.given, self.suffix) if part)

    @property
    def nlm(self) -> str:
        """The name as NLM prints it.

        >>> Name.from_inverted("van der Ploeg, R. J., Jr.").nlm
        'van der Ploeg RJ Jr.'
        """
        if self.literal:
            return self.literal
        return " ".join(part for part in (self.surname, undotted(self.given), self.suffix) if part)

    @classmethod
    def person(cls, surname: str, given: str = "", suffix: str = "") -> Name:
        """A person from a surname that may begin with particles.

        >>> Name.person("d'Emden", "M.").particle, Name.person("From", "A.").particle
        ("d'", '')
        """
        particle, family = split_particle(surname)
        return cls(family=family, given=given, particle=particle, suffix=suffix)

    @classmethod
    def from_nlm(cls, text: str) -> Name:
        """A person as NLM prints one: surname, initials, generation, without punctuation.

        >>> Name.from_nlm("Davern TJ 2nd")
        Name(family='Davern', given='T. J.', suffix='2nd')
        >>> Name.from_nlm("Larrey D").given, Name.from_nlm("Muller K-M").given
        ('D.', 'K.-M.')
        """
        parts = text.split()
        suffix = ""
        if len(parts) > 2 and _GENERATION.fullmatch(parts[-1]):
            # Behind a surname of two words they are initials: García Espinosa V, De Groot JR
            initials = parts[-1] in ("V", "JR", "SR") and not parts[-2].isupper()
            suffix = "" if initials else parts.pop()
        given = parts.pop() if len(parts) > 1 else ""
        return cls.person(" ".join(parts), dotted(given), suffix)

    @classmethod
    def from_inverted(cls, text: str) -> Name:
        """A person written `Family, Given` or `Family, Given, Suffix`.

        >>> Name.from_inverted("Smith, John, Jr.")
        Name(family='Smith', given='John', suffix='Jr.')
        """
        surname, _, rest = text.partition(",")
        if surname[:1].isupper() and "," not in rest:
            return cls(surname.strip(), rest.strip())
        given, _, suffix = rest.partition(",")
        return cls.person(surname.strip(), given.strip(), suffix.strip())

    def __repr__(self) -> str:
        values = zip(self._fields, self, strict=True)
        return f"Name({', '.join(f'{field}={value!r}' for field, value in values if value)})"


_NOTHING_MORE = Name()[2:]


# The end of a list that was cut: the source names more people than it lists. It stands last.
ET_AL: Final = Name(literal="et al.")


def split_particle(surname: str) -> tuple[str, str]:
    """What stands before a surname in lower case (van der, de la, d', 't), and the surname.

    >>> split_particle("van der Ploeg"), split_particle("d'Emden"), split_particle("O'Brien")
    (('van der', 'Ploeg'), ("d'", 'Emden'), ('', "O'Brien"))
    """
    if surname[:1].isupper():
        return "", surname
    parts = surname.split(" ")
    count = 0
    while count < len(parts) - 1 and parts[count].islower():
        count += 1
    particle, family = " ".join(parts[:count]), " ".join(parts[count:])
    elided = _ELISION.match(family)
    if elided and elided[0].islower():
        particle, family = f"{particle} {elided[0]}".strip(), family[elided.end() :]
    return particle, family


def join_particle(particle: str, name: str) -> str:
    """Particle and surname, with a blank unless the particle ends in an apostrophe or hyphen."""
    if not particle:
        return name
    return particle + name if particle[-1] in "'’-" else f"{particle} {name}"


def dotted(initials: str) -> str:
    """NLM's initials as the exchange formats want them; anything else is left as it is.

    >>> dotted("RJ"), dotted("M-P"), dotted("PhI"), dotted("John")
    ('R. J.', 'M.-P.', 'PhI', 'John')
    """
    if not (initials.isupper() and _INITIALS.fullmatch(initials)):
        return initials
    head, *tail = initials.split("-")
    return "-".join([" ".join(f"{c}." for c in head), *("".join(f"{c}." for c in t) for t in tail)])


def undotted(given: str) -> str:
    """The reverse of `dotted`: initials as NLM prints them; anything else is left as it is.

    >>> undotted("R. J."), undotted("M.-P."), undotted("John B.")
    ('RJ', 'M-P', 'John B.')
    """
    bare = re.sub(r"[.\s]", "", given)
    return bare if dotted(bare) == given else given


# --------------------------------------------------------------------------------- dates

_MONTHS = {
    month: number
    for number, month in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
# EDTF (ISO 8601-2:2019) counts seasons and quarters on behind the months.
SEASONS = {21: "Spring", 22: "Summer", 23: "Autumn", 24: "Winter"}
QUARTERS = {33: "1st Quarter", 34: "2nd Quarter", 35: "3rd Quarter", 36: "4th Quarter"}
_SEASON_NUMBERS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_EDTF = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Parts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Date:
    """A date as exactly as it is known: `start` is (year), (year, month) or (year, month, day).

    A month of 21-24 is a season, 33-36 a quarter. `end` is there for a range. What is no date
    ("in press") is a `literal` and has no parts.
    """

    start: Parts = ()
    end: Parts = ()
    circa: bool = False
    literal: str = ""

    @property
    def year(self) -> int | None:
        """The year that one sorts and cites by."""
        return self.start[0] if self.start else None

    @classmethod
    def from_edtf(cls, text: str) -> Date | None:
        """A date in EDTF, or None. `1999`, `2013-09`, `1998-12/1999-01`, `1970~`, `2015-21`.

        >>> Date.from_edtf("1998-12/1999-01")
        Date(start=(1998, 12), end=(1999, 1), circa=False, literal='')
        """
        text = text.strip()
        circa = text.endswith(("~", "%"))
        first, _, last = text.rstrip("~%?").partition("/")
        start, end = _edtf_parts(first.rstrip("~%?")), _edtf_parts(last)
        if not start or (last and not end) or text.endswith("/"):
            return None
        return cls(start, end, circa)

    def to_edtf(self) -> str:
        """The date in EDTF; a literal as it is.

        >>> Date((2015, 6, 3)).to_edtf(), Date((1979, 24), (1980, 21)).to_edtf()
        ('2015-06-03', '1979-24/1980-21')
        """
        if not self.start:
            return self.literal
        text = _edtf(self.start) + (f"/{_edtf(self.end)}" if self.end else "")
        return text + "~" if self.circa else text

    @classmethod
    def parse(cls, text: str) -> Date:
        """A date as a person or NLM writes it; what is none becomes a literal.

        >>> Date.parse("2013 Sep 11").start, Date.parse("1979 Aug 30-Sep 6").end
        ((2013, 9, 11), (1979, 9, 6))
        >>> Date.parse("1979-1980 Fall-Winter").to_edtf(), Date.parse("in press").literal
        ('1979-23/1980-24', 'in press')
        """
        return _short_date(text) if len(text) < _LONG else _any_date(text)


def _any_date(text: str) -> Date:
    return Date.from_edtf(text) or _printed_date(text) or Date(literal=text.strip())


# A library has few different dates; none that can be understood is longer
_LONG = 50
_short_date = lru_cache(maxsize=4096)(_any_date)


def _edtf_parts(text: str) -> Parts:
    found = _EDTF.fullmatch(text)
    parts = tuple(int(part) for part in found.groups() if part) if found else ()
    return parts if possible(parts) else ()


def _edtf(parts: Parts) -> str:
    year = f"{parts[0]:04d}" if parts[0] >= 0 else f"-{-parts[0]:04d}"
    return "-".join([year, *(f"{part:02d}" for part in parts[1:])])


def possible(parts: Parts) -> bool:
    """Whether the month, season or quarter and the day exist."""
    if len(parts) < 2:
        return True
    month = parts[1]
    if not 1 <= month <= 12:
        return len(parts) == 2 and (month in SEASONS or month in QUARTERS)
    return len(parts) == 2 or 1 <= parts[2] <= _DAYS[month - 1]


_PRINTED = re.compile(
    r"(\d{4})(?!\d)|(\d{1,2})(?:st|nd|rd|th)\s+quarter|([a-z]+)\.?|(\d{1,2})(?!\d)|([-–/])|[\s,;]+",
    re.I,
)


def _printed_date(text: str) -> Date | None:
    """`2013 Sep 11`, `1998 Dec-1999 Jan`, `1979 Apr 14-21`, `2021 3rd Quarter`, ..."""
    sides: list[dict[str, int]] = [{}]
    position = 0
    while position < len(text):
        found = _PRINTED.match(text, position)
        if not found:
            return None
        position = found.end()
        year, quarter, word, day, dash = found.groups()
        if dash:
            sides.append({})
            continue
        month = _month(word) if word else int(quarter) + 32 if quarter else 0
        if word and not month:
            return None
        for key, value in (("year", year), ("month", month), ("day", day)):
            if value and key in sides[-1]:
                return None
            if value:
                sides[-1][key] = int(value)
    return _date_of(sides)


def _month(word: str) -> int:
    word = word.lower()
    return _SEASON_NUMBERS.get(word) or (_MONTHS.get(word[:3], 0) if len(word) > 2 else 0)


def _date_of(sides: list[dict[str, int]]) -> Date | None:
    """The date whose two sides were read; either side may leave out what the other one says."""
    if len(sides) == 3 and "month" not in sides[0] and set(sides[1]) == {"year", "month"}:
        # 1979-1980 Fall-Winter: the years first, then their seasons
        first, middle, last = sides
        sides = [{**first, "month": middle["month"]}, {"year": middle["year"], **last}]
    if len(sides) > 2 or "year" not in sides[0]:
        return None
    start = _parts(sides[0])
    end: Parts = ()
    if len(sides) == 2:
        last = sides[1]
        if not last:
            return None
        if "day" in last and "month" not in last and "day" not in sides[0] and "year" not in last:
            return None
        inherited = {k: v for k, v in sides[0].items() if k == "year" or "day" in last}
        end = _parts({**inherited, **last})
        if len(sides[0]) == 1 and "year" in last and "month" in last:
            start = (*start, last["month"])  # 1979-1980 Winter
    if not (possible(start) and possible(end)):
        return None
    return Date(start, end)


def _parts(side: dict[str, int]) -> Parts:
    parts = (side["year"], side.get("month", 0), side.get("day", 0))
    return parts if parts[2] and parts[1] else parts[:2] if parts[1] else parts[:1]


# --------------------------------------------------------------------------------- pages

_RANGE = re.compile(
    r"([^\W\d_]*)(\d+)([^\W\d_]*)\s*[-‐‑–—]\s*([^\W\d_]*)(\d+)([^\W\d_]*)(\.\s?e\d+)?"
)


def full_pages(page: str) -> str:
    """The pages with an abbreviated range completed: the end borrows the digits it lacks.

    Left as printed: several ranges, Roman numerals, letters that differ, an end before its
    start. Measured over 204 abbreviated ranges of PubMed, the rule gives NLM's own end page.

    >>> full_pages("544-45"), full_pages("1340-52.e7"), full_pages("S39-45"), full_pages("848")
    ('544-545', '1340-1352.e7', 'S39-S45', '848')
    >>> full_pages("1422, 1425-6"), full_pages("780-779")
    ('1422, 1425-6', '780-779')
    """
    first, _, last = page.partition("-")
    if first.isdecimal() and last.isdecimal():  # as most are
        before = after = before2 = after2 = electronic = ""
    elif found := _RANGE.fullmatch(page.strip()):
        before, first, after, before2, last, after2, electronic = found.groups()
    else:
        return page
    if (before2 and before2 != before) or after2 != after:
        return page
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    if last < first.zfill(len(last)):  # no int: it refuses more than 4300 digits
        return page
    return f"{before}{first}{after}-{before}{last}{after2}{(electronic or '').replace(' ', '')}"


def page_range(page: str) -> tuple[str, str]:
    """First and last page of one range, completed; ('', '') where it is not one range.

    >>> page_range("175-7"), page_range("1340-1352.e7"), page_range("e11225")
    (('175', '177'), ('1340', '1352.e7'), ('', ''))
    """
    full = full_pages(page)
    first, dash, last = full.partition("-")
    return (first, last) if dash and _RANGE.fullmatch(full) else ("", "")


def first_page(page: str) -> str:
    """The page on which the work begins, for comparing: `1340`, `S39`, `e11225`."""
    found = re.match(r"\w+", page.strip())
    return found[0] if found else ""
