"""The tables of Zotero, PubMed and Scopus; what they look like is in tests/corpus/csv."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from program import Program
from refbase import formats
from refbase.formats.csv.layouts import Layout
from refbase.formats.csv.reader import LAYOUTS
from refbase.formats.csv.zotero import TYPES as ZOTERO_TYPES
from refbase.model import Dossier, Parsed
from refbase.values import ET_AL, Date
from refbase.vocab import TYPES, VARIABLES

CORPUS = Path(__file__).parent / "corpus" / "csv"
CSV = formats.get("csv")


def parse(rows: list[dict[str, str]], delimiter: str = ",", name: str = "x.csv") -> list[Parsed]:
    text = io.StringIO(newline="")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return list(formats.read(io.BytesIO(text.getvalue().encode()), name, CSV))


def only(**cells: str) -> Dossier:
    [parsed] = parse([{column.replace("_", " "): text for column, text in cells.items()}])
    assert parsed.dossier is not None
    return parsed.dossier


def zotero(**cells: str) -> Dossier:
    needed = {"Key": "EXAMPLE1", "Item_Type": "journalArticle", "Publication_Title": ""}
    return only(**{**needed, **cells})


def pubmed(**cells: str) -> Dossier:
    [parsed] = parse([{"PMID": "1", "Authors": "", "Journal/Book": "J Ex", **cells}])
    assert parsed.dossier is not None
    return parsed.dossier


def scopus(**cells: str) -> Dossier:
    needed = {"Authors": "", "Title": "Example", "Source_title": "J Ex"}
    return only(**{**needed, **cells})


# ------------------------------------------------------------------------------ the tables


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_column_leads_to_a_variable_of_csl(layout: Layout) -> None:
    assert set(layout.columns.values()) <= VARIABLES.keys()


def test_every_type_is_one_of_csl() -> None:
    assert set(ZOTERO_TYPES.values()) <= TYPES


@pytest.mark.parametrize("name", ["zotero", "pubmed", "scopus", "scopus-old", "zotero-excel"])
def test_a_table_is_told_from_its_header_also_without_a_name(name: str) -> None:
    data = (CORPUS / f"{name}.csv").read_bytes()
    assert formats.detect("-", data).name == "csv"
    parsed = list(formats.read(io.BytesIO(data), "-", CSV))
    assert all(p.dossier and p.dossier.reference.type for p in parsed)
    assert not [d for p in parsed for d in p.diagnostics if d.code == "missing-column"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_is_read(delimiter: str) -> None:
    row = {"PMID": "99000001", "Title": "A; B, C\tD.", "Authors": "Doe J, Roe R.", "Citation": ""}
    [parsed] = parse([{**row, "Journal/Book": "J Ex"}], delimiter)
    assert parsed.dossier is not None
    assert parsed.dossier.reference.title == "A; B, C\tD"
    assert [name.nlm for name in parsed.dossier.reference.authors] == ["Doe J", "Roe R"]


_COLUMNS = sorted(
    {column for layout in LAYOUTS for column in layout.columns}
    | {"Citation", "First Author", "Notes", "Page start", "Document Type", "Index Keywords"}
)
_PIECES = ("; ", ", ", "PMID: 1 ", "(1)", "[No x available]", "<p>", "In: ", "J. 1999;5:6.", "é")
_ROWS = st.dictionaries(
    st.sampled_from(_COLUMNS),
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=5), max_size=4).map("".join),
    max_size=6,
)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(row=_ROWS)
def test_no_cell_breaks_the_reader_and_no_row_is_lost(layout: Layout, row: dict[str, str]) -> None:
    marks = dict.fromkeys(sorted(layout.marks), "")
    parsed = parse([{**marks, **row, "Title": "Example"}, {**marks, "Title": "Another"}])
    assert len([p for p in parsed if p.dossier]) == 2


# ------------------------------------------------------------------------------ Zotero


def test_the_lines_of_extra_stand_in_one_line() -> None:
    extra = "PMID: 99000001 PMCID: PMC9000001 Citation Key: doe2001 original-date: 1972 Quite so."
    dossier = zotero(Extra=extra)
    assert dossier.key == "doe2001"
    assert dossier.reference.pmid == "99000001"
    assert dossier.reference.pmcid == "PMC9000001"
    assert dossier.reference.date("original-date") == Date((1972,))
    assert dossier.reference.text("note") == "Quite so."
    cut = zotero(Author="Doe, J.", Extra="et-al: author type: review status: retracted x").reference
    assert (cut.type, cut.authors[-1], cut.text("status")) == ("review", ET_AL, "retracted")
    assert zotero(Extra="As said: nothing").reference.text("note") == "As said: nothing"


def test_a_date_that_is_none_gives_the_year_that_zotero_found() -> None:
    reference = zotero(Date="n.d. (2011?)", Publication_Year="2011").reference
    assert reference.date() == Date((2011,))
    assert reference.custom["Date"] == "n.d. (2011?)"


def test_contributors_are_no_authors() -> None:
    reference = zotero(Author="Doe, J.; Poe, K.", Contributor="Poe, K.").reference
    assert [name.family for name in reference.authors] == ["Doe"]
    assert [name.family for name in reference.names("contributor")] == ["Poe"]
    assert zotero(Author="Poe, K.", Contributor="Poe, K.").reference.authors == ()


def test_notes_are_the_annotation_and_tags_are_tags() -> None:
    dossier = zotero(
        Notes="<p>One <b>p &lt;0.05</b></p><p>Two</p>", Manual_Tags="a; b", Automatic_Tags="c; d"
    )
    assert dossier.entries[0].annotation == "One p <0.05 Two"
    assert (dossier.tags, dossier.reference.keywords) == (("a", "b"), ("c", "d"))


# ------------------------------------------------------------------------------ PubMed


def test_volume_issue_and_pages_come_from_the_citation() -> None:
    reference = pubmed(
        **{"Citation": "J Ex. 1977 Sep;5(6):398-404. doi: 10.5555/x.", "Publication Year": "1977"}
    ).reference
    said = {v: reference.text(v) for v in ("volume", "issue", "page", "DOI")}
    assert said == {"volume": "5", "issue": "6", "page": "398-404", "DOI": "10.5555/x"}
    assert reference.date() == Date((1977, 9))
    assert "Citation" not in reference.custom


@pytest.mark.parametrize(
    "citation", ["J Ex. 1999;5(6):398-404.", "J Ex. 1977;5(6):398-404. Something odd.", "J Ex"]
)
def test_a_citation_that_is_doubtful_stays_as_it_is(citation: str) -> None:
    reference = pubmed(**{"Citation": citation, "Publication Year": "1977"}).reference
    assert reference.custom["Citation"] == citation
    assert reference.date() == Date((1977,))
    assert "volume" not in reference.variables


def test_the_first_author_is_kept_only_where_it_is_news() -> None:
    assert pubmed(**{"Authors": "Doe J, Roe R.", "First Author": "Doe J"}).reference.custom == {}
    custom = pubmed(**{"Authors": "Doe J.", "First Author": "Roe R"}).reference.custom
    assert custom == {"First Author": "Roe R"}


# ------------------------------------------------------------------------------ Scopus


@pytest.mark.parametrize(
    ("cells", "page"),
    [
        ({"Page_start": "37", "Page_end": "40", "Art._No.": "e1"}, "37-40"),
        ({"Page_start": "37", "Page_end": "37"}, "37"),
        ({"Art._No.": "e0001"}, "e0001"),
    ],
)
def test_pages_or_the_number_of_the_article(cells: dict[str, str], page: str) -> None:
    reference = scopus(**cells).reference
    assert reference.text("page") == page
    assert reference.custom == ({"Art. No.": "e1"} if len(cells) == 3 else {})


def test_one_name_in_full_is_one_name() -> None:
    for text in ("Doe, Jane (57000000001)", "Doe, Jane Ann", "Doe, J.A."):
        assert len(scopus(Author_full_names=text).reference.authors) == 1, text


def test_what_is_unknown_is_not_said() -> None:
    reference = scopus(
        Authors="[No author name available]",
        Abstract="[No abstract available]",
        Author_Keywords="",
    ).reference
    assert reference.variables == {"title": "Example", "container-title": "J Ex"}
    assert reference.custom == {}


def test_zeros_that_a_spreadsheet_took_come_back_and_a_second_number_stays() -> None:
    reference = scopus(ISSN="165085").reference
    assert (reference.text("ISSN"), reference.custom) == ("0016-5085", {})
    reference = scopus(ISSN="00165085; 0028-4793").reference
    assert reference.text("ISSN") == "0016-5085"
    assert reference.custom == {"ISSN": "00165085; 0028-4793"}


# ------------------------------------------------------------------------------ as a user


def test_a_library_of_zotero_goes_into_a_database_and_out_as_bibtex(refbase: Program) -> None:
    assert refbase("--db", "x.db", "import", CORPUS / "zotero.csv").code == 0
    run = refbase("--db", "x.db", "export")
    assert "@article{doe2001example," in run.out
    assert "van der Roe" in run.out


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_page_names_every_column_and_its_variable(layout: Layout) -> None:
    page = (Path(__file__).parents[1] / "docs" / "formats" / "csv.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    for column, variable in layout.columns.items():
        assert any(f"`{column}`" in row[0] and f"`{variable}`" in row[1] for row in rows), column
