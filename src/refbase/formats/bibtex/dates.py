"""The date of an entry, from the ways in which people and programs write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from refbase import latex
from refbase.values import Date

_CIRCA = re.compile(r"(?:circa|ca\.?|c\.?|\[)\s*(?=\d)(.*?)\]?", re.IGNORECASE | re.DOTALL)
_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def parsed_date(text: str) -> Date:
    circa = _CIRCA.fullmatch(text)
    date = Date.parse(circa[1] if circa else text)
    if not circa:
        return date
    return replace(date, circa=True) if date.start else Date(literal=text)


def composed_date(year: str, month: str, day: str) -> Date:
    """A date of parts, of which those count that can be understood together with the year."""
    if month.isdecimal() and 1 <= int(month[:3]) <= 12:
        month = _MONTH_NAMES[int(month[:3]) - 1]
    for text in (f"{year} {month} {day}", f"{year} {month}", year):
        if (date := parsed_date(text.strip())).start:
            return date
    return Date(literal=year)


def is_fuller(date: Date, other: Date) -> bool:
    """Whether a date says all that the other one does, and more."""
    is_point = not (other.end or other.circa)
    return is_point and len(date.start) > len(other.start) and _agree(other, date)


def _agree(short: Date, long: Date) -> bool:
    return long.start[: len(short.start)] == short.start


def unsaid(date: Date, composed: Date, parts: Mapping[str, str]) -> list[str]:
    """Those of year, month and day that say something which the date of the entry does not.
    `composed` is the date that they make by themselves."""
    there = [name for name, text in parts.items() if text]
    if not _agree(composed, date):
        return there
    if date.literal:
        return [name for name in there if parts[name] != date.literal]
    # What was not understood: a year in words, a month beside a year or beside none
    read = min(len(composed.start), 2)
    return [name for name in there if read < (1 if name == "year" else 2)]


def plain_date(said: dict[str, str]) -> Date | None:
    """The date of an entry, if its fields are without LaTeX and all of them can be understood."""
    parts = said.get("date", ""), said.get("year", ""), said.get("month", ""), said.get("day", "")
    return _short_date(*parts) if len("".join(parts)) < _LONG_DATE else None


# A library has few different dates; none that can be understood is longer
_LONG_DATE = 50


@lru_cache(maxsize=4096)
def _short_date(said: str, year: str, month: str, day: str) -> Date | None:
    if latex.has_macros("\n".join((said, year, month, day))):
        return None
    if said:
        date = Date.from_edtf(said) or parsed_date(said)
        return date if date.start and not (year or month or day) else None
    date = composed_date(year, month, day)
    is_all = len(date.start) > 1 or not (month or day)
    return date if year and date.start and is_all else None
