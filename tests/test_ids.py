"""Lists of identifiers: every spelling, what is none, and back."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from readers import CORPUS, Reader
from refbase import formats
from refbase.formats.ids import WRITTEN, reference
from refbase.model import Dossier, Reference

FORMAT = formats.get("ids")
read = Reader("ids", "x.txt")
FOLDER = CORPUS / "ids"


def write(*references: Reference) -> tuple[str, list[str]]:
    stream = io.StringIO()
    dossiers = [Dossier(one, "key") for one in references]
    told = [str(one) for one in formats.write(dossiers, stream, FORMAT)]
    return stream.getvalue(), told


def variables(text: str) -> list[dict[str, object]]:
    return [dict(one.dossier.reference.variables) for one in read(text) if one.dossier]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda p: p.stem)
def test_corpus(path: Path, update: bool) -> None:
    lines = [
        f"{p.span.line}: "
        + (json.dumps(p.dossier.reference.to_csl()) if p.dossier else str(p.diagnostics[0]))
        for p in read(path.read_bytes())
    ]
    made = "\n".join(lines) + "\n"
    expected = path.with_suffix(".expected")
    if update:
        expected.write_text(made)
    assert made == expected.read_text()


def test_the_line_of_what_is_no_identifier_is_told_and_the_rest_is_read() -> None:
    parsed = read("1\nabc\n2 abc 3\n\n4")
    assert [(p.span.line, p.dossier is not None) for p in parsed] == [
        (1, True), (2, False), (3, True), (3, True), (3, False), (5, True)
    ]  # fmt: skip
    assert {d.code for p in parsed for d in p.diagnostics} == {"bad-identifier"}


def test_a_journal_number_is_no_work() -> None:
    assert reference("0016-5085") is None


def test_written_is_the_first_identifier_of_each_reference() -> None:
    text, told = write(
        Reference("book", {"DOI": "10.5555/x", "PMID": "7"}),
        Reference("book", {"PMID": "abc", "DOI": "10.5555/x"}),
        Reference("book", {"DOI": "10.5555/a b", "URL": "https://example.org/x"}),
        Reference("book", {"title": "Example"}),
    )
    assert text == "7\n10.5555/x\nhttps://example.org/x\n"
    assert len(told) == 1
    assert "left-out" in told[0]


@given(st.lists(strategies.references(), max_size=5))
def test_every_line_reads_back_as_what_it_was(references: list[Reference]) -> None:
    text, told = write(*references)
    found = variables(text)
    assert len(found) + len(told) == len(references)
    for one in found:
        [(scheme, value)] = one.items()
        assert scheme in WRITTEN
        assert any(known.text(scheme) == value for known in references)


_LINES = strategies.one_line | st.sampled_from(["1", "pmid", ",;", "PMC1"])


# What a file begins with may be the mark of its byte order, which is no text
@given(st.lists(_LINES.filter(lambda line: line[0] != "\ufeff"), max_size=9))
def test_every_line_gives_a_reference_or_a_diagnostic(lines: list[str]) -> None:
    parsed = read("\n".join(lines))
    assert {p.span.line for p in parsed} == set(range(1, len(lines) + 1))


@pytest.mark.parametrize("noise", ["x", "1,", "10.", "PMID: ", "https://", "doi:10.5555/", "\0"])
def test_one_long_line(noise: str) -> None:
    parsed = read(noise * 200_000)
    assert all(p.dossier or p.diagnostics for p in parsed)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"99000001\nPMC9000001\n10.5555/x\n", "ids"),
        (b"99000001\r\n\r\nhttps://doi.org/10.5555/x\r\nPMID: 9", "ids"),
        (b"1\n" * 2048, "ids"),
        (b"Example\n\nANNOTATED BIBLIOGRAPHY\n", "livertox"),
    ],
)
def test_detection(head: bytes, name: str) -> None:
    assert formats.detect("list.txt", head[: formats.HEAD]).name == name
