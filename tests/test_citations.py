"""Plain lists of printed citations: how they are laid out, and what is said of each."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging import assert_well_read, real_citations
from readers import CORPUS, Reader
from refbase import formats

read = Reader("citations", "list.txt")
dossiers = read.dossiers
CITATIONS = [
    f"Doe J, Roe {letter}. An example of a title: the part that is called {letter}. "
    f"Example J. 200{number};{number}(3):45-67. doi:10.5555/example.{number}."
    for number, letter in enumerate("ABCDE", 1)
]


def citations(text: str) -> list[str]:
    return [d.entries[0].citation for d in dossiers(text)]


@pytest.mark.parametrize("path", sorted((CORPUS / "citations").glob("*.txt")), ids=lambda p: p.stem)
def test_corpus(path: Path, update: bool) -> None:
    shown = [
        {
            "line": p.span.line,
            "reference": p.dossier.reference.to_csl() if p.dossier else None,
            "citation": p.dossier.entries[0].citation if p.dossier else "",
            "diagnostics": [str(d) for d in p.diagnostics],
        }
        for p in read(path.read_bytes(), path.name)
    ]
    made = json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
    expected = path.with_suffix(".expected.json")
    if update:
        expected.write_text(made)
    assert made == expected.read_text()


def wrapped(first: str, indent: str, width: int = 72) -> str:
    return "\n".join(
        textwrap.fill(
            text,
            width,
            initial_indent=first.format(number),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, text in enumerate(CITATIONS, 1)
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(CITATIONS),
        "\r\n".join(CITATIONS),
        "\n\n".join(CITATIONS),
        "References\n\n" + "\n".join(CITATIONS),
        wrapped("{}. ", ""),
        wrapped("{}. ", "   "),
        wrapped("[{}] ", "    "),
        wrapped("({}) ", ""),
        wrapped("  {}) ", "     "),
        wrapped("", "    "),
        wrapped("    ", ""),
        wrapped("• ", "  "),
        wrapped("- ", "", 60),
        wrapped("{}. ", "").replace("\n1", "\n\n1").replace("\n4. ", "\n\n4. "),
        wrapped("", ""),
    ],
)
def test_every_layout_gives_the_same_citations(text: str) -> None:
    expected = [
        text.replace(f" doi:10.5555/example.{n}.", "") for n, text in enumerate(CITATIONS, 1)
    ]
    assert citations(text) == expected
    assert [d.reference.doi for d in dossiers(text)] == [
        f"10.5555/example.{n}" for n in range(1, 6)
    ]
    assert [d.entries[0].position for d in dossiers(text)] == [1, 2, 3, 4, 5]
    assert {d.entries[0].bibliography for d in dossiers(text)} == {"list"}


def test_a_year_at_the_beginning_of_a_broken_line_is_no_number() -> None:
    text = "1. Doe J. An example. Example J\n2001. An odd line.\n2. Roe R. Gut 2001; 1: 2-3.\n"
    assert len(citations(text)) == 2


def test_what_is_no_citation_keeps_its_text_and_is_told() -> None:
    [one] = read("Nothing like a citation at all\n")
    assert one.dossier
    assert one.dossier.reference.type == "document"
    assert one.dossier.entries[0].citation == "Nothing like a citation at all"
    assert [str(d)[:19] for d in one.diagnostics] == ["list.txt:1: warning"]


@pytest.mark.parametrize("text", ["", "\n\n", "References\n"])
def test_an_empty_list_is_told(text: str) -> None:
    assert [[d.code for d in p.diagnostics] for p in read(text)] == [["no-references"]]


def test_it_is_never_guessed() -> None:
    with pytest.raises(formats.FormatError):
        formats.detect("-", "\n".join(CITATIONS).encode())


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for one in read(text.encode("utf-8", "replace")):
        assert one.dossier or one.diagnostics


@pytest.mark.parametrize(
    "noise",
    ["x ", "Doe J, ", "Doe, J., & ", "Aa B. ", "\n1. ", "(2001). ", "Doe J.\n", "- \n", "(", "\0"],
)
def test_noise_without_end_does_not_hang(noise: str) -> None:
    assert read(noise * (100_000 // len(noise) if "\n" not in noise else 2000))


# ------------------------------------------------------------------------------ real ones


@pytest.mark.corpora
def test_real_citations_as_one_list(corpora: Path, tmp_path: Path) -> None:
    printed = real_citations(corpora)
    found = dossiers("\n".join(printed))
    assert len(found) == len(printed)
    assert_well_read((d.reference for d in found), corpora, tmp_path)
