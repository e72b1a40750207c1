"""Tables of records as systematic reviews exchange them: one row a record, many databases mixed.

    id, author, year, title, journal, volume, number, pages, doi, isbn_issn, url

EndNote writes such columns, and the programs that look for duplicates read them. Rows are named
by their `key` or `id`; other columns are not read. Authors come in every style, even glued
(`Smith J. A.Jones B.`), and the type is not asked: databases disagree about it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from refbase import identifiers
from refbase.errors import Diagnostic, Severity, Span
from refbase.model import Dossier, Parsed, Reference, Value
from refbase.text import clean
from refbase.values import Date, Name, dotted

# Column, in small letters, and the variable it holds
COLUMNS: dict[str, str] = {
    "author": "author",
    "authors": "author",
    "year": "issued",
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "isbn": "ISBN",
    "issn": "ISSN",
    "isbn_issn": "ISSN",
    "url": "URL",
    "language": "language",
}
KEYS = ("key", "id", "record_id", "citekey")
_NEEDED = ("title", "journal")


def is_header(line: str) -> bool:
    """Whether a line names the columns of such a table.

    >>> is_header("id,type,author,year,title,journal,volume,number,pages,doi")
    True
    >>> is_header("key,bibliography,position,type,author,title,container_title")
    False
    """
    columns = _columns(next(csv.reader([line], delimiter=_delimiter(line)), []))
    return all(name in columns for name in _NEEDED)


def _delimiter(line: str) -> str:
    return max(",\t;", key=line.count)


def _columns(cells: list[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]


def read(lines: Iterable[tuple[int, str]], name: str) -> Iterator[Parsed]:
    """One reference a row; a row with too few or too many cells is told with its line."""
    numbers = _Numbers(lines)
    header = next(iter(numbers), "")
    columns = _columns(next(csv.reader([header], delimiter=_delimiter(header)), []))
    rows = csv.reader(numbers, delimiter=_delimiter(header))
    key_at = next((columns.index(column) for column in KEYS if column in columns), None)
    fields = [(n, COLUMNS[column]) for n, column in enumerate(columns) if column in COLUMNS]
    while True:
        start = numbers.line + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as fault:
            yield _bad(name, start, numbers.line, str(fault))
            continue
        if len(cells) == len(columns):
            key = "" if key_at is None else cells[key_at].strip()
            reference = _reference((variable, cells[n]) for n, variable in fields)
            yield Parsed(Dossier(reference, key), "", Span(name, start, numbers.line))
        elif cells:
            message = f"{len(cells)} cells where the header has {len(columns)}"
            yield _bad(name, start, numbers.line, message)


class _Numbers:
    """The lines for csv, which wants their ends, and the number of the last one."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines = iter(lines)
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        for number, text in self._lines:
            self.line = number
            yield text + "\n"


def _bad(name: str, start: int, end: int, message: str) -> Parsed:
    span = Span(name, start, end)
    return Parsed(None, "", span, (Diagnostic("bad-row", message, span, Severity.ERROR),))


def _reference(cells: Iterable[tuple[str, str]]) -> Reference:
    variables: dict[str, Value] = {}
    for variable, text in cells:
        value = _value(variable, text.strip()) if text else None
        if value:
            variables.setdefault(variable, value)
    return Reference("document", variables)


def _value(variable: str, text: str) -> Value | None:
    if variable == "author":
        return names(text)
    if variable == "issued":
        return _year(text)
    if variable in ("DOI", "PMID", "PMCID"):
        return identifiers.SCHEMES[variable].parse(text)
    # The end of a line tells a translated title from the original below it
    return text if variable == "title" else clean(text)


@lru_cache(1000)
def _year(text: str) -> Date | None:
    found = re.search(r"(?<!\d)\d{4}(?!\d)", text)
    return Date((int(found[0]),)) if found else None


# ------------------------------------------------------------------------------------- names

_GLUED = re.compile(r"(?<=\b\w\.)(?=[^\W\d_]['’]?[^\W\d_])")
_BARE = re.compile(r"(.*?)\s+((?:[^\W\d_]\.[\s-]*)+)")
_NLM = re.compile(r".+ (?:[^\W\d_a-z]\.?-?){1,4}, .+ (?:[^\W\d_a-z]\.?-?){1,4}")
_INITIALS = re.compile(r"(?:[A-Z]\.?[\s-]?){1,4}")


def names(text: str) -> tuple[Name, ...]:
    """Authors in any of the styles in which databases write them.

    >>> [name.inverted for name in names("Smith J. A.van Eyk J. E.O'Brien K.")]
    ['Smith, J. A.', 'van Eyk, J. E.', "O'Brien, K."]
    >>> names("Smith, J A and Jones, B") == names("Smith J. A.Jones B.")
    False
    """
    text = clean(text)
    if ";" in text:
        return _people(text.split(";"))
    if " and " in text or (text.count(",") == 1 and not _NLM.fullmatch(text)):
        return _people(text.split(" and "))
    if "," in text:
        return _people(_by_commas([part.strip() for part in text.split(",")]))
    return _people(_GLUED.split(text))


def _by_commas(parts: list[str]) -> list[str]:
    """`Smith J, Jones B` has a name in each part, `Smith, J., Jones, B.` in each two."""
    if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return [
            f"{surname}, {given}" for surname, given in zip(parts[::2], parts[1::2], strict=True)
        ]
    return parts


def _people(parts: Iterable[str]) -> tuple[Name, ...]:
    return tuple(_person(part.strip()) for part in parts if part.strip())


@lru_cache(50_000)
def _person(text: str) -> Name:
    if "," in text:
        return Name.from_inverted(text)
    if found := _BARE.fullmatch(text):
        return Name.person(found[1], found[2].strip())
    surname, _, given = text.rpartition(" ")
    if surname and given.isupper() and len(given) < 8:
        return Name.person(surname, dotted(given))
    return Name(family=text)
