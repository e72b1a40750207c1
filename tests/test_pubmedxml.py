"""Files of PubMed XML: what stands in them is read, whatever else stands in them."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program import Program
from readers import CORPUS, Reader
from refbase import formats
from refbase.errors import FormatError
from refbase.formats.pubmedxml import blocks, cutter
from refbase.formats.pubmedxml.versions import Seen
from refbase.model import Parsed

FOLDER = CORPUS / "pubmed-xml"
FORMAT = formats.get("pubmed-xml")
read = Reader("pubmed-xml", "x.xml")
codes = read.codes


def pmids(data: bytes | str) -> list[str]:
    return [one.dossier.reference.pmid for one in read(data) if one.dossier]


def article(number: int | str = 1, title: str = "An example.", more: str = "") -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{number}</PMID><Article>"
        f"<ArticleTitle>{title}</ArticleTitle>{more}</Article></MedlineCitation></PubmedArticle>\n"
    )


def whole(*records: str) -> str:
    return f"<PubmedArticleSet>\n{''.join(records)}</PubmedArticleSet>\n"


# ------------------------------------------------------------------------ expected files


def shown(one: Parsed) -> dict[str, Any]:
    """What a librarian reads in an expected file."""
    line: dict[str, Any] = {"lines": f"{one.span.line}-{one.span.end_line}"}
    if one.dossier:
        line["reference"] = one.dossier.reference.to_csl()
    if one.diagnostics:
        line["diagnostics"] = [str(diagnostic) for diagnostic in one.diagnostics]
    return line


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda path: path.stem)
def test_corpus(path: Path, update: bool) -> None:
    read_in = formats.read(io.BytesIO(path.read_bytes()), path.name, FORMAT)
    made = json.dumps([shown(one) for one in read_in], indent=1, ensure_ascii=False) + "\n"
    expected = path.with_suffix(".expected.json")
    if update:
        expected.write_text(made)
    assert made == expected.read_text()


# ----------------------------------------------------------------------- what is a record


def test_records_keep_their_text_and_their_lines() -> None:
    first, second = article(1), article(2, "Two\nlines.")
    one, two = read(whole(first, second))
    assert (one.raw, two.raw) == (first.strip(), second.strip())
    assert [(p.span.line, p.span.end_line) for p in (one, two)] == [(2, 2), (3, 4)]


def test_records_without_a_set_around_them_are_read() -> None:
    assert pmids(article(1) + article(2)) == ["1", "2"]


def test_comments_between_records_and_in_them_are_none() -> None:
    hidden = f"<!-- {article(9)} -->"
    inside = article(2, more="<!-- </PubmedArticleX> -->")
    assert pmids(whole(article(1), hidden, inside)) == ["1", "2"]
    assert codes(whole(article(1), hidden, inside)) == []


def test_prefixes_may_be_declared_outside_of_the_records() -> None:
    [one] = read(whole(article(1, "On <mml:math><mml:mi>x</mml:mi></mml:math>.")))
    assert one.dossier
    assert one.dossier.reference.title == "On x"


def test_56_of_several_versions_the_highest_stays() -> None:
    def version(number: int) -> str:
        return article(1).replace("<PMID>", f'<PMID Version="{number}">')

    for versions in ([1, 2], [2, 1], [1, 3, 2], [2]):
        found = read(whole(*map(version, versions)))
        kept = [one.dossier.reference.custom["pmid-version"] for one in found if one.dossier]
        assert kept == [str(max(versions))]
        assert [c for c, _ in codes(whole(*map(version, versions)))] == ["superseded"] * (
            len(versions) - 1
        )
    apart = whole(version(2), article(7), version(1))
    assert pmids(apart) == ["1", "7"]
    assert codes(apart) == [("superseded", 4)]


def test_56_a_higher_version_that_comes_later_but_not_next_is_read_and_told() -> None:
    later = article(1).replace("<PMID>", '<PMID Version="2">')
    alone = article(8).replace("<PMID>", '<PMID Version="2">')
    data = whole(article(1), article(7), later, alone)
    assert pmids(data) == ["1", "7", "1", "8"]
    [told] = [d for one in read(data) for d in one.diagnostics]
    assert str(told) == (
        "x.xml:4: warning: version 2 of PMID 1; an earlier one stands further up, and is read"
        " too [superseded]"
    )


@given(st.lists(st.integers(1, 999_999_999)), st.integers(1, 999_999_999))
def test_which_numbers_were_seen(numbers: list[int], other: int) -> None:
    seen = Seen()
    for number in numbers:
        seen.add(str(number))
    assert all(str(number) in seen for number in numbers)
    assert (str(other) in seen) == (other in numbers)


def test_withdrawn_citations_are_named_one_by_one() -> None:
    gone = "<DeleteCitation>\n<PMID>8</PMID>\n<PMID>9</PMID>\n<PMID>x</PMID>\n</DeleteCitation>"
    found = [d for one in read(whole(article(8), gone)) for d in one.diagnostics]
    here = "; it stands further up, and is read"
    assert [str(d) for d in found] == [
        f"x.xml:4: warning: PubMed has withdrawn PMID 8{here} [withdrawn]",
        "x.xml:5: warning: PubMed has withdrawn PMID 9 [withdrawn]",
        "x.xml:6: warning: PubMed has withdrawn PMID x [withdrawn]",
    ]


# ---------------------------------------------------------------------------- compression


def test_gzip_is_read_in_one_piece_or_several() -> None:
    packed = gzip.compress(whole(article(1)).encode())
    assert pmids(packed) == ["1"]
    assert pmids(packed + gzip.compress(whole(article(2)).encode()) + bytes(9)) == ["1", "2"]


def test_gzip_that_ends_too_early_is_read_up_to_there() -> None:
    records = [article(n, f"{n * n} examples of {n}.") for n in range(1, 2000)]
    packed = gzip.compress(whole(*records).encode())[:-2000]
    found = pmids(packed)
    assert found == [str(n) for n in range(1, len(found) + 1)]
    assert 100 < len(found) < 2000
    assert [code for code, _ in codes(packed)] == ["truncated", "truncated"]


def test_gzip_that_is_damaged_is_told() -> None:
    packed = bytearray(gzip.compress(whole(article(1)).encode()))
    packed[20:30] = b"\xff" * 10
    assert "bad-gzip" in [code for code, _ in codes(bytes(packed))]


def test_a_gzip_bomb_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "LONGEST", 1 << 22)
    for filling in (b"\0", b"<PubmedArticle>", b"<!-- ", b"<PubmedArticle> <a>", b" <"):
        packed = gzip.compress(filling + bytes(40_000_000), 1)
        tracemalloc.start()
        found = codes(packed)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found, filling
        assert peak < 30_000_000, filling


# ------------------------------------------------------------------------------ damage


def test_a_damaged_record_costs_only_itself() -> None:
    bad = article(2, "Black & white &nbsp;.").replace("</ArticleTitle>", "\n</ArticleTitle>")
    data = whole(article(1), bad, article(3))
    assert pmids(data) == ["1", "3"]
    assert codes(data) == [("bad-xml", 3)]
    [damaged] = [one for one in read(data) if not one.dossier]
    assert "Black & white" in damaged.raw


def test_a_record_without_its_end_costs_only_itself() -> None:
    data = whole(article(1), article(2).replace("</PubmedArticle>", ""), article(3))
    assert pmids(data) == ["1", "3"]
    assert codes(data) == [("bad-xml", 3)]


def test_a_record_that_describes_nothing_is_told() -> None:
    assert codes(whole("<PubmedArticle/>\n", "<PubmedArticle></PubmedArticle>")) == [
        ("bad-xml", 2),
        ("bad-xml", 3),
    ]


@pytest.mark.parametrize("at", range(20, len(whole(article(1), article(2))) - 1, 7))
def test_a_truncated_file_is_read_up_to_there(at: int) -> None:
    data = whole(article(1), article(2))[:at]
    assert pmids(data) == [str(n) for n in (1, 2) if article(n).strip() in data]
    assert [code for code, _ in codes(data)] == ["truncated"]


def test_control_characters_and_wrong_bytes_are_told_and_the_record_is_read() -> None:
    data = whole(article(1), article(2, "M\0\x01ller")).encode()
    assert pmids(data) == ["1", "2"]
    assert codes(data) == [("control-characters", 3)]
    data = whole(article(1), article(2, "Müller")).encode("cp1252")
    assert [one.dossier.reference.title for one in read(data) if one.dossier][1] == "Müller"
    assert codes(data) == [("not-utf-8", 3)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_that_the_file_declares(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{name}"?>\n' + whole(article(1, "Müller"))
    [one] = read(data.encode(encoding))
    assert one.dossier
    assert one.dossier.reference.title == "Müller"
    assert one.diagnostics == ()


def test_any_line_ends_count() -> None:
    data = whole(article(1), article(2))
    for ends in ("\r\n", "\r"):
        assert [one.span.line for one in read(data.replace("\n", ends))] == [2, 3]


BOMB = """<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [
<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;"><!ENTITY file SYSTEM "file:///etc/passwd">
]>
"""


@pytest.mark.parametrize("entity", ["&b;", "&file;"])
def test_entities_are_refused_whatever_the_file_defines(entity: str) -> None:
    data = BOMB + whole(article(1, entity), article(2))
    assert pmids(data) == ["2"]
    assert codes(data) == [("bad-xml", 5)]
    assert not any("boom" in one.raw or "root:" in one.raw for one in read(data))


def test_hostile_sizes() -> None:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    author = "<Author><LastName>Example</LastName></Author>"
    crowd = f"<AuthorList>{author * 10_000}</AuthorList>"
    data = whole(article(1, deep), article(2, more=crowd), article(3, "long " * 1_000_000))
    _, second, third = read(data.replace("\n", ""))
    assert codes(data) == [("bad-xml", 2)]
    assert second.dossier
    assert len(second.dossier.reference.authors) == 10_000
    assert third.dossier
    assert len(third.dossier.reference.title) == 4_999_999


@pytest.mark.parametrize("piece", ["<PubmedArticle ", "<PubmedArticle>", "<!--", "<", "<PMID>"])
def test_half_tags_without_end_are_no_work(piece: str) -> None:
    assert pmids(piece * (2_000_000 // len(piece))) == []


def test_a_record_longer_than_any_is_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "LONGEST", 1000)
    monkeypatch.setattr(blocks, "CHUNK", 500)
    data = whole(article(1), article(2, "long " * 2000), article(3))
    assert pmids(data) == ["1", "3"]
    assert codes(data) == [("bad-xml", 3)]


@given(st.lists(st.integers(1, 60), max_size=60))
def test_where_the_blocks_end_makes_no_difference(sizes: list[int]) -> None:
    data = whole(article(1), f"<!-- {article(9)} -->", article(2), "<DeleteCitation/>").encode()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(sizes.pop() if sizes else size)

    found = list(formats.read(Slow(data), "x.xml", FORMAT))
    assert [one.dossier.reference.pmid for one in found if one.dossier] == ["1", "2"]
    assert [d for one in found for d in one.diagnostics] == []


@given(st.text(alphabet="<>/!-&;\n ab") | st.binary())
def test_no_text_brings_the_reader_down(text: str | bytes) -> None:
    middle = text.encode() if isinstance(text, str) else text
    for data in (middle, whole(article(1)).encode() + middle, article(1).encode() + middle):
        read(data)


# ---------------------------------------------------------------------- no records at all


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>", "ID list is empty!"),
        ("<html><style>x{}</style><h1>Submitted URI\ntoo large!</h1>", "Submitted URI too large!"),
        ('{"error":"API rate limit exceeded","api-key":"made-up"}', "API rate limit exceeded"),
    ],
)
def test_an_answer_that_is_none_is_quoted(answer: str, said: str) -> None:
    [one] = read(answer)
    [found] = one.diagnostics
    assert (found.code, found.severity) == ("bad-xml", "error")
    assert said in found.message
    assert "made-up" not in found.message


def test_an_empty_answer_is_told() -> None:
    assert codes('<?xml version="1.0"?>\n' + whole()) == [("no-references", 0)]
    assert codes('<?xml version="1.0"?>\n<PubmedArticleSet/>') == [("no-references", 0)]


def test_a_prolog_alone_is_an_error() -> None:
    [one] = read('<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "x" "y">')
    assert [(d.code, d.severity) for d in one.diagnostics] == [("no-references", "error")]


def test_what_stands_between_records_is_told_once() -> None:
    data = whole(article(1), "<p>Sorry,</p>\n<p>an error</p>\n", article(2))
    assert pmids(data) == ["1", "2"]
    assert codes(data) == [("bad-xml", 3)]


# ----------------------------------------------------------------------------- the program


def test_the_format_is_told_from_name_and_content() -> None:
    head = whole(article(1)).encode()
    assert formats.detect("x.xml.gz").name == "pubmed-xml"
    for name, content in (("x.xml", head), ("-", head), ("-", gzip.compress(head))):
        assert formats.detect(name, content).name == "pubmed-xml"
    with pytest.raises(FormatError):
        formats.detect("x.gz2", b"")


def test_a_record_that_names_livertox_is_no_chapter_of_it() -> None:
    head = b"<PubmedArticleSet>\n<PubmedBookArticle>\n<BookTitle>LiverTox</BookTitle>"
    assert formats.detect("x.xml", head).name == "pubmed-xml"


def test_convert_reads_a_compressed_file(refbase: Program) -> None:
    refbase.write("x.xml.gz", gzip.compress((FOLDER / "examples.xml").read_bytes()))
    run = refbase("convert", "x.xml.gz", "x.json")
    assert run.code == 1, run.err  # one record is damaged
    assert "x.xml.gz:81: error:" in run.err
    titles = [item["title"] for item in json.loads((refbase.folder / "x.json").read_text())]
    assert titles == [
        "Effects of exampline on CO<sub>2</sub> in <i>Exemplum minus</i>",
        "An example",
        "Exampline",
    ]


def test_reading_streams() -> None:
    def file() -> Iterator[bytes]:
        yield b"<PubmedArticleSet>"
        for number in range(1, 9000):
            yield article(number, "An example. " * 50).encode()

    class Stream(io.RawIOBase):
        source = file()

        def read(self, size: int = -1, /) -> bytes:
            return next(self.source, b"")

    tracemalloc.start()
    count = 0
    for number, one in enumerate(formats.read(Stream(), "x.xml", FORMAT)):  # type: ignore[arg-type]
        count += one.dossier is not None
        if number == 1000:
            break
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1001
    assert peak < 1_000_000


def test_help_does_not_load_lxml() -> None:
    script = (
        "import sys; from refbase.cli import app; app(['--help'], standalone_mode=False);"
        " import refbase.formats, refbase.files; assert 'lxml' not in sys.modules"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
