"""What the tests of reading RIS begin with: a record of some lines, and what was read of it."""

from __future__ import annotations

import io
from typing import Any

from readers import Reader
from refbase import formats
from refbase.formats.base import WriteOptions
from refbase.model import Dossier

FORMAT = formats.get("ris")
read = Reader("ris", "x.ris")
dossiers, titles, codes = read.dossiers, read.titles, read.codes


def one(*lines: str, kind: str = "JOUR") -> Dossier:
    """The reference of one record, of which nothing was told."""
    text = "\n".join([f"TY  - {kind}", *lines, "ER  - ", ""])
    assert codes(text) == []
    (found,) = dossiers(text)
    return found


def variables(*lines: str, kind: str = "JOUR") -> dict[str, Any]:
    return dict(one(*lines, kind=kind).reference.variables)


def write(*items: Dossier, **options: Any) -> str:
    stream = io.StringIO(newline="")
    list(formats.write(items, stream, FORMAT, WriteOptions(**options)))
    return stream.getvalue()
