"""CSV: every row a librarian could write, every name that a reference can hold."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import strategies
from refbase import formats
from refbase.cells import format_names, parse_names
from refbase.errors import Diagnostic, FormatError
from refbase.formats.base import Input, WriteOptions
from refbase.formats.csv.columns import COLUMNS, HEADER
from refbase.formats.csv.reader import read
from refbase.formats.csv.writer import write, write_tsv
from refbase.model import Dossier, Entry, Parsed, Reference, Value
from refbase.text import printable
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES, VARIABLES, Kind

CORPUS = Path(__file__).parent / "corpus" / "csv"


def parse(text: str | bytes) -> list[Parsed]:
    data = text.encode() if isinstance(text, str) else text
    with_drained = formats.read(io.BytesIO(data), "example.csv", formats.get("csv"))
    return list(with_drained)


def only(text: str) -> Dossier:
    (dossier,) = (p.dossier for p in parse(text) if p.dossier)
    return dossier


def told(parsed: Sequence[Parsed]) -> list[str]:
    return [str(d) for p in parsed for d in p.diagnostics if d.code != "missing-column"]


def written(*dossiers: Dossier) -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO(newline="")
    losses = list(write(dossiers, stream, WriteOptions()))
    return stream.getvalue(), losses


# ------------------------------------------------------------------------------ the contract


def test_the_header_is_the_one_of_the_contract() -> None:
    assert ", ".join(HEADER) == (
        "key, bibliography, position, type, author, title, container_title, editor, edition, "
        "publisher, publisher_place, issued, volume, issue, page, pmid, pmcid, doi, isbn, "
        "language, url, keyword, annotation, citation"
    )
    assert all(variable in VARIABLES for _, variable in COLUMNS if variable)


EXAMPLE = Dossier(
    Reference(
        "article-journal",
        {
            "author": (
                Name.from_nlm("van der Roe RJ Jr"),
                Name(family="Doe", given="Jane"),
                Name(literal="Example, Group; of {braces}"),
                ET_AL,
            ),
            "title": 'An "example", with\na line of its own',
            "container-title": "Example J",
            "issued": Date((1998, 12), (1999, 1)),
            "page": "544-45",
            "PMID": "123",
        },
    ),
    key="doe1998example",
    entries=(
        Entry("One", 3, "Doe J. Example.", "For one; =1+1"),
        Entry("Two", 1, "Doe J. Example.", "For two"),
    ),
)


def test_an_entry_is_a_row_with_line_feeds_and_quotes_where_needed() -> None:
    text, losses = written(EXAMPLE)
    assert losses == []
    rows = text.split("\ndoe1998example,")
    assert len(rows) == 3
    assert rows[1] == (
        'One,3,article-journal,"van der Roe, RJ, Jr; Doe, Jane; '
        '{Example, Group; of \\{braces\\}}; et al.","An ""example"", with\na line of its own",'
        "Example J,,,,,1998-12/1999-01,,,544-45,123,,,,,,,For one; =1+1,Doe J. Example."
    )
    assert "\r" not in text


def test_a_reference_in_no_bibliography_is_one_row() -> None:
    dossier = Dossier(Reference("book", {"title": "Example"}), key="k")
    assert only(written(dossier)[0]) == dossier


def test_what_a_row_cannot_hold_is_told() -> None:
    reference = Reference(
        "book",
        {"abstract": "Long", "author": (Name(family="Doe", dropping_particle="von"),)},
        {"grants": ["Example"], "nlm-journal-id": "0000001"},
    )
    _, losses = written(Dossier(reference, key="k", tags=("read",)))
    assert [str(d) for d in losses] == [
        "k: warning: CSV has no column for 'abstract' [not-written]",
        "k: warning: CSV cannot hold dropping particles or flags of 'author' [not-written]",
        "k: warning: CSV has no column for the custom variable 'grants' [not-written]",
        "k: info: CSV has no column for the custom variable 'nlm-journal-id' [not-written]",
        "k: warning: CSV has no column for tags [not-written]",
    ]


# ------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Hudgson, P; Cartlidge, NE", [("Hudgson", "P."), ("Cartlidge", "N. E.")]),
        ("Doe, Jane ;Roe, John", [("Doe", "Jane"), ("Roe", "John")]),
        ("Müller, K-M", [("Müller", "K.-M.")]),
        ("Tesser", [("Tesser", "")]),
        ("Doe, {RJ}", [("Doe", "RJ")]),
        (";; Doe, J;", [("Doe", "J.")]),
    ],
)
def test_people(cell: str, names: list[tuple[str, str]]) -> None:
    assert [(n.family, n.given) for n in parse_names(cell)] == names


def test_particles_suffixes_bodies_and_the_end_of_a_cut_list() -> None:
    names = parse_names("van der Roe, R, Jr.; {de Silva}, A; {World; of, Examples}; Et al")
    assert names == (
        Name(family="Roe", particle="van der", given="R.", suffix="Jr."),
        Name(family="de Silva", given="A."),
        Name(literal="World; of, Examples"),
        ET_AL,
    )


def test_a_brace_that_is_never_closed_loses_nothing() -> None:
    assert [n.inverted for n in parse_names("{Example Group; Doe, J")] == ["Example Group; Doe, J"]


words = (
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
    .map(lambda text: printable(text).replace("\r", " "))
    .filter(bool)
)
part = st.one_of(words, st.sampled_from(["de la", "d'", "Jr", "RJ", "R. J.", "et al.", "a, b"]))
people = strategies.named(
    family=part,
    given=st.one_of(st.just(""), part),
    particle=st.one_of(st.just(""), part),
    suffix=st.one_of(st.just(""), part),
)
bodies = strategies.named(literal=part)
names = st.lists(st.one_of(people, bodies), max_size=4)


@given(names, st.booleans())
def test_every_name_comes_back(some: list[Name], cut: bool) -> None:
    some = [n for n in some if n != Name()]
    listed = (*some, ET_AL) if cut else tuple(some)
    assert parse_names(format_names(listed)) == listed


# ------------------------------------------------------------------------------ round trip

texts = words.map(str.strip).filter(bool)
dates = st.one_of(
    st.builds(Date, st.tuples(st.integers(1, 2100))),
    st.builds(Date, st.tuples(st.integers(1000, 2100), st.integers(1, 12), st.integers(1, 28))),
    st.builds(
        Date,
        st.tuples(st.integers(1000, 2000), st.integers(1, 12)),
        st.tuples(st.integers(2000, 2100), st.sampled_from([1, 12, 21, 24])),
        st.booleans(),
    ),
)
numbers = st.integers(1, 99999999).map(str)
identifiers = {
    "PMID": numbers,
    "PMCID": numbers.map(lambda n: f"PMC{n}"),
    "DOI": numbers.map(lambda n: f'10.5555/Ex<{n}>;2-,"'),
    "ISBN": st.just("9780781719520"),
}


def values(variable: str) -> st.SearchStrategy[Value]:
    if VARIABLES[variable] is Kind.NAMES:
        return names.filter(bool).map(tuple).filter(lambda n: all(x != Name() for x in n))
    return dates if VARIABLES[variable] is Kind.DATE else identifiers.get(variable, texts)


references = st.builds(
    Reference,
    st.sampled_from(sorted(TYPES)),
    st.fixed_dictionaries({}, optional={v: values(v) for _, v in COLUMNS if v}),
)
entries = st.builds(
    Entry,
    st.one_of(st.just(""), texts),
    st.integers(0, 9999),
    st.one_of(st.just(""), texts),
    st.one_of(st.just(""), texts),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.builds(Dossier, references, st.one_of(st.just(""), texts), st.tuples(entries)),
        max_size=3,
    )
)
def test_what_is_written_is_read_again(dossiers: list[Dossier]) -> None:
    dossiers = [d for d in dossiers if d.entries != (Entry(),)]
    text, losses = written(*dossiers)
    assert losses == []
    parsed = list(read(Input(io.BytesIO(text.encode()))))
    assert told(parsed) == []
    assert [p.dossier for p in parsed] == dossiers


# ------------------------------------------------------------------------------ bad input


def test_columns_in_any_order_with_any_delimiter() -> None:
    for delimiter in ",;\t":
        text = delimiter.join(("PMID", "Container Title", "author")) + "\n"
        reference = only(text + delimiter.join(("123", "Example J", '"Doe, J"')) + "\n").reference
        assert (reference.pmid, reference.container_title) == ("123", "Example J")
        assert reference.authors == (Name.from_nlm("Doe J"),)


def test_missing_columns_are_told_once_and_read_as_empty() -> None:
    parsed = parse("title,pmid\nOne,1\nTwo,2\n")
    assert [d.code for p in parsed for d in p.diagnostics] == ["missing-column"]
    assert str(next(d for p in parsed for d in p.diagnostics)).startswith(
        "example.csv:1: warning: read as empty: key, bibliography, "
    )
    assert only("title\nOne\n") == Dossier(Reference("document", {"title": "One"}))


def test_extra_columns_are_custom_variables() -> None:
    reference = only("title,Shelf,title,\nOne,A 12,Two,x\n").reference
    assert reference.variables == {"title": "One"}
    assert reference.custom == {"Shelf": "A 12", "title #2": "Two", "column": "x"}


def test_a_column_may_have_the_name_that_another_one_gets() -> None:
    reference = only("title,Shelf,Shelf,Shelf #2,Shelf #2,Shelf\nx,1,2,3,4,5\n").reference
    assert sorted(reference.custom.values()) == ["1", "2", "3", "4", "5"]
    assert list(reference.custom)[:2] == ["Shelf", "Shelf #2"]


@pytest.mark.parametrize("name", ["Shelf {}", "Shelf"])
def test_fifty_thousand_columns(name: str) -> None:
    columns = [name.format(number) for number in range(50_000)]
    reference = only(f"title,{','.join(columns)}\nx,{','.join('y' * 50_000)}\n").reference
    assert len(reference.custom) == 50_000


BAD = {
    "too few cells": ("1,2", "2 cells where the header has 3"),
    "too many cells": ("1,2,3,4", "4 cells where the header has 3"),
    "an open quote": ('1,"2,3', "a quotation mark is never closed"),
    "text behind a quote": ('1,"2"x,3', "text behind the quotation mark of cell 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_told_with_its_line_and_the_rest_is_read(name: str) -> None:
    row, message = BAD[name]
    parsed = parse(f'title,issue,page\n"A\n\nB",1,2\n{row}\nLast,3,4\n')
    assert told(parsed) == [f"example.csv:5: error: {message} [bad-row]"]
    assert [p.dossier.reference.title for p in parsed if p.dossier] == ["A\n\nB", "Last"]
    assert [p.raw for p in parsed if p.dossier is None and p.raw] == [row]


@pytest.mark.parametrize(
    ("column", "cell", "code", "kept"),
    [
        ("pmid", "12x", "bad-identifier", "custom"),
        ("isbn", "123", "bad-identifier", "custom"),
        ("type", "painting", "bad-value", "custom"),
        ("position", "first", "bad-value", "custom"),
        ("position", "-1", "bad-value", "custom"),
        ("issued", "1999-13", "bad-date", "issued"),
    ],
)
def test_a_bad_cell_is_kept_and_told(column: str, cell: str, code: str, kept: str) -> None:
    parsed = parse(f"title,{column}\nOne,{cell}\n")
    assert [line.rpartition("[")[2] for line in told(parsed)] == [f"{code}]"]
    assert "example.csv:2: warning:" in told(parsed)[0]
    reference = next(p.dossier for p in parsed if p.dossier).reference
    if kept == "custom":
        assert reference.custom == {column: cell}
    else:
        assert reference.variables[kept] == Date(literal=cell)


@pytest.mark.parametrize("text", ["", "\n\n", "one,two\n1,2\n", "TY  - JOUR\nTI  - title\n"])
def test_a_file_that_is_no_table_of_ours(text: str) -> None:
    with pytest.raises(FormatError) as error:
        parse(text)
    assert "container_title" in error.value.hint


def test_a_return_in_a_cell_is_a_line_of_it() -> None:
    text, _ = written(Dossier(Reference("book", {"title": "One\rtwo\r\nthree"})))
    assert only(text).reference.title == "One\ntwo\nthree"


def test_empty_rows_hold_nothing() -> None:
    assert told(parse("title,page\n\n,\n  , \n")) == []
    assert only("title,page\n\n,\nOne,2\n\n").reference.title == "One"


def test_two_rows_with_one_key_are_both_kept() -> None:
    parsed = parse("key,title\nk,One\nk,Two\n")
    assert [p.dossier.reference.title for p in parsed if p.dossier] == ["One", "Two"]


def test_windows_files_are_read() -> None:
    text = 'title,page\r\n"Zwei\r\nZeilen",2\r\n'
    assert only(text).reference.title == "Zwei\nZeilen"
    assert parse("\ufefftitle\r\nÉ\r\n".encode())[0].dossier is not None
    assert parse("title;page\nÉtude;1\n".encode("cp1252"))[0].dossier is not None


@given(st.text('a,";\n\t {}\\', max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    rows = parse("title,author,page\n" + text)
    assume(text.strip())
    for parsed in rows:
        assert parsed.dossier or parsed.diagnostics


# ------------------------------------------------------------------------------ expected files


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.csv")), ids=lambda p: p.stem)
def test_corpus(path: Path, update: bool) -> None:
    with path.open("rb") as stream:
        parsed = list(formats.read(stream, path.name, formats.get("csv")))
    lines = [
        {
            "lines": f"{p.span.line}-{p.span.end_line}",
            "key": p.dossier.key if p.dossier else None,
            "entries": [asdict(entry) for entry in p.dossier.entries] if p.dossier else None,
            "reference": p.dossier.reference.to_csl() if p.dossier else None,
            "diagnostics": [str(d) for d in p.diagnostics],
        }
        | ({"tags": p.dossier.tags} if p.dossier and p.dossier.tags else {})
        for p in parsed
    ]
    made = json.dumps(lines, indent=1, ensure_ascii=False) + "\n"
    expected = path.with_suffix(".expected.json")
    if update:
        expected.write_text(made)
    assert made == expected.read_text()


def test_tab_separated_rows_read_back() -> None:
    dossier = Dossier(Reference("book", {"title": "a\tb, c"}), "k", (Entry("B", 1),))
    stream = io.StringIO(newline="")
    list(write_tsv([dossier], stream, WriteOptions()))
    assert stream.getvalue().startswith("key\tbibliography\tposition\t")
    [parsed] = read(Input(io.BytesIO(stream.getvalue().encode()), "x.tsv"))
    assert parsed.dossier == dossier
