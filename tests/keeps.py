"""What each format keeps of a reference, found out by writing it and reading it again.

Two made-up references say something of everything. A row of the table is one thing that a
librarian asks about; what a format makes of it is `kept`, `changed` or `lost`. `make docs` writes
the table into docs/keeps.md, and a test holds it equal.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from refbase import formats
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Entry, Record, Reference, Source
from refbase.values import ET_AL, Date, Name

ARTICLE = Dossier(
    Reference(
        "article-journal",
        {
            "author": (
                Name.from_nlm("Doe JA"),
                Name(family="Roe", given="Richard John", particle="van der", suffix="Jr."),
                Name(literal="Example Study Group"),
                ET_AL,
            ),
            "title": "CO<sub>2</sub> and <i>E. coli</i> & other examples",
            "container-title": "Journal of Examples",
            "container-title-short": "J Examples",
            "issued": Date((2013, 9, 11)),
            "volume": "48",
            "issue": "Suppl 5",
            "page": "544-45",
            "PMID": "99000001",
            "PMCID": "PMC9000001",
            "DOI": "10.5555/example(79)90015-x",
            "ISSN": "0016-5085",
            "URL": "https://example.org/article",
            "language": "fr",
            "abstract": "Background: p <0.05 of 10 %.\nConclusion: none.",
            "keyword": "Liver Failure, Acute; Examples",
            "status": "retracted",
            "note": "Seen in print.",
        },
        {
            "mesh": ["Liver/*drug effects"],
            "grants": [{"id": "EX-1", "agency": "Example Agency"}],
            "shelf": "A 1",
        },
    ),
    key="doe2013examples",
    entries=(Entry("Example", 7, "", "Of 23 patients [96%], none; p <0.05"),),
    tags=("to read",),
    records=(Record(Source("file", "example.txt"), Reference(), "as it was read", 1),),
)
CHAPTER = Dossier(
    Reference(
        "chapter",
        {
            "author": (Name.from_nlm("Doe J"),),
            "title": "A chapter on examples",
            "container-title": "The book of examples",
            "editor": (Name.from_nlm("Roe RJ"), Name.from_nlm("Poe K")),
            "edition": "2nd",
            "publisher": "Example Press",
            "publisher-place": "Exampletown",
            "issued": Date((1998, 12), (1999, 1)),
            "page": "1-9",
            "ISBN": "9780306406157",
        },
    ),
    key="doe1999chapter",
    entries=(Entry("Example", 8, "", "A chapter"),),
)
PRINTED = Dossier(
    Reference("article-journal", {"title": "Examples", "issued": Date((2013,))}),
    key="anonymous2013examples",
    entries=(Entry("Example", 9, "Examples. J Examples 2013; 48: 544-45."),),
)

Look = Callable[[Dossier], Any]


def _of(*variables: str) -> Look:
    return lambda dossier: {
        variable: dossier.reference.variables[variable]
        for variable in variables
        if variable in dossier.reference.variables
    }


def _persons(dossier: Dossier) -> Any:
    return [name for name in dossier.reference.authors if not name.literal]


def _bodies(dossier: Dossier) -> Any:
    return [n for n in dossier.reference.authors if n.literal and n != ET_AL]


def _cut(dossier: Dossier) -> Any:
    return ET_AL in dossier.reference.authors


def _custom(*names: str) -> Look:
    return lambda dossier: {
        name: dossier.reference.custom[name] for name in names if name in dossier.reference.custom
    }


def _tags(dossier: Dossier) -> Any:
    """Where a format has no tags, they should be keywords."""
    return dossier.tags or [
        f"{w} (a keyword)" for w in dossier.reference.keywords if w == "to read"
    ]


def _keywords(dossier: Dossier) -> Any:
    """Without the words that stand for a tag or a retraction."""
    others = ("to read", "Retracted Publication")
    return [word for word in dossier.reference.keywords if word not in others]


def _places(dossier: Dossier) -> Any:
    return [f"{e.bibliography}, {e.position}" for e in dossier.entries if e.bibliography]


@dataclass(frozen=True)
class Row:
    """One thing that a librarian asks about, and where it is looked for."""

    name: str
    look: Look
    sample: Dossier = ARTICLE


ROWS = (
    Row("type", lambda d: d.reference.type),
    Row("type: a chapter", lambda d: d.reference.type, CHAPTER),
    Row("title with italics, sub- and superscripts", _of("title")),
    Row("authors: full names, particle, suffix", _persons),
    Row("authors: bodies of people", _bodies),
    Row("`et al.`: the list was cut", _cut),
    Row("journal", _of("container-title")),
    Row("journal, abbreviated", _of("container-title-short")),
    Row("date to the day", _of("issued")),
    Row("date that is a range", _of("issued"), CHAPTER),
    Row("volume, issue", _of("volume", "issue")),
    Row("pages as printed (`544-45`)", _of("page")),
    Row("book title, editors", _of("container-title", "editor"), CHAPTER),
    Row("edition, publisher, place", _of("edition", "publisher", "publisher-place"), CHAPTER),
    Row("PMID", _of("PMID")),
    Row("PMCID", _of("PMCID")),
    Row("DOI", _of("DOI")),
    Row("ISSN", _of("ISSN")),
    Row("ISBN", _of("ISBN"), CHAPTER),
    Row("address (URL)", _of("URL")),
    Row("language", _of("language")),
    Row("abstract", _of("abstract")),
    Row("keywords", _keywords),
    Row("tags", _tags),
    Row("that it is retracted", _of("status")),
    Row("note on the work", _of("note")),
    Row("annotation", lambda d: [e.annotation for e in d.entries if e.annotation]),
    Row("name of the bibliography, place in it", _places),
    Row("citation as printed", lambda d: [e.citation for e in d.entries if e.citation], PRINTED),
    Row("citation key", lambda d: d.key),
    Row("MeSH qualifiers, grants", _custom("mesh", "grants")),
    Row("values of your own", _custom("shelf")),
    Row("sources and their raw text", lambda d: d.records),
)


@dataclass(frozen=True)
class Column:
    """A format as it is written by default."""

    name: str
    format: str
    flavour: str = ""

    def round_trip(self, dossier: Dossier, et_al: bool = False) -> Dossier | None:
        """What is read of what was written; None where nothing is."""
        text = io.StringIO(newline="")
        fmt = formats.get(self.format)
        for _ in formats.write([dossier], text, fmt, WriteOptions(self.flavour, et_al)):
            pass  # what is lost is seen in what is read
        data = io.BytesIO(text.getvalue().encode())
        name = "Example.html" if self.flavour == "html" else "Example"
        found = [parsed.dossier for parsed in formats.read(data, name, fmt) if parsed.dossier]
        return found[0] if found else None


COLUMNS = (
    Column("JSON lines", "jsonl"),
    Column("CSL-JSON", "csl-json"),
    Column("RIS", "ris"),
    Column("RIS for EndNote", "ris", "endnote"),
    Column("EndNote XML", "endnote-xml"),
    Column("BibTeX", "bibtex"),
    Column("BibLaTeX", "biblatex"),
    Column("nbib", "nbib"),
    Column("CSV", "csv"),
    Column("LiverTox text", "livertox"),
    Column("LiverTox HTML", "livertox", "html"),
)


def verdict(row: Row, column: Column) -> tuple[str, Any]:
    """`kept`, `changed` or `lost`, and what is there instead."""
    found = column.round_trip(row.sample)
    after = row.look(found) if found else None
    if after == row.look(row.sample):
        return "kept", after
    if row.look is _cut and (again := column.round_trip(row.sample, et_al=True)) and _cut(again):
        return "asked", after
    return ("changed" if after else "lost"), after


_SIGNS = {"kept": "yes", "changed": "changed", "lost": "–", "asked": "`--et-al`"}


def table() -> str:
    """The table, and what `changed` means in each case."""
    head = f"| | {' | '.join(column.name for column in COLUMNS)} |"
    lines = [head, "|---" * (len(COLUMNS) + 1) + "|"]
    changes: dict[str, list[str]] = {}
    for row in ROWS:
        found = [(column, *verdict(row, column)) for column in COLUMNS]
        lines.append(f"| {row.name} | {' | '.join(_SIGNS[what] for _, what, _ in found)} |")
        for column, what, after in found:
            if what == "changed":
                changes.setdefault(f"{row.name}: {_shown(after)}", []).append(column.name)
    lines += ["", "What *changed* means:", ""]
    lines += [f"- {change} ({', '.join(names)})" for change, names in changes.items()]
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    """A value as a reader of the page understands it."""
    return "; ".join(f"`{part}`" for part in _parts(value))


def _parts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [part for inside in value.values() for part in _parts(inside)]
    if isinstance(value, Name):
        return [value.inverted]
    if isinstance(value, list | tuple):
        return [part for inside in value for part in _parts(inside)]
    return [value.to_edtf() if isinstance(value, Date) else " ".join(str(value).split())]
