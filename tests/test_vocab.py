"""The vocabulary is the official one."""

from __future__ import annotations

import json
from pathlib import Path

from refbase import vocab


def test_types_and_variables_are_those_of_the_csl_schema(corpora: Path) -> None:
    schema = json.loads((corpora.parent / "schemas" / "csl-data.json").read_text())
    properties = schema["items"]["properties"]
    assert set(properties["type"]["enum"]) == vocab.TYPES
    elsewhere = {"id", "citation-key", "type", "custom", "categories"}
    assert set(vocab.VARIABLES) | set(vocab.ALIASES) == set(properties) - elsewhere
    for variable, kind in vocab.VARIABLES.items():
        expected = properties[variable]
        if kind is vocab.Kind.NAMES:
            assert expected["items"] == {"$ref": "#/definitions/name-variable"}, variable
        elif kind is vocab.Kind.DATE:
            assert expected == {"$ref": "#/definitions/date-variable"}, variable
        else:
            wanted = ["string", "number"] if kind is vocab.Kind.NUMBER else "string"
            assert expected["type"] == wanted, variable


def test_the_tables_agree_with_each_other() -> None:
    assert set(vocab.ALIASES.values()) <= set(vocab.VARIABLES)
    assert vocab.CONTAINED <= vocab.TYPES
    assert len(vocab.VARIABLES) == sum(
        map(len, (vocab.NAMES, vocab.DATES, vocab.NUMBERS, vocab.TEXTS))
    )
