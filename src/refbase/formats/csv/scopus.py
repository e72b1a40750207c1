"""The table that Scopus exports (CSV).

Names have had three forms over the years; those in full stand in a column of their own, each
with its number in brackets. What is unknown is said in words: `[No abstract available]`.
"""

from __future__ import annotations

import re

from refbase.citation.imprints import LANGUAGES
from refbase.formats.csv.layouts import Layout, Row
from refbase.model import Dossier, Reference
from refbase.values import Name, dotted

COLUMNS = {
    "Author full names": "author",
    "Authors": "author",
    "Title": "title",
    "Year": "issued",
    "Source title": "container-title",
    "Abbreviated Source Title": "container-title-short",
    "Volume": "volume",
    "Issue": "issue",
    "DOI": "DOI",
    "Link": "URL",
    "Abstract": "abstract",
    "Editors": "editor",
    "Publisher": "publisher",
    "Conference name": "event-title",
    "Conference location": "event-place",
    "ISSN": "ISSN",
    "ISBN": "ISBN",
    "PubMed ID": "PMID",
    "Source": "source",
}
TYPES = {
    "article": "article-journal",
    "book": "book",
    "book chapter": "chapter",
    "conference paper": "paper-conference",
    "conference review": "paper-conference",
    "data paper": "article-journal",
    "editorial": "article-journal",
    "erratum": "article-journal",
    "letter": "article-journal",
    "note": "article-journal",
    "report": "report",
    "retracted": "article-journal",
    "review": "article-journal",
    "short survey": "article-journal",
}
_SAME = frozenset(("article", "book", "book chapter", "conference paper", "report", "retracted"))
"""The types that say no more than the one of CSL does."""

_UNKNOWN = re.compile(r"\[No .{1,40} (?:available|found)\]", re.I)
_NUMBER = re.compile(r"\s*\(\d+\)$")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,3}\.-?)+")
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")


def names(text: str) -> tuple[Name, ...]:
    """Names in any of the forms that Scopus has had.

    >>> for text in (
    ...     "Doe J.; van der Roe R.-J.",
    ...     "Doe, J., van der Roe, R.-J.",
    ...     "Doe J., van der Roe R.-J.",
    ...     "Doe, Jane (123); Roe, R.J. (45)",
    ... ):
    ...     print([name.inverted for name in names(text)])
    ['Doe, J.', 'van der Roe, R.-J.']
    ['Doe, J.', 'van der Roe, R.-J.']
    ['Doe, J.', 'van der Roe, R.-J.']
    ['Doe, Jane', 'Roe, R. J.']
    """
    if _UNKNOWN.fullmatch(text):
        return ()
    full = ";" in text or _NUMBER.search(text)
    parts = re.split(r";\s*", text) if full else _between_commas(text)
    return tuple(_name(_NUMBER.sub("", part.strip())) for part in parts if part.strip())


def _between_commas(text: str) -> list[str]:
    """`Doe, J., Roe, R.` is two names, and so is `Doe J., Roe R.`; `Doe, Jane` is one."""
    if text.count(",") == 1 and not any(map(_INITIALS.fullmatch, text.replace(",", "").split())):
        return [text]
    found: list[str] = []
    for part in re.split(r",\s*", text):
        if found and (_INITIALS.fullmatch(part) or _SUFFIX.fullmatch(part)):
            found[-1] += f", {part}"
        else:
            found.append(part)
    return found


def _name(text: str) -> Name:
    family, comma, given = text.partition(",")
    if not comma:
        family, _, given = text.rpartition(" ")
        if not _INITIALS.fullmatch(given):
            return Name(literal=text)
    given, _, suffix = given.strip().partition(", ")
    if _INITIALS.fullmatch(given):
        given = dotted(given.replace(".", ""))
    return Name.person(family.strip(), given, suffix)


def finish(row: Row) -> Dossier:
    """Type, pages, keywords and language; what is unknown goes."""
    row.cells = {name: text for name, text in row.cells.items() if not _UNKNOWN.fullmatch(text)}
    if row.variables.get("author"):
        row.take("Authors")
    for variable in [v for v, value in row.variables.items() if _unknown(value)]:
        del row.variables[variable]
    said = {"page": _pages(row), "keyword": _keywords(row), "language": _language(row)}
    kind, said["status"] = _type(row)
    row.variables |= {variable: text for variable, text in said.items() if text}
    return Dossier(Reference(kind, row.variables, row.custom()))


def _unknown(value: object) -> bool:
    return isinstance(value, str) and bool(_UNKNOWN.fullmatch(value))


def _type(row: Row) -> tuple[str, str]:
    """The type and the status. A type that says more than CSL's stays."""
    said = row.cells.get("Document Type", "")
    kind = TYPES.get(said.lower(), "")
    if said and not kind:
        row.report("unknown-type", f"no type '{said}' is known of Scopus; read as 'document'")
    if said.lower() in _SAME:
        row.take("Document Type")
    stage = row.cells.get("Publication Stage", "").lower()
    if stage in ("article in press", "final"):
        row.take("Publication Stage")
    retracted = said.lower() == "retracted"
    status = "retracted" if retracted else "in press" if stage == "article in press" else ""
    return kind or ("document" if said else "article-journal"), status


def _pages(row: Row) -> str:
    """`37-40`, or the number of the article where there are no pages."""
    first, last = row.take("Page start"), row.take("Page end")
    if first:
        return f"{first}-{last}" if last and last != first else first
    return last or row.take("Art. No.")


def _keywords(row: Row) -> str:
    """Those of the authors, then those of the index; each once."""
    words = [*row.take("Author Keywords").split("; "), *row.take("Index Keywords").split("; ")]
    return "; ".join(dict.fromkeys(word.strip() for word in words if word.strip()))


def _language(row: Row) -> str:
    said = row.cells.get("Language of Original Document", "")
    codes = [LANGUAGES.get(name, "") for name in said.split("; ")]
    if not all(codes):
        return ""
    row.take("Language of Original Document")
    return ", ".join(codes)


SCOPUS = Layout(
    marks=frozenset(("Authors", "Title", "Source title")),
    columns=COLUMNS,
    names=names,
    finish=finish,
)
