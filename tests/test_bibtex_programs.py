"""What other programs read of our BibTeX: bibtexparser, pandoc, bibtex and biber."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from refbase.model import Dossier
from refbase.values import ET_AL
from writing_bibtex import (
    CASES,
    both,
    case,
    parsed,
    written,
)

# ------------------------------------------------------------------------ other programs


def complete() -> list[Dossier]:
    """The cases of the corpus whose references lack nothing that a style asks for."""
    return [dossier for name in ("articles", "books") for dossier in case(name)]


@both
def test_bibtexparser_reads_back_what_was_written(dialect: str) -> None:
    bibtexparser = pytest.importorskip("bibtexparser")
    items = [dossier for name in CASES for dossier in case(name)]
    text, _ = written(items, dialect)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [dossier.key for dossier in items]
    for entry, written_entry in zip(library.entries, text.split("\n\n"), strict=True):
        fields = {field.key: field.value for field in entry.fields}
        expected = parsed(written_entry)
        del expected["@"]
        assert fields == {k: v[1:-1] if v[0] == "{" else v for k, v in expected.items()}


def pandoc(text: str, dialect: str) -> dict[str, dict[str, Any]]:
    pypandoc = pytest.importorskip("pypandoc")
    try:
        found = pypandoc.convert_text(text, "csljson", format=dialect)
    except OSError:
        pytest.skip("pandoc is not there")
    return {item["id"]: item for item in json.loads(found)}


# pandoc merges the two particles, takes what is lower-case for one, and reads I-V as suffixes
SAME_IN_PANDOC = "volume issue publisher publisher-place abstract DOI URL ISBN ISSN".split()


@both
def test_pandoc_reads_back_what_was_written(dialect: str) -> None:
    items = complete()
    found = pandoc(written(items, dialect)[0], dialect)
    assert found.keys() == {dossier.key for dossier in items}
    for dossier in items:
        item, reference = found[dossier.key], dossier.reference
        for variable in SAME_IN_PANDOC:
            if dialect == "bibtex" and (value := reference.text(variable)):
                assert item[variable] == value, (dossier.key, variable)
        if dialect == "bibtex":
            assert item.get("PMID", "") == reference.pmid
            assert item.get("PMCID", "") == reference.pmcid
        assert [name.get("literal") or name["family"] for name in item.get("author", [])] == [
            name.literal or name.family for name in reference.authors if name != ET_AL
        ]
        issued = reference.date()
        assert issued is not None
        assert item["issued"]["date-parts"] == [list(issued.start)]
        annotation = dossier.entries[0].annotation if dossier.entries else ""
        assert item.get("annote", "").replace("∼", "~") == annotation


@both
def test_pandoc_reads_names_and_pages(dialect: str) -> None:
    found = pandoc(written(complete(), dialect)[0], dialect)["example2015full"]
    assert [{k: v for k, v in name.items() if "particle" not in k} for name in found["author"]] == [
        {"family": "Example", "given": "A. B."},
        {"family": "Muster", "given": "C."},
        {"family": "Sample", "given": "John", "suffix": "Jr."},
        {"literal": "Example Liver Network"},
    ]
    assert "van der" in found["author"][1].values()
    assert found["page"] == "1340-1352.e7"
    assert found["title"] == (
        "Example hepatotoxicity of DNA-binding drugs in the United States: "
        "An <i>Escherichia coli</i> assay"
    )
    assert found["container-title-short"] == "J Ex"


def test_pandoc_reads_ranges_and_circa_from_biblatex() -> None:
    found = pandoc(written(case("dates"), "biblatex")[0], "biblatex")
    assert found["months"]["issued"]["date-parts"] == [[1998, 12], [1999, 1]]
    assert found["circa"]["issued"] == {"date-parts": [[1970]], "circa": True}


def run(program: str, *arguments: str, folder: Path) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not there")
    done = subprocess.run(
        [found, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_bibtex_with_plain_has_nothing_to_complain_of(tmp_path: Path) -> None:
    known = [dossier for dossier in complete() if dossier.reference.type != "patent"]
    text, _ = written(known)
    (tmp_path / "x.bib").write_text(text, encoding="utf-8")
    aux = "\\citation{*}\n\\bibdata{x}\n\\bibstyle{plain}\n"
    (tmp_path / "x.aux").write_text(aux, encoding="utf-8")
    said = run("bibtex", "x", folder=tmp_path)
    if "couldn't open style file" in said:
        pytest.skip("plain.bst is not there")
    assert "warning" not in said.lower(), said
    assert "error" not in said.lower(), said
    assert (tmp_path / "x.bbl").read_text(encoding="utf-8").count("\\bibitem") == len(known)


def test_biber_validates_biblatex_without_a_warning(tmp_path: Path) -> None:
    items = [d for name in ("articles", "books", "characters", "names") for d in case(name)]
    (tmp_path / "x.bib").write_text(written(items, "biblatex")[0], encoding="utf-8")
    said = run("biber", "--tool", "--validate-datamodel", "x.bib", folder=tmp_path)
    assert "INFO - This is Biber" in said, said
    assert not [line for line in said.splitlines() if re.match("WARN|ERROR", line)], said
