"""CSL-JSON written and read back in one step, for its tests."""

from __future__ import annotations

import io
import json
from typing import Any

from readers import Reader
from refbase import formats
from refbase.errors import Diagnostic
from refbase.formats.base import WriteOptions
from refbase.model import Dossier, Reference

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
