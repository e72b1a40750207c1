"""What the tests of reading BibTeX begin with: a text read, and what was found in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from refbase.formats import get, read, write
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Parsed, Reference, Value

CORPUS = Path(__file__).parent / "corpus" / "bibtex"
CASES = ["programs", "people", "broken"]


def parsed(text: str | bytes) -> list[Parsed]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(io.BytesIO(data), "x.bib", get("bibtex")))


def found(text: str | bytes) -> list[Dossier]:
    return [one.dossier for one in parsed(text) if one.dossier]


def codes(text: str | bytes) -> list[tuple[str, int]]:
    return [(told.code, told.span.line) for one in parsed(text) for told in one.diagnostics]


def reference(fields: str, entry: str = "article") -> Reference:
    """The one reference of an entry in which nothing is wrong."""
    assert codes(f"@{entry}{{x, {fields}}}") == []
    (dossier,) = found(f"@{entry}{{x, {fields}}}")
    return dossier.reference


def variables(fields: str, entry: str = "article") -> dict[str, Value]:
    return dict(reference(fields, entry).variables)


def own(fields: str, entry: str = "article") -> Any:
    return found(f"@{entry}{{x, {fields}}}")[0].reference.custom.get("bibtex")


def written(*items: Dossier, dialect: str = "bibtex", **options: Any) -> tuple[str, list[str]]:
    stream = io.StringIO()
    told = list(write(items, stream, get(dialect), WriteOptions(**options)))
    return stream.getvalue(), [one.message for one in told]


both = pytest.mark.parametrize("dialect", ["bibtex", "biblatex"])

_values = st.recursive(
    st.sampled_from(["text", "a\\{b", "c\\}d", "\\\\", '"', "@x", ",", "=", " ", "\n", "é"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: "{" + "".join(parts) + "}"),
    max_leaves=6,
)
syntax = st.lists(
    st.sampled_from(
        ["@article{x,", "title", " = ", "{", "}", '"', ",", "\n", "#", "mar", "12", "\\", "(", ")",
         "@string{a = ", "@comment{", "\n@misc{y,\n", "}\n", "text"]
    )
    | _values.map(lambda value: f" a = {{{value}}},"),
    max_size=14,
).map("".join)  # fmt: skip
