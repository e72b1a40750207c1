"""BibTeX and BibLaTeX as written: each rule on the text, then what other programs read in it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from refbase import latex
from refbase.errors import Severity
from refbase.formats import get, write
from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX, Dialect
from refbase.model import Dossier, Entry, Reference, Value
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES, VARIABLES
from writing_bibtex import (
    CASES,
    CORPUS,
    PAGE,
    both,
    case,
    lines,
    lost,
    parsed,
    written,
)

# ------------------------------------------------------------------------- expected files


@both
@pytest.mark.parametrize("name", CASES)
def test_corpus(name: str, dialect: str, update: bool) -> None:
    text, told = written(case(name), dialect)
    for suffix, found in ((".bib", text), (".diag", "".join(f"{line}\n" for line in told))):
        expected = CORPUS / dialect / f"{name}{suffix}"
        if update:
            expected.write_text(found, encoding="utf-8")
        assert expected.read_text(encoding="utf-8") == found


RECIPE = {
    "author": (
        Name.from_nlm("Hoogstraten MC"),
        Name.from_nlm("van der Ploeg RJ"),
        Name(family="vd Burg", given="W."),
        Name(family="Smith", given="John", suffix="Jr."),
        Name(literal="Drug Induced Liver Injury Network"),
    ),
    "title": "Tizanidine versus baclofen in the United States: "
    "effects of β-blockers, CO₂ & <1% of DNA",
    "container-title": "Acta Neurologica Scandinavica",
    "container-title-short": "Acta Neurol Scand",
    "issued": Date((1988, 3, 5)),
    "volume": "77",
    "issue": "Suppl 5",
    "page": "1340-52.e7",
    "ISSN": "0016-5085",
    "DOI": "10.1111/j.1600-0404.1988.tb05898.x",
    "PMID": "3376747",
    "PMCID": "PMC4446235",
    "URL": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4446235/",
    "language": "eng",
    "abstract": "BACKGROUND: 5% & more.",
    "keyword": "Humans; Liver/drug effects; Retracted Publication",
}
CHAPTER = {
    "author": (Name.from_nlm("Zimmerman HJ"),),
    "title": "Muscle spasmolytics",
    "container-title": "Hepatotoxicity: The Adverse Effects of Drugs",
    "edition": "2nd",
    "publisher": "Lippincott",
    "publisher-place": "Philadelphia",
    "issued": Date((1999,)),
    "page": "544-45",
    "ISBN": "978-0-7817-1952-0",
}
NOTES = {
    "bibtex": "Among ~50,000 cases <1% [0.5%] were attributed; patients & controls, "
    'cost #1 a_b "quoted"',
    "biblatex": "Among ~50,000 cases <1% [0.5%] were attributed",
}


@pytest.mark.parametrize(
    ("dialect", "recipe"), [("bibtex", "recipe.bib"), ("biblatex", "recipe.biblatex.bib")]
)
def test_the_measured_recipe_is_written_byte_for_byte(
    dialect: str, recipe: str, corpora: Path
) -> None:
    editor = {"editor": (Name.from_nlm("Editor AB"),)} if dialect == "bibtex" else {}
    text, _ = written(
        [
            Dossier(
                Reference("article-journal", RECIPE),
                key="hoogstraten1988tizanidine",
                entries=(Entry(annotation=NOTES[dialect]),),
            ),
            Dossier(
                Reference("chapter", CHAPTER | editor),
                key="zimmerman1999muscle",
                entries=(Entry(annotation="Expert review of hepatotoxicity"),),
            ),
        ],
        dialect,
    )
    assert text == (corpora / "recipes" / recipe).read_text(encoding="utf-8")


# ---------------------------------------------------------- which field holds what (BibTeX)


def test_pmid_and_pmcid_have_fields_of_their_own_and_no_eprint_beside_them() -> None:
    fields = lines({"PMID": "25754159", "PMCID": "PMC4446235"})
    assert fields == {"@": "@article{x,", "pmid": "{25754159}", "pmcid": "{PMC4446235}"}


def test_doi_is_bare_and_raw() -> None:
    assert lines({"DOI": "10.5555/a_b(1)2:3<4::AID>5"})["doi"] == "{10.5555/a_b(1)2:3<4::AID>5}"


@both
def test_url_is_raw_but_for_what_would_end_the_field(dialect: str) -> None:
    address = {"URL": "https://x.org/~a_b?c=5%25&d=#e$f"}
    assert lines(address, dialect=dialect)["url"] == "{https://x.org/~a_b?c=5%25&d=#e$f}"
    odd = lines({"URL": "https://x.org/{\\ }"}, dialect=dialect)
    assert odd["url"] == "{https://x.org/%7B%5C%20%7D}"


def test_the_journal_stands_in_journal_and_its_abbreviation_in_shortjournal() -> None:
    fields = lines({"container-title": "Journal of Examples", "container-title-short": "J Ex"})
    assert (fields["journal"], fields["shortjournal"]) == ("{Journal of Examples}", "{J Ex}")
    assert "journaltitle" not in fields


def test_the_month_is_a_macro_and_the_day_a_number() -> None:
    fields = lines({"issued": Date((2015, 6, 3))})
    assert fields == {"@": "@article{x,", "year": "{2015}", "month": "jun", "day": "{3}"}


@pytest.mark.parametrize(
    ("date", "fields"),
    [
        ("1999", {"year": "{1999}"}),
        ("1998-12/1999-01", {"year": "{1998}", "month": "dec", "date": "{1998-12/1999-01}"}),
        ("2015-21", {"year": "{2015}", "month": "{Spring}", "date": "{2015 Spring}"}),
        (
            "1979-23/1980-24",
            {"year": "{1979}", "month": "{Autumn}", "date": "{1979 Autumn-1980 Winter}"},
        ),
        ("1970~", {"year": "{1970}", "date": "{circa 1970}"}),
        ("in press", {"year": "{in press}", "date": "{in press}"}),
    ],
)
def test_what_year_month_and_day_cannot_say_stands_in_date_and_a_year_always(
    date: str, fields: dict[str, str]
) -> None:
    # Zotero reads `2015-21` as the years 2015 to 2021, and `month={Spring}` not at all
    assert lines({"issued": Date.parse(date)}) == {"@": "@article{x,", **fields}


def test_pages_are_complete_with_two_hyphens() -> None:
    for page, said in (
        ("544-45", "544--545"),
        ("1340-52.e7", "1340--1352.e7"),
        ("1422, 1425–6", "1422, 1425--6"),
        ("S39-45", "S39--S45"),
        ("848", "848"),
    ):
        assert lines({"page": page})["pages"] == f"{{{said}}}"


def test_an_electronic_page_stands_in_pages_too() -> None:
    assert lines({"page": "e11225"})["pages"] == "{e11225}"


def test_a_supplement_is_a_number() -> None:
    fields = lines({"volume": "48", "issue": "Suppl 5"})
    assert (fields["volume"], fields["number"]) == ("{48}", "{Suppl 5}")
    assert "issue" not in fields


@both
def test_the_annotation_stands_in_annote_which_zotero_and_biber_both_read(dialect: str) -> None:
    dossier = Dossier(
        Reference("book", {"author": (Name("A", "B."),)}),
        key="x",
        entries=(Entry(annotation="MRI of 12 patients"),),
    )
    fields = parsed(written([dossier], dialect)[0])
    assert fields["annote"] == "{MRI of 12 patients}"
    assert not fields.keys() & {"annotation", "note", "comment", "review"}


def test_annotations_of_several_bibliographies_stand_in_one_field_each_labelled() -> None:
    # Zotero makes one paragraph of several; of two, pandoc repeats what stands in quotes
    entries = (Entry("Baclofen", annotation="One."), Entry("Tizanidine", annotation="Two."))
    dossier = Dossier(Reference("book"), key="x", entries=entries)
    text, _ = written([dossier], labelled=True)
    assert parsed(text)["annote"] == "{[Baclofen] One. [Tizanidine] Two.}"
    assert parsed(written([dossier])[0])["annote"] == "{One. Two.}"


def test_keywords_are_parted_by_commas_and_a_comma_inside_is_told() -> None:
    assert lines({"keyword": "Humans; Liver"})["keywords"] == "{Humans, Liver}"
    message = "a keyword with a comma is read as two: nothing protects it"
    assert lost({"keyword": "Liver Failure, Acute"}) == [f"x: info: {message}"]


def test_tags_are_keywords() -> None:
    dossier = Dossier(Reference("book", {"keyword": "a; b"}), key="x", tags=("b", "c"))
    assert parsed(written([dossier])[0])["keywords"] == "{a, b, c}"


def test_the_language_stands_as_it_is() -> None:
    assert lines({"language": "eng"})["language"] == "{eng}"


def test_a_chapter_is_incollection_with_all_that_zotero_reads() -> None:
    chapter: dict[str, Value] = {
        **CHAPTER,
        "editor": (Name.from_nlm("Editor AB"),),
        "collection-title": "Series",
        "collection-number": "4",
        "volume": "2",
    }
    fields = lines(chapter, "chapter")
    assert fields["@"] == "@incollection{x,"
    for (
        name
    ) in "booktitle edition editor publisher address pages series number volume isbn".split():
        assert name in fields
    assert fields["edition"] == "{2nd}"
    assert "location" not in fields


def test_a_book_is_a_book() -> None:
    fields = lines({"title": "Example", "publisher": "Press", "number-of-pages": "9"}, "book")
    assert fields == {
        "@": "@book{x,",
        "title": "{Example}",
        "publisher": "{Press}",
        "pagetotal": "{9}",
    }


def test_a_retraction_survives_as_a_keyword_and_type_stands_in_no_article() -> None:
    # Zotero would put `type` into Extra, where it changes the type of the item
    fields = lines({"keyword": "Retracted Publication"})
    assert fields["keywords"] == "{Retracted Publication}"
    assert lost({"genre": "Retracted"}) == [
        "x: warning: BibTeX has no field for 'genre' in @article"
    ]


@pytest.mark.parametrize(
    ("genre", "entry", "said"),
    [
        ("PhD thesis", "@phdthesis{x,", "{PhD thesis}"),
        ("Master's thesis", "@mastersthesis{x,", "{Master's thesis}"),
        ("MSc", "@mastersthesis{x,", "{MSc}"),
        ("Habilitation", "@phdthesis{x,", "{Habilitation}"),
        (None, "@phdthesis{x,", "{Thesis}"),
    ],
)
def test_a_thesis_says_what_kind_it_is_and_where(genre: str | None, entry: str, said: str) -> None:
    fields = lines({"publisher": "U", **({"genre": genre} if genre else {})}, "thesis")
    assert fields == {"@": entry, "school": "{U}", "type": said}


def test_a_report_has_one_institution_and_no_publisher_beside_it() -> None:
    fields = lines({"publisher": "Agency", "number": "7", "genre": "White paper"}, "report")
    assert fields == {
        "@": "@techreport{x,",
        "institution": "{Agency}",
        "type": "{White paper}",
        "number": "{7}",
    }


# ------------------------------------------------------------------------------------ names


def author(*names: Name, dialect: str = "bibtex", **options: Any) -> tuple[str, list[str]]:
    dossier = Dossier(Reference("article-journal", {"author": names}), key="x")
    text, told = written([dossier], dialect, **options)
    return parsed(text).get("author", ""), told


@both
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (Name.from_nlm("van der Ploeg RJ"), "{van der Ploeg, R. J.}"),
        (Name.from_nlm("d'Emden M"), "{d'Emden, M.}"),
        (Name("Smith", "John", suffix="Jr."), "{Smith, Jr., John}"),
        (Name(literal="Drug Induced Network"), "{{Drug Induced Network}}"),
        (Name(literal="University of X, Los Angeles"), "{{University of X, Los Angeles}}"),
        (Name(literal="Centers for X and Prevention"), "{{Centers for X and Prevention}}"),
        (Name("Sand and Grit", "A."), "{{Sand and Grit}, A.}"),
        (Name("A\N{NO-BREAK SPACE}AND B", "A."), "{{A\N{NO-BREAK SPACE}AND B}, A.}"),
        (Name("Anderson", "A."), "{Anderson, A.}"),
        (Name("Smith, the Elder", "A."), "{{Smith, the Elder}, A.}"),
        (Name("Smith", "John, Jr."), "{Smith, {John, Jr.}}"),
        (Name("Plato"), "{Plato}"),
    ],
)  # fmt: skip
def test_a_name_is_one_name(name: Name, said: str, dialect: str) -> None:
    assert author(name, dialect=dialect) == (said, [])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (Name("Ploeg", particle="van der"), "{{van der Ploeg}}"),
        (Name("Doe", suffix="III"), "{{Doe, III}}"),
        (Name("Others"), "{{Others}}"),
    ],
)
def test_a_person_with_one_name_of_several_words_is_written_as_a_group(
    name: Name, said: str
) -> None:
    message = "a person of whom only one name is known is written as a group"
    assert author(name) == (said, [f"x: info: {message}"])


@both
def test_a_cut_list_ends_in_and_others_only_on_request(dialect: str) -> None:
    # Stock Zotero makes an author called "others" of it
    names = (Name("A", "B."), ET_AL)
    assert author(*names, dialect=dialect, et_al=True) == ("{A, B. and others}", [])
    message = "a list of names was cut; 'and others' is only written with --et-al"
    assert author(*names, dialect=dialect) == ("{A, B.}", [f"x: warning: {message}"])


def test_dropping_particle_and_suffix_switches_are_told() -> None:
    said, told = author(Name("Fontaine", "Jean", particle="La", dropping_particle="de"))
    assert said == "{de La Fontaine, Jean}"
    assert told == ["x: info: how a style is to treat a particle or a suffix is not written"]


# ------------------------------------------------------------------------ titles, characters


@both
def test_titles_and_book_titles_protect_their_capitals_and_journals_do_not(dialect: str) -> None:
    article = lines({"title": "Use of DNA", "container-title": "J of DNA"}, dialect=dialect)
    assert article["title"] == "{Use of {DNA}}"
    assert "{J of DNA}" in article.values()
    chapter = lines({"container-title": "Use of DNA"}, "chapter", dialect)
    assert chapter["booktitle"] == "{Use of {DNA}}"


@both
def test_every_text_field_escapes_and_tells_its_losses_once(dialect: str) -> None:
    text, told = written(
        [Dossier(Reference("book", {"title": "~", "publisher": "~&", "note": "~%"}), key="x")],
        dialect,
    )
    assert "∼\\&" in text
    assert "∼\\%" in text
    message = "'~' has no form that all readers of BibTeX know; written '∼'"
    assert [line for line in told if "∼" in line] == [f"x: info: {message}"]


def test_a_look_alike_is_told_but_is_no_warning() -> None:
    told = list(write(case("characters")[2:3], io.StringIO(), get("bibtex")))
    assert {one.severity for one in told} == {Severity.INFO}


# --------------------------------------------------------------------------------- the page


def _cell(table: Dialect, variable: str) -> str:
    rows: dict[str, list[str]] = {}
    for row in table.rows:
        if row.variable == variable:
            rows.setdefault(row.types, []).append(f"`{row.name}`")
    return "; ".join(
        ", ".join(names) + (f" ({_types(types)})" if types else "") for types, names in rows.items()
    )


def _types(types: str) -> str:
    negated, names = types.startswith("not "), types.removeprefix("not ").split()
    listed = " ".join(f"@{name}" for name in sorted(names))
    return f"not {listed}" if negated else listed


def page() -> dict[str, str]:
    """The tables of the page, made from the tables of the program."""
    variables = "".join(
        f"| `{variable}` | {_cell(BIBTEX, variable)} | {_cell(BIBLATEX, variable)} |\n"
        for variable in sorted(VARIABLES, key=str.lower)
        if _cell(BIBTEX, variable) or _cell(BIBLATEX, variable)
    )
    lost = ", ".join(
        f"`{variable}`"
        for variable in sorted(VARIABLES, key=str.lower)
        if not (_cell(BIBTEX, variable) or _cell(BIBLATEX, variable))
    )
    types = "".join(
        f"| `{kind}` | @{BIBTEX.types[kind]} | @{BIBLATEX.types[kind]} |\n"
        for kind in sorted(TYPES)
    )
    signs = "".join(
        f"| `{sign}` | `{latex.text(sign)}` |\n"
        for sign in ("&", "%", "#", "_", "$", "{pair}", "~", "\\", "$1 and $2", "lone {", "lone }",
                     "--", "''", "TEL", "<", ">", "^", "β", "<i>x</i>", "<b>x</b>", "<sc>x</sc>",
                     "<sub>2</sub>", "<sup>2</sup>", "<sup>th</sup>", "<sub>max</sub>")
    )  # fmt: skip
    return {
        "types": "| CSL type | BibTeX | BibLaTeX |\n|---|---|---|\n" + types,
        "variables": "| variable | BibTeX | BibLaTeX |\n|---|---|---|\n" + variables,
        "lost": lost + ".\n",
        "characters": "| character | written |\n|---|---|\n" + signs,
    }


def test_the_tables_of_the_page_are_those_of_the_program(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, table in page().items():
        block = re.compile(rf"(?s)(<!-- {name} -->\n).*?(<!-- end -->)")
        assert block.search(text), f"docs/formats/bibtex.md lacks the block '{name}'"
        text = block.sub(lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", text)
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "make docs"


@both
def test_a_retracted_paper_says_so_in_its_keywords(dialect: str) -> None:
    said = lines({"title": "Example", "status": "retracted", "keyword": "A"}, dialect=dialect)
    assert said["keywords"] == "{A, Retracted Publication}"
