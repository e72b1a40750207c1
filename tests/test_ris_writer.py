"""RIS as it is written: each rule of what Zotero, EndNote, JabRef and pandoc make of it."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import strategies
from program import ROOT
from readers import CORPUS, examples
from refbase import formats
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import WriteOptions
from refbase.formats.ris.tables import BY_FLAVOUR, BY_TYPE, NEAREST, ORDER, TYPES, fields
from refbase.model import Dossier, Entry, Reference
from refbase.values import ET_AL, Date, Name
from refbase.vocab import TYPES as CSL_TYPES
from refbase.vocab import VARIABLES

PAGE = ROOT / "docs" / "formats" / "ris.md"


def write(*dossiers: Dossier, **options: Any) -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO(newline="")
    found = list(formats.write(dossiers, stream, formats.get("ris"), WriteOptions(**options)))
    return stream.getvalue(), found


def made(kind: str = "article-journal", /, key: str = "", **variables: Any) -> Dossier:
    """A reference whose variables are named with `_` for `-`; `notes` are its annotations."""
    notes = variables.pop("notes", ())
    custom = variables.pop("custom", {})
    said = {name.replace("_", "-"): value for name, value in variables.items()}
    return Dossier(
        Reference(kind, said, custom), key, tuple(Entry("X", annotation=n) for n in notes)
    )


def tags(dossier: Dossier, **options: Any) -> dict[str, list[str]]:
    """The values that stand behind each tag."""
    found: dict[str, list[str]] = {}
    for line in write(dossier, **options)[0].splitlines():
        if line:
            assert line[2:6] == "  - ", line
            found.setdefault(line[:2], []).append(line[6:])
    return found


def losses(dossier: Dossier, **options: Any) -> list[tuple[str, str]]:
    return [(str(d.severity), d.message) for d in write(dossier, **options)[1]]


# ------------------------------------------------------------------------------- the file


def test_a_record_ends_in_ER_with_its_blanks_and_a_blank_line_stands_between_two() -> None:
    text, _ = write(made(title="One"), made("book", title="Two"))
    assert text == "TY  - JOUR\nTI  - One\nER  - \n\nTY  - BOOK\nTI  - Two\nER  - \n\n"


def test_lines_end_in_LF_for_zotero_and_in_CRLF_for_endnote() -> None:
    assert "\r" not in write(made(title="One"))[0]
    text, _ = write(made(title="One"), flavour="endnote")
    assert text == "TY  - JOUR\r\nTI  - One\r\nER  - \r\n\r\n"


def test_each_value_stands_on_one_line_so_that_none_looks_like_a_tag() -> None:
    broken = "RESULTS: 5%.\nER  - \n\nTY  - BOOK\u2028AB\x85C"
    assert tags(made(abstract=broken))["AB"] == ["RESULTS: 5%. ER - TY - BOOK AB C"]


def test_nothing_is_written_for_nothing() -> None:
    assert write()[0] == ""
    assert tags(made("document")) == {"TY": ["GEN"], "ER": [""], "M2": ["type: document"]}


@given(strategies.dossiers)
def test_no_character_breaks_the_file_or_the_next_record(dossier: Dossier) -> None:
    for flavour, end in (("zotero", "\n"), ("endnote", "\r\n")):
        text, _ = write(dossier, made("book", key="next", title="Next"), flavour=flavour)
        first, second, rest = text.split(f"ER  - {end}{end}")
        assert second.startswith(f"TY  - BOOK{end}ID  - next{end}TI  - Next{end}")
        assert rest == ""
        lines = first.removesuffix(end).split(end)
        assert len(first.splitlines()) == len(lines)
        assert all(re.match(r"[A-Z][A-Z0-9]  - \S", line) for line in lines)
        assert [line for line in lines if line[:2] in ("TY", "ER")] == lines[:1]


@given(strategies.dossiers)
def test_a_loss_is_told_once_for_each_reference(dossier: Dossier) -> None:
    for flavour in ("zotero", "endnote"):
        found = write(dossier, flavour=flavour)[1]
        assert len({d.message for d in found}) == len(found)
        assert {d.code for d in found} <= {"not-written"}
        assert {d.span.file for d in found} <= {dossier.key}


# ---------------------------------------------------------------------------- identifiers


def test_zotero_gets_pmid_pmcid_and_key_in_one_M2_line_each() -> None:
    dossier = made(key="x2020", PMID="99000001", PMCID="PMC9000001")
    expected = ["PMID: 99000001", "PMCID: PMC9000001", "Citation Key: x2020"]
    assert tags(dossier)["M2"] == expected
    chapter = tags(replace(dossier, reference=replace(dossier.reference, type="chapter")))
    assert chapter["M2"] == expected


def test_C2_is_the_pmcid_in_JOUR_only() -> None:
    for flavour in ("zotero", "endnote"):
        assert tags(made(PMCID="PMC1"), flavour=flavour)["C2"] == ["PMC1"]
        assert "C2" not in tags(made("chapter", PMCID="PMC1"), flavour=flavour)


def test_zotero_gets_none_of_the_tags_that_print_or_hide_something() -> None:
    for kind in CSL_TYPES:
        full = made(kind, **{name.replace("-", "_"): "x" for name in ("archive", "PMID", "source")})
        assert not tags(full).keys() & {"AN", "DB", "JO", "JA", "JF", "U1", "LK", "L3"}


def test_endnote_gets_AN_before_IS_and_no_M2() -> None:
    found = tags(made(PMID="1", PMCID="PMC1", issue="2", number="e5"), flavour="endnote")
    assert (found["AN"], found["C2"], found["C7"]) == (["1"], ["PMC1"], ["e5"])
    assert "M2" not in found
    assert list(found).index("AN") < list(found).index("IS")


def test_the_key_stands_in_ID_too() -> None:
    assert tags(made(key="x2020"))["ID"] == ["x2020"]


def test_doi_issn_and_isbn_by_type() -> None:
    found = tags(made(DOI="10.5555/a", ISSN="0016-5085", ISBN="9780781719520"))
    assert (found["DO"], found["SN"]) == (["10.5555/a"], ["0016-5085"])
    assert found["M2"] == ["ISBN: 9780781719520"]
    assert tags(made("book", ISBN="978-0-7817-1952-0"))["SN"] == ["978-0-7817-1952-0"]
    report = tags(made("report", number="R-7", ISBN="9780781719520"))
    assert (report["SN"], report["M2"]) == (["R-7"], ["ISBN: 9780781719520"])


def test_several_issns_stay_in_one_SN_because_a_second_one_is_lost() -> None:
    assert tags(made(ISSN="0016-5085 1528-0012"))["SN"] == ["0016-5085 1528-0012"]


def test_one_UR_and_the_free_full_text_where_there_is_no_address() -> None:
    assert tags(made(URL="https://example.org/", PMCID="PMC1"))["UR"] == ["https://example.org/"]
    assert tags(made(PMCID="PMC1"))["UR"] == ["https://pmc.ncbi.nlm.nih.gov/articles/PMC1/"]
    assert "UR" not in tags(made(PMID="1"))


def test_an_address_that_looks_like_a_pmid_is_written_so_that_it_does_not() -> None:
    assert tags(made(URL="https://example.org/PM:1"))["UR"] == ["https://example.org/PM%3A1"]


# ------------------------------------------------------------------- titles, pages, volumes


def test_full_and_short_title_of_a_journal_are_T2_and_J2() -> None:
    found = tags(made(container_title="Journal of Examples", container_title_short="J Ex"))
    assert (found["T2"], found["J2"]) == (["Journal of Examples"], ["J Ex"])


def test_the_short_title_of_a_book_is_no_J2_which_would_become_its_title() -> None:
    found = tags(made("chapter", container_title="Book", container_title_short="B"))
    assert "J2" not in found
    assert found["M2"] == ["container-title-short: B"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("544-45", (["544"], ["545"])),
        ("1340-1352.e7", (["1340"], ["1352.e7"])),
        ("e11225", (["e11225"], None)),
        ("1422, 1425-6", (["1422, 1425-6"], None)),
        ("xi-xv", (["xi-xv"], None)),
    ],
)
def test_pages_are_first_and_last_and_what_is_odd_whole_in_SP(page: str, expected: Any) -> None:
    found = tags(made(page=page))
    assert (found["SP"], found.get("EP")) == expected
    assert tags(made("legal_case", page="1-9"))["SP"] == ["1-9"]


def test_the_number_of_pages_is_SP_of_a_book() -> None:
    found = tags(made("book", number_of_pages="312", page="1-9"))
    assert (found["SP"], found["M2"]) == (["312"], ["page: 1-9"])
    assert "EP" not in found


def test_IS_of_a_chapter_is_the_number_of_volumes() -> None:
    found = tags(made("chapter", issue="3", number_of_volumes="2"))
    assert (found["IS"], found["M2"]) == (["2"], ["issue: 3"])
    assert tags(made(issue="Suppl 5", volume="48"))["IS"] == ["Suppl 5"]


def test_a_chapter() -> None:
    found = tags(
        made(
            "chapter",
            container_title="Book",
            editor=(Name.from_nlm("Editor AB"),),
            collection_editor=(Name.from_nlm("Reihe C"),),
            collection_title="Series",
            collection_number="12",
            edition="2nd",
            publisher="Press",
            publisher_place="City",
        )
    )
    expected = {"T2": "Book", "A2": "Editor, A. B.", "A3": "Reihe, C.", "T3": "Series", "SV": "12"}
    expected |= {"ET": "2nd", "PB": "Press", "CY": "City"}
    assert {tag: found[tag] for tag in expected} == {t: [v] for t, v in expected.items()}


def test_A3_of_a_book_is_its_editor_and_A2_that_of_the_series() -> None:
    found = tags(
        made(
            "book",
            editor=(Name.from_nlm("Editor AB"),),
            collection_editor=(Name.from_nlm("Reihe C"),),
            collection_title="Series",
        )
    )
    assert (found["A3"], found["A2"], found["T2"]) == (["Editor, A. B."], ["Reihe, C."], ["Series"])


# ---------------------------------------------------------------------------------- names


def test_names_stand_surname_first_with_particles_and_suffix() -> None:
    authors = tuple(
        map(Name.from_nlm, ["Hudgson P", "van der Ploeg RJ", "Smith J Jr", "d'Emden M"])
    )
    assert tags(made(author=authors))["AU"] == [
        "Hudgson, P.",
        "van der Ploeg, R. J.",
        "Smith, J., Jr",
        "d'Emden, M.",
    ]


def test_a_group_ends_in_a_comma() -> None:
    assert tags(made(author=(Name(literal="Example Network"),)))["AU"] == ["Example Network,"]


def test_a_comma_within_a_group_would_split_it_so_zotero_gets_none_and_endnote_two() -> None:
    group = made(author=(Name(literal="University of Example, Department X"),))
    assert tags(group)["AU"] == ["University of Example Department X,"]
    assert [severity for severity, _ in losses(group)] == ["info"]
    assert tags(group, flavour="endnote")["AU"] == ["University of Example,, Department X,"]


def test_a_list_that_was_cut_is_a_line_of_extra_and_an_author_only_if_asked() -> None:
    cut = made(author=(Name.from_nlm("Muster AB"), ET_AL))
    assert tags(cut)["AU"] == ["Muster, A. B."]
    assert tags(cut)["M2"] == ["et-al: author"]
    assert tags(cut, et_al=True)["AU"] == ["Muster, A. B.", "et al.,"]
    assert tags(cut, flavour="endnote")["AU"] == ["Muster, A. B.", "et al.,"]


def test_a_particle_that_cannot_be_told_from_the_surname_is_told() -> None:
    assert losses(made(author=(Name("Ploeg", "R.", particle="van der"),))) == []
    assert len(losses(made(author=(Name("Dyke", "R.", particle="Van"),)))) == 1


def test_roles_without_a_tag_are_lines_of_extra() -> None:
    found = tags(made("webpage", editor=(Name.from_nlm("Smith J Jr"), Name(literal="Group"))))
    assert found["M2"] == ["editor: Smith || J., Jr", "editor: Group"]


# ---------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("date", "year", "more"),
    [
        (Date((2015, 6, 3)), ["2015"], ["2015/06/03/"]),
        (Date((2015, 6)), ["2015"], ["2015/06//"]),
        (Date((2015,)), ["2015"], None),
        (Date((2015, 21)), ["2015"], ["Spring"]),
        (Date((2021, 35)), ["2021"], ["2021 3rd Quarter"]),
        (Date((1998, 12), (1999, 1)), ["1998"], ["1998-12/1999-01"]),
        (Date((1979, 23), (1980, 24)), ["1979"], ["1979 Autumn-1980 Winter"]),
        (Date((1970,), circa=True), ["1970"], ["1970~"]),
        (Date((44,)), ["0044"], None),
        (Date(literal="2015 in press"), None, ["2015 in press"]),
    ],
)
def test_PY_is_four_digits_and_DA_what_is_known_beyond(date: Date, year: Any, more: Any) -> None:
    found = tags(made(issued=date))
    assert (found.get("PY"), found.get("DA")) == (year, more)


@pytest.mark.parametrize("date", [Date(literal="in press"), Date((-44,))])
def test_a_date_that_zotero_would_garble_is_a_line_of_extra(date: Date) -> None:
    found = tags(made(issued=date))
    assert found["M2"] == [f"issued: {date.to_edtf()}"]
    assert not found.keys() & {"PY", "DA"}


def test_endnote_gets_a_date_in_words_in_DA() -> None:
    assert tags(made(issued=Date(literal="in press")), flavour="endnote")["DA"] == ["in press"]


def test_access_and_other_dates() -> None:
    found = tags(made(accessed=Date((2026, 11, 23)), original_date=Date((1897,))))
    assert (found["Y2"], found["M2"]) == (["2026/11/23/"], ["original-date: 1897"])
    assert tags(made(accessed=Date((2026, 11))))["M2"] == ["accessed: 2026-11"]


# ------------------------------------------------------------------------- notes, keywords


def test_each_annotation_is_an_N1() -> None:
    assert tags(made(notes=["One", "Two"]))["N1"] == ["One", "Two"]
    assert tags(made(notes=["One"]), labelled=True)["N1"] == ["[X] One"]


@pytest.mark.parametrize(
    ("note", "written"),
    [
        ("<1% and >5%, p <0.05", "<1% and >5%, p <0.05"),
        ("see <http://example.org>", "see &lt;http://example.org>"),
        ("a <b or </c", "a &lt;b or &lt;/c"),
        ("patients & controls, R&D", "patients & controls, R&D"),
        ("written &lt; there", "written &amp;lt; there"),
        ("of <i>E. coli</i>, CO<sub>2</sub>", "of <i>E. coli</i>, CO<sub>2</sub>"),
    ],
)
def test_a_note_is_html_to_zotero_so_only_its_markup_may_be_read_as_such(
    note: str, written: str
) -> None:
    assert tags(made(notes=[note]))["N1"] == [written]


def test_a_note_that_repeats_the_title_would_be_dropped() -> None:
    assert tags(made(title="Same", notes=["Same"]))["N1"] == ["<p>Same</p>"]
    assert tags(made(title="Same", notes=["Same"]), flavour="endnote")["N1"] == ["Same"]


@pytest.mark.parametrize(
    ("note", "written"),
    [
        ("Edition: the second", "Edition&#58; the second"),
        ("Notes: of a case", "Notes&#58; of a case"),
        ("(Language: German)", "(Language&#58; German)"),
        ("Author Role: editor", "Author Role&#58; editor"),
        ("Results: Edition: one", "Results: Edition: one"),
    ],
)
def test_a_note_that_begins_like_one_of_procite_keeps_its_label(note: str, written: str) -> None:
    assert tags(made(notes=[note]))["N1"] == [written]


def test_a_keyword_each_and_the_tags_and_a_retraction_among_them() -> None:
    dossier = made(keyword="Humans; Liver/drug effects", status="retracted")
    found = tags(replace(dossier, tags=("to read", "Humans")))
    assert found["KW"] == ["Humans", "Liver/drug effects", "to read", "Retracted Publication"]
    assert found["M2"] == ["status: retracted"]
    assert losses(dossier, flavour="endnote") == []


def test_the_only_keyword_is_written_twice_if_it_holds_a_comma() -> None:
    assert tags(made(keyword="Liver Failure, Acute"))["KW"] == ["Liver Failure, Acute"] * 2
    assert tags(made(keyword="Liver Failure, Acute; Humans"))["KW"][0] == "Liver Failure, Acute"
    assert tags(made(keyword="Humans"))["KW"] == ["Humans"]
    assert len(tags(made(keyword="Liver Failure, Acute"), flavour="endnote")["KW"]) == 1


def test_a_semicolon_in_a_keyword_is_told_because_zotero_splits_there() -> None:
    assert losses(made(keyword="a;b")) == [("info", "Zotero splits a keyword at a semicolon")]


def test_endnote_gets_no_stars_of_mesh() -> None:
    found = tags(made(keyword="*Liver; Liver/*drug effects"), flavour="endnote")
    assert found["KW"] == ["Liver", "Liver/drug effects"]


def test_the_abstract_is_the_one_text_that_is_not_html() -> None:
    assert tags(made(abstract="a <b &lt;"))["AB"] == ["a <b &lt;"]


@pytest.mark.parametrize("variable", ["title", "container-title", "publisher", "volume"])
@pytest.mark.parametrize(
    "text", ["CO<sub>2</sub>", "p<0.05 & <1%", "a<b>c", "&lt;", "R&D", "&copy 2", "a </b"]
)
def test_what_zotero_reads_as_html_is_what_was_meant(variable: str, text: str) -> None:
    (line,) = tags(made(**{variable.replace("-", "_"): text}))[
        {"volume": "VL", "title": "TI"}.get(
            variable, {"container-title": "T2", "publisher": "PB"}.get(variable, "")
        )
    ]
    assert not re.search(r"<[A-Za-z/!?]", line)
    assert html.unescape(line) == text


def test_endnote_shows_every_character_so_it_gets_no_markup() -> None:
    dossier = made(title="CO<sub>2</sub> &lt; a <b")
    assert tags(dossier, flavour="endnote")["TI"] == ["CO2 &lt; a <b"]
    assert losses(dossier, flavour="endnote") == [
        ("info", "RIS for EndNote has no italics, superscripts and the like")
    ]


def test_the_note_of_a_reference_ends_extra_or_is_a_research_note() -> None:
    dossier = made("book", note="Bound with another.\nTorn.", original_title="Beispiel")
    assert tags(dossier)["M2"] == ["original-title: Beispiel", "Bound with another.", "Torn."]
    assert tags(dossier, flavour="endnote")["RN"] == ["Bound with another. Torn."]


def test_a_note_that_would_be_a_field_is_told() -> None:
    assert losses(made(note="PMID: 1")) != []


def test_what_has_no_tag_is_told_once_and_custom_values_too() -> None:
    dossier = made(custom={"nlm-id": "0374630"}, original_title="x", compiler=(Name("A", "B."),))
    assert losses(dossier) == [("warning", "RIS has no tag for 'nlm-id' (custom)")]
    assert losses(dossier, flavour="endnote") == [
        ("warning", "RIS has no tag for 'nlm-id' (custom)"),
        ("warning", "RIS has no tag for 'original-title' in JOUR"),
        ("warning", "RIS has no tag for 'compiler' in JOUR"),
    ]


@pytest.mark.parametrize("kind", sorted(CSL_TYPES))
def test_no_variable_of_any_type_is_silently_dropped(kind: str) -> None:
    for variable, sort in VARIABLES.items():
        value = {"names": (Name("Xx", "Y."),), "date": Date((1987, 6, 5))}.get(sort, "Xx")
        said = Dossier(Reference(kind, {variable: value}))
        for flavour in ("zotero", "endnote"):
            text, found = write(said, flavour=flavour)
            assert "Xx" in text or "1987" in text or found, (variable, flavour)
            assert not (flavour == "zotero" and found), variable


# --------------------------------------------------------------------------------- tables


def test_every_type_has_its_tag_and_the_exact_ones_read_back() -> None:
    assert TYPES.keys() | NEAREST.keys() == CSL_TYPES
    assert not TYPES.keys() & NEAREST.keys()
    assert len(set(TYPES.values())) == len(TYPES)


def test_a_type_that_is_only_near_is_a_line_of_extra_and_a_loss_for_endnote() -> None:
    assert tags(made("review-book"))["M2"] == ["type: review-book"]
    assert losses(made("review-book"), flavour="endnote") == [
        ("warning", "RIS has no type 'review-book', written as JOUR")
    ]


def test_within_a_type_the_table_reads_in_both_directions() -> None:
    for kind in {*TYPES.values(), *NEAREST.values()}:
        for flavour in BY_FLAVOUR:
            held = fields(kind, flavour)
            assert len(set(held.values())) == len(held), (kind, flavour)
            assert set(held.values()) <= set(VARIABLES)
            assert list(held) == [tag for tag in ORDER if tag in held]


def test_tags_that_differ_by_type_are_those_of_the_specification(corpora: Path) -> None:
    schema = json.loads((corpora.parent / "schemas" / "ris2011-tags-by-type.json").read_text())
    beyond = {
        f"{tag} {kind}"
        for kind, differs in BY_TYPE.items()
        for tag, variable in differs.items()
        if variable and tag not in schema["types"][kind]
    }
    # Read by Zotero all the same
    assert beyond == set(
        "A2 JOUR, A3 CLSWK, A3 DICT, A3 ENCYC, A3 MAP, C3 FIGURE, J2 NEWS, T2 SLIDE, T3 JOUR".split(
            ", "
        )
    )


def types_table() -> str:
    rows = [f"| `{kind}` | {tag} |" for kind, tag in sorted(TYPES.items())]
    near = [f"| `{kind}` | {tag}, and `type: {kind}` |" for kind, tag in sorted(NEAREST.items())]
    return "\n".join(["| type | RIS |", "|---|---|", *sorted(rows + near)])


def variables_table() -> str:
    """Each variable with its tag, and the types in which it has another one or none."""
    kinds = sorted({*TYPES.values(), *NEAREST.values()})
    rows = []
    for variable in sorted(VARIABLES, key=str.lower):
        where: dict[str, list[str]] = {}
        for kind in kinds:
            tag = {v: t for t, v in fields(kind, "zotero").items()}.get(variable, "")
            where.setdefault(tag, []).append(kind)
        common = max(where, key=lambda tag: len(where[tag]))
        cells = [
            f"{tag or '–'} ({' '.join(held)})"
            for tag, held in sorted(where.items())
            if tag != common
        ]
        rows.append(f"| `{variable}` | {common or '–'} | {', '.join(cells)} |")
    return "\n".join(["| variable | tag | in these types another |", "|---|---|---|", *rows])


def test_the_page_shows_the_tables_of_the_program(update: bool) -> None:
    page = PAGE.read_text()
    wanted = page
    for name, table in (("types", types_table()), ("variables", variables_table())):
        wanted = re.sub(
            rf"(?s)(<!-- {name} -->\n).*?(\n<!-- end -->)",
            lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}",
            wanted,
        )
    if update:
        PAGE.write_text(wanted)
    else:
        assert page == wanted


# ------------------------------------------------------------------------- files and oracles


@pytest.mark.parametrize("flavour", ["zotero", "endnote"])
def test_corpus(flavour: str, update: bool) -> None:
    text, found = write(*examples(), flavour=flavour)
    told = "".join(f"{diagnostic}\n" for diagnostic in found)
    for name, content in ((f"examples.{flavour}.ris", text), (f"examples.{flavour}.diag", told)):
        path = CORPUS / "ris" / name
        if update:
            path.write_text(content, newline="")
        assert path.read_bytes().decode() == content


def test_the_recipe_is_written_line_for_line(corpora: Path) -> None:
    recipe = corpora / "recipes" / "recipe.json"
    with recipe.open("rb") as stream:
        parsed = list(formats.read(stream, recipe.name, formats.get("csl-json")))
    text, found = write(*(one.dossier for one in parsed if one.dossier))
    expected = (corpora / "recipes" / "recipe.ris").read_text()
    assert found == []

    def comparable(ris: str) -> list[str]:
        # The note of the article is longer in the RIS, the PMID of the chapter only in the JSON
        return [x for x in ris.splitlines() if x[:2] != "N1" and x != "M2  - PMID: 1"]

    assert comparable(text) == comparable(expected)


def test_rispy_reads_it_back() -> None:
    rispy = pytest.importorskip("rispy")
    for flavour in ("zotero", "endnote"):
        found = rispy.loads(write(*examples(), flavour=flavour)[0])
        assert [entry["type_of_reference"] for entry in found][:4] == [
            "JOUR",
            "CHAP",
            "JOUR",
            "BOOK",
        ]
        article = found[0]
        assert article["authors"][1] == "van der Ploeg, R. J."
        assert (article["start_page"], article["end_page"]) == ("1340", "1352.e7")
        assert article["doi"] == "10.5555/example(88)1"
        assert len(article["keywords"]) == 3


def test_pandoc_reads_it_back() -> None:
    pypandoc = pytest.importorskip("pypandoc")
    text = write(*examples())[0]
    found = json.loads(pypandoc.convert_text(text, "csljson", "ris"))
    article, chapter, cut = found[:3]
    assert [name.get("family") for name in article["author"]][:2] == ["Hoogvliet", "Ploeg"]
    assert article["author"][1]["dropping-particle"] == "van der"
    assert article["author"][4] == {"family": "Example Liver Network"}
    assert (article["type"], chapter["type"]) == ("article-journal", "chapter")
    assert article["issued"]["date-parts"][0][0] == 1988
    assert cut["issued"]["date-parts"][0][0] == 2015
    assert article["page"].replace("–", "-") == "1340-1352.e7"
    assert article["DOI"] == "10.5555/example(88)1"
    assert chapter["container-title"] == "Handbook of Examples: The Adverse Ones"


def test_severities_tell_what_is_gone_from_what_is_changed() -> None:
    assert {s for s, _ in losses(made(custom={"a": 1}))} == {Severity.WARNING}


def test_who_wrote_the_book_of_a_chapter_is_its_c2_for_zotero() -> None:
    text, told = write(made("chapter", **{"container-author": (Name.from_nlm("Example HJ"),)}))
    assert "\nC2  - Example, H. J.\n" in text
    assert not told


def test_an_article_that_no_journal_has_is_a_preprint_to_zotero() -> None:
    text, told = write(made("article", title="Example"))
    assert "\nM2  - type: preprint\n" in text
    assert not told
