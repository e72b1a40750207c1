"""Plain lists of printed citations: how they are laid out, and what is said of each."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase import formats
from refbase.model import Dossier, Parsed
from refbase.values import page_range, undotted

FORMAT = formats.get("citations")
CORPUS = Path(__file__).parent / "corpus" / "citations"
CITATIONS = [
    f"Doe J, Roe {letter}. An example of a title: the part that is called {letter}. "
    f"Example J. 200{number};{number}(3):45-67. doi:10.5555/example.{number}."
    for number, letter in enumerate("ABCDE", 1)
]


def read(text: str | bytes, name: str = "list.txt") -> list[Parsed]:
    data = text.encode() if isinstance(text, str) else text
    return list(formats.read(io.BytesIO(data), name, FORMAT))


def dossiers(text: str | bytes) -> list[Dossier]:
    return [p.dossier for p in read(text) if p.dossier]


def citations(text: str) -> list[str]:
    return [d.entries[0].citation for d in dossiers(text)]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda p: p.stem)
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


def answer(dossier: Dossier, name: str) -> dict[str, Any]:
    reference = dossier.reference
    first, last = page_range(reference.text("page"))
    people = [n for n in reference.authors if n.family]
    return {
        "id": name,
        "authors": [{"family": n.surname, "given": undotted(n.given)} for n in people],
        "title": reference.title,
        "journal": reference.container_title,
        "year": str(reference.year or ""),
        "volume": reference.text("volume"),
        "issue": reference.text("issue"),
        "first_page": first or reference.text("page"),
        "last_page": last,
        "doi": reference.doi,
        "pmid": reference.pmid,
    }


@pytest.mark.corpora
def test_real_citations_as_one_list(corpora: Path, tmp_path: Path) -> None:
    truth, judge = corpora / "citations/references.jsonl", corpora / "citations/evaluate.py"
    if not (truth.is_file() and judge.is_file()):
        pytest.skip(f"{truth} is not there")
    known = [json.loads(line) for line in truth.read_text().splitlines()]
    found = dossiers("\n".join(one["string"] for one in known))
    assert len(found) == len(known)
    said = tmp_path / "said.jsonl"
    said.write_text(
        "\n".join(
            json.dumps(answer(dossier, one["id"]))
            for one, dossier in zip(known, found, strict=True)
        )
    )
    run = subprocess.run([sys.executable, judge, truth, said], capture_output=True, text=True)
    whole = re.search(r"whole record right ([\d.]+)", run.stdout)
    micro = re.search(r"micro F1 ([\d.]+)", run.stdout)
    assert whole, run.stderr
    assert micro, run.stderr
    assert float(whole[1]) >= 0.965, run.stdout
    assert float(micro[1]) >= 0.99, run.stdout
