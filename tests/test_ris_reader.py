"""RIS as others write it, as we write it, and as nobody should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reading_ris import codes, dossiers, one, read, titles, variables
from refbase.formats.ris.tables import CSL_TYPES, SAME_AS
from refbase.model import Dossier, Entry, Reference
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES

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


def test_digits_of_another_script_are_no_pmid() -> None:
    found = one("AN  - 9900000١", "C2  - 9900000٢", "UR  - PM:9900000٣").reference
    assert found.pmid == ""
    assert found.custom == {"ris:AN": "9900000١", "ris:C2": "9900000٢", "ris:UR": "PM:9900000٣"}


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
