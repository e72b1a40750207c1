"""A table of somebody else: which columns it has, what each of them holds, and how."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from refbase.identifiers import SCHEMES
from refbase.model import Dossier, Report, Value
from refbase.values import Date, Name
from refbase.vocab import VARIABLES, Kind

Names = Callable[[str], tuple[Name, ...]]


@dataclass(slots=True)
class Row:
    """One row on its way to a reference: `cells` are those that nobody has taken yet, by the
    names that the header gives the columns."""

    cells: dict[str, str]
    report: Report
    variables: dict[str, Value] = field(default_factory=dict)

    def take(self, column: str) -> str:
        """What a cell says, which is then done with."""
        return self.cells.pop(column, "")

    def custom(self) -> dict[str, str]:
        """What no variable holds, under the names of its columns."""
        return dict(self.cells)


@dataclass(frozen=True, slots=True)
class Layout:
    """The table of one program.

    `marks` are the columns that it alone has together; `columns` tell the variable of a column;
    `names` reads a list of names as the program writes it; `finish` makes the reference, once
    the columns are read, from what is not as simple as that.
    """

    marks: frozenset[str]
    columns: Mapping[str, str]
    names: Names
    finish: Callable[[Row], Dossier]

    def fits(self, columns: set[str]) -> bool:
        return self.marks <= columns

    def read(self, cells: Mapping[str, str], report: Report) -> Dossier:
        """The reference of a row. Of two columns for one variable the first one counts."""
        said = {column: text.strip() for column, text in cells.items() if text.strip()}
        row = Row(said, report)
        for column, variable in self.columns.items():
            if column in row.cells and variable not in row.variables:
                self._fill(row, column, variable)
        return self.finish(row)

    def _fill(self, row: Row, column: str, variable: str) -> None:
        """One variable from its cell. What is no value of its kind stays where it is."""
        text = row.cells[column]
        value = self._value(variable, text)
        if value:
            row.variables[variable] = value
            if variable not in SCHEMES or not re.search(r"\S[;,\s]+\S", text):
                row.take(column)  # a second identifier stays where it is
        elif variable in SCHEMES:
            row.report("bad-identifier", f"'{text}' is no {variable}; kept as a custom variable")

    def _value(self, variable: str, text: str) -> Value | None:
        kind = VARIABLES[variable]
        if kind is Kind.NAMES:
            return self.names(text)
        if kind is Kind.DATE:
            return Date.parse(text)
        return identifier(variable, text) if variable in SCHEMES else text


def identifier(scheme: str, text: str) -> str | None:
    """The identifier in a cell; of several the first that is one.

    >>> identifier("ISSN", "00165084; 165085"), identifier("ISBN", "0-306-40615-2 (hbk)")
    ('0016-5085', '0306406152')
    """
    parse = SCHEMES[scheme].parse
    for part in (text, *re.split(r"[;,\s]+", text)):
        # A spreadsheet takes the zeros off that an ISSN begins with
        if part and (found := parse(part.zfill(8) if scheme == "ISSN" else part)):
            return found
    return None
