"""The date of an entry, from the ways in which people and programs write it."""

from __future__ import annotations

import re
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
        return date if date.start else None
    date = composed_date(year, month, day)
    is_all = len(date.start) > 1 or not (month or day)
    return date if year and date.start and is_all else None
