"""What nobody should write, for every reader of the table: no fault, no hang, and the rest is read.

Where memory is at stake the reader runs in a process of its own that may have a gigabyte of it;
the limit on its time is there to end what hangs.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zlib
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from program import Program
from refbase import formats
from refbase.errors import FormatError
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Entry, Parsed, Reference
from refbase.values import Date, Name

READERS = [fmt.name for fmt in formats.FORMATS if fmt.reader]
XML = ["pubmed-xml", "endnote-xml", "livertox"]
each_reader = pytest.mark.parametrize("name", READERS)
UNHURRIED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
COUNT = 12

# Of the formats that nobody writes, a record and what stands around all of them.
READ_ONLY = {
    "citations": ("{}. Muster AB. {}. J Ex 2001; 1: 2-3. PMID: {}\n", "", ""),
    "pubmed-xml": (
        "<PubmedArticle><MedlineCitation><!-- {} --><Article>"
        "<ArticleTitle>{}</ArticleTitle></Article><PMID>{}</PMID></MedlineCitation></PubmedArticle>\n",
        "<PubmedArticleSet>\n",
        "</PubmedArticleSet>\n",
    ),
}


def pmid(number: int) -> str:
    return f"990000{number:02d}"


def example(number: int, title: str = "", authors: int = 1) -> Dossier:
    said = {
        "author": tuple(Name("Muster", "A. B.") for _ in range(authors)),
        "title": title or f"Example {number}é",
        "container-title": "J Ex",
        "issued": Date((2001,)),
        "volume": "1",
        "page": "2-3",
        "PMID": pmid(number),
    }
    entry = Entry("Examples", number, "", "An annotation.")
    return Dossier(Reference("article-journal", said), f"muster{number}", (entry,))


def file(name: str, *dossiers: Dossier) -> bytes:
    """A file of a format as it should be, with these references."""
    if name in READ_ONLY:
        record, head, tail = READ_ONLY[name]
        middle = "".join(
            record.format(place, one.reference.title, one.reference.pmid)
            for place, one in enumerate(dossiers, 1)
        )
        return (head + middle + tail).encode()
    fmt = formats.get(name)
    stream = io.StringIO(newline="")
    list(formats.write(dossiers, stream, fmt, WriteOptions(next(iter(fmt.flavours), ""))))
    return stream.getvalue().encode()


@cache
def good(name: str) -> bytes:
    return file(name, *(example(number) for number in range(1, COUNT + 1)))


def read(name: str, data: bytes) -> list[Parsed]:
    """What is read of a file; nothing, if it is refused as a whole."""
    found: list[Parsed] = []
    with suppress(FormatError):
        found.extend(formats.read(io.BytesIO(data), "x", formats.get(name)))
    return found


def pmids(name: str, data: bytes) -> list[str]:
    return [one.dossier.reference.pmid for one in read(name, data) if one.dossier]


ALL = [pmid(number) for number in range(1, COUNT + 1)]


@each_reader
def test_a_good_file_is_read(name: str) -> None:
    assert pmids(name, good(name)) == ALL


# ------------------------------------------------------------------------------- damage


@each_reader
@given(st.data())
@UNHURRIED
def test_a_truncated_file_is_read_as_far_as_it_goes(name: str, data: st.DataObject) -> None:
    whole = good(name)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    found = pmids(name, cut)
    # A record is whole if the next one has begun
    complete = [number for number, after in pairwise(ALL) if after.encode() in cut]
    assert [number for number in found if number in complete] == complete
    assert len(found) <= len(complete) + 2


@each_reader
@given(st.data())
@UNHURRIED
def test_damage_in_one_place_costs_no_more_than_what_is_there(
    name: str, data: st.DataObject
) -> None:
    whole = good(name)
    place = data.draw(st.integers(0, len(whole)))
    junk = data.draw(
        st.sampled_from(
            [b"\xff", b"\0", b'"', b"{", b"}", b"<", b"&", b"\\", b"@", b"ER  - ", b"]]>"]
        )
    )
    read(name, whole[:place] + junk * data.draw(st.sampled_from([1, 50])) + whole[place:])
    read(name, whole[:place] + whole[place + 5 :])


@each_reader
@given(st.binary(max_size=300))
@UNHURRIED
def test_any_bytes(name: str, data: bytes) -> None:
    read(name, data)


@each_reader
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_and_line_end(name: str, encoding: str, end: str) -> None:
    text = good(name).decode().replace("\r\n", "\n").replace("\n", end)
    data = (
        ("\ufeff" + text).encode("utf-16-be")
        if encoding == "utf-16-be-bom"
        else text.encode(encoding)
    )
    assert pmids(name, data) == ALL


@each_reader
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32", "shift_jis", "cp037", "utf-7"])
def test_every_odd_encoding(name: str, encoding: str) -> None:
    read(name, good(name).decode().encode(encoding, "replace"))


@each_reader
def test_nul_bytes_are_taken_out(name: str) -> None:
    assert pmids(name, good(name).replace(b"Muster", b"Mu\0ster")) == ALL
    read(name, b"\0" * 5000)
    read(name, b"\0".join(bytes([byte]) for byte in good(name)))


# What the fuzzer found, each of them once a fault.
FOUND = {
    "pubmed-xml": b'<PubmedArticle><PMID Version="2"/><ArticleTitle>A</ArticleTitle>'
    b"</PubmedArticle>",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_the_fuzzer_found(name: str) -> None:
    assert read(name, FOUND[name]) != []


# ------------------------------------------------------------------------------- size

MEGABYTE = 1 << 20
CHILD = """
import json, resource, sys
memory, *arguments = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
resource.setrlimit(resource.RLIMIT_CPU, (240, 240))
from contextlib import suppress
from refbase import formats
from refbase.errors import FormatError
found = []
for name, path in zip(arguments[::2], arguments[1::2]):
    count = authors = 0
    with open(path, "rb") as stream, suppress(FormatError):
        for parsed in formats.read(stream, "x", formats.get(name)):
            if parsed.dossier:
                count += 1
                authors = max(authors, len(parsed.dossier.reference.authors))
    found.append((count, authors))
json.dump(found, sys.stdout)
"""


def within(memory: int, name: str, *files: Path) -> list[tuple[int, int]]:
    """How many references each file holds, and how many authors one of them at most, read by a
    process that may have that many bytes of memory."""
    arguments = [text for file in files for text in (name, str(file))]
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(memory), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, (run.returncode, run.stderr[-2000:])
    return [(count, authors) for count, authors in json.loads(run.stdout)]


def saved(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{place}.txt" for place in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def long_lines(name: str, size: int) -> list[bytes]:
    """A line of nothing, and a value as long between two records."""
    long = file(name, example(1), example(2, "x" * 9 + "LONG"), example(3))
    return [b"x" * size, long.replace(b"LONG", b"ab; " * (size // 4))]


@each_reader
def test_a_line_of_megabytes(name: str, tmp_path: Path) -> None:
    (nothing, _), (count, _) = within(
        1 << 30, name, *saved(tmp_path, *long_lines(name, 5 * MEGABYTE))
    )
    assert nothing <= 1
    assert count == 3


@each_reader
@pytest.mark.slow
def test_a_line_of_fifty_megabytes(name: str, tmp_path: Path) -> None:
    (nothing, _), (count, _) = within(
        3 << 29, name, *saved(tmp_path, *long_lines(name, 50 * MEGABYTE))
    )
    assert nothing <= 1
    assert count in (2, 3)


REPEATED = [
    "{",
    "}",
    "[",
    '{"a":',
    "@",
    "@a{",
    "<a>",
    "<record>",
    "</",
    '"',
    "\\",
    "&",
    "<!--",
    "$",
]


@each_reader
def test_what_is_nested_or_repeated_a_hundred_thousand_times(name: str, tmp_path: Path) -> None:
    files = [text.encode() * 100_000 for text in REPEATED]
    inside = file(name, example(1), example(2, "x" * 9 + "LONG"), example(3))
    files += [inside.replace(b"LONG", text.encode() * 20_000) for text in ("{", "}", "<", "&", "$")]
    found = within(1 << 30, name, *saved(tmp_path, *files))
    assert len(found) == len(files)


def test_a_million_at_signs_in_bibtex(tmp_path: Path) -> None:
    entry = file("bibtex", example(1))
    found = within(1 << 30, "bibtex", *saved(tmp_path, b"@" * 1_000_000, b"@" * 1_000_000 + entry))
    assert found[0][0] == 0
    within(1 << 30, "bibtex", *saved(tmp_path, b"@ " * 1_000_000, b"@a\n" * 1_000_000))


@pytest.mark.slow
def test_a_million_broken_entries_in_a_line(tmp_path: Path) -> None:
    within(1 << 30, "bibtex", *saved(tmp_path, b"@a{ " * 1_000_000))


# A printed citation is no place for that many, and a list of identifiers for none.
@pytest.mark.parametrize(
    "name", [name for name in READERS if name not in ("ids", "livertox", *READ_ONLY)]
)
def test_a_hundred_thousand_authors(name: str, tmp_path: Path) -> None:
    (path,) = saved(tmp_path, file(name, example(1, authors=100_000)))
    assert within(1 << 30, name, path) == [(1, 100_000)]


def test_a_hundred_thousand_lines_of_extra_about_one_list(tmp_path: Path) -> None:
    record = "TY  - BOOK\n{}{}ER  - \n"
    new = record.format("", "M2  - author: Muster || A.\n" * 100_000)
    again = record.format("AU  - Muster, A.\n" * 100_000, "M2  - author: B\n" * 100_000)
    found = within(1 << 30, "ris", *saved(tmp_path, new.encode(), again.encode()))
    assert found == [(1, 100_000), (1, 100_000)]


@pytest.mark.parametrize(("brace", "stand_in"), [("{", "｛"), ("}", "｝")])
def test_two_hundred_thousand_lone_braces_are_written_as_bibtex(brace: str, stand_in: str) -> None:
    work = Reference("document", {"title": f"e{brace}" * 200_000})
    written = io.StringIO()
    (told,) = formats.write([Dossier(work, "x")], written, formats.get("bibtex"))
    assert told.message.endswith(f"written '{stand_in}'")
    assert written.getvalue() == f"@misc{{x,\n  title = {{{f'e{stand_in}' * 200_000}}},\n}}\n"


# ------------------------------------------------------------------------------- bombs


def bomb(name: str, declared: str) -> bytes:
    return declared.encode() + good(name).replace(b"Example 3", b"Example &b; 3")


def laughs(depth: int = 9) -> str:
    lines = ['<!ENTITY a0 "hahahaha">']
    lines += [f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, depth)]
    return f'<!DOCTYPE x [{"".join(lines)}<!ENTITY b "&a{depth - 1};">]>'


@pytest.mark.parametrize("name", XML)
def test_an_entity_bomb_is_not_expanded(name: str, tmp_path: Path) -> None:
    data = bomb(name, laughs()) if name != "livertox" else laughs().encode() + BITS
    files = [data, gzip.compress(data)] if name == "pubmed-xml" else [data]
    for count, _ in within(1 << 30, name, *saved(tmp_path, *files)):
        assert count >= (COUNT - 1 if name != "livertox" else 1)
    assert "haha" not in str([one.dossier for one in read(name, data)])


@pytest.mark.parametrize("name", XML)
def test_a_file_that_an_entity_names_is_not_opened(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    declared = f'<!DOCTYPE x [<!ENTITY b SYSTEM "{secret.as_uri()}">]>'
    data = bomb(name, declared) if name != "livertox" else declared.encode() + BITS
    assert "SECRET" not in str([(one.dossier, one.diagnostics) for one in read(name, data)])
    if name == "pubmed-xml":
        assert "SECRET" not in str([one.dossier for one in read(name, gzip.compress(data))])


BITS = (
    b'<book-part><ref-list><ref id="a"><element-citation publication-type="journal">'
    b"<article-title>Example &b; title</article-title><source>J Ex</source><year>2001</year>"
    b'<pub-id pub-id-type="pmid">99000001</pub-id></element-citation></ref></ref-list></book-part>'
)


@cache
def nothing(size: int) -> bytes:
    """Megabytes of blanks, packed small."""
    pack = zlib.compressobj(1, wbits=31)
    return b"".join([*(pack.compress(b" " * MEGABYTE) for _ in range(size)), pack.flush()])


@each_reader
def test_a_gzip_bomb_takes_no_memory(name: str, tmp_path: Path) -> None:
    (found,) = within(1 << 29, name, *saved(tmp_path, nothing(768)))
    assert name != "pubmed-xml" or found == (0, 0)


# ------------------------------------------------------------------------------- the program


@pytest.mark.parametrize("name", [name for name in READERS if name != "ids"])
def test_the_program_says_how_many_were_read(refbase: Program, name: str) -> None:
    """Exactly as many as are in what it writes; the last one is damaged."""
    data = good(name)
    cut = data[: data.rindex(pmid(COUNT).encode()) + 4]
    run = refbase("convert", "-", "--from", name, "--to", "csl-json", stdin=cut)
    assert "Traceback" not in run.err
    assert run.code in (0, 1)
    written = len(json.loads(run.out))
    assert f"{written} references written" in run.err or f"{written} reference" in run.err
    assert written in (COUNT - 1, COUNT)
    if written == COUNT - 1:
        assert run.code == 1
