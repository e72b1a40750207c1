"""Which references describe one work: hard cases made up by hand, laws, and labelled sets."""

from __future__ import annotations

import csv
import json
import re
import runpy
import subprocess
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program import ROOT, SEED, Program
from refbase.duplicates import Group, find
from refbase.duplicates.blocking import LARGEST, pairs
from refbase.duplicates.cards import Card, card
from refbase.duplicates.judge import DOUBT, NO, judge
from refbase.duplicates.points import POINTS, SIGNALS
from refbase.duplicates.rows import names, read
from refbase.duplicates.signals import states
from refbase.formats.base import Input
from refbase.formats.livertox import read as read_chapter
from refbase.model import Reference, Value
from refbase.values import Date
from strategies import references

CORPUS = Path(__file__).parent / "corpus" / "duplicates"
TITLE = "Made-up effects of an invented drug on the liver of a drawn rat"
PAPER = {
    "author": "Example, A. B.; Sample, C.",
    "title": TITLE,
    "container-title": "Journal of Made Up Hepatology",
    "issued": "2005",
    "volume": "12",
    "issue": "3",
    "page": "139-154",
}


def made(type_: str = "article-journal", **changes: str) -> Reference:
    """The made-up paper with some of it changed; an empty value takes a variable away."""
    said = {**PAPER, **{name.replace("_", "-"): text for name, text in changes.items()}}
    variables: dict[str, Value] = {}
    for name, text in said.items():
        if text:
            value = names(text) if name == "author" else text
            variables[name] = Date.from_edtf(text) or text if name == "issued" else value
    return Reference(type_, variables)


def tier(one: Reference, other: Reference) -> str:
    """What is found of two references, in whatever order they come."""
    found = find([("a", one), ("b", other)])
    assert found == find([("b", other), ("a", one)])
    if not found:
        return "two"
    assert [group.keys for group in found] == [("a", "b")]
    return "certain" if found[0].certain else "doubtful"


# ------------------------------------------------------------------------------ hard cases

ONE_WORK = {
    "the same": {},
    "an abbreviated journal and cut pages": {
        "container_title": "J Made Up Hepatol",
        "page": "139-54",
    },
    "no issue, another style of names": {"issue": "", "author": "Example AB, Sample C"},
    "a list of authors that was cut": {"author": "Example, A. B."},
    "surname and given name, full": {"author": "Example, Anna Berta; Sample, Carl"},
    "the language of the original": {"title": f"[{TITLE}]. [German]"},
    "the original below the translation": {"title": f"{TITLE}. German\nErfundene Wirkungen"},
    "the notes of a database": {"title": f"{TITLE}. [Review] [45 refs]"},
    "capitals": {"title": TITLE.upper()},
    "a misspelt word": {"title": TITLE.replace("invented", "invneted")},
    "an identifier on one side only": {"DOI": "10.5555/made.up", "PMID": "999000001"},
    "online a year before print": {"issued": "2004"},
    "the title is cut": {"title": TITLE[:50]},
}


@pytest.mark.parametrize("changes", ONE_WORK.values(), ids=ONE_WORK)
def test_one_work_told_in_two_ways_is_certain(changes: dict[str, str]) -> None:
    assert tier(made(), made(**changes)) == "certain"


def test_surnames_that_look_like_particles() -> None:
    works = [made(author=f"{name}; Sample, C.") for name in ("Du, Xiaoming", "Du, X.")]
    assert tier(*works) == "certain"
    works = [made(author=f"{name}; Sample, C.") for name in ("van Hamont, D", "van, Hamont D")]
    assert tier(*works) == "certain"


TWO_WORKS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "an erratum": ({}, {"title": f"Erratum: {TITLE}", "page": "301"}),
    "an erratum on the same page": ({}, {"title": f"Correction to: {TITLE}"}),
    "an erratum as the Web of Science has it": (
        {},
        {"title": f"{TITLE} (vol 12, pg 139, 2005)", "page": "301"},
    ),
    "a letter and its reply": (
        {"title": f"{TITLE}", "page": "301"},
        {"title": f"Reply to: {TITLE}", "page": "301-2", "author": "Sample, C."},
    ),
    "a comment": ({}, {"title": f"Comment on: {TITLE}", "author": "Critic, X.", "page": "155"}),
    "parts I and II": (
        {"title": "An invented history of drawn livers. Part I", "page": "1-9"},
        {"title": "An invented history of drawn livers. Part II", "page": "81-9"},
    ),
    "doses": (
        {"title": "Effects of 5 mg of an invented drug on a drawn rat", "page": "1-9"},
        {"title": "Effects of 50 mg of an invented drug on a drawn rat", "page": "81-9"},
    ),
    "neighbours in one journal": (
        {"page": "139-154"},
        {"title": TITLE.replace("rat", "mouse"), "page": "155-160"},
    ),
    "the abstract and the paper": (
        {},
        {"container_title": "Invented Gastroenterology", "volume": "127", "issue": "Suppl 2",
         "page": "S39", "issued": "2004"},
    ),
    "the abstract and the paper of one journal": (
        {"DOI": "10.5555/hep.1"},
        {"DOI": "10.5555/hep.2", "issue": "Suppl 1", "page": "S39"},
    ),
    "two abstracts on one page": (
        {"title": "A drawn rat that was given an invented drug and lived", "page": "S39"},
        {"title": "Livers of painted mice without any treatment at all", "page": "S39"},
    ),
    "a yearly survey": (
        {"author": "", "title": "Drugs for type 2 diabetes", "issued": "2017", "volume": "59",
         "issue": "1512", "page": "9-18"},
        {"author": "", "title": "Drugs for type 2 diabetes", "issued": "2019", "volume": "61",
         "issue": "1584", "page": "169-78"},
    ),
    "editorials": (
        {"title": "Editorial", "page": "1"},
        {"title": "Editorial", "page": "75", "issue": "4"},
    ),
    "one title, other people, another journal": (
        {"title": "An invented drug versus a drawn one in the treatment of something made up",
         "author": "Example, A."},
        {"title": "An invented drug versus a drawn one in the treatment of something made up",
         "author": "Other, Z.", "container_title": "Acta Ficta", "volume": "77", "page": "224-30"},
    ),
    "versions of a Cochrane review": (
        {"DOI": "10.1002/14651858.CD000000.pub2", "page": "CD000000", "issued": "2009"},
        {"DOI": "10.1002/14651858.CD000000.pub3", "page": "CD000000", "issued": "2013"},
    ),
    "versions of a Cochrane review without a DOI": (
        {"container_title": "Cochrane Database Syst Rev", "page": "CD000000", "issued": "2009"},
        {"container_title": "Cochrane Database Syst Rev", "page": "CD000000", "issued": "2013"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TWO_WORKS.values(), ids=TWO_WORKS)
def test_two_works_stay_two(case: tuple[dict[str, str], dict[str, str]]) -> None:
    one, other = case
    assert tier(made(**one), made(**other)) == "two"


DOUBTFUL: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "one PMID on two letters of one page": (
        {"PMID": "999000001", "author": "Example, A."},
        {"PMID": "999000001", "author": "Critic, X."},
    ),
    "two PMIDs on what looks like one": ({"PMID": "999000001"}, {"PMID": "999000002"}),
    "ahead of print, and printed": ({"volume": "", "issue": "", "page": ""}, {"issued": "2006"}),
    "two abstracts on one page with nearly one title and one DOI": (
        {"page": "S39", "DOI": "10.5555/supplement"},
        {"page": "S39", "DOI": "10.5555/supplement", "title": TITLE.replace("rat", "mouse")},
    ),
    "two years between": ({}, {"issued": "2007"}),
    "numbers left out": (
        {"title": "A long title of 1999 about something made up and drawn"},
        {"title": "A long title about something made up and drawn"},
    ),
    "the title was lost": ({}, {"title": "#NAME?"}),
}


@pytest.mark.parametrize("case", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_a_person_must_look_at_is_never_certain(
    case: tuple[dict[str, str], dict[str, str]],
) -> None:
    one, other = case
    assert tier(made(**one), made(**other)) == "doubtful"


def test_equal_dois_prove_nothing_and_different_ones_forbid_nothing() -> None:
    dragged = made(title="Something else altogether that was never made", page="1", volume="3")
    assert tier(made(DOI="10.5555/a"), made(DOI="10.5555/A")) == "certain"
    assert tier(made(DOI="10.5555/a"), made(DOI="10.5555/b")) == "certain"
    both = {"DOI": "10.5555/a"}
    assert tier(made(**both), Reference("book", {**dragged.variables, **both})) == "two"


def test_little_is_enough_where_an_identifier_bears_it_out() -> None:
    bare = Reference("document", {"title": TITLE, "PMID": "999000001"})
    assert tier(bare, made(PMID="999000001")) == "certain"
    assert tier(Reference("document", {"title": TITLE}), made()) == "two"


@pytest.mark.parametrize("type_", ["document", "chapter", "article-magazine"])
def test_the_type_does_not_matter(type_: str) -> None:
    assert tier(made(type_), made()) == "certain"


def test_a_script_without_latin_letters_is_compared_too() -> None:
    one = {"title": "虚构药物对绘制的大鼠肝脏的影响以及其他没有发生的事情", "author": "Li, X."}
    other = {"title": "另一篇从未写过的论文其主题与第一篇完全不同因此不是重复", "author": "Li, X."}
    assert tier(made(**one), made(**one)) == "certain"
    assert tier(made(**one), made(**other, page="7", volume="1")) == "two"


# ------------------------------------------------------------------------------------ groups


def test_a_conflict_keeps_groups_apart() -> None:
    # The record without a number looks like both parts, the parts are two works all the same
    parts = [
        (name, made(title=f"An invented history of drawn livers{part}", page=page))
        for name, part, page in (
            ("1", ". Part I", "1-9"),
            ("2", ". Part II", "81-9"),
            ("?", "", ""),
        )
    ]
    assert all(not {"1", "2"} <= set(group.keys) for group in find(parts))


def test_a_doubtful_group_holds_the_certain_ones_whole() -> None:
    items = [("a", made()), ("b", made(page="139-54")), ("c", made(issued="2007"))]
    certain, doubtful = find(items)
    assert (certain.keys, certain.certain) == (("a", "b"), True)
    assert (doubtful.keys, doubtful.certain) == (("a", "b", "c"), False)
    assert doubtful.reasons[0] == "years far apart"
    assert certain.score > 0.9


def test_a_large_block_is_not_compared_each_with_each() -> None:
    many = 4 * LARGEST
    cards = sorted(
        card(str(n), made(title=f"Abstract of {n * 7919} drawn rats", page="S39", DOI="10.5555/s"))
        for n in range(many)
    )
    assert len(pairs(cards)) < many * many / 4


def test_a_thousand_copies_are_one_group() -> None:
    [group] = find((str(n), made(DOI="10.5555/copy")) for n in range(1000))
    assert len(group.keys) == 1000
    assert group.certain


def test_nothing_comes_of_nothing() -> None:
    assert find([]) == []
    assert find([("a", Reference()), ("b", Reference())]) == []


# -------------------------------------------------------------------------------------- laws

_texts = st.sampled_from(
    [TITLE, TITLE + " II", "Editorial", "Drawn rats", "", "Another title of it"]
)
_works = st.builds(
    lambda title, page, volume, issued, author, doi: made(
        title=title, page=page, volume=volume, issued=issued, author=author, DOI=doi
    ),
    _texts,
    st.sampled_from(["139-54", "139", "S39", "", "viii", "01-Oct"]),
    st.sampled_from(["12", "13", "", "12 (Suppl 1)"]),
    st.sampled_from(["2005", "2006", ""]),
    st.sampled_from(["Example, A.", "Sample, C.; Example, A.", ""]),
    st.sampled_from(["", "10.5555/a", "10.5555/b"]),
)


@given(st.lists(_works | references(), max_size=7), st.randoms())
@settings(deadline=None)
def test_the_order_does_not_matter(works: list[Reference], random: Random) -> None:
    items = [(str(number), work) for number, work in enumerate(works)]
    found = find(items)
    random.shuffle(items)
    assert find(items) == found
    check_shape(found, {name for name, _ in items})


def check_shape(found: list[Group], known: set[str]) -> None:
    """Each tier is disjoint; no certain group lies across a doubtful one; reasons are given."""
    for certain in (True, False):
        keys = [key for group in found if group.certain is certain for key in group.keys]
        assert len(keys) == len(set(keys))
        assert set(keys) <= known
    for group in found:
        assert len(group.keys) > 1
        assert group.reasons
        assert 0.5 <= group.score < 1
        for other in found:
            if group.certain and not other.certain:
                assert set(group.keys) <= set(other.keys) or set(group.keys).isdisjoint(other.keys)


@given(_works | references(), _works | references())
@settings(deadline=None)
def test_the_verdict_is_the_same_from_both_sides(one: Reference, other: Reference) -> None:
    a, b = card("a", one), card("b", other)
    assert judge(a, b) == judge(b, a)
    assert states(a, b) == states(b, a)
    assert all(test(a, b, found) == test(b, a, found)
               for _, test in (*NO, *DOUBT) if (found := states(a, b)))  # fmt: skip


@given(_works, _works)
@settings(deadline=None)
def test_every_state_has_its_points(one: Reference, other: Reference) -> None:
    found = states(card("a", one), card("b", other)) or {}
    silent = {"unknown", "none", "volume unknown, page unknown"}
    for signal, state in found.items():
        assert signal in SIGNALS
        assert state in POINTS[signal] or state in silent, (signal, state)


# ------------------------------------------------------------------------------------ tables


def parsed(text: str) -> list[tuple[str, Reference]]:
    lines = enumerate(text.split("\n"), 1)
    return [(p.dossier.key, p.dossier.reference) for p in read(lines, "x.csv") if p.dossier]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Smith J. A.van Eyk J. E.O'Brien K.", ["Smith J. A.", "van Eyk J. E.", "O'Brien K."]),
        ("Smith, J A and Jones, Berta", ["Smith J A", "Jones Berta"]),
        ("Smith, J.A.; Jones, B.", ["Smith J.A.", "Jones B."]),
        ("Smith, J.A., Jones, B.", ["Smith J.A.", "Jones B."]),
        ("Smith JA, Jones B", ["Smith J. A.", "Jones B."]),
        ("Smith, John", ["Smith John"]),
        ("Example Study Group", ["Example Study Group"]),
    ],
)
def test_authors_in_every_style(text: str, expected: list[str]) -> None:
    assert [f"{name.surname} {name.given}".strip() for name in names(text)] == expected


def test_a_table_with_semicolons_and_other_names_of_its_columns() -> None:
    [(key, reference)] = parsed("ID;Title;Journal;Year\n7;Example; J Ex ;2001")
    assert (key, reference.title, reference.container_title, reference.year) == (
        "7", "Example", "J Ex", 2001,
    )  # fmt: skip


# ------------------------------------------------------------------------------ the command


def test_the_command_as_a_person_reads_it(refbase: Program, update: bool) -> None:
    expected = CORPUS / "records.txt"
    run = refbase("dedupe", "--input", CORPUS / "records.csv")
    assert run.code == 0, run.err
    if update:
        expected.write_text(run.out)
    assert run.out == expected.read_text()
    assert run.err == "1 certain group (2 to be merged), 1 doubtful group\n"


def test_the_command_as_a_program_reads_it(refbase: Program) -> None:
    run = refbase("dedupe", "--input", CORPUS / "records.csv", "--format", "csv", "--json")
    certain, doubtful = json.loads(run.out)
    assert certain["keys"] == ["paper-embase", "paper-pubmed", "paper-scopus"]
    assert certain["certain"] is True
    assert certain["score"] > 0.99
    assert {"title same", "volume same, page same"} <= set(certain["reasons"])
    assert doubtful["keys"] == ["ahead", "printed"]
    assert doubtful["certain"] is False
    assert doubtful["reasons"][0] == "no page or identifier in common"
    run = refbase("dedupe", "--input", CORPUS / "records.csv", "--json", "--certain")
    assert [group["keys"] for group in json.loads(run.out)] == [certain["keys"]]


@pytest.mark.parametrize("extension", ["csv", "ris", "bib", "json", "jsonl", "nbib"])
def test_the_command_reads_every_format(extension: str, refbase: Program) -> None:
    head, *rows = SEED.read_text().splitlines(keepends=True)
    again = [re.sub(r"^(?=[a-z]+\d)", "again-", row) for row in rows]
    refbase.write("twice.csv", "".join([head, *rows, *again]))
    refbase("convert", "twice.csv", f"all.{extension}")
    run = refbase("dedupe", "--input", f"all.{extension}", "--json")
    assert run.code == 0, run.err
    groups = json.loads(run.out)
    assert [len(group["keys"]) for group in groups] == [2] * 35
    assert all(group["certain"] for group in groups)


def test_without_keys_references_are_named_by_their_place(refbase: Program) -> None:
    record = "TY  - JOUR\nTI  - Example of a title that is long enough\nDO  - 10.5555/1\nER  -\n"
    run = refbase(
        "dedupe", "--input", "-", "--format", "ris", "--json", stdin=(record * 2).encode()
    )
    assert [group["keys"] for group in json.loads(run.out)] == [["-:1", "-:5"]]


def test_one_key_for_two_references_is_told_and_one_reference_listed_twice_is_not(
    refbase: Program,
) -> None:
    head = "key,bibliography,author,title,container_title,issued,volume,page\n"
    row = 'one,{},"Example, A",Example of a title that is long enough,J Ex,2001,{},3\n'
    refbase.write("a.csv", head + row.format("A", 1) + row.format("B", 1) + row.format("C", 2))
    run = refbase("dedupe", "--input", "a.csv", "--json")
    assert [group["keys"] for group in json.loads(run.out)] == [["a.csv:4", "one"]]
    assert run.err.count("[duplicate-key]") == 1


def test_the_column_id_names_the_rows_of_any_table(refbase: Program) -> None:
    row = ',"Example, A",Example of a title that is long enough,J Ex,2001,1,3\n'
    table = "ID,author,title,container_title,issued,volume,page\n" + "x" + row + "y" + row
    run = refbase("dedupe", "--input", "-", "--format", "csv", "--json", stdin=table.encode())
    assert [group["keys"] for group in json.loads(run.out)] == [["x", "y"]]


def test_a_bad_row_is_told_and_the_others_are_read(refbase: Program) -> None:
    text = (CORPUS / "records.csv").read_text()
    refbase.write("bad.csv", text + "too,few\n")
    run = refbase("dedupe", "--input", "bad.csv", "--json")
    assert run.code == 1
    assert len(json.loads(run.out)) == 2
    assert "bad.csv:12: error: 2 cells where the header has 12 [bad-row]" in run.err


def test_what_cannot_be_read_ends_with_3(refbase: Program) -> None:
    assert refbase("dedupe", "--input", "not-there.csv").code == 3
    refbase.write("empty.csv", "")
    assert refbase("dedupe", "--input", "empty.csv").code == 3
    refbase.write("x.unknown", "nothing that is known\n")
    assert refbase("dedupe", "--input", "x.unknown").code == 3
    assert refbase("dedupe", "--input", "x.unknown", "--format", "nonsense").code == 2


def test_the_seed_holds_no_duplicates(refbase: Program) -> None:
    """Bass 1988 and Hoogstraten 1988 share nearly all of their titles, and are two works."""
    run = refbase("dedupe", "--input", SEED, "--json")
    assert json.loads(run.out) == []


# ----------------------------------------------------------------------------- labelled sets

# F1 by record with all groups; the certain ones alone must never be wrong
GOALS = {"cytology_screening": 0.999, "diabetes": 0.999, "cardiac": 0.999, "stroke": 0.996}


@pytest.mark.corpora
@pytest.mark.parametrize("name", GOALS)
def test_labelled_sets(name: str, corpora: Path, refbase: Program, tmp_path: Path) -> None:
    folder = corpora / "dedupe"
    program = f"import gzip, sys; sys.stdout.buffer.write(gzip.open({str(folder / name)!r}"
    table = subprocess.run(
        [sys.executable, "-c", program + " + '/records.csv.gz').read())"],
        capture_output=True,
        check=True,
    ).stdout
    run = refbase("dedupe", "--input", "-", "--format", "csv", "--json", stdin=table)
    assert run.code == 0, run.err
    groups = json.loads(run.out)
    certain = scored(folder, name, [g for g in groups if g["certain"]], tmp_path)
    assert certain["FP"] == 0
    assert certain["F1"] > 0.97
    assert scored(folder, name, groups, tmp_path)["F1"] >= GOALS[name]


def scored(folder: Path, name: str, groups: list[dict], tmp_path: Path) -> dict:  # type: ignore[type-arg]
    """What the program that comes with the sets makes of our answer."""
    answer = tmp_path / "answer.csv"
    with answer.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id1", "id2"])
        for group in groups:
            rows.writerows([group["keys"][0], other] for other in group["keys"][1:])
    command = [sys.executable, folder / "evaluate.py", name, answer, "--links", "--json"]
    run = subprocess.run(command, capture_output=True, check=True)
    return dict(json.loads(run.stdout)["by_record"])


# As the chapter on fluoxetine prints it, and as it is
LOST_DIGIT = {"5052513": "15052513"}


@pytest.mark.corpora
@pytest.mark.parametrize("identifiers", [True, False])
def test_chapters_share_papers_and_no_two_papers_are_one(corpora: Path, identifiers: bool) -> None:
    """LiverTox: the PMIDs tell what is one work, also where they are withheld."""
    items, truth = [], {}
    for chapter in sorted((corpora / "livertox").glob("*.txt")):
        with chapter.open("rb") as stream:
            for number, piece in enumerate(read_chapter(Input(stream, chapter.name))):
                if piece.dossier:
                    name, reference = f"{chapter.stem} {number}", piece.dossier.reference
                    truth[name] = LOST_DIGIT.get(reference.pmid, reference.pmid)
                    items.append((name, reference if identifiers else without(reference)))
    assert len(items) > 1000
    found = find(items)
    together = {pair for group in found for pair in combinations(group.keys, 2)}
    for one, other in together:
        assert not (truth[one] and truth[other]) or truth[one] == truth[other]
    by_pmid = defaultdict(list)
    for name, pmid in truth.items():
        if pmid:
            by_pmid[pmid].append(name)
    same = {pair for keys in by_pmid.values() for pair in combinations(sorted(keys), 2)}
    assert len(same) > 800
    assert same <= together


def without(reference: Reference) -> Reference:
    hidden = {"PMID", "PMCID", "DOI", "URL"}
    kept = {name: value for name, value in reference.variables.items() if name not in hidden}
    return Reference(reference.type, kept, reference.custom)


@pytest.mark.corpora
def test_the_table_is_what_the_sets_weigh(corpora: Path) -> None:
    """`tools/weigh.py` gives the points that the program uses."""
    weigh = runpy.run_path(str(ROOT / "tools" / "weigh.py"))
    folders = sorted(file.parent for file in (corpora / "dedupe").glob("*/records.csv.gz"))
    weights = weigh["weigh"](weigh["load"](folder).answers for folder in folders)
    table = weigh["tabled"](weights)
    assert {signal: POINTS[signal] for signal in table} == table
    assert set(POINTS) == {*SIGNALS, "start"}


def test_the_pieces_of_a_card_are_plain() -> None:
    """So that a million of them fit into memory."""
    for name in Card.__slots__:
        assert isinstance(getattr(card("a", made()), name), str | int | tuple), name
