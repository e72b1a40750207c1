"""The livertox writer: a page that reads back as what it was made of, or says what it lost."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from program import CHAPTER as SEED
from program import Program
from refbase import files, formats
from refbase.citation import parse
from refbase.citation.nlm import compose
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Entry, Reference
from refbase.values import ET_AL, Date, Name

CORPUS = Path(__file__).parent / "corpus" / "livertox"
LIVERTOX = formats.get("livertox")
FLAVOURS = ("text", "html")
_FILES = {"text": "page.txt", "html": "page.html"}


def write(dossiers: Iterable[Dossier], flavour: str = "text") -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO(newline="")
    losses = list(formats.write(dossiers, stream, LIVERTOX, WriteOptions(flavour)))
    return stream.getvalue(), losses


def read(page: str, name: str = "page.txt") -> list[Dossier]:
    found = formats.read(io.BytesIO(page.encode()), name, LIVERTOX)
    return [parsed.dossier for parsed in found if parsed.dossier]


def read_file(path: Path) -> list[Dossier]:
    return [p.dossier for p in files.read(path, "livertox") if p.dossier]


def told(losses: Sequence[Diagnostic], *severities: Severity) -> list[str]:
    return [loss.message for loss in losses if loss.severity in (severities or Severity)]


ARTICLE = Reference(
    "article-journal",
    {
        "author": (Name.from_nlm("Doe JA"), Name(literal="Example Study Group"), ET_AL),
        "title": "CO<sub>2</sub> & <i>E. coli</i>, p <0.05",
        "container-title": "Journal of Examples",
        "container-title-short": "J Examples",
        "issued": Date((1972, 3)),
        "volume": "48",
        "issue": "Suppl 5",
        "page": "37-40",
        "language": "fr",
        "PMID": "99000001",
        "PMCID": "PMC9000001",
        "DOI": "10.5555/(SICI)1<1::AID-EX>2.0.CO;2-#",
    },
)
CHAPTER = Reference(
    "chapter",
    {
        "author": (Name.from_nlm("Doe J"),),
        "title": "Examples of all kinds",
        "container-title": "The book of examples",
        "editor": (Name.from_nlm("Roe RJ"), Name.from_nlm("van der Poe K")),
        "edition": "2",
        "publisher": "Example Press",
        "publisher-place": "Exampletown",
        "issued": Date((1999,)),
        "page": "544-45",
    },
)


# ------------------------------------------------------------------------------ both ways


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "path", [SEED, *sorted(CORPUS.glob("*.txt")), *sorted(CORPUS.glob("*.html"))], ids=str
)
def test_a_page_is_read_back_as_it_was_written(path: Path, flavour: str) -> None:
    dossiers = read_file(path)
    page, losses = write(dossiers, flavour)
    again = read(page, _FILES[flavour])
    assert again == dossiers
    assert write(again, flavour) == (page, losses)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_of_the_seed_nothing_is_lost(flavour: str) -> None:
    assert write(read_file(SEED), flavour)[1] == []


def test_the_list_of_the_seed_is_written_as_it_is_printed() -> None:
    """But for the annotation that a link splits, which is whole again."""

    def listed(page: str) -> list[str]:
        behind = page.partition("ANNOTATED BIBLIOGRAPHY")[2]
        return [line for line in behind.splitlines() if line.startswith(("  •", "    "))]

    ours, theirs = listed(write(read_file(SEED))[0]), listed(SEED.read_text())
    differ = [place for place, line in enumerate(theirs) if ours[place] != line]
    assert len(ours) == len(theirs) == 70
    assert [theirs[place][-30:] for place in differ] == [
        "10:1018-23. (Among . [PubMed: 15390328]"[-30:],
        "to a specific muscle relaxant)."[-30:],
    ]


@pytest.mark.corpora
@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("layout", ["txt", "html"])
def test_real_chapters_come_back_whole(corpora: Path, layout: str, flavour: str) -> None:
    paths = sorted((corpora / "livertox").glob(f"*.{layout}"))
    if not paths:
        pytest.skip(f"no chapters in {corpora / 'livertox'}")
    for path in paths:
        dossiers = read_file(path)
        page, losses = write(dossiers, flavour)
        again = read(page, _FILES[flavour])
        assert again == dossiers, path.name
        assert write(again, flavour)[0] == page, path.name
        assert losses == [], path.name


@pytest.mark.corpora
def test_what_a_page_cannot_say_of_real_chapters_is_told(corpora: Path) -> None:
    """The XML marks a few parts otherwise than they are printed: each of them is told."""
    paths = sorted((corpora / "livertox").glob("*.nxml"))
    if not paths:
        pytest.skip(f"no chapters in {corpora / 'livertox'}")
    for path in paths:
        dossiers = read_file(path)
        page, losses = write(dossiers)
        again = read(page)
        assert [d.entries for d in again] == [d.entries for d in dossiers]
        differ = [d for d, a in zip(dossiers, again, strict=True) if d != a]
        assert bool(differ) == bool(losses), path.name


# ------------------------------------------------------------------------------ composed


def test_what_was_never_printed_is_composed_in_the_style_of_nlm() -> None:
    page, losses = write([Dossier(ARTICLE, "doe", (Entry("Example", 1, "", "Quite [odd]"),))])
    assert page == (
        "Example\n\nLast Update: not known.\n\nANNOTATED BIBLIOGRAPHY\n\n"
        "  • Doe JA, et al.; Example Study Group. CO2 & E. coli, p <0.05. J Examples 1972 Mar; "
        "48 (Suppl 5): 37-40. French. [PMC free article: PMC9000001] [PubMed: 99000001] "
        "[DOI: 10.5555/(SICI)1<1::AID-EX>2.0.CO;2-#]\n"
        "    (Quite [odd]).\n\n"
    )
    assert told(losses, Severity.WARNING) == ["a printed citation does not say all of 'title'"]
    assert told(losses, Severity.INFO) == [
        "a page has no place for the citation key",
        "a printed citation does not say all of 'container-title'",
    ]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_composed_citation_is_understood_by_its_reader(flavour: str) -> None:
    works = [Dossier(one, entries=(Entry("Example", 1, "", "x"),)) for one in (ARTICLE, CHAPTER)]
    page, _ = write(works, flavour)
    article, chapter = (dossier.reference for dossier in read(page, _FILES[flavour]))
    assert article.title == "CO2 & E. coli, p <0.05"
    for variable in ("author", "issued", "volume", "issue", "page", "PMID", "PMCID", "DOI"):
        assert article.variables[variable] == ARTICLE.variables[variable]
    assert {**chapter.variables, "edition": "2"} == CHAPTER.variables


COMPOSED = {
    "Doe J, Roe R, eds. Examples. 11th ed. Exampletown: Press, 1999.": Reference(
        "book",
        {
            "editor": (Name.from_nlm("Doe J"), Name.from_nlm("Roe R")),
            "title": "Examples",
            "edition": "11",
            "publisher": "Press",
            "publisher-place": "Exampletown",
            "issued": Date((1999,)),
        },
    ),
    "Example Study Group. How many? Exampletown: Press, 2001.": Reference(
        "report",
        {
            "author": (Name(literal="Example Study Group"),),
            "title": "How many?",
            "publisher": "Press",
            "publisher-place": "Exampletown",
            "issued": Date((2001, 2, 3)),
        },
    ),
    "An example. Available from: https://example.org/x.": Reference(
        "webpage", {"title": "An example", "URL": "https://example.org/x"}
    ),
    "Doe J. Example. Example J 2001 Sep 11-13; p. 848. Epub 2001 Jun.": Reference(
        "article-journal",
        {
            "author": (Name.from_nlm("Doe J"),),
            "title": "Example",
            "container-title": "Example J",
            "issued": Date((2001, 9, 11), (2001, 9, 13)),
            "page": "848",
            "available-date": Date((2001, 6)),
        },
    ),
    "Doe J. Example. Example J 1979b; 3: 4. English, Korean. author reply 5.": Reference(
        "article-journal",
        {
            "author": (Name.from_nlm("Doe J"),),
            "title": "Example",
            "container-title": "Example J",
            "issued": Date((1979, 24), (1980, 21)),
            "year-suffix": "b",
            "volume": "3",
            "page": "4",
            "language": "en, ko",
            "note": "author reply 5",
        },
    ),
    "in press.": Reference("book", {"issued": Date(literal="in press")}),
    "": Reference("book", {"abstract": "Example", "PMID": "1"}),
}


@pytest.mark.parametrize(("text", "reference"), COMPOSED.items(), ids=list(COMPOSED))
def test_composed_citations(text: str, reference: Reference) -> None:
    assert compose(reference) == text


@pytest.mark.corpora
def test_the_citations_of_real_chapters_are_understood_when_composed(corpora: Path) -> None:
    """Of 1,142 references, five are read otherwise: misprints of the page that are not composed."""
    paths = [corpora / "seed" / "baclofen.txt", *sorted((corpora / "livertox").glob("*.txt"))]
    if not all(path.exists() for path in paths) or len(paths) < 2:
        pytest.skip(f"no chapters in {corpora}")
    odd = []
    for dossier in (dossier for path in paths for dossier in read_file(path)):
        said = {k: v for k, v in dossier.reference.variables.items() if k not in ("PMID", "PMCID")}
        again = parse(compose(dossier.reference)).reference
        if (again.type, again.variables) != (dossier.reference.type, said):
            odd.append(dossier.entries[0].citation)
    assert len(odd) <= 5, odd


# ------------------------------------------------------------------------------ pages


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_several_bibliographies_have_a_heading_each(flavour: str) -> None:
    def entry(name: str, position: int) -> Entry:
        citation = f"Doe J. Example {position}. Example J {1990 + position}; 1: 2-3."
        return Entry(name, position, citation, f"Of {name or 'nothing'}")

    dossiers = [
        Dossier(Reference(), entries=(entry("One", 2), entry("Two & <three>", 1))),
        Dossier(Reference(), entries=(entry("One", 1), entry("One: cited references", 1))),
    ]
    page, _ = write(dossiers, flavour)
    found = [dossier.entries[0] for dossier in read(page, _FILES[flavour])]
    assert found == [
        entry("One", 1),
        entry("One", 2),
        entry("One: cited references", 1),
        entry("Two & <three>", 1),
    ]


def test_what_is_in_no_bibliography_stands_in_front() -> None:
    loose = Dossier(Reference("book", {"title": "Loose"}))
    placed = Dossier(Reference("book", {"title": "Placed"}), entries=(Entry("One", 1),))
    page, _ = write([placed, loose])
    assert page.startswith("ANNOTATED BIBLIOGRAPHY\n\n  • Loose.\n\nOne\n\n")
    assert [d.entries[0].bibliography for d in read(page, "mine.txt")] == ["mine", "One"]


def test_a_page_in_html_is_one_valid_document() -> None:
    dossiers = [
        Dossier(ARTICLE, entries=(Entry(name, 1, "", '"<b>" & <script>alert(1)</script>'),))
        for name in ('<script>"x"</script> &amp;', "Example", "Example two")
    ]
    page, _ = write(dossiers, "html")
    assert page.startswith("<!DOCTYPE html>\n<html lang=")
    tree = ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    assert [child.tag for child in tree] == ["head", "body"]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 3
    assert not [i for i in ids if re.search(r"\s", i or "")]
    assert {element.tag for element in tree.iter()}.isdisjoint({"script", "b"})
    assert [e.text for e in tree.iter("sub")] == ["2"] * 3
    links = [str(element.get("href")) for element in tree.iter("a")]
    assert links[:3] == [
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC9000001/",
        "https://pubmed.ncbi.nlm.nih.gov/99000001/",
        "https://doi.org/10.5555/(SICI)1%3C1::AID-EX%3E2.0.CO;2-%23",
    ]


def test_a_page_of_nothing_is_a_document_too() -> None:
    assert write([], "text")[0] == ""
    ET.fromstring(write([], "html")[0].removeprefix("<!DOCTYPE html>\n"))


# ------------------------------------------------------------------------------ losses


def test_a_reference_that_nothing_can_be_printed_of_is_told() -> None:
    page, losses = write([Dossier(Reference("book", {"abstract": "Example"}), "x")])
    assert page == ""
    assert [(loss.code, str(loss.span)) for loss in losses] == [("left-out", "x")]


@pytest.mark.parametrize(
    ("variables", "lost"),
    [
        ({"abstract": "Long"}, "a printed citation has no place for 'abstract'"),
        ({"keyword": "a; b"}, "a printed citation has no place for 'keyword'"),
        ({"author": (Name("Doe", "Jane"),)}, "a printed citation does not say all of 'author'"),
        ({"DOI": "10.5555/[x]"}, "a printed citation has no place for 'DOI'"),
    ],
)
def test_what_a_citation_does_not_say_is_told(variables: dict[str, str], lost: str) -> None:
    plain = {**ARTICLE.variables, "title": "Example"}
    _, losses = write([Dossier(Reference(ARTICLE.type, {**plain, **variables}))])
    assert told(losses, Severity.WARNING) == [lost]


def test_the_books_that_pubmed_keeps_are_no_loss_that_matters() -> None:
    custom = {"nlm-journal-id": "0000001", "grants": [{"id": "EX-1"}]}
    _, losses = write([Dossier(Reference("book", {"title": "Example"}, custom))])
    assert "a page has no place for 'nlm-journal-id' (custom)" in told(losses, Severity.INFO)
    assert "a page has no place for 'grants' (custom)" in told(losses, Severity.WARNING)


@pytest.mark.parametrize("flavour", FLAVOURS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(dossiers=st.lists(strategies.dossiers, max_size=4))
def test_whatever_is_written_can_be_read_and_no_loss_is_silent(
    flavour: str, dossiers: list[Dossier]
) -> None:
    page, losses = write(dossiers, flavour)
    if flavour == "html":
        ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    left_out = sum(loss.code == "left-out" for loss in losses)
    if "an entry without a citation that could be printed" not in told(losses):
        entries = sorted(max(len(dossier.entries), 1) for dossier in dossiers)
        assert len(read(page, _FILES[flavour])) >= sum(entries[: len(entries) - left_out])
    if not losses:
        found = [d.reference for d in read(page, _FILES[flavour])]
        assert all(d.reference in found for d in dossiers)


# ------------------------------------------------------------------------------ as a user


def test_the_extension_decides_between_text_and_html(tmp_path: Path) -> None:
    run = Program(tmp_path)
    for name in ("a.html", "a.htm", "a.txt"):
        assert run("convert", SEED, name).code == 0
    assert (tmp_path / "a.html").read_text() == (tmp_path / "a.htm").read_text()
    assert (tmp_path / "a.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "a.txt").read_text().startswith("Baclofen\n")
    page = run("convert", SEED, "-", "--to", "livertox", "--flavour", "html")
    assert page.out == (tmp_path / "a.html").read_text()
