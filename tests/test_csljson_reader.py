"""CSL-JSON as others write it, and as nobody should."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csl_items import FORMAT, back, codes, read, titles, write
from refbase import formats
from refbase.model import Dossier, Entry, Reference
from refbase.values import Date, Name


def test_lines_that_zotero_wrote_go_back_to_their_variables() -> None:
    note = "PMID: 1\nPMCID: PMC1\nannote: A remark\nCitation Key: y\noriginal-date: 1897\nSeen."
    (one,) = read(json.dumps([{"id": "http://zotero.org/x/1", "type": "book", "note": note}]))
    assert one.dossier == Dossier(
        Reference(
            "book",
            {"PMID": "1", "PMCID": "PMC1", "original-date": Date((1897,)), "note": "Seen."},
            {"id": "http://zotero.org/x/1"},
        ),
        "y",
        (Entry(position=1, annotation="A remark"),),
    )


def test_a_key_and_a_type_are_said_as_often_as_they_like_but_only_one_of_them() -> None:
    note = "\n".join(["Citation Key: y", "type: book"] * 3 + ["Citation Key: z"])
    (one,) = read(json.dumps([{"type": "document", "note": note}]))
    work = Reference("book", {"note": "Citation Key: z"})
    assert one.dossier == Dossier(work, "y")


def test_a_line_that_contradicts_a_key_stays_where_it_is() -> None:
    (one,) = read('[{"type": "book", "PMID": "1", "note": "PMID: 2\\nPMID: 1"}]')
    assert one.dossier
    assert one.dossier.reference.variables == {"PMID": "1", "note": "PMID: 2"}


def test_names_are_taken_apart_unless_they_say_that_they_are() -> None:
    authors = [
        {"family": "van der Ploeg", "given": "R. J."},
        {"family": "Smith", "given": "John, Jr."},
        {"family": "de Gaulle", "given": "C.", "suffix": ""},
        {"family": 7},
    ]
    (one,) = read(json.dumps([{"type": "book", "author": authors}]))
    assert one.dossier
    assert one.dossier.reference.authors == (
        Name("Ploeg", "R. J.", "van der"),
        Name("Smith", "John", suffix="Jr."),
        Name("de Gaulle", "C."),
        Name("7"),
    )


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"citation-key": "a", "id": "b"}, "a"),
        ({"id": "b"}, "b"),
        ({"id": 7}, ""),
        ({"citation-key": 7, "id": 1}, "7"),
        ({"id": "http://zotero.org/users/1/items/ABC"}, ""),
        ({}, ""),
    ],
)
def test_the_key_is_the_citation_key_or_the_id(said: dict[str, Any], key: str) -> None:
    (one,) = read(json.dumps([{"type": "book", **said}]))
    assert one.dossier
    assert one.dossier.key == key


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"id": "http://zotero.org/x/1"}, {"id": "http://zotero.org/x/1"}),
        ({"citation-key": "a", "id": "a"}, {}),
        ({"citation-key": "a", "id": "b"}, {"id": "b"}),
        ({"citation-key": "a", "note": "Citation Key: c"}, {"citation-key": "c"}),
        ({"id": "b", "custom": {"id": "d"}}, {"id": "d"}),
        ({"citation-key": "a", "id": "b", "custom": {"id": "d"}}, {"id": ["d", "b"]}),
        ({"citation-key": ["a"], "id": 7}, {"citation-key": ["a"]}),
    ],
)
def test_what_else_an_item_calls_itself_is_kept(said: dict[str, Any], kept: dict[str, Any]) -> None:
    (one,) = read(json.dumps([{"type": "book", **said}]))
    assert one.dossier
    assert one.dossier.reference.custom == kept
    assert back(one.dossier, flavour="csl").reference == one.dossier.reference


def test_what_a_name_says_besides_is_kept_with_the_name_and_told() -> None:
    """Crossref's authors have an ORCID, which PubMed's have too, and more."""
    authors = [
        {"family": "Example", "given": "Ann", "ORCID": "http://orcid.org/0000-0002-1825-0097"},
        {"family": "Muster", "given": "B.", "affiliation": [{"name": "X"}], "role": []},
        {"literal": "Example Group", "ORCID": "0000-0002-1825-0098", "affiliation": "Y"},
    ]
    (one,) = read(json.dumps([{"type": "book", "affiliation": "Z", "author": authors}]))
    assert one.dossier
    assert one.dossier.reference.authors == (
        Name("Example", "Ann"),
        Name("Muster", "B."),
        Name(literal="Example Group"),
    )
    assert one.dossier.reference.custom == {
        "orcid": [{"author": "Example, Ann", "orcid": "0000-0002-1825-0097"}],
        "affiliation": [
            "Z",
            {"author": "Muster, B.", "affiliation": [{"name": "X"}]},
            {"author": "Example Group", "affiliation": "Y"},
        ],
        "ORCID": [{"author": "Example Group", "ORCID": "0000-0002-1825-0098"}],
    }
    assert [d.message for d in one.diagnostics] == [
        "'affiliation' is not a CSL variable, or its value is not one",
        "names say more than was read of them: ORCID, affiliation",
    ]
    assert back(one.dossier, flavour="csl").reference == one.dossier.reference


def test_what_is_not_csl_is_kept_and_told() -> None:
    text = '[\n{"type": "book",\n "nlm-id": "7", "title": ["x"], "custom": {"a": [1.5]}}]'
    (one,) = read(text)
    assert one.dossier
    assert one.dossier.reference.custom == {"a": [1.5], "nlm-id": "7", "title": ["x"]}
    assert [str(d) for d in one.diagnostics] == [
        "x.json:2: warning: 'nlm-id' is not a CSL variable, or its value is not one [bad-value]",
        "x.json:2: warning: 'title' is not a CSL variable, or its value is not one [bad-value]",
    ]
    assert one.raw == text[2:-1]
    assert (one.span.line, one.span.end_line) == (2, 3)


def test_categories_that_are_no_list_are_kept_and_told() -> None:
    (one,) = read('[{"type": "book", "categories": "liver, drugs"}]')
    assert one.dossier
    assert (one.dossier.tags, dict(one.dossier.reference.custom)) == (
        (),
        {"categories": "liver, drugs"},
    )
    assert [d.code for d in one.diagnostics] == ["bad-value"]


A, B = '{"type": "book", "title": "A"}', '{"type": "book", "title": "B"}'


@pytest.mark.parametrize(
    "text",
    [
        f"[{A},{B}]",
        f"\ufeff[\n{A}\n,\n{B}\n]\n",
        f'{{"items": [{A}, {B}]}}',
        f'{{"config": {{"x": [{{"y": 1}}]}}, "items" : [{A}, {B}], "collections": {{"c": []}}}}',
        f"{A}\n{B}\n",
    ],
)
def test_lists_wrapped_lists_and_bare_objects_are_read(text: str) -> None:
    assert titles(text) == ["A", "B"]
    assert codes(text) == []
    assert titles(text.encode("utf-16")) == ["A", "B"]


def test_a_bare_object_is_one_item() -> None:
    assert titles('{"type": "book", "author": [{"family": "F"}], "title": "T"}') == ["T"]


@pytest.mark.parametrize("text", ["", "  \n", "[]", '{"items": []}', "[\n]"])
def test_nothing_is_nothing(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (f'[{A},\n{{"title": "x" "y"}},\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f'[{A},\n{{"title": "never closed}},\n{B}]', ["A"], [("bad-json", 2)]),
        (f'[{A},\n{{"title": "x", "author": [}},\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f"[{A},\n12, null,\n{B}]", ["A", "B"], [("bad-json", 2)]),
        (f'[{A},\n["x"],\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f"[{A},\n{B}", ["A", "B"], [("truncated", 2)]),
        (f'[{A},\n{{"type": "book", "ti', ["A"], [("truncated", 2)]),
        (f"[{A}]\n]", ["A"], [("bad-json", 2)]),
        (f"hello\n[{A}]", ["A"], [("bad-json", 1)]),
        ("hello", [], [("bad-json", 1)]),
        (f'[{A},\n{{"title": "x", "note": "\t"}}]', ["A"], [("bad-json", 2)]),
    ],
)
def test_what_is_broken_is_told_with_its_line_and_the_rest_is_read(
    text: str, found: list[str], expected: list[tuple[str, int]]
) -> None:
    assert titles(text) == found
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "]" * 1000,
        '[{"custom": ' + "[" * 100_000 + "]" * 100_000 + "}]",
        '[{"custom": ' + '{"a":' * 500 + "1" + "}" * 500 + "}]",
        '[{"title": NaN, "volume": 1e999, "issue": -Infinity, "page": ' + "9" * 5000 + "}]",
        '[{"title": "\\ud800", "custom": {"\\udfff": "\\u0000"}}]',
        '[{"title": "a", "title": "b"}]',
        '[{"type": [], "id": {}, "author": {}, "issued": [[1]], "note": 5, "custom": 7}]',
        '[{"issued": {"date-parts": [[2015, 13]]}, "author": [[], {}, 1]}]',
        '[{"custom": {"et-al": [["author"], "title"]}, "categories": "x"}]',
        '[{"author": [{"family": "x", "comma-suffix": {}}], "issued": {"literal": "\\u0000"}}]',
        '"\\',
        "\x00\x01[",
    ],
)
def test_no_file_brings_us_down(text: str) -> None:
    for one in read(text):
        if one.dossier:
            for flavour in FORMAT.flavours:
                write(one.dossier, flavour=flavour)[0].encode()


@given(st.binary(max_size=60) | st.text('[]{}",:ab\\\n', max_size=60))
def test_any_bytes_are_read_or_told(data: str | bytes) -> None:
    for one in read(data):
        assert one.dossier or one.diagnostics


def test_a_file_in_one_line_is_not_held_as_a_whole() -> None:
    """The line of a minified file is as long as the file: pieces of it are enough."""

    class Endless(io.RawIOBase):
        """A list of items that goes on for as long as somebody reads."""

        def read(self, size: int = -1, /) -> bytes:
            self.given = getattr(self, "given", 0) + 1
            return (b"[" if self.given == 1 else b"") + f"{A},".encode() * 100

    source = Endless()
    stream = formats.read(source, "x.json", FORMAT)  # type: ignore[arg-type]
    for _ in range(1000):
        assert next(stream).dossier
    assert source.given < 20
