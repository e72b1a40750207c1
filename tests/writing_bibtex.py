"""What the tests of writing BibTeX begin with: a reference written, and its fields taken apart."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from refbase.formats import get, write
from refbase.formats.base import WriteOptions
from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX
from refbase.model import Dossier, Entry, Reference, Value

CORPUS = Path(__file__).parent / "corpus"
PAGE = Path(__file__).parents[1] / "docs/formats/bibtex.md"
CASES = sorted(path.name.partition(".")[0] for path in (CORPUS / "bibtex").glob("*.csl.json"))

# What Zotero's BibTeX import makes an item of; everything else it throws away in silence.
ZOTERO_TYPES = """
    article artwork audio book booklet collection conference electronic inbook incollection
    inproceedings inreference jurisdiction legislation letter manual mastersthesis misc movie
    mvbook online patent phdthesis proceedings report software techreport thesis unpublished video
""".split()
PLAIN_TYPES = """
    article book booklet inbook incollection inproceedings manual mastersthesis misc phdthesis
    proceedings techreport unpublished
""".split()


def written(
    items: Iterable[Dossier], dialect: str = "bibtex", **options: Any
) -> tuple[str, list[str]]:
    stream = io.StringIO()
    told = list(write(items, stream, get(dialect), WriteOptions(**options)))
    assert all(one.code in ("not-written", "changed-key", "duplicate-key") for one in told)
    return stream.getvalue(), [f"{one.span.file}: {one.severity}: {one.message}" for one in told]


def lines(
    variables: dict[str, Value], kind: str = "article-journal", dialect: str = "bibtex"
) -> dict[str, str]:
    """The entry type under `@`, and the fields, of a reference of which nothing may be lost."""
    text, told = written([Dossier(Reference(kind, variables), key="x")], dialect)
    assert not told
    return parsed(text)


def parsed(text: str) -> dict[str, str]:
    first, *rest, last = text.splitlines()
    assert last == "}"
    pairs = [re.fullmatch(r"  (\w+) *= (.*),", line) for line in rest]
    return {"@": first, **{pair[1]: pair[2] for pair in pairs if pair}}


def lost(
    variables: dict[str, Value], kind: str = "article-journal", dialect: str = "bibtex"
) -> list[str]:
    return written([Dossier(Reference(kind, variables), key="x")], dialect)[1]


def case(name: str) -> list[Dossier]:
    """A case of the corpus: CSL-JSON whose `annote` is the annotation of an entry."""
    items = json.loads((CORPUS / f"bibtex/{name}.csl.json").read_text(encoding="utf-8"))
    return [
        Dossier(
            Reference.from_csl({k: v for k, v in item.items() if k != "annote"}),
            key=item["id"],
            entries=(Entry(annotation=item["annote"]),) if "annote" in item else (),
        )
        for item in items
    ]


both = pytest.mark.parametrize("dialect", ["bibtex", "biblatex"])
tables = pytest.mark.parametrize("table", [BIBTEX, BIBLATEX], ids=lambda table: table.name)
