"""Keys, losses, hostile values: what is written in BibTeX harms nothing and is not lost unsaid."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX, CSL_TYPES, Dialect
from refbase.model import Dossier, Reference, Value
from refbase.values import Date, Name
from refbase.vocab import TYPES, VARIABLES
from strategies import dossiers, keys, texts
from writing_bibtex import (
    PLAIN_TYPES,
    ZOTERO_TYPES,
    both,
    tables,
    written,
)

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
