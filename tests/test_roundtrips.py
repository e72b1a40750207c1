"""What is written comes back, but for the losses of one table, and those that the writer tells.

A reference of each type with each variable goes through each format with both ends. What comes
back otherwise must have been told by the writer, or stand in `LOSSES`; and each line of that
table must be needed. So it is the whole truth of what a format changes without a word.
"""

from __future__ import annotations

import html
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from program import ROOT
from readers import CORPUS
from refbase import files, formats
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Entry, Parsed, Reference, Value
from refbase.values import Date, Name
from refbase.vocab import TYPES, VARIABLES, Kind

PAGE = ROOT / "docs" / "formats" / "round-trips.md"


@dataclass(frozen=True)
class End:
    """A format, or one flavour of it, that is read and written."""

    fmt: formats.Format
    flavour: str = ""

    def __str__(self) -> str:
        return f"{self.fmt.name}:{self.flavour}" if self.flavour else self.fmt.name

    def write(self, dossiers: Iterable[Dossier]) -> tuple[bytes, dict[str, list[str]]]:
        """A file, and what the writer told of each citation key."""
        stream = io.StringIO(newline="")
        told: dict[str, list[str]] = defaultdict(list)
        for found in formats.write(dossiers, stream, self.fmt, WriteOptions(self.flavour)):
            told[found.span.file].append(found.message)
        return stream.getvalue().encode(), told

    def parsed(self, data: bytes) -> list[Parsed]:
        return list(formats.read(io.BytesIO(data), "x", self.fmt))

    def read(self, data: bytes) -> list[Dossier]:
        return [one.dossier for one in self.parsed(data) if one.dossier]


# A list of identifiers holds no references, and a list of printed citations is only read.
ENDS = [
    End(fmt, flavour)
    for fmt in formats.FORMATS
    if fmt.reader and fmt.writer and fmt.name != "ids"
    for flavour in fmt.flavours or ("",)
]
# Zotero 7 has identifiers in lines of text, in which white space is a blank.
LOSSLESS = [end for end in ENDS if str(end) in ("jsonl", "csl-json:csl", "csl-json:zotero")]
each_end = pytest.mark.parametrize("end", ENDS, ids=str)


# ------------------------------------------------------------------------------- the losses


ANY = "any"


@dataclass(frozen=True)
class Loss:
    """Something that a format changes without telling it: in which part of a reference, why, and
    when. `when` is asked with what was written and what came back."""

    formats: str
    parts: str
    reason: str
    when: Callable[[Any, Any], bool] = field(default=lambda before, after: True, repr=False)

    def explains(self, end: End, part: str, before: Any, after: Any) -> bool:
        known = self.formats.split()
        return (
            (str(end) in known or end.fmt.name in known)
            and (part.partition(":")[0] in self.parts.split() or self.parts == ANY)
            and self.when(before, after)
        )


NO_IDENTIFIER = "no identifier"


def bare(name: Name) -> Name:
    return name if name.literal or name.given or name.suffix else Name(literal=name.surname)


EXCHANGE = "bibtex biblatex ris csl-json endnote-xml nbib"
LOSSES = (
    Loss(
        EXCHANGE.removesuffix(" nbib"),
        "place",
        "only refbase's own formats know of bibliographies",
    ),
    Loss(
        "bibtex biblatex ris endnote-xml",
        "tags keyword",
        "a keyword is the one place in which every program shows a tag",
        lambda before, after: before == ("tag",) or after == "tag",
    ),
    Loss(
        "bibtex biblatex",
        "page page-first",
        "`pages` is all the pages that are known, and these are the first one",
    ),
    Loss(
        "bibtex biblatex",
        "genre",
        "an entry of type `thesis` says what it is; without one it is @phdthesis",
        lambda before, after: before is None and after == "Thesis",
    ),
    Loss(
        "biblatex",
        "language",
        "`langid` takes the names of babel, not the codes of ISO 639",
        lambda before, after: (before, after) == ("en", "english"),
    ),
    Loss(
        "biblatex",
        "container-title publisher",
        "in these types both are `howpublished`",
    ),
    Loss(
        "biblatex ris",
        "URL",
        "the free full text in PubMed Central, where no other address is known",
        lambda before, after: before is None,
    ),
    Loss(
        "bibtex biblatex",
        "URL",
        "an address has no blanks: they are escaped as a browser does it",
        lambda before, after: before is not None and before.replace(" ", "%20") == after,
    ),
    Loss(
        "bibtex biblatex ris csv tsv",
        "DOI PMCID PMID",
        "what cannot be an identifier is told when it is read, and kept as a custom value",
        lambda before, after: before == NO_IDENTIFIER,
    ),
    Loss(
        "csv tsv",
        "ISBN",
        "the column holds nothing else, which is told and kept when it is read",
        lambda before, after: before == NO_IDENTIFIER,
    ),
    Loss(
        "bibtex biblatex ris csv tsv",
        "custom",
        "the custom value that it is kept as",
        lambda before, after: before is None,
    ),
    Loss(
        "ris endnote-xml",
        "ISBN",
        "of the same number only one is read",
        lambda before, after: before != after.split() == list(dict.fromkeys(before.split())),
    ),
    Loss(
        "csv tsv",
        "ISBN",
        "the column holds one number; several are kept as a custom value",
        lambda before, after: after is None and len(before.split()) > 1,
    ),
    Loss(
        "ris",
        "author editor translator",
        "a person without a given name cannot be told from a body",
        lambda before, after: [bare(name) for name in before] == list(after),
    ),
    Loss(
        "ris:endnote",
        ANY,
        "EndNote shows characters as they are; everybody else writes them as HTML does",
        lambda before, after: html.unescape(repr(before)) == repr(after),
    ),
)


# ------------------------------------------------------------------------------- the matrix

# Values that some format cannot hold as they are.
_ODD: tuple[tuple[str, Value], ...] = (
    *((scheme, NO_IDENTIFIER) for scheme in ("DOI", "ISBN", "PMCID", "PMID")),
    ("ISBN", "9780781719520 9780781719520"),
    ("URL", "https://example.org/a b"),
    ("author", (Name("Smith"),)),
    ("editor", (Name("Smith"),)),
    ("translator", (Name("Smith"),)),
    ("publisher", "Example &amp; Sons"),
)
_BENIGN = {
    "DOI": "10.5555/example",
    "ISBN": "9780781719520",
    "ISSN": "0016-5085",
    "PMCID": "PMC9900001",
    "PMID": "99000001",
    "URL": "https://example.org/x",
    "keyword": "one; two",
    "language": "en",
    "page": "175-177",
}


def benign(variable: str) -> Value:
    """A value of a variable that has nothing odd about it."""
    kind = VARIABLES[variable]
    if kind is Kind.NAMES:
        return (Name("Smith", "John A."), Name(literal="Example Network"))
    if kind is Kind.DATE:
        return Date((2015, 6, 3))
    return _BENIGN.get(variable, "12" if kind is Kind.NUMBER else "Example text")


@cache
def matrix() -> list[Dossier]:
    """Each type with each variable, and with each part of a dossier."""
    made: list[Dossier] = []

    def add(kind: str, said: dict[str, Value], **parts: Any) -> None:
        key = f"example{len(made)}x"
        made.append(Dossier(Reference(kind, {"title": "Example title", **said}), key, **parts))

    for variable, value in _ODD:
        add("article-journal", {variable: value})
        add("book", {variable: value})
    for kind in sorted(TYPES):
        add(kind, {})
        add(kind, {}, tags=("tag",))
        add(kind, {}, entries=(Entry("Example", 1, "", "An annotation."),))
        for variable in VARIABLES:
            if variable not in ("annote", "title"):  # annotations stand in entries
                add(kind, {variable: benign(variable)})
    return made


def parts(dossier: Dossier) -> dict[str, Any]:
    """All that a dossier says, by name: its variables, and what is around them."""
    reference = dossier.reference
    around = {
        "type": reference.type,
        "key": dossier.key,
        "tags": dossier.tags,
        "annotation": "\n\n".join(e.annotation for e in dossier.entries if e.annotation),
        "place": [(e.bibliography, e.position) for e in dossier.entries],
        "citation": [e.citation for e in dossier.entries if e.citation],
    }
    custom = {f"custom:{name}": value for name, value in reference.custom.items()}
    return {name: value for name, value in (around | custom).items() if value} | dict(
        reference.variables
    )


def changes(before: Dossier, after: Dossier) -> Iterator[tuple[str, Any, Any]]:
    old, new = parts(before), parts(after)
    for part in sorted(old.keys() | new.keys()):
        if old.get(part) != new.get(part):
            yield part, old.get(part), new.get(part)


def explanation(end: End, change: tuple[str, Any, Any]) -> Loss | None:
    return next((loss for loss in LOSSES if loss.explains(end, *change)), None)


def through(end: End, dossiers: list[Dossier]) -> Iterator[tuple[Dossier, Dossier, list[str]]]:
    """Each reference as it was written and as it came back, and what the writer told of it."""
    data, told = end.write(dossiers)
    back = end.read(data)
    assert len(back) == len(dossiers), "a reference was lost, or one was made of none"
    for before, after in zip(dossiers, back, strict=True):
        yield before, after, told[before.key]


def silent(
    results: Iterable[tuple[Dossier, Dossier, list[str]]],
) -> Iterator[tuple[str, Any, Any]]:
    """What came back otherwise without a word."""
    for before, after, told in results:
        if not told:
            yield from changes(before, after)


@cache
def matrix_through(end: End) -> list[tuple[Dossier, Dossier, list[str]]]:
    return list(through(end, matrix()))


@each_end
def test_what_is_lost_is_told_or_known(end: End) -> None:
    unexplained = [change for change in silent(matrix_through(end)) if not explanation(end, change)]
    assert unexplained == []


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.reason)
def test_every_known_loss_occurs(loss: Loss) -> None:
    for name in loss.formats.split():
        for part in loss.parts.split():
            assert any(
                loss.explains(end, *change)
                for end in ENDS
                if name in (str(end), end.fmt.name)
                for change in silent(matrix_through(end))
                if part in (ANY, change[0].partition(":")[0])
            ), f"{name} keeps {part}"


# ------------------------------------------------------------------------------- the page

_SHOWN = ("article-journal", "book", "chapter", "report", "thesis", "webpage")


def _kept() -> Iterator[str]:
    """How many variables of a type come back from each format just as they were."""
    yield f"| format | {' | '.join(f'`{kind}`' for kind in _SHOWN)} |"
    yield "|---|" + "---|" * len(_SHOWN)
    for end in ENDS:
        if end.fmt.name == "livertox":
            continue  # a printed citation is read as a whole, and one of a single variable is none
        counts = dict.fromkeys(_SHOWN, 0)
        for before, after, _ in matrix_through(end)[2 * len(_ODD) :]:
            kind, said = before.reference.type, after.reference.variables
            if kind in counts:
                variables = before.reference.variables.items()
                counts[kind] += sum(
                    variable != "title" and said.get(variable) == value
                    for variable, value in variables
                )
        shown = " | ".join(str(counts[kind]) for kind in _SHOWN)
        yield f"| `{str(end).replace(':', ' --flavour ')}` | {shown} |"


def _silent() -> Iterator[str]:
    yield "| in | of | what comes back otherwise, and why |"
    yield "|---|---|---|"
    for loss in LOSSES:
        names = ", ".join(f"`{name}`" for name in loss.formats.split())
        parts = (
            "any text"
            if loss.parts == ANY
            else ", ".join(
                f"`{part}`" if part in VARIABLES else part for part in loss.parts.split()
            )
        )
        yield f"| {names} | {parts} | {loss.reason} |"


@pytest.mark.parametrize(("name", "table"), [("kept", _kept), ("silent", _silent)])
def test_the_page_shows_what_each_format_keeps(
    name: str, table: Callable[[], Iterator[str]], update: bool
) -> None:
    page = PAGE.read_text()
    before, rest = page.split(f"<!-- {name} -->\n\n")
    _, after = rest.split("\n\n<!-- end -->", 1)
    text = f"{before}<!-- {name} -->\n\n" + "\n".join(table()) + f"\n\n<!-- end -->{after}"
    if update:
        PAGE.write_text(text)
    assert text == page or update


# ------------------------------------------------------------------------------- hostile values


_NO_IDENTIFIERS = st.just(NO_IDENTIFIER)
_ADDRESSES = st.just("https://example.org/?a={x}&b=%20_~#$")
_SPECIAL = {
    **dict.fromkeys(("DOI", "ISBN", "ISSN", "PMCID", "PMID"), _NO_IDENTIFIERS),
    "URL": _ADDRESSES,
}
_BY_KIND = {Kind.NAMES: strategies.names, Kind.DATE: strategies.dates}


# How fast a busy machine makes examples is none of our business
UNHURRIED = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def odd(draw: st.DrawFn) -> Dossier:
    """A reference of which one variable has a value that breaks files."""
    variable = draw(st.sampled_from(sorted(VARIABLES.keys() - {"annote"})))
    values = _BY_KIND.get(VARIABLES[variable], strategies.one_line)
    values = _SPECIAL.get(variable, values)
    said = {"title": "Example title", variable: draw(values)}
    return Dossier(Reference(draw(st.sampled_from(sorted(TYPES))), said), "example1")


@each_end
@given(odd())
@UNHURRIED
def test_no_value_is_lost_without_a_word(end: End, dossier: Dossier) -> None:
    found = silent(through(end, [dossier]))
    assert [change for change in found if not explanation(end, change)] == []


@pytest.mark.parametrize("end", LOSSLESS, ids=str)
@given(dossier=strategies.dossiers)
@UNHURRIED
def test_nothing_is_lost_that_csl_can_hold(end: End, dossier: Dossier) -> None:
    data, told = end.write([dossier])
    (back,) = end.read(data)
    if end.fmt.name == "jsonl":
        assert (back, told) == (dossier, {})
    elif not told:
        assert (back.key, back.reference) == (dossier.key, dossier.reference)


@each_end
@given(st.lists(odd(), max_size=5))
@UNHURRIED
def test_each_reference_comes_back_as_one(end: End, dossiers: list[Dossier]) -> None:
    keyed = [replace(one, key=f"example{place}") for place, one in enumerate(dossiers)]
    assert len(end.read(end.write(keyed)[0])) == len(keyed)


# ------------------------------------------------------------------------------- fixpoints


def own_files(end: End) -> list[Path]:
    """The files of the corpus in a format: what its own folder holds for it."""
    folder = {"biblatex": "bibtex"}.get(end.fmt.name, end.fmt.name)
    return sorted(
        file
        for name in {folder, end.fmt.name}
        for file in (CORPUS / name).glob("*")
        if file.suffix in end.fmt.extensions and ".expected." not in file.name
    )


def settles(end: End, data: bytes) -> None:
    """What is read from what was written is written again just so."""
    first = list(files.keyed(end.read(data)))
    once, _ = end.write(first)
    twice, _ = end.write(end.read(once))
    assert twice.decode() == once.decode()
    assert len(end.read(once)) == len(first)


@each_end
def test_what_was_read_and_written_stays_as_it_is(end: End) -> None:
    for file in own_files(end):
        settles(end, file.read_bytes())


@each_end
def test_real_files_stay_as_they_are(end: End, corpora: Path) -> None:
    for folder in ("recipes", "livertox"):
        for file in sorted((corpora / folder).iterdir()):
            if file.name.endswith(end.fmt.extensions) and fits(end, file):
                settles(end, file.read_bytes())


def fits(end: End, file: Path) -> bool:
    return formats.detect(file.name, file.read_bytes()).name in (end.fmt.name, "bibtex")


# ------------------------------------------------------------------------------- unknown fields

# A reference with a field that means nothing to us, and how that is written.
UNKNOWN = {
    "biblatex": ("@book{x, title = {A}, examplefield = {Kept}}", "examplefield = {Kept}"),
    "bibtex": ("@book{x, title = {A}, examplefield = {Kept}}", "examplefield = {Kept}"),
    "csl-json": (
        '[{"id": "x", "type": "book", "title": "A", "custom": {"example": "Kept"}}]',
        '"example": "Kept"',
    ),
    "endnote-xml": (
        '<record><ref-type name="Book"/><titles><title>A</title></titles><x>Kept</x></record>',
        "<x>Kept</x>",
    ),
    "csv": (
        "key,title,Example column\nx,A,Kept\n",
        ",citation,Example column\nx,,,document,,A,,,,,,,,,,,,,,,,,,,Kept\n",
    ),
    "jsonl": (
        '{"key": "x", "reference": {"type": "book", "custom": {"example": "Kept"}}}',
        '"example": "Kept"',
    ),
    "nbib": ("PMID- 99000001\nTI  - A\nZZ  - Kept\n", "ZZ  - Kept"),
    "tsv": ("key\ttitle\tExample column\nx\tA\tKept\n", "Kept\n"),
    "ris": ("TY  - BOOK\nTI  - A\nZ9  - Kept\nER  - \n", "Z9  - Kept"),
}
# What is printed has no fields
FIELDLESS = {"livertox"}


@each_end
def test_what_was_not_understood_is_written_again(end: End) -> None:
    if end.fmt.name in FIELDLESS:
        _, told = end.write([Dossier(Reference("book", {"title": "A"}, {"example": "Kept"}), "x")])
        assert told["x"] != []
        return
    text, field_ = UNKNOWN[end.fmt.name]
    data, _ = end.write(end.read(text.encode()))
    assert field_ in data.decode()
