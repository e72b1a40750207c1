"""CSL-JSON: what Zotero keeps, what comes back, and what no file can do to us."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
from program import ROOT
from readers import CORPUS, Reader, examples
from refbase import formats
from refbase.errors import Diagnostic
from refbase.formats.base import WriteOptions
from refbase.formats.csljson import ZOTERO_KEEPS
from refbase.model import Dossier, Entry, Reference
from refbase.text import clean
from refbase.values import ET_AL, Date, Name, full_pages
from refbase.vocab import TYPES, VARIABLES

PAGE = ROOT / "docs" / "formats" / "csl-json.md"
FORMAT = formats.get("csl-json")
read = Reader("csl-json", "x.json")
titles, codes = read.titles, read.codes


def write(*dossiers: Dossier, **options: Any) -> tuple[str, list[Diagnostic]]:
    stream = io.StringIO()
    found = list(formats.write(dossiers, stream, FORMAT, WriteOptions(**options)))
    return stream.getvalue(), found


def made(kind: str = "article-journal", /, key: str = "x", **variables: Any) -> Dossier:
    custom = variables.pop("custom", {})
    return Dossier(
        Reference(kind, {n.replace("_", "-"): v for n, v in variables.items()}, custom), key
    )


def item(dossier: Dossier, **options: Any) -> dict[str, Any]:
    (one,) = json.loads(write(dossier, **options)[0])
    assert isinstance(one, dict)
    return one


def back(dossier: Dossier, **options: Any) -> Dossier:
    (one,) = read(write(dossier, **options)[0])
    assert one.diagnostics == ()
    assert one.dossier
    return one.dossier


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


# -------------------------------------------------------------------------------- reading


def test_lines_that_zotero_wrote_go_back_to_their_variables() -> None:
    note = "PMID: 1\nPMCID: PMC1\nannote: A remark\nCitation Key: y\noriginal-date: 1897\nSeen."
    (one,) = read(json.dumps([{"id": "http://zotero.org/x/1", "type": "book", "note": note}]))
    assert one.dossier == Dossier(
        Reference(
            "book",
            {"PMID": "1", "PMCID": "PMC1", "original-date": Date((1897,)), "note": "Seen."},
        ),
        "y",
        (Entry(position=1, annotation="A remark"),),
    )


def test_a_key_and_a_type_are_said_as_often_as_they_like_but_only_one_of_them() -> None:
    note = "\n".join(["Citation Key: y", "type: book"] * 3 + ["Citation Key: z"])
    (one,) = read(json.dumps([{"type": "document", "note": note}]))
    work = Reference("book", {"note": "Citation Key: z"})
    assert one.dossier == Dossier(work, "y")


def test_a_line_that_contradicts_a_key_stays_where_it_is() -> None:
    (one,) = read('[{"type": "book", "PMID": "1", "note": "PMID: 2\\nPMID: 1"}]')
    assert one.dossier
    assert one.dossier.reference.variables == {"PMID": "1", "note": "PMID: 2"}


def test_names_are_taken_apart_unless_they_say_that_they_are() -> None:
    authors = [
        {"family": "van der Ploeg", "given": "R. J."},
        {"family": "Smith", "given": "John, Jr."},
        {"family": "de Gaulle", "given": "C.", "suffix": ""},
        {"family": 7},
    ]
    (one,) = read(json.dumps([{"type": "book", "author": authors}]))
    assert one.dossier
    assert one.dossier.reference.authors == (
        Name("Ploeg", "R. J.", "van der"),
        Name("Smith", "John", suffix="Jr."),
        Name("de Gaulle", "C."),
        Name("7"),
    )


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"citation-key": "a", "id": "b"}, "a"),
        ({"id": "b"}, "b"),
        ({"id": 7}, ""),
        ({"id": "http://zotero.org/users/1/items/ABC"}, ""),
        ({}, ""),
    ],
)
def test_the_key_is_the_citation_key_or_the_id(said: dict[str, Any], key: str) -> None:
    (one,) = read(json.dumps([{"type": "book", **said}]))
    assert one.dossier
    assert one.dossier.key == key


def test_what_is_not_csl_is_kept_and_told() -> None:
    text = '[\n{"type": "book",\n "nlm-id": "7", "title": ["x"], "custom": {"a": [1.5]}}]'
    (one,) = read(text)
    assert one.dossier
    assert one.dossier.reference.custom == {"a": [1.5], "nlm-id": "7", "title": ["x"]}
    assert [str(d) for d in one.diagnostics] == [
        "x.json:2: warning: 'nlm-id' is not a CSL variable, or its value is not one [bad-value]",
        "x.json:2: warning: 'title' is not a CSL variable, or its value is not one [bad-value]",
    ]
    assert one.raw == text[2:-1]
    assert (one.span.line, one.span.end_line) == (2, 3)


def test_categories_that_are_no_list_are_kept_and_told() -> None:
    (one,) = read('[{"type": "book", "categories": "liver, drugs"}]')
    assert one.dossier
    assert (one.dossier.tags, dict(one.dossier.reference.custom)) == (
        (),
        {"categories": "liver, drugs"},
    )
    assert [d.code for d in one.diagnostics] == ["bad-value"]


A, B = '{"type": "book", "title": "A"}', '{"type": "book", "title": "B"}'


@pytest.mark.parametrize(
    "text",
    [
        f"[{A},{B}]",
        f"\ufeff[\n{A}\n,\n{B}\n]\n",
        f'{{"items": [{A}, {B}]}}',
        f'{{"config": {{"x": [{{"y": 1}}]}}, "items" : [{A}, {B}], "collections": {{"c": []}}}}',
        f"{A}\n{B}\n",
    ],
)
def test_lists_wrapped_lists_and_bare_objects_are_read(text: str) -> None:
    assert titles(text) == ["A", "B"]
    assert codes(text) == []
    assert titles(text.encode("utf-16")) == ["A", "B"]


def test_a_bare_object_is_one_item() -> None:
    assert titles('{"type": "book", "author": [{"family": "F"}], "title": "T"}') == ["T"]


@pytest.mark.parametrize("text", ["", "  \n", "[]", '{"items": []}', "[\n]"])
def test_nothing_is_nothing(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (f'[{A},\n{{"title": "x" "y"}},\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f'[{A},\n{{"title": "never closed}},\n{B}]', ["A"], [("bad-json", 2)]),
        (f'[{A},\n{{"title": "x", "author": [}},\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f"[{A},\n12, null,\n{B}]", ["A", "B"], [("bad-json", 2)]),
        (f'[{A},\n["x"],\n{B}]', ["A", "B"], [("bad-json", 2)]),
        (f"[{A},\n{B}", ["A", "B"], [("truncated", 2)]),
        (f'[{A},\n{{"type": "book", "ti', ["A"], [("truncated", 2)]),
        (f"[{A}]\n]", ["A"], [("bad-json", 2)]),
        (f"hello\n[{A}]", ["A"], [("bad-json", 1)]),
        ("hello", [], [("bad-json", 1)]),
        (f'[{A},\n{{"title": "x", "note": "\t"}}]', ["A"], [("bad-json", 2)]),
    ],
)
def test_what_is_broken_is_told_with_its_line_and_the_rest_is_read(
    text: str, found: list[str], expected: list[tuple[str, int]]
) -> None:
    assert titles(text) == found
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "]" * 1000,
        '[{"custom": ' + "[" * 100_000 + "]" * 100_000 + "}]",
        '[{"custom": ' + '{"a":' * 500 + "1" + "}" * 500 + "}]",
        '[{"title": NaN, "volume": 1e999, "issue": -Infinity, "page": ' + "9" * 5000 + "}]",
        '[{"title": "\\ud800", "custom": {"\\udfff": "\\u0000"}}]',
        '[{"title": "a", "title": "b"}]',
        '[{"type": [], "id": {}, "author": {}, "issued": [[1]], "note": 5, "custom": 7}]',
        '[{"issued": {"date-parts": [[2015, 13]]}, "author": [[], {}, 1]}]',
        '[{"custom": {"et-al": [["author"], "title"]}, "categories": "x"}]',
        '[{"author": [{"family": "x", "comma-suffix": {}}], "issued": {"literal": "\\u0000"}}]',
        '"\\',
        "\x00\x01[",
    ],
)
def test_no_file_brings_us_down(text: str) -> None:
    for one in read(text):
        if one.dossier:
            for flavour in FORMAT.flavours:
                write(one.dossier, flavour=flavour)[0].encode()


@given(st.binary(max_size=60) | st.text('[]{}",:ab\\\n', max_size=60))
def test_any_bytes_are_read_or_told(data: str | bytes) -> None:
    for one in read(data):
        assert one.dossier or one.diagnostics


def test_a_file_in_one_line_is_not_held_as_a_whole() -> None:
    """The line of a minified file is as long as the file: pieces of it are enough."""

    class Endless(io.RawIOBase):
        """A list of items that goes on for as long as somebody reads."""

        def read(self, size: int = -1, /) -> bytes:
            self.given = getattr(self, "given", 0) + 1
            return (b"[" if self.given == 1 else b"") + f"{A},".encode() * 100

    source = Endless()
    stream = formats.read(source, "x.json", FORMAT)  # type: ignore[arg-type]
    for _ in range(1000):
        assert next(stream).dossier
    assert source.given < 20


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
