"""Of several versions of an article the highest; and what of a file PubMed has withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from refbase import identifiers
from refbase.errors import Diagnostic, Severity
from refbase.model import Parsed


class Seen:
    """The PMIDs of a file, so far. A bit each: all of PubMed takes 6 MB."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, pmid: str) -> None:
        page, place = divmod(int(pmid), _PAGE)
        if page not in self._pages:
            self._pages[page] = bytearray(_PAGE // 8)
        self._pages[page][place >> 3] |= 1 << (place & 7)

    def __contains__(self, pmid: str) -> bool:
        page, place = divmod(int(pmid), _PAGE)
        return page in self._pages and bool(self._pages[page][place >> 3] >> (place & 7) & 1)


_PAGE = 1 << 12


def newest(records: Iterable[Parsed]) -> Iterator[Parsed]:
    """One version of each article, the highest. One that comes later, but not next, cannot take
    back what was handed on: it is told of, and importing makes one reference of the two. What is
    withdrawn is told to be there, if it is."""
    seen = Seen()
    held: Parsed | None = None
    before, last = "", 0
    highest: dict[str, int] = {}
    for parsed in records:
        pmid, version = _version(parsed)
        known = highest.get(pmid, 0)
        if version < known:
            yield _superseded(parsed, pmid, version)
            continue
        follows = pmid != "" and pmid == before and last <= version
        if held:
            yield _superseded(held, before, last) if follows and last < version else held
        if version > 1:
            highest[pmid] = version
            parsed = parsed if follows or pmid not in seen else _late(parsed, pmid, version)
        if pmid:
            seen.add(pmid)
        held, before, last = parsed if pmid else _told(parsed, seen), pmid, version
    if held:
        yield held


WITHDRAWN = "PubMed has withdrawn PMID "


def _told(parsed: Parsed, seen: Seen) -> Parsed:
    """What says that citations are withdrawn, and now of which it says so in vain."""
    found = tuple(
        told._replace(message=f"{told.message}; it stands further up, and is read")
        if told.code == "withdrawn" and _is_in(told.message.removeprefix(WITHDRAWN), seen)
        else told
        for told in parsed.diagnostics
    )
    return parsed if found == parsed.diagnostics else replace(parsed, diagnostics=found)


def _is_in(pmid: str, seen: Seen) -> bool:
    return identifiers.pmid(pmid) == pmid and pmid in seen


_VERSION = re.compile("[0-9]{1,4}")


def _version(parsed: Parsed) -> tuple[str, int]:
    if not parsed.dossier or not parsed.dossier.reference.pmid:
        return "", 0
    reference = parsed.dossier.reference
    version = reference.custom.get("pmid-version")
    return reference.pmid, int(version) if version and _VERSION.fullmatch(version) else 1


def _superseded(parsed: Parsed, pmid: str, version: int) -> Parsed:
    message = f"version {version} of PMID {pmid}; the file holds a later one"
    told = Diagnostic("superseded", message, parsed.span, Severity.INFO)
    return Parsed(None, parsed.raw, parsed.span, (told,))


def _late(parsed: Parsed, pmid: str, version: int) -> Parsed:
    message = f"version {version} of PMID {pmid}; an earlier one stands further up, and is read too"
    told = Diagnostic("superseded", message, parsed.span)
    return replace(parsed, diagnostics=(*parsed.diagnostics, told))
