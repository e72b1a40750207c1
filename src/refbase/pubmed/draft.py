"""A reference in the making, for the readers of both formats of PubMed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refbase.identifiers import SCHEMES
from refbase.model import Reference, Report, Value

# No identifier is longer, and no message needs to quote more
_LONGEST = 500
_QUOTED = 60


def _is_plain(variable: str, text: str) -> bool:
    """Whether a PMID or PMCID is written as it is stored, as nearly all of them are."""
    if variable == "PMCID" and text.startswith("PMC"):
        text = text[3:]
    elif variable != "PMID":
        return False
    return text.isdecimal() and text.isascii() and len(text) < 10 and text[0] != "0"


class Draft:
    """What was understood of a record so far. What is empty is not stored."""

    __slots__ = ("custom", "report", "type", "variables")

    def __init__(self, report: Report) -> None:
        self.type = "article-journal"
        self.variables: dict[str, Value] = {}
        self.custom: dict[str, Any] = {}
        self.report = report

    def say(self, variable: str, value: Value | None) -> None:
        if value:
            self.variables[variable] = value

    def keep(self, name: str, value: Any) -> None:
        if value:
            self.custom[name] = value

    def identify(self, variable: str, texts: Iterable[str]) -> None:
        """Store the first identifier of its kind; report and keep what cannot be one."""
        for text in texts:
            if _is_plain(variable, text):
                self.variables[variable] = text
                return
            value = SCHEMES[variable].parse(text) if len(text) < _LONGEST else None
            if value:
                self.variables[variable] = value
                return
            if text:
                quoted = text[:_QUOTED]
                self.report(
                    "bad-identifier", f"'{quoted}' is no {variable}; kept as a custom value"
                )
                self.custom[variable] = text

    def shelve(self, number: str) -> None:
        """Store the number of a book or chapter in NCBI's Bookshelf, and its address there."""
        if number:
            self.custom["bookshelf-id"] = number
            self.variables["URL"] = f"https://www.ncbi.nlm.nih.gov/books/{number}/"

    def finish(self) -> Reference:
        return Reference(self.type, self.variables, self.custom)
