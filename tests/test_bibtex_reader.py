"""BibTeX and BibLaTeX as read: what programs write, what people write, what is broken."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from reading_bibtex import (
    CASES,
    CORPUS,
    both,
    codes,
    found,
    own,
    parsed,
    reference,
    syntax,
    variables,
    written,
)
from refbase.errors import Span
from refbase.formats import detect, get, read
from refbase.formats.base import Input
from refbase.formats.bibtex.blocks import Block, _plain, blocks
from refbase.formats.bibtex.people import people
from refbase.model import Dossier, Entry, Reference, Value
from refbase.values import ET_AL, Date, Name

# ------------------------------------------------------------------------- expected files


@pytest.mark.parametrize("name", CASES)
def test_corpus(name: str, update: bool) -> None:
    with (CORPUS / f"{name}.read.bib").open("rb") as stream:
        items = list(read(stream, f"{name}.bib", get("bibtex")))
    references = [
        {
            "id": one.dossier.key,
            **one.dossier.reference.to_csl(),
            **({"annote": one.dossier.entries[0].annotation} if one.dossier.entries else {}),
        }
        for one in items
        if one.dossier
    ]
    told = "".join(f"{told}\n" for one in items for told in one.diagnostics)
    text = json.dumps(references, ensure_ascii=False, indent=2) + "\n"
    for suffix, made in ((".read.json", text), (".read.diag", told)):
        expected = CORPUS / f"{name}{suffix}"
        if update:
            expected.write_text(made, encoding="utf-8")
        assert expected.read_text(encoding="utf-8") == made


@both
def test_the_recipe_reads_and_writes_back_byte_for_byte(dialect: str, corpora: Path) -> None:
    name = {"bibtex": "recipe.bib", "biblatex": "recipe.biblatex.bib"}[dialect]
    text = (corpora / "recipes" / name).read_text(encoding="utf-8")
    once = written(*found(text), dialect=dialect)[0]
    assert written(*found(once), dialect=dialect)[0] == once
    values = re.compile(r"(?m)^@\w+\{.*|(?<== ).*")
    assert values.findall(once) == values.findall(text)


def test_a_bib_file_is_read_as_bibtex() -> None:
    assert detect("x.bib", b"@article{x,}").name == "bibtex"
    assert detect("", b"% a comment\n  @Book(x, title={T})").name == "bibtex"


# -------------------------------------------------------------------------- syntax


def test_braces_quotes_macros_and_parentheses() -> None:
    text = """
        @string(jex = "Journal of " # {Examples})
        @STRING{later = jex # ", later"}
        @Article(x, Title = "On {"}quotes{"}", JOURNAL = Later, year = 1999, month = "5~" # mar)
    """
    (dossier,) = found(text)
    assert dossier == Dossier(
        Reference(
            "article-journal",
            {
                "title": 'On "quotes"',
                "container-title": "Journal of Examples, later",
                "issued": Date((1999, 3, 5)),
            },
        ),
        "x",
    )
    assert codes(text) == []


def test_comments_and_preamble_are_told_and_lose_no_entry() -> None:
    text = '% saved by hand\n@comment{jabref-meta: x;}\n@preamble{ "x" }\n@misc{x, title={T}}\nbye'
    assert codes(text) == [("comment", 1), ("comment", 2), ("comment", 3), ("comment", 5)]
    assert [one.key for one in found(text)] == ["x"]


def test_spans_and_raw_text_are_those_of_the_file() -> None:
    text = "\n\n@misc{a,\n  title = {T}\n}\n@misc{b} @misc{c,\n}"
    places = [(one.dossier and one.dossier.key, one.raw, one.span) for one in parsed(text)]
    assert places == [
        ("a", "@misc{a,\n  title = {T}\n}", Span("x.bib", 3, 5)),
        ("b", "@misc{b}", Span("x.bib", 6, 6)),
        ("c", "@misc{c,\n}", Span("x.bib", 6, 7)),
    ]


def test_an_at_sign_in_the_middle_of_a_line_is_text() -> None:
    assert variables("title = {LeQua @ {CLEF} and @article{y}}") == {
        "title": "LeQua @ CLEF and @articley"
    }


@pytest.mark.parametrize(
    ("text", "keys", "told"),
    [
        ("@misc{a, title={T\n@misc{b, title={U}}", "b", [("bad-entry", 1)]),
        ('@misc{a, title="T\n@misc{b, title={U}}', "b", [("bad-entry", 1)]),
        ("@misc{a, title={T}\n@misc{b, title={U}}", "b", [("bad-entry", 1)]),
        ("@misc{a title={T}}\n@misc{b}", "b", [("bad-entry", 1)]),
        ("@misc{a, title {T}}\n@misc{b}", "b", [("bad-entry", 1)]),
        ("@misc{b}\n@misc{a, title={T}, auth", "b", [("truncated", 2)]),
        ("@misc{b}\n@misc{", "b", [("truncated", 2)]),
        ("@misc{b}\n}}}\n@misc{c}", "b c", [("comment", 2)]),
        ("@misc{b, title={T}} }\n", "b", [("comment", 1)]),
    ],
)
def test_a_broken_entry_is_told_and_the_next_one_is_read(
    text: str, keys: str, told: list[tuple[str, int]]
) -> None:
    assert [one.key for one in found(text)] == keys.split()
    assert codes(text) == told
    assert all(one.dossier or one.raw for one in parsed(text))


def test_a_forgotten_comma_loses_no_field() -> None:
    text = "@misc{x,\n title = {T}\n year = 1999\n note = {N} junk }"
    assert found(text)[0].reference.variables == {
        "title": "T",
        "issued": Date((1999,)),
        "note": "Njunk",
    }
    assert [code for code, _ in codes(text)] == ["missing-comma"] * 3 + ["unknown-string"]


def test_a_repeated_field_is_kept_and_told() -> None:
    text = "@misc{x, title={A}, Title={B}, title={C}, note={N}, note={N}}"
    (dossier,) = found(text)
    assert dossier.reference.variables == {"title": "A", "note": "N"}
    assert dossier.reference.custom == {"bibtex": {"title-2": "B", "title-3": "C"}}
    assert codes(text) == [("repeated-field", 1)]


def test_of_a_repeated_key_both_entries_stay() -> None:
    text = "@misc{x, title={A}}\n@misc{X, title={B}}"
    assert [one.reference.title for one in found(text)] == ["A", "B"]
    assert codes(text) == [("duplicate-key", 2)]


def test_an_unknown_macro_keeps_its_name() -> None:
    text = "@article{x, journal = jex, volume = 3}"
    assert found(text)[0].reference.variables == {"container-title": "jex", "volume": "3"}
    assert codes(text) == [("unknown-string", 1)]


@settings(deadline=None, max_examples=300)
@given(syntax)
def test_the_short_cut_sees_what_the_splitter_sees(text: str) -> None:
    """The regular expression for plain entries, and the cuts, against the whole splitter."""
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ParsingFailedBlock
    from bibtexparser.splitter import Splitter

    whole = Splitter(text).split().blocks
    whole = [b.ignore_error_block if isinstance(b, DuplicateFieldKeyBlock) else b for b in whole]
    # A key twice is no fault to us
    whole = [
        b.ignore_error_block
        if isinstance(b, ParsingFailedBlock) and isinstance(b.ignore_error_block, Entry)
        else b
        for b in whole
    ]
    expected = [(b.entry_type, b.key, b.start_line + 1) for b in whole if isinstance(b, Entry)]
    ours = [b for b in blocks(Input(io.BytesIO(text.encode()))) if isinstance(b, Block)]
    assert [(b.type, b.key, b.span.line) for b in ours] == expected
    if plain := _plain(text):
        (entry,) = [b for b in whole if isinstance(b, Entry)]
        _, _, names, values = plain
        assert list(zip(names, values, strict=True)) == [(f.key, f.value) for f in entry.fields]


def test_the_short_cut_is_taken() -> None:
    text = (
        '@article{x:1-a/b,\n  title = {A {B {C {D}}} \\{ \\& e},\n  year = 1999,\n  note="n"\n}\n'
    )
    assert _plain(text)


def test_writing_does_not_load_the_parser() -> None:
    program = "import sys, refbase.formats.bibtex.writer; sys.exit('bibtexparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# -------------------------------------------------------------------------- inheritance


def test_a_child_inherits_wherever_its_parent_stands() -> None:
    child = "@inproceedings{c, title={C}, crossref={P}}"
    parent = "@proceedings{p, title={Example Days}, editor={Ed, X.}, year=2004, doi={10.5555/p}}"
    for text in (f"{child}\n@misc{{m}}\n{parent}", f"{parent}\n@misc{{m}}\n{child}"):
        (inherited,) = (one.reference for one in found(text) if one.key == "c")
        assert len(found(text)) == 3
        assert inherited.variables == {
            "title": "C",
            "container-title": "Example Days",
            "editor": (Name("Ed", "X."),),
            "issued": Date((2004,)),
        }
        assert codes(text) == []


def test_the_order_of_the_file_stays_while_a_child_waits() -> None:
    text = "@inbook{c, crossref={p}}\n@misc{m}\n@book{p, title={B}, author={A, B.}}\n@misc{n}"
    assert [one.key for one in found(text)] == ["c", "m", "p", "n"]
    assert found(text)[0].reference.variables == {
        "container-title": "B",
        "container-author": (Name("A", "B."),),
    }


def test_xdata_is_no_reference_and_gives_all_its_fields() -> None:
    text = "@book{b, title={T}, xdata={x, y}}\n@xdata{x, publisher={P}}\n@xdata{y, location={L}}"
    assert [one.key for one in found(text)] == ["b"]
    assert found(text)[0].reference.variables == {
        "title": "T",
        "publisher": "P",
        "publisher-place": "L",
    }


def test_a_missing_parent_is_told_and_circles_end() -> None:
    assert codes("@inbook{c, title={T}, crossref={nowhere}}") == [("no-parent", 1)]
    assert len(found("@book{a, crossref={b}}\n@book{b, crossref={a}}\n@book{s, crossref={s}}")) == 3


# -------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("fields", "entry", "date"),
    [
        ("date = {2015-06-03}", "article", "2015-06-03"),
        ("date = {1998-12/1999-01}, year = 1998", "article", "1998-12/1999-01"),
        ("date = {1970~}", "article", "1970~"),
        ("date = {circa 1970}, year = 1970", "article", "1970~"),
        ("date = {2015-21}", "article", "2015-21"),
        ("year = {2015}, month = jun, day = {3}", "article", "2015-06-03"),
        ("year = {2015}, month = {06}", "article", "2015-06"),
        ("year = 2015, month = {June}", "article", "2015-06"),
        ("year = 2015, month = jun # { 3}", "article", "2015-06-03"),
        ("year = 2015, month = {May-Jun}", "article", "2015-05/2015-06"),
        ("year = 2015, month = {may/jun}", "article", "2015-05/2015-06"),
        ("year = 2015, month = {Spring}", "article", "2015-21"),
        ("year = {c. 1900}", "article", "1900~"),
        ("year = {1988--1989}", "article", "1988/1989"),
        ("date = {2015}, year = 2015, month = jun", "article", "2015-06"),
        ("date = {2015-06-03}, year = 2015, month = jun", "article", "2015-06-03"),
        ("date = {Winter 2015}, year = 2015, month = {Winter}", "article", "2015-24"),
        ("urldate = {2020-01-02}", "online", None),
    ],
)
def test_dates(fields: str, entry: str, date: str | None) -> None:
    issued = reference(fields, entry).date()
    assert (issued.to_edtf() if issued else None) == date


def test_a_date_in_words_stays_and_is_told() -> None:
    text = "@misc{x, year = {in press}}"
    assert found(text)[0].reference.date() == Date(literal="in press")
    assert codes(text) == [("bad-date", 1)]


def test_a_month_that_is_none_is_kept_beside_the_year() -> None:
    (dossier,) = found("@misc{x, year = 2015, month = {Michaelmas}}")
    assert dossier.reference.date() == Date((2015,))
    assert dossier.reference.custom == {"bibtex": {"month": "Michaelmas"}}


@pytest.mark.parametrize(
    ("fields", "date", "kept"),
    [
        ("date = {1999}, year = 2001", "1999", {"year": "2001"}),
        (
            "date = {1999-05}, year = 1999, month = jun",
            "1999-05",
            {"year": "1999", "month": "June"},
        ),
        ("date = {1999}, month = jun", "1999", {"month": "June"}),
        ("date = {1999}, year = {in press}", "1999", {"year": "in press"}),
        ("date = {soon}, year = {in press}", "soon", {"year": "in press"}),
        ("date = {soon}, year = {2001}", "2001", {"date": "soon"}),
        ("date = {1999}, year = {1999}, month = {Hilary}", "1999", {"month": "Hilary"}),
        ("year = {in press}, day = {3}", "in press", {"day": "3"}),
        ("date = {1998/1999}, year = 1998", "1998/1999", {}),
    ],
)
def test_a_field_that_contradicts_the_date_is_kept(
    fields: str, date: str, kept: dict[str, str]
) -> None:
    (dossier,) = found(f"@article{{x, {fields}}}")
    issued = dossier.reference.date()
    assert issued
    assert issued.to_edtf() == date
    assert dossier.reference.custom == ({"bibtex": kept} if kept else {})


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("van der Ploeg, R. J.", Name("Ploeg", "R. J.", "van der")),
        ("R. J. van der Ploeg", Name("Ploeg", "R. J.", "van der")),
        ("Smith, Jr., John", Name("Smith", "John", suffix="Jr.")),
        ("John Smith III", Name("Smith", "John", suffix="III")),
        ("{van Example}, R.", Name("van Example", "R.")),
        ("d'Emden, M.", Name("Emden", "M.", "d'")),
        ("{Example Group, Town and Country}", Name(literal="Example Group, Town and Country")),
        ("{{Example Group}}", Name(literal="Example Group")),
        ("{\\'E}mile Zola", Name("Zola", "Émile")),
        ("Mu{\\ss}ter, {\\L}ukasz", Name("Mußter", "Łukasz")),
        ("Slettebø~Example", Name("Example", "Slettebø")),
        ("Plato", Name("Plato")),
        ("Li, Wei, Q, R", Name("Li", "Q, R", suffix="Wei")),
        ("family=Ploeg, given={R. J.}, prefix=van der, useprefix=true",
         Name("Ploeg", "R. J.", "van der")),
    ],
)  # fmt: skip
def test_names(said: str, name: Name) -> None:
    told: list[str] = []
    assert people(said, told.append) == (name,)
    assert people(f"Li, W. AND {said} and others", told.append) == (Name("Li", "W."), name, ET_AL)
    assert told == []


@pytest.mark.parametrize("said", ["", "and", " and and ", ",", "{}", "and others and"])
def test_no_name_is_made_of_nothing(said: str) -> None:
    assert all(name.family or name.literal for name in people(said, print))


def test_identifiers_are_bare_and_what_is_none_is_kept() -> None:
    assert variables("doi = {https://doi.org/10.5555/a\\_b}, pmid = {PMID: 12}, pmcid={pmc7}") == {
        "DOI": "10.5555/a_b",
        "PMID": "12",
        "PMCID": "PMC7",
    }
    text = "@article{x, pmid = {none}, eprint={x}, eprinttype={pubmed}}"
    assert own("pmid = {none}, eprint={x}, eprinttype={pubmed}") == {
        "pmid": "none",
        "eprint": "x",
        "eprinttype": "pubmed",
    }
    assert codes(text) == [("bad-identifier", 1)] * 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("eprint = {12}, eprinttype = {pubmed}", {"PMID": "12"}),
        ("url = {https://pmc.ncbi.nlm.nih.gov/articles/PMC7/}", {"PMCID": "PMC7"}),
        (
            "url = {https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7/}",
            {"URL": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7/", "PMCID": "PMC7"},
        ),
        ("note = {PMID: 12 PMCID: PMC7}", {"note": "PMID: 12 PMCID: PMC7", "PMID": "12",
                                           "PMCID": "PMC7"}),
        ("note = {PMID: 1٢, doi 10.555٥/a}", {"note": "PMID: 1٢, doi 10.555٥/a"}),
        ("howpublished = {\\url{http://example.org/a_b~c}}", {"URL": "http://example.org/a_b~c"}),
        ("url = {http://example.org/{\\_}a\\%20b}", {"URL": "http://example.org/_a%20b"}),
        ("keywords = {A, b; C\\&D,,A}", {"keyword": "A; b; C&D"}),
        ("pages = {12--15, e3}", {"page": "12-15, e3"}),
        ("eid = {e12}", {"page": "e12"}),
        ("eid = {e12}, pages = {1}", {"page": "1"}),
        ("title = {T}, subtitle = {S}", {"title": "T: S"}),
        ("number = 3, issue = {Spring}", {"issue": "3"}),
        ("journal = {J}, journaltitle = {J}", {"container-title": "J"}),
        ("language = {english}, langid = {english}", {"language": "english"}),
        ("title = {}, year = 1999", {"issued": Date((1999,))}),
        ("abstract = {Two\n\n  paragraphs}", {"abstract": "Two paragraphs"}),
    ],
)  # fmt: skip
def test_fields_of_both_dialects(fields: str, expected: dict[str, Value]) -> None:
    assert variables(fields) == expected


def test_notes_and_annotations() -> None:
    for name in ("annote", "annotation"):
        (dossier,) = found(f"@misc{{x, {name} = {{5\\% of rats}}, note = {{N}}}}")
        assert dossier.entries == (Entry(position=1, annotation="5% of rats"),)
        assert dossier.reference.variables == {"note": "N"}


@pytest.mark.parametrize(
    ("entry", "fields", "kind", "genre"),
    [
        ("ARTICLE", "", "article-journal", ""),
        ("article", "entrysubtype = {newspaper}", "article-newspaper", ""),
        ("conference", "", "paper-conference", ""),
        ("phdthesis", "", "thesis", "PhD thesis"),
        ("mastersthesis", "type = {Diplom}", "thesis", "Diplom"),
        ("thesis", "type = {mathesis}", "thesis", "Master's thesis"),
        ("online", "", "webpage", ""),
        ("misc", "eprint = {1}, archiveprefix = {arXiv}", "article", ""),
        ("dataset", "", "dataset", ""),
    ],
)
def test_types(entry: str, fields: str, kind: str, genre: str) -> None:
    said = reference(fields, entry)
    assert (said.type, said.text("genre")) == (kind, genre)


def test_an_unknown_type_is_a_document_and_told() -> None:
    assert codes("@talk{x, title={T}}") == [("unknown-type", 1)]
    assert found("@talk{x, title={T}}")[0].reference == Reference(
        "document", {"title": "T"}, {"type": "talk"}
    )


@both
def test_fields_of_other_programs_come_back_when_bibtex_is_written(dialect: str) -> None:
    text = "@misc{x, title={T}, file = {:C\\:/x y.pdf:PDF}, groups = {A \\& {B}}, bdsk-1 = {z}}"
    (dossier,) = found(text)
    again, told = written(dossier, dialect=dialect)
    assert told == []
    assert "  file   = {:C\\:/x y.pdf:PDF},\n  groups = {A \\& {B}},\n  bdsk-1 = {z},\n" in again
    assert found(again) == [dossier]


@pytest.mark.parametrize(
    "field",
    [{"title": "x"}, {"a b": "x"}, {"a": "}"}, {"a": "\\{"}, {"a": "x\ny"}, {"a": 7}, {"a": "\\"}],
)
def test_what_would_break_the_entry_is_told_instead(field: dict[str, Any]) -> None:
    dossier = Dossier(Reference("book", {"title": "T"}, {"bibtex": field}), "x")
    text, told = written(dossier)
    assert text == "@book{x,\n  title = {T},\n}\n"
    assert told == [
        f"the field '{next(iter(field))}' of another program cannot be written beside ours"
    ]
