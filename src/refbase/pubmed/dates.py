"""The dates of a record, and which of them is the one to cite."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from refbase.pubmed.draft import Draft
from refbase.pubmed.markup import SHORT
from refbase.values import Date, possible

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from refbase.pubmed.markup import Parts


def article_dates(draft: Draft, parts: Parts, model: str) -> None:
    """The date to cite is the publisher's main one, and the model of publication says which:
    that of the issue, or for what is published online first of all, that of the article.

    Source: NLM, Structure of journal citations; PubMed's own citations do the same.
    """
    issue = date(draft, parts.one("PubDate"))
    online = date(draft, _electronic(parts))
    if online and model.startswith("Electronic"):
        draft.say("issued", online)
        if issue and issue.start != online.start[: len(issue.start)]:
            draft.keep("issue-date", issue.to_edtf())
        return
    draft.say("issued", issue or online)
    draft.say("available-date", online if issue and online != issue else None)


def _electronic(parts: Parts) -> Element | None:
    found = parts.all("ArticleDate")
    if not found:
        return None
    return next((e for e in found if e.get("DateType", "Electronic") == "Electronic"), found[0])


def revised(draft: Draft, element: Element | None) -> None:
    found = date(draft, element)
    draft.keep("date-revised", found.to_edtf() if found else "")


_NAMES = ("Year", "Month", "Day", "Season", "MedlineDate")


def date(draft: Draft, element: Element | None) -> Date | None:
    if element is None:
        return None
    said = {child.tag: child.text or "" for child in element}
    parts = [said.get(name, "") for name in _NAMES]
    found, text = (_known_date if len("".join(parts)) < SHORT else _read_date)(*parts)
    if text:
        draft.report("bad-date", f"the date '{text[:SHORT]}' is not understood; only its year is")
        draft.keep("medline-date", text)
    return found


def _read_date(*said: str) -> tuple[Date | None, str]:
    """The date, and its text where no more than the year of it was understood."""
    year, month, day, season, printed = map(str.strip, said)
    if not printed and (whole := _whole(year, month, day)):
        return whole, ""
    if month.isdigit():
        text = "-".join((year, month.zfill(2), day.zfill(2)) if day else (year, month.zfill(2)))
    else:
        text = printed or " ".join(filter(None, (year, month or season, day)))
    date = Date.parse(text)
    if date.start or not text:
        return (date if text else None), ""
    found = re.match(r"\d{4}(?!\d)", text)
    return (Date((int(found[0]),)) if found else date), text


def _whole(year: str, month: str, day: str) -> Date | None:
    """A date as NLM nearly always writes it, `2013`, `Sep` or `09`, `11`: what `Date.parse` makes
    of it, in less time."""
    number = _MONTHS.get(month)
    if not number or not _YEAR_AND_DAY.fullmatch(f"{year} {day}"):
        return None
    parts = (int(year), number, int(day)) if day else (int(year), number)
    return Date(parts) if possible(parts) else None


_MONTHS = {
    month: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
    for month in (name, f"{number}", f"{number:02d}")
}
_YEAR_AND_DAY = re.compile("[0-9]{4} (?:0[1-9]|[1-9][0-9]?)?")
_known_date = lru_cache(maxsize=4096)(_read_date)
