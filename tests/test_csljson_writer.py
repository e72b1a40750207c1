"""CSL-JSON as it is written: what Zotero keeps, and what comes back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

import strategies
from csl_items import FORMAT, back, item, made, read, write
from program import ROOT
from readers import CORPUS, examples
from refbase.formats.csljson import ZOTERO_KEEPS
from refbase.model import Dossier, Entry
from refbase.text import clean
from refbase.values import ET_AL, Date, Name, full_pages
from refbase.vocab import TYPES, VARIABLES

PAGE = ROOT / "docs" / "formats" / "csl-json.md"

# -------------------------------------------------------------------- written for Zotero


def test_an_item_is_an_object_with_a_variable_a_line() -> None:
    text, _ = write(made(title="Ünïcode"), made("book", key="", volume="48"))
    assert text == (
        '[\n{\n  "id": "x",\n  "citation-key": "x",\n  "type": "article-journal",\n'
        '  "title": "Ünïcode"\n},\n{\n  "id": 2,\n  "type": "book",\n  "volume": "48"\n}\n]\n'
    )
    assert write()[0] == "[]\n"


def test_particles_join_the_surname_and_the_suffix_the_given_name() -> None:
    names = tuple(map(Name.from_nlm, ["van der Ploeg RJ", "d'Emden M", "Smith J Jr"]))
    assert item(made(author=names))["author"] == [
        {"family": "van der Ploeg", "given": "R. J."},
        {"family": "d'Emden", "given": "M."},
        {"family": "Smith", "given": "J., Jr"},
    ]
    assert back(made(author=names)).reference.authors == names


def test_a_group_is_literal_and_keeps_its_commas() -> None:
    group = Name(literal="University of Example, Department X")
    assert item(made(author=(group,)))["author"] == [{"literal": group.literal}]


def test_the_short_container_title_stands_under_both_names() -> None:
    one = item(made(container_title="Journal of Examples", container_title_short="J Ex"))
    assert (one["container-title-short"], one["journalAbbreviation"]) == ("J Ex", "J Ex")


def test_for_zotero_7_identifiers_and_key_are_lines_and_only_lines() -> None:
    written = item(made(PMID="1", PMCID="PMC1", key="k"), flavour="zotero7")
    assert written["note"] == "PMID: 1\nPMCID: PMC1\nCitation Key: k"
    assert not {"PMID", "PMCID", "citation-key"} & written.keys()
    assert back(made(PMID="1", key="k"), flavour="zotero7") == made(PMID="1", key="k")


def test_pages_are_complete_for_zotero_and_as_printed_in_csl() -> None:
    assert item(made(page="544-45"))["page"] == "544-545"
    assert item(made(page="544-45"), flavour="csl")["page"] == "544-45"


def test_an_article_has_pmid_and_pmcid_as_keys_only_because_a_line_would_stay_in_extra() -> None:
    one = item(made(PMID="99000001", PMCID="PMC9000001"))
    assert (one["PMID"], one["PMCID"]) == ("99000001", "PMC9000001")
    assert "note" not in one


@pytest.mark.parametrize("kind", sorted(TYPES - {"article-journal"}))
def test_every_other_type_has_them_as_lines_of_note_too(kind: str) -> None:
    one = item(made(kind, PMID="99000001", PMCID="PMC9000001"))
    assert (one["PMID"], one["PMCID"]) == ("99000001", "PMC9000001")
    assert "PMID: 99000001\nPMCID: PMC9000001" in one["note"]


def test_the_annotation_is_one_line_of_note() -> None:
    dossier = replace(made("chapter"), entries=(Entry("X", 1, "", "First.\nSecond."),))
    one = item(dossier)
    assert one["annote"] == "First.\nSecond."
    assert one["note"] == "annote: First. Second."


def test_what_zotero_has_no_field_for_is_a_line_of_note() -> None:
    one = item(made(keyword="Humans; Liver", status="retracted", note="As cited."))
    assert one["note"] == "keyword: Humans; Liver\nstatus: retracted\n\nAs cited."
    assert (one["keyword"], one["status"]) == ("Humans; Liver", "retracted")


def test_software_would_make_the_whole_file_unrecognised() -> None:
    one = item(made("software", version="1.2"))
    assert (one["type"], one["note"]) == ("document", "type: software\nversion: 1.2")
    assert back(made("software", version="1.2")).reference.type == "software"


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_other_type_stays_and_one_that_zotero_does_not_know_is_a_line_too(kind: str) -> None:
    one = item(made(kind))
    assert one["type"] == ("document" if kind == "software" else kind)
    known = kind in ZOTERO_KEEPS and kind != "software"
    assert one.get("note", "") == ("" if known else f"type: {kind}")


def test_a_role_that_zotero_would_take_for_an_author_is_only_a_line() -> None:
    one = item(made("webpage", editor=(Name.from_nlm("Editor AB"),)))
    assert "editor" not in one
    assert one["note"] == "editor: Editor || A. B."


def test_a_version_would_make_software_of_a_book() -> None:
    one = item(made("book", version="2"))
    assert ("version" in one, one["note"]) == (False, "version: 2")


def test_a_season_is_a_word_and_numbers_are_strings() -> None:
    one = item(made(issued=Date((2015, 21)), volume="48"))
    assert one["issued"] == {"date-parts": [[2015]], "season": "Spring"}
    assert one["volume"] == "48"


def test_a_list_that_was_cut() -> None:
    cut = made(author=(Name.from_nlm("Muster AB"), ET_AL))
    one = item(cut)
    assert (len(one["author"]), one["note"]) == (1, "et-al: author")
    assert item(cut, et_al=True)["author"][-1] == {"literal": "et al."}
    assert back(cut, et_al=True).reference == back(cut).reference == cut.reference


def test_a_particle_that_zotero_cannot_tell_from_the_surname_is_told() -> None:
    assert write(made(author=(Name("Ploeg", "R.", particle="van der"),)))[1] == []
    (told,) = write(made(author=(Name("Dyke", "R.", particle="Van"),)))[1]
    assert (told.code, told.severity) == ("not-written", "info")


# ------------------------------------------------------------------- written for programs


def test_flavour_csl_moves_nothing() -> None:
    dossier = replace(
        made("chapter", author=(Name("Ploeg", "R.", "van der"),), PMID="1", note="As cited."),
        entries=(Entry("X", 1, "", "Annotation"),),
        tags=("to read",),
    )
    assert item(dossier, flavour="csl") == {
        "id": "x",
        "citation-key": "x",
        **dossier.reference.to_csl(),
        "annote": "Annotation",
        "categories": ["to read"],
    }


# ---------------------------------------------------------------------------- round trips


@given(strategies.dossiers)
def test_of_flavour_csl_nothing_is_lost_but_bibliographies_and_records(dossier: Dossier) -> None:
    read_back = back(dossier, flavour="csl")
    annotations = [entry.annotation for entry in dossier.entries if entry.annotation]
    assert read_back == replace(
        dossier,
        entries=(Entry(position=1, annotation="\n\n".join(annotations)),) if annotations else (),
        records=(),
    )


@given(strategies.dossiers)
def test_of_flavour_zotero_only_white_space_and_what_is_told(dossier: Dossier) -> None:
    told = " ".join(diagnostic.message for diagnostic in write(dossier)[1])
    read_back = back(dossier)
    ours, theirs = dossier.reference, read_back.reference
    assert (theirs.type, theirs.custom) == (ours.type, ours.custom)
    assert (read_back.key, read_back.tags) == (dossier.key, dossier.tags)
    assert theirs.variables.keys() == ours.variables.keys()
    for variable, value in ours.variables.items():
        if f"'{variable}'" in told:
            continue
        if variable == "page":
            value = full_pages(str(value))
        assert theirs.variables[variable] in (
            value,
            clean(value) if isinstance(value, str) else value,
        )


@given(strategies.dossiers)
def test_no_character_breaks_the_file_or_the_next_record(dossier: Dossier) -> None:
    for flavour in FORMAT.flavours:
        text, _ = write(dossier, made(key="next", title="Next"), flavour=flavour)
        text.encode()
        first, second = read(text)
        assert first.dossier
        assert second.dossier == made(key="next", title="Next")


@pytest.mark.parametrize(
    "note",
    [
        "PMID: 1",
        "type: book",
        "\nfirst line blank",
        "Citation Key: y",
        "a\n\nPMID: 1",
        "et-al: author",
    ],
)
def test_a_note_that_looks_like_fields_stays_a_note(note: str) -> None:
    for flavour in FORMAT.flavours:
        for kind in ("article-journal", "figure"):
            dossier = made(kind, note=note, language="eng")
            assert back(dossier, flavour=flavour) == dossier


def test_a_name_that_looks_as_if_it_had_parts_stays_whole() -> None:
    names = (Name("de Gaulle", "C."), Name("Smith", "A, B"))
    for flavour in FORMAT.flavours:
        assert back(made(author=names), flavour=flavour).reference.authors == names


# ------------------------------------------------------------------- files, page, oracles


@pytest.mark.parametrize("flavour", FORMAT.flavours)
def test_corpus(flavour: str, update: bool) -> None:
    text, _ = write(*examples(), flavour=flavour)
    path = CORPUS / "csl-json" / f"examples.{flavour}.json"
    if update:
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("flavour", FORMAT.flavours)
def test_what_is_written_is_valid(flavour: str, corpora: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((corpora.parent / "schemas" / "csl-data.json").read_text())
    jsonschema.validate(json.loads(write(*examples(), flavour=flavour)[0]), schema)


def test_the_recipe_is_written_value_for_value(corpora: Path) -> None:
    recipe = (corpora / "recipes" / "recipe.json").read_bytes()
    text, found = write(*(one.dossier for one in read(recipe) if one.dossier))
    assert found == []
    ours, theirs = json.loads(text), json.loads(recipe)
    # Ours keeps the keywords for Zotero too
    assert ours[0].pop("note").partition("\n")[2] == theirs[0].pop("note")
    # Theirs has the PMID of the chapter in its note only
    assert ours[1].pop("PMID") == "1"
    assert ours == theirs


def test_pandoc_reads_it_back() -> None:
    pypandoc = pytest.importorskip("pypandoc")
    for flavour in FORMAT.flavours:
        text = write(*examples(), flavour=flavour)[0]
        found = json.loads(pypandoc.convert_text(text, "csljson", "csljson"))
        article, chapter = found[:2]
        assert article["author"][1]["non-dropping-particle"] == "van der"
        assert article["author"][2] == {"family": "Smith", "given": "J.", "suffix": "Jr"}
        assert article["author"][4] == {"literal": "Example Liver Network"}
        assert article["issued"]["date-parts"] == [[1988, 3, 5]]
        assert (article["PMID"], article["PMCID"]) == ("99000001", "PMC9000001")
        assert chapter["PMID"] == "99000002"
        assert chapter["annote"] == "Expert review of examples"
        assert found[3]["issued"]["date-parts"] == [[1998, 12], [1999, 1]]


def table() -> str:
    """Of each type the variables that Zotero has a field for."""
    always = frozenset.intersection(*ZOTERO_KEEPS.values())
    every = ", ".join(f"`{name}`" for name in sorted(always, key=str.lower))
    rows = [f"| every type | {every} |"]
    for kind, kept in sorted(ZOTERO_KEEPS.items()):
        rows.append(f"| `{kind}` | {' '.join(sorted(kept - always, key=str.lower))} |")
    return "\n".join(["| type | fields in Zotero |", "|---|---|", *rows])


def test_the_page_shows_the_table_of_the_program(update: bool) -> None:
    page = PAGE.read_text()
    wanted = re.sub(
        r"(?s)(<!-- zotero -->\n).*?(\n<!-- end -->)",
        lambda found: f"{found[1]}\n{table()}\n{found[2]}",
        page,
    )
    if update:
        PAGE.write_text(wanted)
    else:
        assert page == wanted


def test_the_table_holds_variables_of_csl() -> None:
    assert set(ZOTERO_KEEPS) <= TYPES
    assert frozenset().union(*ZOTERO_KEEPS.values()) <= set(VARIABLES)
