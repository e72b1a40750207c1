"""RIS as others write it, as we write it, and as nobody should."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from readers import CORPUS, Reader, examples
from refbase import extra, formats
from refbase.formats.base import WriteOptions
from refbase.formats.ris.tables import CSL_TYPES, SAME_AS
from refbase.model import Dossier, Entry, Reference
from refbase.text import clean
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES, VARIABLES

FORMAT = formats.get("ris")
read = Reader("ris", "x.ris")
dossiers, titles, codes = read.dossiers, read.titles, read.codes


def one(*lines: str, kind: str = "JOUR") -> Dossier:
    """The reference of one record, of which nothing was told."""
    text = "\n".join([f"TY  - {kind}", *lines, "ER  - ", ""])
    assert codes(text) == []
    (found,) = dossiers(text)
    return found


def variables(*lines: str, kind: str = "JOUR") -> dict[str, Any]:
    return dict(one(*lines, kind=kind).reference.variables)


def write(*items: Dossier, **options: Any) -> str:
    stream = io.StringIO(newline="")
    list(formats.write(items, stream, FORMAT, WriteOptions(**options)))
    return stream.getvalue()


# ------------------------------------------------------------------------------- the file

A = "TY  - JOUR\nTI  - A\nER  - \n"
B = "TY  - BOOK\nTI  - B\nER  - \n"


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (A + B, ["A", "B"], []),
        (A + "\n\n" + B, ["A", "B"], []),
        (A.replace("ER  - ", "ER  -") + B, ["A", "B"], []),
        (A.replace("  - ", " - ") + B, ["A", "B"], []),
        (A.replace("\n", "\r\n") + B, ["A", "B"], []),
        (A.replace("\n", "\r") + B, ["A", "B"], []),
        ("\ufeff" + A, ["A"], []),
        (A + "ER  - \n" + B, ["A", "B"], []),
        (A.replace("ER  - \n", "") + B, ["A", "B"], [("missing-end", 1)]),
        (A + "TY  - BOOK\nTI  - B", ["A", "B"], [("missing-end", 4)]),
        ("Provider: X\nContent: Y\n\n" + A, ["A"], [("outside-record", 1)]),
        (A + "Copyright Example\n" + B, ["A", "B"], [("outside-record", 4)]),
        ("TI  - A\nER  - \n" + B, ["A", "B"], [("missing-type", 1)]),
        ("ID  - x\n" + A, ["A"], []),
        ("TY  - QUUX\nTI  - A\nER  - \n" + B, ["A", "B"], [("unknown-type", 1)]),
        ("hello", [], [("outside-record", 1)]),
        ("", [], []),
    ],
)
def test_each_record_is_read_and_what_is_wrong_is_told_with_its_line(
    text: str, found: list[str], expected: list[tuple[str, int]]
) -> None:
    assert titles(text) == found
    assert codes(text) == expected


def test_a_record_knows_its_lines_and_its_text() -> None:
    first, second = read(A + "\n" + B)
    assert (second.span.line, second.span.end_line) == (5, 6)
    assert first.raw == "TY  - JOUR\nTI  - A"


def test_a_value_goes_on_on_lines_without_a_tag() -> None:
    assert variables("TI  - A title", "   that goes on", "", "and on")["title"] == (
        "A title that goes on and on"
    )


def test_EndNote_writes_one_tag_for_all_keywords_and_notes_in_several_lines() -> None:
    found = one("KW  - Humans", "Liver Failure, Acute", "N1  - First.", "Second.")
    assert found.reference.keywords == ("Humans", "Liver Failure, Acute")
    assert found.entries == (Entry(position=1, annotation="First.\nSecond."),)


def test_one_blank_makes_a_tag_only_where_TY_has_one_too() -> None:
    assert (
        variables("AB  - Text", "AU - gold - is text", "ER  - is too")["abstract"]
        == ("Text AU - gold - is text")
        or variables("AB  - Text", "AU - gold - is text")["abstract"] == "Text AU - gold - is text"
    )


def test_a_line_in_front_of_the_first_tag_is_a_note() -> None:
    assert one("lost words", "TI  - A").entries[0].annotation == "lost words"


# ---------------------------------------------------------------------------- old and others


def test_the_older_specification() -> None:
    assert variables(
        "A1  - Muster,Anna B.",
        "T1  - A title",
        "JF  - Journal of Examples",
        "JA  - J Ex",
        "Y1  - 2015/06/03/",
        "N2  - The abstract",
        "M3  - 10.5555/a",
        "SP  - 175",
        "EP  - 7",
    ) == {
        "author": (Name("Muster", "Anna B."),),
        "title": "A title",
        "container-title": "Journal of Examples",
        "container-title-short": "J Ex",
        "issued": Date((2015, 6, 3)),
        "abstract": "The abstract",
        "DOI": "10.5555/a",
        "page": "175-7",
    }


@pytest.mark.parametrize(
    ("lines", "full", "short"),
    [
        (["T2  - Full", "J2  - Short"], "Full", "Short"),
        (["T2  - Full", "JF  - Full", "JO  - Short"], "Full", "Short"),
        (["JO  - Some"], "Some", None),
        (["JF  - Full", "JO  - Full"], "Full", "Full"),
        (["JA  - Some"], "Some", None),
        (["J2  - Short"], None, "Short"),
    ],
)
def test_titles_of_a_journal(lines: list[str], full: str | None, short: str | None) -> None:
    found = variables(*lines)
    assert found.get("container-title") == full
    assert found.get("container-title-short") == short


def test_the_same_value_in_two_tags_is_read_once_and_another_one_is_kept() -> None:
    found = one(
        "TI  - A", "T1  - A", "T1  - Other", "UR  - https://a.example/", "UR  - b"
    ).reference
    assert found.title == "A"
    assert found.custom == {"ris:T1": "Other", "ris:UR": "b"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["PY  - 2015"], Date((2015,))),
        (["PY  - 2015/06//"], Date((2015, 6))),
        (["Y1  - 2015///Spring"], Date((2015, 21))),
        (["PY  - 2015/6/3"], Date((2015, 6, 3))),
        (["PY  - 2015", "DA  - 2015/06/03/"], Date((2015, 6, 3))),
        (["PY  - 2015", "DA  - 2015-06-03"], Date((2015, 6, 3))),
        (["PY  - 2015", "DA  - Jun 3"], Date((2015, 6, 3))),
        (["PY  - 2015", "DA  - Spring"], Date((2015, 21))),
        (["PY  - 1998", "DA  - 1998-12/1999-01"], Date((1998, 12), (1999, 1))),
        (["PY  - 2015/06/03/", "DA  - 2015"], Date((2015, 6, 3))),
        (["DA  - June 2015"], Date((2015, 6))),
        (["DA  - in press 2015"], Date(literal="in press 2015")),
        (["PY  - "], None),
    ],
)
def test_dates(lines: list[str], expected: Date | None) -> None:
    assert variables(*lines).get("issued") == expected


def test_a_date_that_contradicts_the_year_is_kept() -> None:
    found = one("PY  - 2015", "DA  - 2014/01/01/").reference
    assert found.year == 2015
    assert found.custom == {"ris:DA": "2014/01/01/"}


def test_a_year_that_is_none_is_told() -> None:
    text = "TY  - JOUR\nPY  - soon\nER  - \n"
    assert codes(text) == [("bad-date", 1)]
    assert dossiers(text)[0].reference.date() == Date(literal="soon")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Muster, A. B.", Name("Muster", "A. B.")),
        ("van der Ploeg,R.J.", Name("Ploeg", "R.J.", "van der")),
        ("Smith, John, Jr.", Name("Smith", "John", suffix="Jr.")),
        ("Example Network,", Name(literal="Example Network")),
        (
            "University of Example,, Department X,",
            Name(literal="University of Example, Department X"),
        ),
        ("World Health Organization", Name(literal="World Health Organization")),
        ("Example UK", Name(literal="Example UK")),
        ("O&#39;Example, A.", Name("O'Example", "A.")),
    ],
)
def test_names(text: str, expected: Name) -> None:
    assert variables(f"AU  - {text}")["author"] == (expected,)


def test_a_name_without_a_comma_that_looks_like_one_of_PubMed_is_read_so_and_told() -> None:
    text = "TY  - JOUR\nAU  - Muster AB\nER  - \n"
    assert dossiers(text)[0].reference.authors == (Name("Muster", "A. B."),)
    assert codes(text) == [("odd-name", 1)]


def test_a_list_that_was_cut() -> None:
    assert variables("AU  - Muster, A.", "AU  - et al.,")["author"][-1] == ET_AL


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["M2  - PMID: 99000001", "M2  - PMCID: PMC9"], {"PMID": "99000001", "PMCID": "PMC9"}),
        (["AN  - 99000001"], {"PMID": "99000001"}),
        (["AN  - 99000001", "DB  - PubMed"], {"PMID": "99000001", "source": "PubMed"}),
        (["N1  - 99000001[pmid]"], {"PMID": "99000001"}),
        (["N1  - PMID: 99000001"], {"PMID": "99000001"}),
        (["UR  - PM:99000001"], {"PMID": "99000001"}),
        (["C2  - PMC9000001"], {"PMCID": "PMC9000001"}),
        (["C2  - 99000001"], {"PMID": "99000001"}),
        (["DO  - https://doi.org/10.5555/a"], {"DOI": "10.5555/a"}),
        (["SN  - 0016-5085 (Print)", "0016-5085 (Linking)"], {"ISSN": "0016-5085"}),
        (["SN  - 9780781719520"], {"ISBN": "9780781719520"}),
        (["SP  - 12-15", "EP  - 15"], {"page": "12-15"}),
        (["SP  - 12", "EP  - 12"], {"page": "12"}),
        (["SP  - 175-7", "M2  - 175"], {"page": "175-7"}),
        (["ET  - 2015/06/03/"], {"available-date": Date((2015, 6, 3))}),
        (["TI  - <i>E. coli</i> &amp; p &lt;0.05"], {"title": "<i>E. coli</i> & p <0.05"}),
        (["UR  - https://x.example/?a=1&copy=2"], {"URL": "https://x.example/?a=1&copy=2"}),
        (["UR  - https://a.example/", "https://b.example/"], {"URL": "https://a.example/"}),
        (["KW  - Retracted Publication"], {"status": "retracted"}),
    ],
)
def test_habits(lines: list[str], expected: dict[str, Any]) -> None:
    assert variables(*lines) == expected


def test_an_accession_number_of_another_database_is_no_pmid() -> None:
    found = one("AN  - 104567890", "DB  - CINAHL").reference
    assert found.pmid == ""
    assert found.custom == {"ris:AN": "104567890"}


def test_what_is_no_doi_is_told_and_kept() -> None:
    text = "TY  - JOUR\nDO  - n/a\nER  - \n"
    assert codes(text) == [("bad-identifier", 1)]
    assert dossiers(text)[0].reference.custom == {"ris:DO": "n/a"}


def test_books_and_chapters() -> None:
    chapter = variables("TI  - A", "BT  - Book", "ED  - Editor, A.", "IS  - 2", kind="CHAP")
    assert (chapter["container-title"], chapter["number-of-volumes"]) == ("Book", "2")
    assert chapter["editor"] == (Name("Editor", "A."),)
    book = variables("SP  - 312", "A3  - Editor, A.", "A2  - Reihe, B.", kind="BOOK")
    assert (book["number-of-pages"], book["editor"]) == ("312", (Name("Editor", "A."),))
    assert variables("SP  - 3", "EP  - 9", kind="BOOK") == {"page": "3-9"}
    assert variables("AU  - Editor, A.", kind="EDBOOK") == {"editor": (Name("Editor", "A."),)}
    assert one("M3  - PhD thesis", kind="THES").reference.text("genre") == "PhD thesis"


def test_every_type_of_the_specification_is_read(corpora: Path) -> None:
    path = corpora.parent / "schemas" / "ris2011-tags-by-type.json"
    known = json.loads(path.read_text())["types"]
    assert set(known) <= CSL_TYPES.keys() | SAME_AS.keys()
    for ris_type, tags in known.items():
        reference = one(
            *(f"{tag}  - Xx{tag}," for tag in tags if tag not in ("DO", "PY")), kind=ris_type
        )
        text = repr(reference)
        assert [tag for tag in tags if f"Xx{tag}" not in text and tag not in ("DO", "PY")] == []


def test_every_type_is_one_of_CSL() -> None:
    assert set(CSL_TYPES.values()) <= TYPES
    assert set(SAME_AS.values()) <= CSL_TYPES.keys()
    assert not SAME_AS.keys() & CSL_TYPES.keys()


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("<p>One &amp; two</p>\n<p>Three<br />four</p>", "One & two\nThree\nfour"),
        ("p &lt;0.05 and <strong>b</strong>", "p <0.05 and <strong>b</strong>"),
        ('<div class="x"><p><em>E. coli</em></p></div>', "<i>E. coli</i>"),
    ],
)
def test_a_note_of_Zotero_is_HTML(note: str, expected: str) -> None:
    assert one(f"N1  - {note}").entries[0].annotation == expected


def test_several_notes_are_one_annotation() -> None:
    assert one("N1  - One", "N1  - Two").entries == (Entry(position=1, annotation="One\n\nTwo"),)


def test_a_key_is_no_number() -> None:
    assert one("ID  - muster2015", "TI  - A").key == "muster2015"
    assert one("ID  - 7", "TI  - A") == Dossier(
        Reference("article-journal", {"title": "A"}, {"ris:ID": "7"})
    )


# ------------------------------------------------------------------------------ and back again


def test_what_has_no_variable_comes_back_in_RIS() -> None:
    text = "TY  - JOUR\nTI  - A\nAD  - Exampleton\nL1  - a.pdf\nL1  - b.pdf\nZZ  - odd\nER  - \n"
    written = write(*dossiers(text))
    assert written == text + "\n"


def normal(dossier: Dossier, position: int = 1) -> Dossier:
    """A reference as RIS for Zotero can say it: what the page says that it does not hold."""
    said: dict[str, Any] = {}
    for name, value in dossier.reference.variables.items():
        if isinstance(value, str):
            lines = value.split("\n") if name == "note" else [value]
            value = "\n".join(filter(None, map(clean, lines)))
        said[name] = value
    notes = [clean(entry.annotation) for entry in dossier.entries if entry.annotation]
    keywords = [*dossier.reference.keywords, *dossier.tags]
    if keywords:
        said["keyword"] = "; ".join(dict.fromkeys(filter(None, map(clean, keywords))))
    text = "\n\n".join(notes)
    return Dossier(
        Reference(dossier.reference.type, {n: v for n, v in said.items() if v}),
        dossier.key,
        (Entry(position=position, annotation=text),) if text else (),
    )


def held(kind: str, name: str, value: Any) -> bool:
    """Whether RIS for Zotero holds a value: where it does not, the writer tells."""
    people = value if isinstance(value, tuple) else ()
    # Without a comma a name is that of a body, in Zotero too
    if not all(person.literal or person.given for person in people):
        return False
    stream = io.StringIO()
    return not list(formats.write([Dossier(Reference(kind, {name: value}))], stream, FORMAT))


_IDENTIFIERS = {"DOI": "10.5555/a", "PMID": "99000001", "PMCID": "PMC9000001"}
# The first two are of one tag, the third is the keyword's; their readers check or part them
_LEFT_OUT = frozenset(("ISSN", "ISBN", "page", "URL", "status", "keyword"))


@given(strategies.dossiers)
def test_what_is_written_for_zotero_is_read_back(dossier: Dossier) -> None:
    kind = dossier.reference.type
    said = {
        name: _IDENTIFIERS.get(name, value)
        for name, value in dossier.reference.variables.items()
        if name not in _LEFT_OUT and held(kind, name, value)
    }
    said["URL"] = "https://example.org/"
    dossier = replace(dossier, reference=Reference(kind, said), tags=())
    (found,) = dossiers(write(dossier))
    expected = normal(dossier)
    assert found.key == expected.key
    assert found.entries == expected.entries
    assert found.reference.type == expected.reference.type
    assert dict(found.reference.variables) == dict(expected.reference.variables)
    assert found.reference.custom == {}
    assert write(found) == write(*dossiers(write(found)))


@pytest.mark.parametrize("flavour", FORMAT.flavours)
@given(dossier=strategies.dossiers)
def test_after_one_pass_nothing_changes(flavour: str, dossier: Dossier) -> None:
    known = dossier.reference.variables
    # No reader gives an identifier that is none
    said = {name: _IDENTIFIERS.get(name, value) for name, value in known.items()}
    dossier = replace(dossier, reference=replace(dossier.reference, variables=said))
    once = dossiers(write(dossier, flavour=flavour))
    twice = dossiers(write(*once, flavour=flavour))
    assert len(once) == len(twice) == 1
    assert write(*twice, flavour=flavour) == write(
        *dossiers(write(*twice, flavour=flavour)), flavour=flavour
    )


@pytest.mark.parametrize("flavour", FORMAT.flavours)
def test_the_examples_are_read_back(flavour: str) -> None:
    text = (CORPUS / "ris" / f"examples.{flavour}.ris").read_text()
    found = dossiers(text)
    assert [d.key for d in found] == [d.key for d in examples()]
    assert [d.reference.year for d in found] == [d.reference.year for d in examples()]
    if flavour == "zotero":
        assert [d.reference.type for d in found] == [d.reference.type for d in examples()]
        assert [d.reference.authors for d in found] == [d.reference.authors for d in examples()]
    assert found[0].reference.pmid == "99000001"
    assert found[0].reference.pmcid == "PMC9000001"


def test_the_recipe_is_read(corpora: Path) -> None:
    article, chapter = dossiers((corpora / "recipes" / "recipe.ris").read_bytes())
    assert (article.reference.pmid, article.reference.pmcid) == ("3376747", "PMC4446235")
    assert article.reference.authors[3] == Name("Smith", "John", suffix="Jr.")
    assert article.reference.authors[4] == Name(literal="Drug Induced Liver Injury Network")
    assert chapter.reference.names("editor") == (Name("Editor", "A. B."),)
    assert chapter.entries[0].annotation == "Expert review of hepatotoxicity"
    assert codes((corpora / "recipes" / "recipe.ris").read_bytes()) == []


@pytest.mark.parametrize(
    "path", sorted((CORPUS / "ris").glob("habits.*.ris")), ids=lambda p: p.stem
)
def test_corpus(path: Path, update: bool) -> None:
    """What becomes of files as other programs write them, for people to read."""
    data = path.read_bytes()
    seen = [
        {
            "lines": f"{p.span.line}-{p.span.end_line}",
            **({"key": p.dossier.key} if p.dossier and p.dossier.key else {}),
            **({"reference": p.dossier.reference.to_csl()} if p.dossier else {}),
            **({"annotations": [e.annotation for e in p.dossier.entries]} if p.dossier else {}),
            **({"diagnostics": list(map(str, p.diagnostics))} if p.diagnostics else {}),
        }
        for p in formats.read(io.BytesIO(data), path.name, FORMAT)
    ]
    text = json.dumps(seen, ensure_ascii=False, indent=1) + "\n"
    expected = path.with_suffix(".expected.json")
    if update:
        expected.write_text(text)
    assert expected.read_text() == text


# ------------------------------------------------------------------------------ hostile input


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - " + "A" * 5_000_000,
        "TY  - JOUR\nAB  - a\n" + "x y\n" * 500_000 + "ER  - \n",
        "TY  - JOUR\n" + "AU  - Muster, A.\n" * 10_000 + "ER  - \n",
        "TY  - JOUR\nC2  - " + "pubmed/" * 500_000,
        "TY  - JOUR\nDO  - " + "10.1" * 500_000,
        "TY  - JOUR\nN1  - <p>" + "<p " * 500_000,
        "TY  - JOUR\nAU  - " + "a " * 500_000,
        "TY  - JOUR\nSP  - " + "1" * 1_000_000 + "\nEP  - " + "2" * 1_000_000,
        "TY  - JOUR\nPY  - " + "9" * 10_000 + "\nDA  - 9999/99/99/\nY2  - 0000/00/00",
        "x\n" * 100_000,
        "ER  - \n" * 1000,
        "TY  - \nER  - \nTY  -\nER  -",
        "TY  - JOUR\x00\nTI  - \x00A\x01\nER  - ",
        b"TY  - JOUR\nTI  - M\xfcller\nER  - \n",
        "TY  - JOUR\nTI  - A\nER  - \n".encode("utf-16"),
        b"\x00\xff\xfe\x80" * 1000,
    ],
    ids=range(16),
)
def test_no_file_brings_us_down(text: str | bytes) -> None:
    for parsed in read(text):
        assert parsed.dossier or parsed.diagnostics
        if parsed.dossier:
            write(parsed.dossier).encode()


@given(
    st.lists(
        st.sampled_from(
            ["TY", "ER", "AU", "PY", "DA", "M2", "N1", "ID", "SN", "SP", "EP", "  ", ""]
        )
        | st.text(max_size=3),
        max_size=8,
    ),
    st.data(),
)
def test_any_lines_are_read_or_told(tags: list[str], data: st.DataObject) -> None:
    lines = [f"{tag}  - {data.draw(strategies.texts | st.just(''))}" for tag in tags]
    for parsed in read("\n".join(lines)):
        assert parsed.dossier or parsed.diagnostics


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    for parsed in read(b"TY  - JOUR\n" + data):
        assert parsed.dossier or parsed.diagnostics


def test_a_count_is_never_wrong() -> None:
    text = "".join(f"TY  - JOUR\nTI  - {n}\n{'ER  - ' if n % 3 else ''}\n" for n in range(100))
    assert titles(text) == [str(n) for n in range(100)]
    assert [e.position for d in dossiers(text.replace("TI", "N1")) for e in d.entries] == [
        *range(1, 101)
    ]


def test_variables_of_the_tables_are_of_CSL() -> None:
    from refbase.formats.ris.tables import readings

    for kind in {*CSL_TYPES, *SAME_AS}:
        assert set(readings(kind)) <= set(VARIABLES)
    assert extra.KEY == "Citation Key"
