"""EndNote XML: what EndNote and Zotero write, what comes back, and what no file can do to us."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

import strategies
from program import ROOT, Program
from readers import CORPUS, Reader, examples
from refbase import formats
from refbase.errors import Diagnostic
from refbase.formats.base import WriteOptions
from refbase.formats.endnotexml import cutter
from refbase.formats.endnotexml.tables import (
    ALSO,
    BY_TYPE,
    COMMON,
    CSL_TYPES,
    NEAREST,
    NUMBERS,
    ORDER,
    SAME_AS,
    TYPES,
    fields,
)
from refbase.model import Dossier, Entry, Reference
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES as CSL
from refbase.vocab import VARIABLES

FOLDER = CORPUS / "endnote-xml"
PAGE = ROOT / "docs" / "formats" / "endnote-xml.md"
FORMAT = formats.get("endnote-xml")
read = Reader("endnote-xml", "x.xml")
dossiers, titles, codes = read.dossiers, read.titles, read.codes


def record(*elements: str, kind: str = "Journal Article") -> str:
    return f'<record><ref-type name="{kind}"/>{"".join(elements)}</record>'


def library(*records: str) -> str:
    return "<xml>\n<records>\n" + "\n".join(records) + "\n</records>\n</xml>\n"


def one(*elements: str, kind: str = "Journal Article") -> Dossier:
    """The reference of one record, of which nothing was told."""
    text = library(record(*elements, kind=kind))
    assert codes(text) == []
    (found,) = dossiers(text)
    return found


def variables(*elements: str, kind: str = "Journal Article") -> dict[str, Any]:
    return dict(one(*elements, kind=kind).reference.variables)


def write(*items: Dossier, **options: Any) -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO(newline="")
    found = list(formats.write(items, stream, FORMAT, WriteOptions(**options)))
    return stream.getvalue(), found


def made(kind: str = "article-journal", /, key: str = "", **variables: Any) -> Dossier:
    """A reference whose variables are named with `_` for `-`; `notes` are its annotations."""
    notes = variables.pop("notes", ())
    custom = variables.pop("custom", {})
    said = {name.replace("_", "-"): value for name, value in variables.items()}
    entries = tuple(Entry("X", annotation=note) for note in notes)
    return Dossier(Reference(kind, said, custom), key, entries)


def elements(dossier: Dossier, path: str) -> list[str]:
    root = etree.fromstring(write(dossier)[0].encode())
    return ["".join(found.itertext()) for found in root.findall(f"records/record/{path}")]


def losses(dossier: Dossier) -> list[tuple[str, str]]:
    return [(str(d.severity), d.message) for d in write(dossier)[1]]


def back(dossier: Dossier) -> Dossier:
    (found,) = dossiers(write(dossier)[0])
    return found


# ------------------------------------------------------------------------------- the tables


def test_every_type_of_csl_has_a_type_of_endnote() -> None:
    assert TYPES.keys() | NEAREST.keys() == CSL
    assert {*TYPES.values(), *NEAREST.values()} == NUMBERS.keys()
    assert len(CSL_TYPES) == len(TYPES)
    assert set(SAME_AS.values()) <= NUMBERS.keys()


def test_every_element_has_a_place_and_every_variable_is_one_of_csl() -> None:
    tables = [COMMON, *BY_TYPE.values()]
    assert {path for table in tables for path in table} <= set(ORDER)
    assert {other for others in ALSO.values() for other in others} <= set(ORDER)
    assert ALSO.keys() <= VARIABLES.keys()
    assert {said for table in tables for said in table.values() if said} <= VARIABLES.keys()
    assert BY_TYPE.keys() <= NUMBERS.keys()


@pytest.mark.parametrize("kind", sorted(NUMBERS))
def test_no_variable_stands_in_two_elements(kind: str) -> None:
    held = list(fields(kind).values())
    assert len(set(held)) == len(held)


# ------------------------------------------------------------------------------- the file

A = record("<titles><title>A</title></titles>")
B = record("<titles><title>B</title></titles>")


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (library(A, B), ["A", "B"], []),
        (library(A, B).replace("\n", "\r\n"), ["A", "B"], []),
        (library(A, B).replace("\n", ""), ["A", "B"], []),
        ("\ufeff" + library(A), ["A"], []),
        (library(A, "<!-- <record> -->", B), ["A", "B"], []),
        (library(A.replace(">A<", "><![CDATA[</record>A]]><"), B), ["</record>A", "B"], []),
        (library(A, "<record>", B), ["A", "B"], [("bad-xml", 4)]),
        (library(A.replace("</titles>", ""), B), ["A", "B"], [("bad-xml", 3)]),
        (library(A.replace(">A<", ">A&nbsp;x<"), B), ["Ax", "B"], [("bad-xml", 3)]),
        (library("<record/>", B), ["B"], [("bad-xml", 3)]),
        (library(A, B)[:-35], ["A", "B"], [("truncated", 4)]),
        (library(A.replace("Journal", "Dream"), B), ["A", "B"], [("unknown-type", 3)]),
        (library(), [], [("no-references", 0)]),
        ("<html>no</html>", [], [("no-references", 0)]),
    ],
)  # fmt: skip
def test_each_record_is_read_or_told(
    text: str, found: list[str], expected: list[tuple[str, int]]
) -> None:
    assert titles(text) == found
    assert codes(text) == expected


def test_every_other_encoding_is_read() -> None:
    text = library(record("<titles><title>Slettebø</title></titles>"))
    for encoding in ("utf-8-sig", "utf-16"):
        assert titles(text.encode(encoding)) == ["Slettebø"]
    assert titles(text.encode("cp1252")) == ["Slettebø"]
    assert codes(text.encode("cp1252")) == [("not-utf-8", 3)]


BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE xml [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE])
def test_an_entity_is_refused_and_told(declared: str) -> None:
    text = declared + library(record("<titles><title>x&b;y</title></titles>"), B)
    assert titles(text) == ["xy", "B"]
    assert codes(text) == [("bad-xml", 3)]


def test_a_document_type_within_a_record_is_refused() -> None:
    text = library(A.replace("<titles>", OUTSIDE + "<titles>"), B)
    assert titles(text)[-1] == "B"
    assert ("bad-xml", 3) in codes(text)


def test_records_are_found_whatever_the_blocks_they_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = library(A, "<!-- <record>, -->", B, A)
    for size in (1, 7, 64):
        monkeypatch.setattr("refbase.formats.base._CHUNK", size)
        assert titles(text) == ["A", "B", "A"]
        assert [one.span.line for one in read(text)] == [3, 5, 6]


def test_a_record_without_end_holds_no_more_than_the_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cutter, "LONGEST", 1000)
    monkeypatch.setattr("refbase.formats.base._CHUNK", 100)
    long = record("<abstract>" + "x, " * 1000 + "</abstract>")
    text = library(A, long, B)
    assert titles(text) == ["A", "", "B"]
    assert codes(text) == [("bad-xml", 4)]


# ------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("plain", "plain"),
        ("p &lt;0.05 &amp; x", "p <0.05 & x"),
        ('<style face="italic">a</style> b', "<i>a</i> b"),
        ('<style face="normal">a</style><style face="bold italic">b</style>', "a<b><i>b</i></b>"),
        ('<style face="bold">a</style><style face="bold italic">b</style>', "<b>a<i>b</i></b>"),
        ('<style face="italic" font="Symbol">a</style><style face="italic">b</style>', "<i>ab</i>"),
        ('\n <style>a</style>\n <style face="subscript">2</style>\n', "a<sub>2</sub>"),
        ('<style face="underline">a</style>', "a"),
    ],
)  # fmt: skip
def test_faces_are_markup(xml: str, text: str) -> None:
    assert variables(f"<titles><title>{xml}</title></titles>") == {"title": text}


@pytest.mark.parametrize(
    ("xml", "date"),
    [
        ("<year>2004</year>", Date((2004,))),
        ("<year>2004</year><pub-dates><date>Aug</date></pub-dates>", Date((2004, 8))),
        ("<year>2004</year><pub-dates><date>Aug 15</date></pub-dates>", Date((2004, 8, 15))),
        ("<year>2004</year><pub-dates><date>2004/8/5</date></pub-dates>", Date((2004, 8, 5))),
        ("<year>2004</year><pub-dates><date>Spring</date></pub-dates>", Date((2004, 21))),
        ("<year>1998</year><pub-dates><date>Sep-Oct</date></pub-dates>",
         Date((1998, 9), (1998, 10))),
        ("<pub-dates><date>Aug 2004</date></pub-dates>", Date((2004, 8))),
        ("<year>in press</year>", Date(literal="in press")),
    ],
)  # fmt: skip
def test_a_date_is_a_year_and_more(xml: str, date: Date) -> None:
    assert variables(f"<dates>{xml}</dates>") == {"issued": date}


def test_a_date_that_contradicts_the_year_is_kept_beside_it() -> None:
    found = one("<dates><year>2004</year><pub-dates><date>1999-01</date></pub-dates></dates>")
    assert found.reference.date() == Date((2004,))
    assert found.reference.custom == {"endnote:dates/pub-dates/date": "1999-01"}


@pytest.mark.parametrize(
    ("xml", "pmid"),
    [
        ("<accession-num>99000001</accession-num>", "99000001"),
        ("<remote-database-name>Medline</remote-database-name>", "99000001"),
        ("<remote-database-provider>NLM</remote-database-provider>", "99000001"),
        ("<remote-database-name>Embase</remote-database-name>", ""),
    ],
)
def test_an_accession_number_is_a_pmid_in_pubmed_alone(xml: str, pmid: str) -> None:
    number = "" if "accession" in xml else "<accession-num>99000001</accession-num>"
    found = one(xml + number).reference
    assert found.pmid == pmid
    assert ("endnote:accession-num" in found.custom) is not bool(pmid)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("van der Muster, A.", Name("Muster", "A.", particle="van der")),
        ("Muster, A., Jr.", Name("Muster", "A.", suffix="Jr.")),
        ("Example Network,", Name(literal="Example Network")),
        ("Example Network", Name(literal="Example Network")),
        ("Example University,, Unit X,", Name(literal="Example University, Unit X")),
        ("et al.", ET_AL),
    ],
)  # fmt: skip
def test_names(text: str, name: Name) -> None:
    xml = f"<contributors><authors><author>{text}</author></authors></contributors>"
    assert variables(xml) == {"author": (name,)}


def test_a_label_is_a_citation_key_if_it_can_be_one() -> None:
    assert one("<label>muster2004</label><volume>1</volume>").key == "muster2004"
    found = one("<label>read twice</label><volume>1</volume>")
    assert (found.key, found.reference.custom) == ("", {"endnote:label": "read twice"})


def test_the_first_page_that_is_repeated_is_no_section() -> None:
    assert variables("<pages>439-47</pages><section>439</section>") == {"page": "439-47"}
    assert variables("<pages>4391</pages><section>439</section>")["section"] == "439"


@pytest.mark.parametrize("name", ["habits.endnote", "habits.others"])
def test_what_programs_write_is_read_as_expected(name: str, update: bool) -> None:
    file = FOLDER / f"{name}.xml"
    seen = [
        {
            "key": one.dossier.key,
            "annotations": [entry.annotation for entry in one.dossier.entries],
            **one.dossier.reference.to_csl(),
        }
        if one.dossier
        else None
        for one in read(file.read_bytes())
    ]
    told = [str(found) for one in read(file.read_bytes()) for found in one.diagnostics]
    text = json.dumps({"read": seen, "told": told}, indent=1, ensure_ascii=False) + "\n"
    expected = file.with_suffix(".expected.json")
    if update:
        expected.write_text(text)
    assert text == expected.read_text()


# ------------------------------------------------------------------------------- writing


def test_the_examples_are_written_as_expected(update: bool) -> None:
    text, found = write(*examples())
    told = "".join(f"{one.span.file}: {one.severity}: {one.message}\n" for one in found)
    for suffix, seen in (("xml", text), ("diag", told)):
        expected = FOLDER / f"examples.{suffix}"
        if update:
            expected.write_text(seen)
        assert seen == expected.read_text()


def test_a_pmid_stands_with_the_name_of_its_database() -> None:
    assert elements(made(PMID="99000001"), "remote-database-name") == ["PubMed"]
    with_source = made(PMID="99000001", source="Example Index")
    assert elements(with_source, "remote-database-name") == ["Example Index"]
    assert elements(with_source, "remote-database-provider") == ["NLM"]
    for source in ("", "PubMed", "Example Index"):
        dossier = made(PMID="99000001", **({"source": source} if source else {}))
        assert back(dossier).reference == dossier.reference


def test_annotations_stand_in_one_element_a_blank_line_between_two() -> None:
    dossier = made(title="A", notes=["One <i>x</i>.\nTwo.", "Three & four"])
    assert elements(dossier, "research-notes") == ["One x.\rTwo.\r\rThree & four"]
    assert back(dossier).entries[0].annotation == "One <i>x</i>.\nTwo.\n\nThree & four"
    assert "[X] Three" in write(dossier, labelled=True)[0]


def test_a_retraction_is_a_keyword() -> None:
    dossier = made(title="A", keyword="x; y", status="retracted")
    assert elements(dossier, "keywords/keyword") == ["x", "y", "Retracted Publication"]
    assert back(dossier) == dossier
    assert losses(dossier) == []


def test_isbn_and_issn_share_an_element() -> None:
    dossier = made("book", ISBN="9780781719520", ISSN="0016-5085")
    assert elements(dossier, "isbn") == ["9780781719520 0016-5085"]
    assert back(dossier) == dossier
    assert losses(made(ISBN="none")) == [
        ("warning", "EndNote has no field for 'ISBN' in Journal Article")
    ]


@pytest.mark.parametrize(
    ("dossier", "told"),
    [
        (made(title="<sc>a</sc>"),
         "info: EndNote has no small capitals and no words that keep their case"),
        (made(archive="X"), "warning: EndNote has no field for 'archive' in Journal Article"),
        (made("review", title="A"),
         "warning: EndNote has no type 'review', written as Journal Article"),
        (made(custom={"grants": ["X"]}), "warning: EndNote has no field for 'grants' (custom)"),
        (made(PMID="none"), "warning: a PMID that is none"),
        (made(accessed=Date(literal="today")), "warning: a date that is none: 'accessed'"),
        (made(author=(Name("Dyke", "A.", particle="Van"),)),
         "info: a name or a date is read back as another one: a particle, a suffix, a season"),
    ],
)  # fmt: skip
def test_what_is_lost_is_told(dossier: Dossier, told: str) -> None:
    assert [f"{severity}: {message}" for severity, message in losses(dossier)] == [told]


@pytest.mark.parametrize("name", ["habits.endnote", "habits.others"])
def test_what_was_not_understood_comes_back(name: str) -> None:
    """The unknown elements too: what is read again from what was written is the same."""
    first = dossiers((FOLDER / f"{name}.xml").read_bytes())
    text, found = write(*first)
    assert found == []
    assert dossiers(text) == first
    assert write(*dossiers(text))[0] == text


@given(strategies.dossiers)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_written_is_xml_and_one_record(dossier: Dossier) -> None:
    text, _ = write(dossier)
    root = etree.fromstring(text.encode())
    assert len(root.findall("records/record")) == 1
    for found in read(text):
        # What says nothing but an unknown value has no variable to be read
        assert {d.code for d in found.diagnostics} <= {"bad-date", "bad-identifier", "bad-xml"}


# ------------------------------------------------------------------------------- the program


def test_a_library_is_converted_there_and_back(refbase: Program) -> None:
    refbase.write("a.json", '[{"id": "muster2004", "type": "book", "title": "<i>A</i> & B"}]')
    assert refbase("convert", "a.json", "a.xml").code == 0
    run = refbase("convert", "-", "--to", "csl-json", stdin=(refbase.folder / "a.xml").read_bytes())
    assert run.code == 0
    (item,) = json.loads(run.out)
    assert (item["id"], item["title"]) == ("muster2004", "<i>A</i> & B")


def test_a_library_about_livertox_is_not_taken_for_a_chapter(refbase: Program) -> None:
    refbase.write("a.xml", library(record("<titles><title>LiverTox [PubMed: 1]</title></titles>")))
    run = refbase("convert", "a.xml", "--to", "csl-json")
    assert (run.code, json.loads(run.out)[0]["title"]) == (0, "LiverTox [PubMed: 1]")


# ------------------------------------------------------------------------------- the page


def _types() -> str:
    rows = [
        f"| `{kind}` | {TYPES.get(kind) or NEAREST[kind] + ', and told'} |" for kind in sorted(CSL)
    ]
    return "\n".join(["| type | EndNote |", "|---|---|", *rows])


def _variables() -> str:
    common = {variable: path for path, variable in COMMON.items()}
    other: dict[str, dict[str, list[str]]] = {}
    for kind in sorted(NUMBERS):
        held = {variable: path for path, variable in fields(kind).items()}
        for variable in common.keys() | held.keys():
            if (path := held.get(variable, "–")) != common.get(variable, "–"):
                other.setdefault(variable, {}).setdefault(path, []).append(kind)
    rows = []
    for variable in sorted(common.keys() | other.keys(), key=str.lower):
        said = [f"{p} ({', '.join(kinds)})" for p, kinds in sorted(other.get(variable, {}).items())]
        rows.append(f"| `{variable}` | {common.get(variable, '–')} | {'; '.join(said)} |")
    head = ["| variable | element | in these types another |", "|---|---|---|"]
    return "\n".join([*head, *rows])


@pytest.mark.parametrize(("name", "table"), [("types", _types), ("variables", _variables)])
def test_the_page_shows_the_tables(name: str, table: Any, update: bool) -> None:
    page = PAGE.read_text()
    before, rest = page.split(f"<!-- {name} -->\n\n")
    _, after = rest.split("\n\n<!-- end -->", 1)
    text = f"{before}<!-- {name} -->\n\n{table()}\n\n<!-- end -->{after}"
    if update:
        PAGE.write_text(text)
    assert text == PAGE.read_text()
