"""The table of formats, detection, and how bytes become lines."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase import formats
from refbase.errors import FormatError, UsageError
from refbase.formats.base import Input, Reader
from refbase.text import printable


def lines(data: bytes) -> list[str]:
    return [line for _, line in Input(io.BytesIO(data), "x").lines()]


@pytest.mark.parametrize(
    "data",
    [
        "é\nβ\n".encode(),
        "é\nβ".encode(),
        "é\r\nβ\r\n".encode(),
        "é\rβ\r".encode(),
        b"\xef\xbb\xbf" + "é\nβ".encode(),
        "\ufeffé\nβ\n".encode("utf-16-le"),
        "\ufeffé\r\nβ\r\n".encode("utf-16-be"),
        "e\u0301\nβ\n".encode(),
    ],
)
def test_every_usual_encoding_and_line_end(data: bytes) -> None:
    assert lines(data) == ["é", "β"]


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    assert lines("a\u2028b\x0cc\x85d\n".encode()) == ["a\u2028bc\x85d"]


def test_bytes_that_are_not_utf8_are_read_and_reported_with_their_line() -> None:
    source = Input(io.BytesIO("good é\n".encode() + b"Slettb\xf8\n" + b"plain\n"), "x.txt")
    assert [line for _, line in source.lines()] == ["good é", "Slettbø", "plain"]
    assert [str(found) for found in source.drain()] == [
        "x.txt:2: warning: not UTF-8; the line is read as Windows-1252 [not-utf-8]"
    ]
    assert source.drain() == ()


def test_nul_bytes_are_taken_out_and_reported_and_tabs_stay() -> None:
    source = Input(io.BytesIO(b"a\tb\nc\x00d\n"), "x.txt")
    assert list(source.lines()) == [(1, "a\tb"), (2, "cd")]
    assert [found.span.line for found in source.drain()] == [2]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_numbers_survive_the_ends_of_blocks(end: bytes) -> None:
    wanted = [f"{n} " + "x" * 99 for n in range(30_000)]
    data = end.join(line.encode() for line in wanted)
    assert list(Input(io.BytesIO(data), "x").lines()) == list(enumerate(wanted, 1))


def test_one_very_long_line() -> None:
    assert [len(line) for line in lines(b"x" * 5_000_000)] == [5_000_000]


def test_nothing_is_no_line() -> None:
    assert lines(b"") == []


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("a.csv", b"", "csv"),
        ("A.JSON", b"", "csl-json"),
        ("a.jsonl", b"", "jsonl"),
        ("chapter.txt", b"ANNOTATED BIBLIOGRAPHY\n", "livertox"),
        ("-", b'[{"id": "x"}]', "csl-json"),
        ("-", b'{"key": "x", "reference": {}}', "jsonl"),
        ("-", b"key,bibliography,position,type\n", "csv"),
        ("-", b"Example A. Title. [PubMed: 1]\n", "livertox"),
        ("-", "\ufeffkey,bibliography,position,type\n".encode("utf-16-le"), "csv"),
    ],
)
def test_detection(name: str, head: bytes, found: str) -> None:
    assert formats.detect(name, head).name == found


@pytest.mark.parametrize(("name", "head"), [("-", b"nothing that we know"), ("a.doc", b"")])
def test_an_unknown_format_is_an_error_that_names_the_option(name: str, head: bytes) -> None:
    with pytest.raises(FormatError) as fault:
        formats.detect(name, head)
    assert "--format" in fault.value.hint


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as fault:
        formats.get("marc")
    assert "bibtex" in fault.value.hint


def test_every_format_of_the_table_loads() -> None:
    for fmt in formats.FORMATS:
        for path in filter(None, (fmt.reader, fmt.writer)):
            assert callable(formats._load(path)), path


def test_a_reader_that_yields_something_else_is_an_error_and_not_a_silent_loss() -> None:
    reader = Reader(Input.lines)  # type: ignore[var-annotated]
    with pytest.raises(TypeError, match="yields Parsed, not tuple"):
        list(reader(Input(io.BytesIO(b"Example"))))


def test_a_flavour_that_a_format_does_not_have_is_a_usage_error() -> None:
    options = formats.WriteOptions(flavour="zotero")
    with pytest.raises(UsageError, match="no flavour"):
        list(formats.write([], io.StringIO(), formats.get("csv"), options))


@given(
    st.lists(
        st.sampled_from(["a", ",", "\n", "\r\n", "\r", "é,", "e\u0301,", "日", "x" * 50]),
        max_size=60,
    ),
    st.integers(1, 40),
)
def test_pieces_are_the_file_in_bounded_parts_with_their_lines(parts: list[str], size: int) -> None:
    text = "".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("refbase.formats.base._CHUNK", size)
        pieces = list(Input(io.BytesIO(text.encode()), "x").pieces())
    whole = "".join(piece for _, piece in pieces)
    assert whole == printable(text.replace("\r\n", "\n").replace("\r", "\n"))
    line = 1
    for number, piece in pieces:
        assert number == line
        line += piece.count("\n")
