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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refbase.errors import Span
from refbase.formats import detect, get, read, write
from refbase.formats.base import Input, WriteOptions
from refbase.formats.bibtex import unusual
from refbase.formats.bibtex.blocks import Block, _plain, blocks
from refbase.formats.bibtex.people import people
from refbase.model import Dossier, Entry, Parsed, Reference, Value
from refbase.values import ET_AL, Date, Name, full_pages
from refbase.vocab import DATES, NAMES, TYPES, VARIABLES
from strategies import dossiers

CORPUS = Path(__file__).parent / "corpus" / "bibtex"
CASES = ["programs", "people", "broken"]


def parsed(text: str | bytes) -> list[Parsed]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(io.BytesIO(data), "x.bib", get("bibtex")))


def found(text: str | bytes) -> list[Dossier]:
    return [one.dossier for one in parsed(text) if one.dossier]


def codes(text: str | bytes) -> list[tuple[str, int]]:
    return [(told.code, told.span.line) for one in parsed(text) for told in one.diagnostics]


def reference(fields: str, entry: str = "article") -> Reference:
    """The one reference of an entry in which nothing is wrong."""
    assert codes(f"@{entry}{{x, {fields}}}") == []
    (dossier,) = found(f"@{entry}{{x, {fields}}}")
    return dossier.reference


def variables(fields: str, entry: str = "article") -> dict[str, Value]:
    return dict(reference(fields, entry).variables)


def own(fields: str, entry: str = "article") -> Any:
    return found(f"@{entry}{{x, {fields}}}")[0].reference.custom.get("bibtex")


def written(*items: Dossier, dialect: str = "bibtex", **options: Any) -> tuple[str, list[str]]:
    stream = io.StringIO()
    told = list(write(items, stream, get(dialect), WriteOptions(**options)))
    return stream.getvalue(), [one.message for one in told]


both = pytest.mark.parametrize("dialect", ["bibtex", "biblatex"])

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


_values = st.recursive(
    st.sampled_from(["text", "a\\{b", "c\\}d", "\\\\", '"', "@x", ",", "=", " ", "\n", "é"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: "{" + "".join(parts) + "}"),
    max_leaves=6,
)
_syntax = st.lists(
    st.sampled_from(
        ["@article{x,", "title", " = ", "{", "}", '"', ",", "\n", "#", "mar", "12", "\\", "(", ")",
         "@string{a = ", "@comment{", "\n@misc{y,\n", "}\n", "text"]
    )
    | _values.map(lambda value: f" a = {{{value}}},"),
    max_size=14,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(_syntax)
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
    program = "import sys, refbase.formats.bibtex; sys.exit('bibtexparser' in sys.modules)"
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


# -------------------------------------------------------------------------- round trips

hostile = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@both
@hostile
@given(dossiers)
def test_what_was_written_reads_as_one_entry_and_then_stays_as_it_is(
    dialect: str, dossier: Dossier
) -> None:
    text, _ = written(dossier, dialect=dialect, et_al=True)
    items = parsed(text)
    assert not [told for one in items for told in one.diagnostics if told.severity == "error"]
    once = [one.dossier for one in items if one.dossier]
    assert [one.key for one in once] == [dossier.key]
    second, _ = written(*once, dialect=dialect, et_al=True)
    third, _ = written(*found(second), dialect=dialect, et_al=True)
    assert third == second


_TEXTS = [
    "Example", "On DNA in the U.S.", "5% & more #1 a_b $5", "β-blockers, p <0.05", "{pair} inside",
    "<i>E. coli</i> on the 5<sup>th</sup> day", "a -- b ''c''", "Ünï–cødé", "TELEPHONE", "a^b",
]  # fmt: skip
_EXACT = {
    "PMID": ["1", "99000001"], "PMCID": ["PMC7"], "DOI": ["10.5555/a_b(1)"], "ISSN": ["0016-5085"],
    "ISBN": ["9780781719520"], "URL": ["https://example.org/a_b?c=%20&d=~e"], "edition": ["2"],
    "page": ["544-45", "1340-1352.e7", "e12", "S1-S3"], "volume": ["48", "A"],
    "keyword": ["A; B c"],    "language": ["english"], "page-first": ["544"],
}  # fmt: skip
_PEOPLE = [
    Name("Ploeg", "R. J.", "van der"), Name("Smith", "John", suffix="Jr."),
    Name("Emden", "M.", "d'"),
    Name(literal="Example Group, Town and Country"), Name("Müller-Example", "Ö."), Name("Plato"),
]  # fmt: skip
_DATES = ["1999", "2013-09", "2015-06-03", "1998-12/1999-01", "1970~", "2015-21", "1979-23/1980-24"]


@st.composite
def tame(draw: st.DrawFn) -> Reference:
    """A reference in which nothing is odd, so that all that has a field must come back."""
    said: dict[str, Value] = {}
    for variable in draw(st.lists(st.sampled_from(sorted(VARIABLES)), max_size=12, unique=True)):
        if variable in NAMES:
            said[variable] = tuple(draw(st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=3)))
        elif variable in DATES:
            said[variable] = Date.parse(draw(st.sampled_from(_DATES)))
        elif variable != "annote":
            said[variable] = draw(st.sampled_from(_EXACT.get(variable, _TEXTS)))
    return Reference(draw(st.sampled_from(sorted(TYPES))), said)


# Of these one stands for another in BibLaTeX, or is added: the page says how.
_ADDED = {"genre", "page", "keyword"}
_MOVED = {"biblatex": {"container-title", "publisher", "URL", "PMCID"}, "bibtex": set()}


@both
@hostile
@given(tame())
def test_what_has_a_field_comes_back(dialect: str, reference: Reference) -> None:
    text, told = written(Dossier(reference, "x"), dialect=dialect)
    assert codes(text) == []
    (dossier,) = found(text)
    back = dossier.reference
    if not any("has no type" in message for message in told):
        assert back.type == reference.type
    assert not back.custom
    for variable, value in reference.variables.items():
        if any(f"'{variable}'" in message for message in told) or variable in _MOVED[dialect]:
            continue
        if variable == "page":
            value = full_pages(str(value))
        if variable == "page-first" and {"page"} & {*reference.variables, *back.variables}:
            continue
        assert back.variables[variable] == value
    added = back.variables.keys() - reference.variables.keys() - _ADDED
    assert added <= _MOVED[dialect]


# -------------------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    "text",
    [
        "@" * 100_000,
        "@a{" * 50_000,
        "\n@a{" * 20_000,
        "@misc{x, title={" + "{" * 200_000 + "}" * 200_000 + "}}",
        "@misc{x, title={" + "\\emph{" * 50_000 + "}" * 50_000 + "}}",
        "@misc{x, title={" + "$" * 100_001 + "}}",
        "@misc{x, title={" + "\\'" * 100_000 + "}}",
        "@misc{x, title={" + " " * 1_000_000 + "}}",
        "@misc{x, title = a" + "#a" * 200_000 + "}",
        "@misc{x, title = " + "{a} " * 100_000 + "}",
        "@misc{x, author={" + " and ".join(["Muster, A."] * 10_000) + "}}",
        "@misc{x, author={" + "{" * 50_000 + "}" * 50_000 + " and " * 50_000 + "}}",
        "@misc{x," + "a={b}," * 50_000 + "}",
        "@misc{x\x00, title={T\x00}}",
        "@misc{x, title={T}}".encode("utf-16"),
        "@misc{x, title={Caf\xe9}}".encode("latin-1"),
        "@misc{x, title={T}}\r@misc{y, title={T}}\r",
        "@string{a = {" + "x" * 4000 + "}}\n@misc{x, title = " + "a#" * 100_000 + "a}",
        "\n".join(f"@string{{a{n + 1} = a{n} # a{n}}}" for n in range(200)),
        "@misc{x, crossref={y}}" * 5_000,
    ],
    ids=lambda text: str(text[:24]),
)
def test_no_file_brings_us_down(text: str | bytes) -> None:
    for one in parsed(text):
        assert one.dossier or one.diagnostics
        if one.dossier:
            written(one.dossier)[0].encode()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80) | _syntax)
def test_any_file_is_read_or_told(data: str | bytes) -> None:
    for one in parsed(data):
        assert one.dossier or one.diagnostics or one.raw.lower().startswith("@xdata")


def test_a_long_line_is_read_in_pieces() -> None:
    entry = "@article{x%d, title={Example}, year=1999} "
    text = "".join(entry % number for number in range(60_000))
    assert len(found(text)) == 60_000


def test_entries_are_handed_on_while_the_file_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += 1
            return b"@misc{x, title={T}}\n" * 1000

    source = Endless()
    stream = read(source, "x.bib", get("bibtex"))  # type: ignore[arg-type]
    for _ in range(5000):
        assert next(stream).dossier
    assert source.given < 20


def test_plain_entries_are_read_without_bibtexparser() -> None:
    script = (
        "import io, sys; from refbase.formats import get, read;"
        "found = list(read(io.BytesIO(b'\\n@book{x, title = {Example}, month = jan}\\n'), 'x',"
        " get('bibtex')));"
        "sys.exit(len(found) != 1 or 'bibtexparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_broken_entries_without_number_are_looked_at_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "@a{ @b{ @c{\n @d{ @book{k, title = {Example}}"
    whole = codes(text), found(text)
    assert ([code for code, _ in whole[0]], len(whole[1])) == (["bad-entry"] * 4, 1)
    monkeypatch.setattr(unusual, "_MOST", 2)
    assert (codes(text), found(text)) == whole
