"""nbib: what PubMed writes, what comes back, and what no file can do to us."""

from __future__ import annotations

import io
import json
import tracemalloc
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from program import ROOT
from readers import CORPUS, Reader
from refbase import formats
from refbase.errors import Diagnostic
from refbase.formats.base import WriteOptions
from refbase.formats.nbib import records
from refbase.formats.nbib.tables import CORRECTIONS, CUSTOM, ORDER, TEXTS
from refbase.model import Dossier, Entry, Reference
from refbase.text import clean
from refbase.values import Date, Name
from refbase.vocab import VARIABLES

PAGE = ROOT / "docs" / "formats" / "nbib.md"
FORMAT = formats.get("nbib")
read = Reader("nbib", "x.nbib")
dossiers, codes = read.dossiers, read.codes


def write(*items: Dossier, **options: Any) -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO()
    found = list(formats.write(items, stream, FORMAT, WriteOptions(**options)))
    return stream.getvalue(), found


def one(*lines: str) -> Reference:
    """The reference of one record, of which nothing was told."""
    text = "\n".join(["PMID- 99000001", *lines])
    assert codes(text) == []
    (found,) = dossiers(text)
    return found.reference


def made(kind: str = "article-journal", /, key: str = "", **variables: Any) -> Dossier:
    custom = variables.pop("custom", {})
    said = {name.replace("_", "-"): value for name, value in variables.items()}
    return Dossier(Reference(kind, said, custom), key)


def lines(dossier: Dossier) -> dict[str, list[str]]:
    """The values that stand behind each tag."""
    found: dict[str, list[str]] = {}
    for line in write(dossier)[0].replace("\n      ", " ").splitlines():
        assert line[4:6] == "- ", line
        found.setdefault(line[:4].strip(), []).append(line[6:])
    return found


# -------------------------------------------------------------------------------- reading

A = "PMID- 1\nTI  - A.\n"
B = "PMID- 2\nTI  - B.\n"


@pytest.mark.parametrize(
    ("text", "titles", "expected"),
    [
        (f"{A}\n{B}", ["A", "B"], []),
        (A + B, ["A", "B"], []),
        (f"\n\n{A}\n\n\n{B}\n", ["A", "B"], []),
        ((A + B).replace("\n", "\r\n"), ["A", "B"], []),
        (f"<pre>\n{A}\n{B}", ["A", "B"], [("outside-record", 1)]),
        ("TI  - A\nDP  - 2015\n\nTI  - B\n", ["A", "B"], []),
        ("PMID- 1\nTI  - A\n\nDP  - 2015\n\n" + B, ["A", "B"], []),
        ("PMID- x\nTI  - A\n" + B, ["A", "B"], [("bad-identifier", 1)]),
        ("PMID- 1\nTI  - A\nDP  - soon", ["A"], [("bad-date", 1)]),
        ("hello", [], [("outside-record", 1)]),
        ("", [], []),
    ],
)
def test_each_record_is_read_and_what_is_wrong_is_told_with_its_line(
    text: str, titles: list[str], expected: list[tuple[str, int]]
) -> None:
    assert [found.reference.title for found in dossiers(text)] == titles
    assert codes(text) == expected


def test_a_value_goes_on() -> None:
    assert one("TI  - A title", "      that goes on.").title == "A title that goes on"
    assert one("AB  - Text", "without blanks").text("abstract") == "Text without blanks"


def test_white_space_of_any_kind_is_one_blank() -> None:
    assert one("TI  - A\ttitle  of\u2003two\xa0lines").title == "A title of two lines"


def test_what_PubMed_has_no_kind_for_comes_back_as_it_is() -> None:
    found = one("AID - x [] ", "AID - [doi]", "LID - y", "AID - z [mid]").custom
    assert found == {"nbib:AID": ["x []", "[doi]"], "nbib:LID": ["y"], "nbib:AID [mid]": ["z"]}


@given(st.integers(1, 200), st.lists(st.sampled_from([A, B, "\n", "TI  - C\n\n", "x\n"])))
def test_where_the_pieces_end_makes_no_difference(size: int, parts: list[str]) -> None:
    class Slow(io.BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(min(size, wanted) if wanted and wanted > 0 else size)

    data = "".join(parts).encode()
    assert list(formats.read(Slow(data), "x.nbib", FORMAT)) == read(data)


def test_a_record_without_end_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LARGE", 1 << 16)
    monkeypatch.setattr(records, "LONGEST", 1 << 17)
    for begun in (A, "", "PMID- 1\nAB  -"):
        data = begun.encode() + b"more and more of it\n" * 250_000 + B.encode()
        found: list[str] = []
        tracemalloc.start()
        for one in formats.read(io.BytesIO(data), "x.nbib", FORMAT):
            found += [d.code for d in one.diagnostics]
            last = one.span.line, one.dossier and one.dossier.reference.title
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert set(found) == {"outside-record"}
        assert last == (begun.count("\n") + 250_001, "B")
        assert peak < 30_000_000


@pytest.mark.parametrize("first", ["PMID- 1\n", "TI  - A title\n"])
def test_reading_streams(first: str) -> None:
    record = f"{first}AB  - {'Text of an example. ' * 100}\n\n".encode()

    class Endless(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            return record * 400

    tracemalloc.start()
    endless = formats.read(Endless(), "x.nbib", FORMAT)  # type: ignore[arg-type]
    count = sum(one.dossier is not None for one in islice(endless, 8000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8000
    assert peak < 14_000_000


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (["FAU - Addo, Giovanni", "AU  - Addo G"], [Name("Addo", "Giovanni")]),
        (["AU  - Addo GP"], [Name("Addo", "G. P.")]),
        (["FAU - Addo, G P", "AU  - Addo GP"], [Name("Addo", "G. P.")]),
        (["FAU - Addo, Jo", "AU  - Addo J"], [Name("Addo", "Jo")]),
        (["FAU - Smith, John Jr", "AU  - Smith J Jr"], [Name("Smith", "John", suffix="Jr")]),
        (["FAU - de Groot, K-M"], [Name("Groot", "K.-M.", "de")]),
        (["FAU - Madonna"], [Name("Madonna")]),
        (["FAU - Addo, Jo An"], [Name("Addo", "Jo An")]),
        (["FAU - Addo, Bo P."], [Name("Addo", "Bo P.")]),
        (["FAU - G-Scad Investigators"], [Name(literal="G-Scad Investigators")]),
        (
            ["FAU - Addo, Gi", "AU  - Addo G", "CN  - Network", "AU  - Beda C"],
            [Name("Addo", "Gi"), Name(literal="Network"), Name("Beda", "C.")],
        ),
    ],
)
def test_the_full_name_counts_and_groups_stand_in_their_place(
    people: list[str], expected: list[Name]
) -> None:
    assert one(*people).authors == tuple(expected)


@pytest.mark.parametrize(
    ("said", "variables"),
    [
        (["PMC - PMC9000001"], {"PMCID": "PMC9000001"}),
        (["LID - 10.5555/a [doi]"], {"DOI": "10.5555/a"}),
        (["AID - S1 [pii]", "AID - 10.5555/a [doi]"], {"DOI": "10.5555/a", "page": "S1"}),
        (["AID - 10.5555/a[b]c[doi]"], {"DOI": "10.5555/a[b]c"}),
        (["LID - e12345 [pii]"], {"page": "e12345"}),
        (["PG  - 544-5", "LID - e12345 [pii]"], {"page": "544-5"}),
        (["VI  - ahead-of-print", "IP  - undefined"], {}),
        (["VI  - 48 Suppl", "IP  - 5"], {"volume": "48 Suppl", "issue": "5"}),
        (["DP  - 1998 Dec-1999 Jan"], {"issued": Date((1998, 12), (1999, 1))}),
        (
            ["DP  - 2015 Jun", "DEP - 20150403"],
            {"issued": Date((2015, 6)), "available-date": Date((2015, 4, 3))},
        ),
        (["TA  - J Ex"], {"container-title": "J Ex", "container-title-short": "J Ex"}),
        (["LA  - eng", "LA  - ger"], {"language": "en, de"}),
        (["PT  - Retracted Publication"], {"status": "retracted"}),
        (["PT  - Retraction of Publication"], {}),
        (["RIN - J Ex. 2016;1:1."], {"status": "retracted"}),
        (["MH  - *Liver/drug effects", "OT  - *liver; x"], {"keyword": "Liver; liver, x"}),
        (["IS  - 0016-5085 (Print)", "IS  - 1111-1112 (Linking)"], {"ISSN": "0016-5085"}),
        (["GN  - KIE: a note"], {"note": "KIE: a note"}),
        (["TI  - Title of U.S."], {"title": "Title of U.S."}),
        (["LA  - ger", "TI  - [Title]."], {"language": "de", "title": "Title"}),
        (["LA  - eng", "TI  - [Title]."], {"language": "en", "title": "[Title]"}),
    ],
)
def test_variables(said: list[str], variables: dict[str, Any]) -> None:
    assert dict(one(*said).variables) == {"PMID": "99000001", **variables}


def test_books() -> None:
    chapter = one("TI  - A", "BTI - Book", "PB  - Press", "PL  - City", "FED - Editor, A")
    assert (chapter.type, chapter.container_title) == ("chapter", "Book")
    assert chapter.text("publisher-place") == "City"
    assert chapter.names("editor") == (Name("Editor", "A."),)
    assert one("BTI - Book").type == "book"
    assert one("BTI - Book").title == "Book"


def test_what_CSL_has_no_variable_for_is_kept() -> None:
    found = one(
        "PT  - Letter",
        "MH  - Liver/*drug effects",
        "CIN - J Ex. 2015;1:2. PMID: 99000009",
        "EIN - J Ex. 2016;1:2",
        "GR  - R01/DK/NIH/United States",
        "JID - 0000001",
        "ZZZ - odd",
    ).custom
    assert found == {
        "publication-types": ["Letter"],
        "mesh": ["Liver/*drug effects"],
        "corrections": [
            {"type": "CommentIn", "source": "J Ex. 2015;1:2", "pmid": "99000009"},
            {"type": "ErratumIn", "source": "J Ex. 2016;1:2"},
        ],
        "grants": [{"id": "R01", "acronym": "DK", "agency": "NIH", "country": "United States"}],
        "nlm-journal-id": "0000001",
        "nbib:ZZZ": ["odd"],
    }


# -------------------------------------------------------------------------------- writing


def test_a_record_is_written_as_by_PubMed() -> None:
    dossier = made(
        PMID="99000001",
        author=(Name.from_nlm("van der Ploeg RJ"), Name(literal="Network"), Name("M", "Anna B")),
        title="A title",
        container_title="Journal of Examples",
        container_title_short="J Ex",
        issued=Date((2015, 6, 3)),
        DOI="10.5555/a",
        language="en",
    )
    assert write(dossier) == (
        "PMID- 99000001\nDP  - 2015 Jun 3\nTI  - A title.\nLID - 10.5555/a [doi]\n"
        "FAU - van der Ploeg, R J\nAU  - van der Ploeg RJ\nCN  - Network\nFAU - M, Anna B\n"
        "AU  - M AB\nLA  - eng\nPT  - Journal Article\nTA  - J Ex\nJT  - Journal of Examples\n"
        "AID - 10.5555/a [doi]\n",
        [],
    )


@pytest.mark.parametrize(
    ("language", "title"),
    [("eng", "A."), ("en-GB", "A."), ("", "A."), ("de", "[A]."), ("en, de", "[A].")],
)
def test_a_title_that_NLM_translated_stands_in_brackets(language: str, title: str) -> None:
    assert lines(made(title="A", language=language))["TI"] == [title]


def test_long_values_go_on_on_the_next_line() -> None:
    text, _ = write(made(title="word " * 40))
    assert max(map(len, text.splitlines())) <= 88
    assert dossiers(text)[0].reference.title == ("word " * 40).strip()


def test_a_record_begins_with_PMID_even_if_there_is_none() -> None:
    assert write(made(title="A"), made(title="B"))[0] == (
        "PMID- \nTI  - A.\nPT  - Journal Article\n\nPMID- \nTI  - B.\nPT  - Journal Article\n"
    )


def test_an_annotation_is_a_general_note_and_that_is_told() -> None:
    dossier = replace(made(), entries=(Entry("X", annotation="Of interest"),))
    assert lines(dossier)["GN"] == ["Of interest"]
    assert [(str(d.severity), d.code) for d in write(dossier)[1]] == [("info", "not-written")]


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_no_variable_is_silently_dropped(variable: str) -> None:
    kind = VARIABLES[variable]
    value: Any = {"names": (Name("Xx", "Y."),), "date": Date((1987, 6, 5))}.get(kind, "Xx")
    text, found = write(Dossier(Reference("article-journal", {variable: value})))
    assert "Xx" in text or "1987" in text or found


def test_types_and_custom_values_that_have_no_field_are_told() -> None:
    found = write(made("report", custom={"odd": 1, "mesh": [1], "corrections": "x"}))[1]
    assert len(found) == 4


# ------------------------------------------------------------------------------ round trips


def same(read_back: Reference, reference: Reference) -> None:
    custom = dict(read_back.custom)
    if "publication-types" not in reference.custom:
        custom.pop("publication-types", None)
    assert dict(read_back.variables) == dict(reference.variables)
    assert custom == dict(reference.custom)
    assert read_back.type == reference.type


def test_the_corpus_comes_back_as_it_is() -> None:
    found = dossiers((CORPUS / "nbib" / "pubmed.nbib").read_bytes())
    text, told = write(*found)
    assert told == []
    for back, once in zip(dossiers(text), found, strict=True):
        same(back.reference, once.reference)
    assert write(*dossiers(text))[0] == text


_HELD = frozenset(TEXTS.values()) - {"ISBN", "original-title"}


@given(strategies.dossiers)
def test_what_is_written_is_read_back(dossier: Dossier) -> None:
    said = {
        name: clean(value) if isinstance(value, str) else value
        for name, value in dossier.reference.variables.items()
        if name in _HELD | {"author", "issued", "title", "volume", "issue", "page"}
    }
    if said.get("container-title-short"):
        said.setdefault("container-title", "Journal of Examples")
    title = str(said.get("title", ""))
    if title.endswith((".", "?", "!")):  # NLM's full stop is not the title's
        del said["title"]
    people = said.get("author", ())
    reference = Reference("article-journal", {name: v for name, v in said.items() if v})
    written = Dossier(reference)
    text, told = write(written)
    (found,) = dossiers(text)
    changed = {"author"} if any("name" in d.message for d in told) else set()
    changed |= {"issued"} if any("date" in d.message for d in told) else set()
    for name, value in reference.variables.items():
        if name == "author" and any(n.flags for n in people):
            continue
        if name not in {"volume", "issue", *changed}:  # "ahead of print" is no number
            assert found.reference.variables[name] == value


@given(strategies.dossiers)
def test_after_one_pass_nothing_changes(dossier: Dossier) -> None:
    (once,) = dossiers(write(dossier)[0])
    text = write(once)[0]
    (twice,) = dossiers(text)
    again = write(twice)[0]
    assert again == write(*dossiers(again))[0]


@given(strategies.dossiers)
def test_no_character_breaks_the_file_or_the_next_record(dossier: Dossier) -> None:
    text, _ = write(dossier, made(PMID="7", title="Next"))
    found = dossiers(text)
    assert len(found) == 2
    assert (found[1].reference.pmid, found[1].reference.title) == ("7", "Next")


def test_corpus(update: bool) -> None:
    """What becomes of records as PubMed writes them, for people to read."""
    path = CORPUS / "nbib" / "pubmed.nbib"
    found = read(path.read_bytes())
    assert [d for p in found for d in p.diagnostics] == []
    items = [p.dossier.reference.to_csl() for p in found if p.dossier]
    text = json.dumps(items, ensure_ascii=False, indent=1) + "\n"
    for name, wanted in (
        ("pubmed.csl.json", text),
        ("pubmed.written.nbib", write(*dossiers(path.read_bytes()))[0]),
    ):
        if update:
            (CORPUS / "nbib" / name).write_text(wanted)
        assert (CORPUS / "nbib" / name).read_text() == wanted


# --------------------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    "text",
    [
        "PMID- 1\nTI  - " + "A" * 5_000_000,
        "PMID- 1\nAB  - a\n" + "      x y\n" * 500_000,
        "PMID- 1\n" + "FAU - Muster, A\nAU  - Muster A\n" * 10_000,
        "PMID- 1\nAID - " + "[doi] " * 500_000,
        "PMID- 1\nCIN - " + "PMID: " * 500_000,
        "PMID- 1\nGR  - " + "/" * 500_000,
        "PMID- " + "pubmed/" * 500_000,
        "PMID- 1\nDP  - " + "9" * 10_000 + "\nDEP - 99999999\nLR  - 0",
        "PMID- 1\nFAU - ,\nAU  - \nFED - Jr\nFAU - x, Jr",
        "x\n" * 100_000,
        "PMID-\n" * 1000,
        "PMID\x00- 1\x01\nTI  - \x00A",
        b"PMID- 1\nTI  - M\xfcller\n",
        "PMID- 1\nTI  - A\n".encode("utf-16"),
        b"\x00\xff\xfe\x80" * 1000,
    ],
    ids=range(15),
)
def test_no_file_brings_us_down(text: str | bytes) -> None:
    for parsed in read(text):
        assert parsed.dossier or parsed.diagnostics
        if parsed.dossier:
            write(parsed.dossier)[0].encode()


_SOME = st.sampled_from([*ORDER, "ZZ", "", "   "])


@given(st.lists(st.tuples(_SOME, strategies.texts | st.just("")), max_size=8))
def test_any_lines_are_read_or_told(fields: list[tuple[str, str]]) -> None:
    for parsed in read("\n".join(f"{tag:4}- {text}" for tag, text in fields)):
        assert parsed.dossier or parsed.diagnostics
        if parsed.dossier:
            write(parsed.dossier)[0].encode()


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    for parsed in read(b"PMID- 1\n" + data):
        assert parsed.dossier or parsed.diagnostics


# ---------------------------------------------------------------------------------- tables


def test_the_tables_hold_variables_of_CSL_and_every_tag_has_its_place() -> None:
    assert set(TEXTS.values()) <= set(VARIABLES)
    assert {*TEXTS, *CUSTOM, *CORRECTIONS} <= set(ORDER)
    assert len(set(ORDER)) == len(ORDER)


def test_a_file_is_known_by_its_first_line() -> None:
    head = (CORPUS / "nbib" / "pubmed.nbib").read_bytes()
    assert formats.detect("x.nbib").name == "nbib"
    assert formats.detect("pubmed.txt", head).name == "nbib"
    assert formats.detect("-", head).name == "nbib"
