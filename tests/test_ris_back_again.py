"""RIS that was written is read back, and no file brings the reader down."""

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
from readers import CORPUS, examples
from reading_ris import FORMAT, codes, dossiers, read, titles, write
from refbase import extra, formats
from refbase.formats.ris.tables import CSL_TYPES, SAME_AS
from refbase.model import Dossier, Entry, Reference
from refbase.text import clean
from refbase.values import Name
from refbase.vocab import VARIABLES

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
