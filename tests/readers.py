"""A text read as a file of one format, and the files that tests read."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from program import ROOT
from refbase import formats
from refbase.model import Dossier, Parsed

CORPUS = ROOT / "tests" / "corpus"


@dataclass(frozen=True)
class Reader:
    """Reads texts as files of one format, under one name or another."""

    format_name: str
    name: str

    def __call__(self, text: str | bytes, name: str = "") -> list[Parsed]:
        data = text if isinstance(text, bytes) else text.encode()
        fmt = formats.get(self.format_name)
        return list(formats.read(io.BytesIO(data), name or self.name, fmt))

    def dossiers(self, text: str | bytes, name: str = "") -> list[Dossier]:
        return [one.dossier for one in self(text, name) if one.dossier]

    def titles(self, text: str | bytes) -> list[str]:
        return [one.reference.title for one in self.dossiers(text)]

    def codes(self, text: str | bytes) -> list[tuple[str, int]]:
        """What was told, and of which line."""
        return [(d.code, d.span.line) for one in self(text) for d in one.diagnostics]


def examples() -> list[Dossier]:
    """One reference of every kind, with everything that any format knows."""
    return Reader("jsonl", "examples.jsonl").dossiers(
        (CORPUS / "jsonl" / "examples.jsonl").read_bytes()
    )


def shown(parsed: list[Parsed]) -> list[dict[str, Any]]:
    """What a librarian reads in an expected file: the entries of a chapter."""
    lines = []
    for p in parsed:
        line: dict[str, Any] = {"lines": f"{p.span.line}-{p.span.end_line}"}
        if p.dossier:
            entry = p.dossier.entries[0]
            line |= {"bibliography": entry.bibliography, "position": entry.position}
            line |= {"reference": p.dossier.reference.to_csl()}
            line |= {"citation": entry.citation, "annotation": entry.annotation}
        if p.diagnostics:
            line["diagnostics"] = [str(d) for d in p.diagnostics]
        lines.append(line)
    return lines
