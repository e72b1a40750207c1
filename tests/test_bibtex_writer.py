"""BibTeX and BibLaTeX as written: each rule on the text, then what other programs read in it."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from refbase import latex
from refbase.errors import Severity
from refbase.formats import get, write
from refbase.formats.base import WriteOptions
from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX, CSL_TYPES, Dialect
from refbase.model import Dossier, Entry, Reference, Value
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES, VARIABLES
from strategies import dossiers, keys, texts

CORPUS = Path(__file__).parent / "corpus"
PAGE = Path(__file__).parents[1] / "docs/formats/bibtex.md"
CASES = sorted(path.name.partition(".")[0] for path in (CORPUS / "bibtex").glob("*.csl.json"))

# What Zotero's BibTeX import makes an item of; everything else it throws away in silence.
ZOTERO_TYPES = """
    article artwork audio book booklet collection conference electronic inbook incollection
    inproceedings inreference jurisdiction legislation letter manual mastersthesis misc movie
    mvbook online patent phdthesis proceedings report software techreport thesis unpublished video
""".split()
PLAIN_TYPES = """
    article book booklet inbook incollection inproceedings manual mastersthesis misc phdthesis
    proceedings techreport unpublished
""".split()


def written(
    items: Iterable[Dossier], dialect: str = "bibtex", **options: Any
) -> tuple[str, list[str]]:
    stream = io.StringIO()
    told = list(write(items, stream, get(dialect), WriteOptions(**options)))
    assert all(one.code in ("not-written", "changed-key", "duplicate-key") for one in told)
    return stream.getvalue(), [f"{one.span.file}: {one.severity}: {one.message}" for one in told]


def lines(
    variables: dict[str, Value], kind: str = "article-journal", dialect: str = "bibtex"
) -> dict[str, str]:
    """The entry type under `@`, and the fields, of a reference of which nothing may be lost."""
    text, told = written([Dossier(Reference(kind, variables), key="x")], dialect)
    assert not told
    return parsed(text)


def parsed(text: str) -> dict[str, str]:
    first, *rest, last = text.splitlines()
    assert last == "}"
    pairs = [re.fullmatch(r"  (\w+) *= (.*),", line) for line in rest]
    return {"@": first, **{pair[1]: pair[2] for pair in pairs if pair}}


def lost(
    variables: dict[str, Value], kind: str = "article-journal", dialect: str = "bibtex"
) -> list[str]:
    return written([Dossier(Reference(kind, variables), key="x")], dialect)[1]


def case(name: str) -> list[Dossier]:
    """A case of the corpus: CSL-JSON whose `annote` is the annotation of an entry."""
    items = json.loads((CORPUS / f"bibtex/{name}.csl.json").read_text(encoding="utf-8"))
    return [
        Dossier(
            Reference.from_csl({k: v for k, v in item.items() if k != "annote"}),
            key=item["id"],
            entries=(Entry(annotation=item["annote"]),) if "annote" in item else (),
        )
        for item in items
    ]


both = pytest.mark.parametrize("dialect", ["bibtex", "biblatex"])
tables = pytest.mark.parametrize("table", [BIBTEX, BIBLATEX], ids=lambda table: table.name)


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


# --------------------------------------------------------------------- keys, losses, the file


def test_a_key_keeps_only_what_every_reader_takes() -> None:
    text, told = written([Dossier(Reference("book"), key="Müller, {A}: 100%#1")])
    assert text == "@book{Müller-A-:-100-1,\n}\n"
    assert told == [
        "Müller, {A}: 100%#1: warning: 'Müller, {A}: 100%#1' is written 'Müller-A-:-100-1'"
    ]


def test_keys_that_differ_only_in_case_are_one_key_to_bibtex() -> None:
    dossier = Dossier(Reference("book"), key="smith")
    text, told = written([dossier, replace(dossier, key="Smith"), replace(dossier, key="smith-2")])
    assert re.findall(r"@book\{(.*),", text) == ["smith", "Smith-2", "smith-2-2"]
    assert told == [
        "Smith: warning: 'Smith' is in the file already; written 'Smith-2'",
        "smith-2: warning: 'smith-2' is in the file already; written 'smith-2-2'",
    ]


def test_without_a_key_the_usual_one_is_made() -> None:
    dossier = Dossier(Reference("book", {"title": "An example", "issued": Date((1972,))}))
    text, told = written([dossier, dossier])
    assert re.findall(r"@book\{(.*),", text) == ["anonymous1972example", "anonymous1972example-2"]
    assert not told


def test_layout() -> None:
    book = Dossier(Reference("book", {"title": "T", "publisher": "P"}), key="x")
    text, _ = written([book, replace(book, key="y")])
    assert text == (
        "@book{x,\n  title     = {T},\n  publisher = {P},\n}\n"
        "\n@book{y,\n  title     = {T},\n  publisher = {P},\n}\n"
    )
    assert written([]) == ("", [])


@tables
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_variable_is_written_or_told_as_a_loss(kind: str, table: Dialect) -> None:
    marks: dict[str, Value] = {}
    for number, (variable, of) in enumerate(VARIABLES.items(), 1001):
        marks[variable] = {
            "names": (Name(literal=f"mark{number}"),),
            "date": Date((number,)),
        }.get(of.value, f"mark{number}")
    text, told = written([Dossier(Reference(kind, marks), key="x")], table.name.lower())
    for number, variable in enumerate(VARIABLES, 1001):
        # What is a first page, when all pages are known? ISBN and ISSN are told otherwise.
        if variable not in ("page-first", "ISBN", "ISSN"):
            message = f"x: warning: {table.name} has no field for '{variable}' in @"
            is_told = any(line.startswith(message) for line in told)
            assert is_told != (str(number) in text), variable


@tables
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_type_that_does_not_come_back_is_told(kind: str, table: Dialect) -> None:
    text, told = written([Dossier(Reference(kind, {"genre": "x"}), key="x")], table.name.lower())
    entry = re.match(r"@(\w+)", text)
    assert entry is not None
    message = f"x: warning: {table.name} has no type '{kind}': written as @{entry[1]}"
    comes_back = CSL_TYPES[entry[1]] == kind or "entrysubtype" in text
    assert comes_back != (message in told)


def test_a_custom_variable_is_told() -> None:
    dossier = Dossier(Reference("book", {}, {"pii": "S0"}), key="x")
    assert written([dossier])[1] == ["x: info: BibTeX has no field for the custom variable 'pii'"]


@tables
def test_every_csl_type_has_an_entry_type_that_zotero_imports(table: Dialect) -> None:
    assert table.types.keys() == TYPES
    assert set(table.types.values()) <= CSL_TYPES.keys()
    assert CSL_TYPES.keys() <= set(ZOTERO_TYPES)


def test_bibtex_uses_only_types_that_every_style_knows_and_patent() -> None:
    assert set(BIBTEX.types.values()) <= {*PLAIN_TYPES, "patent"}


@tables
def test_the_tables_name_only_known_variables_and_entry_types(table: Dialect) -> None:
    for row in table.rows:
        assert row.variable in VARIABLES or row.name == "entrysubtype"
        assert set(row.types.split()) - {"not"} <= CSL_TYPES.keys(), row


def test_biblatex_fields_stand_where_the_data_model_of_biber_has_them(corpora: Path) -> None:
    file = corpora.parent / "schemas/biblatex-datamodel-biber2.18.json"
    if not file.is_file():
        pytest.skip("the data model is not there")
    model = json.loads(file.read_text(encoding="utf-8"))
    alias = {"annote": "annotation"}
    dates = {"date", "eventdate", "origdate", "urldate"}
    for kind in {*BIBLATEX.types.values(), "collection", "inbook", "techreport"}:
        known = {
            name
            for group in model["entryfields"]
            if not group["types"] or {"techreport": "report"}.get(kind, kind) in group["types"]
            for name in group["fields"]
        }
        for row in (row for row in BIBLATEX.rows if row.stands_in(kind)):
            part = row.name.replace("date", "year") if row.name in dates else row.name
            assert alias.get(row.name, part) in known, (kind, row.name)


# ------------------------------------------------------------------------- hostile input


SENTINEL = Dossier(
    Reference("book", {"title": "Sentinel", "publisher": "Untouched"}), key="the-sentinel"
)
hostile = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@both
@hostile
@given(dossier=dossiers, key=keys | texts)
def test_whatever_a_field_holds_the_neighbour_is_intact(
    dialect: str, dossier: Dossier, key: str
) -> None:
    bibtexparser = pytest.importorskip("bibtexparser")
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    text, _ = written([replace(dossier, key=key), SENTINEL], dialect)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    _, sentinel = library.entries
    assert sentinel.key == "the-sentinel"
    said = {field.key: field.value for field in sentinel.fields}
    assert said.pop("organization", None) is None
    assert said == {"title": "Sentinel", "publisher": "Untouched"}


@both
@hostile
@given(dossier=dossiers)
def test_braces_are_paired_as_bibtex_counts_them_and_each_field_is_one_line(
    dialect: str, dossier: Dossier
) -> None:
    text, told = written([dossier], dialect)
    first, *fields, last = text.removesuffix("\n").split("\n")
    assert re.fullmatch(r"@[a-z]+\{[\w.:/+*!?-]+,", first)
    assert last == "}"
    for line in fields:
        found = re.fullmatch(r"  [a-z]+ *= (\{.*\}|[a-z]{3}),", line)
        assert found, line
        assert found[1][0] != "{" or closes_at_the_end(found[1])
    assert len(told) == len(set(told))
    assert written([dossier], dialect) == (text, told)


def closes_at_the_end(value: str) -> bool:
    depths = list(accumulate((c == "{") - (c == "}") for c in value))
    return depths[-1] == 0 and min(depths[:-1]) > 0


# ------------------------------------------------------------------------ other programs


def complete() -> list[Dossier]:
    """The cases of the corpus whose references lack nothing that a style asks for."""
    return [dossier for name in ("articles", "books") for dossier in case(name)]


@both
def test_bibtexparser_reads_back_what_was_written(dialect: str) -> None:
    bibtexparser = pytest.importorskip("bibtexparser")
    items = [dossier for name in CASES for dossier in case(name)]
    text, _ = written(items, dialect)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [dossier.key for dossier in items]
    for entry, written_entry in zip(library.entries, text.split("\n\n"), strict=True):
        fields = {field.key: field.value for field in entry.fields}
        expected = parsed(written_entry)
        del expected["@"]
        assert fields == {k: v[1:-1] if v[0] == "{" else v for k, v in expected.items()}


def pandoc(text: str, dialect: str) -> dict[str, dict[str, Any]]:
    pypandoc = pytest.importorskip("pypandoc")
    try:
        found = pypandoc.convert_text(text, "csljson", format=dialect)
    except OSError:
        pytest.skip("pandoc is not there")
    return {item["id"]: item for item in json.loads(found)}


# pandoc merges the two particles, takes what is lower-case for one, and reads I-V as suffixes
SAME_IN_PANDOC = "volume issue publisher publisher-place abstract DOI URL ISBN ISSN".split()


@both
def test_pandoc_reads_back_what_was_written(dialect: str) -> None:
    items = complete()
    found = pandoc(written(items, dialect)[0], dialect)
    assert found.keys() == {dossier.key for dossier in items}
    for dossier in items:
        item, reference = found[dossier.key], dossier.reference
        for variable in SAME_IN_PANDOC:
            if dialect == "bibtex" and (value := reference.text(variable)):
                assert item[variable] == value, (dossier.key, variable)
        if dialect == "bibtex":
            assert item.get("PMID", "") == reference.pmid
            assert item.get("PMCID", "") == reference.pmcid
        assert [name.get("literal") or name["family"] for name in item.get("author", [])] == [
            name.literal or name.family for name in reference.authors if name != ET_AL
        ]
        issued = reference.date()
        assert issued is not None
        assert item["issued"]["date-parts"] == [list(issued.start)]
        annotation = dossier.entries[0].annotation if dossier.entries else ""
        assert item.get("annote", "").replace("∼", "~") == annotation


@both
def test_pandoc_reads_names_and_pages(dialect: str) -> None:
    found = pandoc(written(complete(), dialect)[0], dialect)["example2015full"]
    assert [{k: v for k, v in name.items() if "particle" not in k} for name in found["author"]] == [
        {"family": "Example", "given": "A. B."},
        {"family": "Muster", "given": "C."},
        {"family": "Sample", "given": "John", "suffix": "Jr."},
        {"literal": "Example Liver Network"},
    ]
    assert "van der" in found["author"][1].values()
    assert found["page"] == "1340-1352.e7"
    assert found["title"] == (
        "Example hepatotoxicity of DNA-binding drugs in the United States: "
        "An <i>Escherichia coli</i> assay"
    )
    assert found["container-title-short"] == "J Ex"


def test_pandoc_reads_ranges_and_circa_from_biblatex() -> None:
    found = pandoc(written(case("dates"), "biblatex")[0], "biblatex")
    assert found["months"]["issued"]["date-parts"] == [[1998, 12], [1999, 1]]
    assert found["circa"]["issued"] == {"date-parts": [[1970]], "circa": True}


def run(program: str, *arguments: str, folder: Path) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not there")
    done = subprocess.run(
        [found, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_bibtex_with_plain_has_nothing_to_complain_of(tmp_path: Path) -> None:
    known = [dossier for dossier in complete() if dossier.reference.type != "patent"]
    text, _ = written(known)
    (tmp_path / "x.bib").write_text(text, encoding="utf-8")
    aux = "\\citation{*}\n\\bibdata{x}\n\\bibstyle{plain}\n"
    (tmp_path / "x.aux").write_text(aux, encoding="utf-8")
    said = run("bibtex", "x", folder=tmp_path)
    if "couldn't open style file" in said:
        pytest.skip("plain.bst is not there")
    assert "warning" not in said.lower(), said
    assert "error" not in said.lower(), said
    assert (tmp_path / "x.bbl").read_text(encoding="utf-8").count("\\bibitem") == len(known)


def test_biber_validates_biblatex_without_a_warning(tmp_path: Path) -> None:
    items = [d for name in ("articles", "books", "characters", "names") for d in case(name)]
    (tmp_path / "x.bib").write_text(written(items, "biblatex")[0], encoding="utf-8")
    said = run("biber", "--tool", "--validate-datamodel", "x.bib", folder=tmp_path)
    assert "INFO - This is Biber" in said, said
    assert not [line for line in said.splitlines() if re.match("WARN|ERROR", line)], said


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
