"""What BibLaTeX says otherwise than BibTeX."""

from __future__ import annotations

import pytest

from refbase.model import Value
from refbase.values import Date, Name
from writing_bibtex import (
    lines,
    lost,
)

# ----------------------------------------------------------------------------------- BibLaTeX


def biblatex(variables: dict[str, Value], kind: str = "article-journal") -> dict[str, str]:
    return lines(variables, kind, "biblatex")


def test_biblatex_article() -> None:
    fields = biblatex(
        {"container-title": "J", "container-title-short": "S", "issued": Date((2015, 6, 3))}
    )
    assert fields == {
        "@": "@article{x,",
        "journaltitle": "{J}",
        "shortjournal": "{S}",
        "date": "{2015-06-03}",
    }


def test_biblatex_pmid_is_an_eprint_and_the_pmcid_an_address() -> None:
    fields = biblatex({"PMID": "1", "PMCID": "PMC2"})
    assert (fields["eprint"], fields["eprinttype"]) == ("{1}", "{pubmed}")
    assert fields["url"] == "{https://pmc.ncbi.nlm.nih.gov/articles/PMC2/}"
    assert not fields.keys() & {"pmid", "pmcid"}


def test_biblatex_pmcid_beside_another_address_is_lost_and_told() -> None:
    other: dict[str, Value] = {"PMCID": "PMC2", "URL": "https://example.org/"}
    assert lost(other, dialect="biblatex") == [
        "x: warning: BibLaTeX has no field for 'PMCID' in @article"
    ]
    assert biblatex({"PMCID": "PMC2", "URL": "https://example.org/PMC2/"})


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("1998-12/1999-01", "{1998-12/1999-01}"),
        ("2015-21", "{2015-21}"),
        ("1970~", "{1970~}"),
    ],
)
def test_biblatex_date_is_edtf(date: str, said: str) -> None:
    assert biblatex({"issued": Date.parse(date)}) == {"@": "@article{x,", "date": said}


def test_biblatex_date_in_words_stands_in_year() -> None:
    assert biblatex({"issued": Date(literal="in press")})["year"] == "{in press}"


@pytest.mark.parametrize(
    ("volume", "issue", "said"),
    [
        ("48 Suppl 5", None, ("{48}", "{Suppl 5}")),
        ("48 (Suppl 5)", None, ("{48}", "{Suppl 5}")),
        ("48 Pt 2", "7", ("{48}", "{7 Pt 2}")),
        ("48", "7", ("{48}", "{7}")),
    ],
)
def test_biblatex_volume_is_an_integer(
    volume: str, issue: str | None, said: tuple[str, str]
) -> None:
    fields = biblatex({"volume": volume, **({"issue": issue} if issue else {})})
    assert (fields["volume"], fields["number"]) == said


def test_biblatex_edition_is_an_integer_where_it_is_one() -> None:
    for edition, said in (("2nd", "2"), ("3", "3"), ("4th ed.", "4"), ("Revised", "Revised")):
        author_and_edition: dict[str, Value] = {"author": (Name("A"),), "edition": edition}
        assert biblatex(author_and_edition, "book")["edition"] == f"{{{said}}}"


def test_biblatex_holds_one_valid_issn() -> None:
    assert biblatex({"ISSN": "0016-5085"})["issn"] == "{0016-5085}"
    message = "BibLaTeX holds one ISSN whose check digit is right, and no other"
    for issn in ("0016-5085, 1528-0012", "0016-5084"):
        assert lost({"ISSN": issn}, dialect="biblatex") == [f"x: warning: {message}"]


def test_biblatex_language_has_the_name_that_babel_knows() -> None:
    assert biblatex({"language": "eng"})["language"] == "{english}"
    assert biblatex({"language": "en-GB"})["langid"] == "{british}"
    assert biblatex({"language": "tlh"}) == {"@": "@article{x,", "language": "{tlh}"}


def test_biblatex_chapter_without_editor_is_inbook() -> None:
    editor: dict[str, Value] = {"editor": (Name("A", "B."),)}
    assert biblatex({"title": "X"}, "chapter")["@"] == "@inbook{x,"
    assert biblatex({"title": "X"} | editor, "chapter")["@"] == "@incollection{x,"


def test_biblatex_book_without_author_is_a_collection() -> None:
    assert biblatex({"editor": (Name("A", "B."),)}, "book")["@"] == "@collection{x,"


def test_biblatex_report_without_genre_is_a_techreport() -> None:
    assert biblatex({"genre": "White paper"}, "report")["@"] == "@report{x,"
    assert biblatex({"title": "X"}, "report")["@"] == "@techreport{x,"


def test_biblatex_publisher_with_and_in_it_is_one_publisher() -> None:
    fields = biblatex({"author": (Name("A"),), "publisher": "Wiley and Sons"}, "book")
    assert fields["publisher"] == "{{Wiley and Sons}}"


@pytest.mark.parametrize(
    ("kind", "variable"),
    [("article-journal", "publisher"), ("chapter", "number-of-pages"), ("book", "ISSN")],
)
def test_biblatex_writes_no_field_that_biber_refuses(kind: str, variable: str) -> None:
    everything: dict[str, Value] = {"author": (Name("A"),), variable: "1"}
    told = lost(everything, kind, "biblatex")
    assert [line.split(" in @")[0] for line in told] == [
        f"x: warning: BibLaTeX has no field for '{variable}'"
    ]
