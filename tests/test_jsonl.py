"""JSON lines: everything comes back as it was."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from readers import CORPUS, Reader
from refbase import formats
from refbase.formats.base import WriteOptions
from refbase.jsontext import dumps, loads
from refbase.model import Dossier, Reference

FOLDER = CORPUS / "jsonl"
FORMAT = formats.get("jsonl")
read = Reader("jsonl", "x.jsonl")


def write(*dossiers: Dossier) -> str:
    stream = io.StringIO()
    assert list(formats.write(dossiers, stream, FORMAT, WriteOptions())) == []
    return stream.getvalue()


@given(st.lists(strategies.dossiers, max_size=3))
def test_what_is_written_comes_back_as_it_was(dossiers: list[Dossier]) -> None:
    text = write(*dossiers)
    assert text.count("\n") == len(dossiers)
    found = read(text)
    assert [one.dossier for one in found] == dossiers
    assert not any(one.diagnostics for one in found)


def test_every_kind_of_thing_is_written_and_read_in_the_corpus() -> None:
    text = (FOLDER / "examples.jsonl").read_text()
    dossiers = [one.dossier for one in read(text) if one.dossier]
    assert write(*dossiers) == text
    assert any(one.records and one.tags and one.entries for one in dossiers)


GOOD = write(Dossier(Reference("book", {"title": "Good"}), "good"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "Expecting property name enclosed in double quotes behind '{'"),
        ("[]", "the line is no object"),
        ('{"key": 1}', "'key' is no text"),
        ('{"reference": []}', "'reference' is no object"),
        ('{"entries": [1]}', "an entry is no object"),
        ('{"entries": [{"position": "1"}]}', "'position' is no number"),
        ('{"tags": [1]}', "a tag is no text"),
        ('{"records": [{}]}', "a source is no object"),
        ('{"records": [{"source": {}, "line": "1"}]}', "'line' is no number"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_told_and_the_next_one_is_read(line: str, message: str) -> None:
    first, bad, last = read(f"{GOOD}{line}\n\n{GOOD}")
    assert first.dossier == last.dossier != bad.dossier is None
    assert [str(d) for d in bad.diagnostics] == [
        f"x.jsonl:2: error: no reference of refbase: {message} [bad-json]"
    ]
    assert (bad.raw, bad.span.line) == (line, 2)


def test_a_key_of_a_newer_version_is_told() -> None:
    (one,) = read('{"key": "x", "reference": {"type": "book"}, "colour": "red"}')
    assert one.dossier == Dossier(Reference("book"), "x")
    assert [d.code for d in one.diagnostics] == ["bad-value"]


def test_unknown_keys_are_told_in_the_order_of_the_line() -> None:
    keys = [f"example-{number}" for number in range(20)]
    (one,) = read(json.dumps({"reference": {}, **dict.fromkeys(keys, 1)}))
    assert [d.message.split("'")[1] for d in one.diagnostics] == keys


def test_a_truncated_file_is_read_up_to_there() -> None:
    first, last = read(GOOD + GOOD[:-10])
    assert first.dossier
    assert (last.dossier, last.diagnostics[0].span.line) == (None, 2)


def test_the_format_is_told_from_the_first_line() -> None:
    assert formats.detect("x", GOOD.encode()).name == "jsonl"


# -------------------------------------------------------------------------- JSON as such


@given(strategies.custom)
def test_any_value_comes_back(value: dict[str, object]) -> None:
    assert loads(dumps(value)) == value
    assert "\n" not in dumps(value)
    dumps(value).encode()


@pytest.mark.parametrize(
    "text", ["", "{", "01", "[1 2]", "[" * 5000, '{"a":' * 150 + "1" + "}" * 150]
)
def test_what_is_no_json_or_too_deep_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|deeply|Extra"):
        loads(text)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000])
def test_a_number_that_nothing_can_hold_stays_text(number: str) -> None:
    value = loads(f"[{number}]")
    assert value == [number]
    assert json.loads(dumps(value)) == [number]


def test_characters_that_no_text_holds_do_not_come_in_by_escapes() -> None:
    assert loads('{"a\\u0000": ["\\ud800x", "u\\u0308"]}') == {"a": ["x", "ü"]}
    assert dumps("\ud800") == '"\\ud800"'
