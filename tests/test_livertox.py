"""The livertox reader: the seed exactly, real chapters against their XML, copies of all kinds."""

from __future__ import annotations

import csv
import io
import json
import runpy
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program import CHAPTER, ROOT
from readers import shown
from refbase import formats
from refbase.formats.base import Input
from refbase.formats.livertox import read
from refbase.model import Dossier, Parsed

CORPUS = Path(__file__).parent / "corpus" / "livertox"


def parse(text: str | bytes, name: str = "example.txt") -> list[Parsed]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(Input(io.BytesIO(data), name)))


def dossiers(parsed: list[Parsed]) -> list[Dossier]:
    return [p.dossier for p in parsed if p.dossier]


def codes(parsed: list[Parsed]) -> list[str]:
    return [d.code for p in parsed for d in p.diagnostics]


# ------------------------------------------------------------------------------ the seed


@pytest.fixture(scope="module")
def seed() -> list[Parsed]:
    return parse(CHAPTER.read_bytes(), "baclofen.txt")


def test_the_seed_has_35_entries_34_pmids_and_7_pmcids(seed: list[Parsed]) -> None:
    references = [d.reference for d in dossiers(seed)]
    assert len(references) == 35
    assert len({r.pmid for r in references} - {""}) == 34
    assert len({r.pmcid for r in references} - {""}) == 7
    assert [r.type for r in references] == ["chapter"] + ["article-journal"] * 34
    assert all(d.entries[0].annotation for d in dossiers(seed))
    assert [d.entries[0].position for d in dossiers(seed)] == list(range(1, 36))
    assert {d.entries[0].bibliography for d in dossiers(seed)} == {"Baclofen"}


def test_the_fields_of_the_seed_rebuild_its_citations(seed: list[Parsed]) -> None:
    """Nothing of an article is lost, moved or added: its fields, printed in the style of the
    chapter, are its citation."""

    def printed(dossier: Dossier) -> str:
        r = dossier.reference
        people = [n.inverted.replace(",", "").replace(".", "") for n in r.authors if n.family]
        people = [p.replace(" ", "_") for p in people]
        bodies = [n.literal for n in r.authors if n.literal and n.literal != "et al."]
        cut = ", et al" if any(n.literal == "et al." for n in r.authors) else ""
        dot = "." if cut and bodies else ""
        names = ", ".join(people) + cut + dot + "".join(f"; {b}" for b in bodies)
        issue = f" ({r.text('issue')})" if r.text("issue") else ""
        where = f"{r.text('volume')}{issue}: {r.text('page')}"
        return f"{names}. {r.title}. {r.container_title} {r.year}; {where}."

    def same(text: str) -> str:
        return text.replace(" ", "").replace("_", "")

    for dossier in dossiers(seed)[1:]:
        assert same(printed(dossier)) == same(dossier.entries[0].citation)


def test_what_looks_odd_in_the_seed_stays_and_is_said(seed: list[Parsed]) -> None:
    assert codes(seed) == ["missing-blank", "split-annotation"]
    assert [p.span.line for p in seed if p.diagnostics] == [77, 119]
    references = [d.reference for d in dossiers(seed)]
    assert references[4].title.startswith("Lioresal(baclofen) treatment")
    assert references[18].authors[-1].family == "Sletteb"


def test_the_annotation_that_the_link_splits_is_whole(seed: list[Parsed]) -> None:
    entry = dossiers(seed)[25].entries[0]
    assert entry.citation.endswith("Liver Transpl 2004; 10:1018-23.")
    assert entry.annotation.startswith("Among ~50,000 liver transplants done in the US")
    assert entry.annotation.endswith("to a specific muscle relaxant")


def test_references_csv_is_what_the_reader_makes_of_the_seed(seed: list[Parsed]) -> None:
    """But for the citation keys, which the page does not print: `make data` adds them."""
    made = io.StringIO(newline="")
    assert list(formats.write(dossiers(seed), made, formats.get("csv"))) == []
    kept = (ROOT / "data" / "references.csv").read_text(encoding="utf-8")
    rows, expected = (list(csv.reader(io.StringIO(text))) for text in (made.getvalue(), kept))
    assert [row[1:] for row in rows] == [row[1:] for row in expected]


# ------------------------------------------------------------------------------ expected files


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda p: p.stem)
def test_corpus(path: Path, update: bool) -> None:
    made = json.dumps(shown(parse(path.read_bytes(), path.name)), indent=1, ensure_ascii=False)
    expected = path.with_suffix(".expected.json")
    if update:
        expected.write_text(made + "\n")
    assert made + "\n" == expected.read_text()


# ------------------------------------------------------------------------------ copies

Layout = Callable[[str, str, str], str]


def wrapped(bullet: str, indent: str, width: int, hyphens: bool = False) -> Layout:
    def layout(citation: str, links: str, annotation: str) -> str:
        first = textwrap.fill(
            f"{citation} {links}".strip(),
            width,
            initial_indent=bullet,
            subsequent_indent=indent,
            break_on_hyphens=hyphens,
            break_long_words=False,
        )
        second = textwrap.fill(
            annotation,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=hyphens,
            break_long_words=False,
        )
        return f"{first}\n{second}\n"

    return layout


LAYOUTS: dict[str, Layout] = {
    "w3m": lambda c, a, n: f"  • {c} {a}\n    {n}\n",
    "w3m-paragraph": lambda c, a, n: f"  • {c} {a}\n\n    {n}\n\n",
    "w3m-80": wrapped("  • ", "    ", 80),
    "hyphens-70": wrapped("  * ", "    ", 70, hyphens=True),
    "lynx-80": wrapped("     * ", "       ", 80),
    "pandoc-72": wrapped("-   ", "    ", 72),
    "glued": lambda c, a, n: f"- {c} {a}{n}\n",
    "one-line": lambda c, a, n: f"* {c} {a} {n}\n",
    "italics": lambda c, a, n: f"  * {c} {a} _{n}_\n",
    "unindented-60": wrapped("* ", "", 60),
    "no-bullets": lambda c, a, n: f"{c} {a}\n{n}\n",
    "no-bullets-apart": lambda c, a, n: f"{c} {a}\n\n{n}\n\n",
    "html2text": lambda c, a, n: (
        f"  * {c} {a.replace('[', '[[').replace(']', '](/x/1)]')}\n\n{n}\n"
    ),
    "spaced": lambda c, a, n: f"  • {c} {a.replace(': ', ' : ').replace(']', ' ]')} {n}\n",
    "crlf": lambda c, a, n: f"  • {c} {a}\r\n    {n}\r\n",
}


def laid_out(parsed: list[Parsed], layout: Layout) -> str:
    """A copy of what was read as another program would have made it."""
    blocks = []
    for dossier in dossiers(parsed):
        entry, reference = dossier.entries[0], dossier.reference
        pmc = f"[PMC free article: {reference.pmcid}] " if reference.pmcid else ""
        pubmed = f"[PubMed: {reference.pmid}]" if reference.pmid else ""
        blocks.append(layout(entry.citation, pmc + pubmed, f"({entry.annotation})."))
    head = "Baclofen\n\nLast Update: January 30, 2017.\n\nANNOTATED BIBLIOGRAPHY\n\n"
    updated = "References updated: 30 January 2017\n\n"
    return head + updated + "".join(blocks) + "\nViews\n\nNew and Updated\n"


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_copy_says_the_same(seed: list[Parsed], name: str) -> None:
    again = dossiers(parse(laid_out(seed, LAYOUTS[name])))
    assert len(again) == 35
    for one, other in zip(again, dossiers(seed), strict=True):
        assert one.reference == other.reference
        assert one.entries == other.entries


def test_numbered_items_are_read_in_their_order(seed: list[Parsed]) -> None:
    count = iter(range(1, 100))
    text = laid_out(seed, lambda c, a, n: f"{next(count):3}. {c} {a}\n     {n}\n")
    assert dossiers(parse(text)) == dossiers(seed)


def test_links_that_lost_their_numbers_are_told(seed: list[Parsed]) -> None:
    text = laid_out(seed, lambda c, a, n: f"• {c} [PMC free article] [PubMed]\n{n}\n")
    again = parse(text)
    assert codes(again).count("link-without-number") == 70
    assert [d.entries for d in dossiers(again)] == [d.entries for d in dossiers(seed)]


# ------------------------------------------------------------------------------ bad input

CITATION = "Doe J. An example. Example J 2001; 1: 2-3."


def chapter(*items: str) -> str:
    return "Example\n\nLast Update: May 1, 2020.\n\nREFERENCES\n\n" + "".join(
        f"  • {item}\n" for item in items
    )


def test_a_heading_between_the_items_does_not_end_the_list() -> None:
    text = chapter(CITATION) + f"\nMore references\n\n  • {CITATION}\n\nLinks\n\n  • PubMed\n"
    assert [d.entries[0].position for d in dossiers(parse(text))] == [1, 2]


def test_a_paragraph_in_front_of_the_list_is_no_item() -> None:
    text = chapter().rstrip() + f"\n\nThese are examples.\n\n  • {CITATION}\n  •\n  • {CITATION}"
    assert [d.entries[0].position for d in dossiers(parse(text))] == [1, 2]


def test_two_chapters_in_one_file() -> None:
    text = chapter(CITATION) + chapter(CITATION, CITATION).replace("Example\n", "Another\n", 1)
    found = [(d.entries[0].bibliography, d.entries[0].position) for d in dossiers(parse(text))]
    assert found == [("Example", 1), ("Another", 1), ("Another", 2)]


@pytest.mark.parametrize("text", ["", "\n\n", "Introduction\n\nNo list here.\n", "REFERENCES\n"])
def test_a_file_without_references(text: str) -> None:
    parsed = parse(text)
    assert [p.dossier for p in parsed] == [None]
    assert str(parsed[0].diagnostics[0]).startswith("example.txt: error: no bibliography found")


@pytest.mark.parametrize("place", range(7900, 8400, 25))
def test_a_chapter_that_is_cut_is_read_up_to_the_cut(seed: list[Parsed], place: int) -> None:
    whole = CHAPTER.read_bytes()
    parsed = parse(whole[:place], "baclofen.txt")
    *before, last = parsed
    assert dossiers(before) == dossiers(seed)[: len(before)]
    if not last.raw.endswith((")", ".", "]")):
        assert "truncated" in [d.code for d in last.diagnostics]


def test_a_number_that_was_cut_is_no_pmid() -> None:
    parsed = parse(chapter(f"{CITATION} [PubMed: 1234"))
    assert dossiers(parsed)[0].reference.pmid == ""
    assert "truncated" in codes(parsed)


def test_a_link_that_is_no_pmid_is_told() -> None:
    parsed = parse(chapter(f"{CITATION} [PubMed: 12x4]"))
    assert codes(parsed) == ["bad-identifier"]
    assert dossiers(parsed)[0].reference.pmid == ""


def test_the_link_is_believed_and_not_the_text() -> None:
    parsed = parse(chapter(f"{CITATION} 1234567. [PubMed: 12345678]"))
    assert codes(parsed) == ["conflicting-identifier"]
    assert dossiers(parsed)[0].reference.pmid == "12345678"
    assert dossiers(parsed)[0].entries[0].citation == CITATION


def test_what_cannot_be_parsed_keeps_its_text_annotation_and_identifier() -> None:
    parsed = parse(chapter("KremerJMAlarconGSDentPB, [PubMed: 123]\n    (Quite (odd).", CITATION))
    first, second = dossiers(parsed)
    assert first.reference.type == "document"
    assert first.reference.pmid == "123"
    assert first.entries[0].citation == "KremerJMAlarconGSDentPB,"
    assert first.entries[0].annotation == "Quite (odd"
    assert "citation-not-understood" in codes(parsed)
    assert second.reference.title == "An example"


@pytest.mark.parametrize(
    ("printed", "bare"),
    [
        ("(One).", "One"),
        ("(One)", "One"),
        ("(One [two (three)] four).", "One [two (three)] four"),
        ("(One). (Two).", "(One). (Two)."),
        ("(One (two).", "One (two"),
        ("(One) two).", "One) two"),
        ("(One [two].", "One [two]."),
        ("One.", "One."),
        ("(One?)", "One?"),
        ("(One vs.).", "One vs."),
    ],
)
def test_only_the_outer_brackets_of_an_annotation_are_layout(printed: str, bare: str) -> None:
    parsed = parse(chapter(f"{CITATION} [PubMed: 1]\n    {printed}"))
    assert dossiers(parsed)[0].entries[0].annotation == bare


@pytest.mark.parametrize(
    ("split", "whole"),
    [
        ("(Among . [PubMed: 1]\n    ~50 men).", "Among ~50 men"),
        ("(3 . [PubMed: 1]\n    2 year old man).", "32 year old man"),
        ("(Two cases; one developed. [PubMed: 1]\n    rash).", "Two cases; one developed rash"),
        ("(All of it [is here]). [PubMed: 1]\n    .", "All of it [is here]"),
        ("(All of it [is here]). [PubMed: 1]", "All of it [is here]"),
    ],
)
def test_an_annotation_that_slipped_in_front_of_the_links(split: str, whole: str) -> None:
    entry = dossiers(parse(chapter(f"{CITATION} {split}")))[0].entries[0]
    assert (entry.citation, entry.annotation) == (CITATION, whole)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for parsed in parse(("REFERENCES\n" + text).encode("utf-8", "replace")):
        assert parsed.dossier or parsed.diagnostics


@settings(deadline=None, max_examples=100)
@given(st.text("Aa.,;:()[]0129 \n•*-&", max_size=200))
def test_no_item_is_lost(text: str) -> None:
    item = "".join(c for c in text if c not in "\n•*-").strip()
    parsed = parse(chapter(f"x{item}", CITATION))
    assert len(dossiers(parsed)) == 2
    assert dossiers(parsed)[1].reference.title == "An example"


NOISE = ("Example: one. Two, 3 (four; ", ". 2001 (", "[PubMed: ", "[", "x\n  ", ") ", "_", "1-")


@pytest.mark.parametrize("noise", NOISE)
def test_noise_without_end_is_one_item_that_is_not_understood(noise: str) -> None:
    """Here a pattern that goes back over what it has read would not come to an end."""
    parsed = parse(chapter("A. " + noise * 8000))
    assert len(dossiers(parsed)) == 1
    assert "citation-not-understood" in codes(parsed)


# ------------------------------------------------------------------------------ real chapters


@pytest.mark.corpora
def test_real_chapters_against_their_xml(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the reader reaches over the chapters; `tools/score.py --show FIELD` names the rest."""
    folder = corpora / "livertox"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    score = runpy.run_path(str(ROOT / "tools" / "score.py"))
    assert score["main"]([str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    read_, there = lines[0].split()[1], lines[0].split()[3]
    assert read_ == there
    goals = {"pmid": 100, "annotation": 100, "authors": 98.5, "title": 99} | dict.fromkeys(
        ("container", "year", "volume", "issue", "pages"), 99.5
    )
    for line in lines[2:]:
        name, *_, precision, recall = line.split()
        assert min(float(precision.rstrip("%")), float(recall.rstrip("%"))) >= goals[name], line
