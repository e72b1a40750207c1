"""How well real citations are read, as the judge that lies beside them counts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from refbase.model import Reference
from refbase.values import page_range, undotted

_TRUTH, _JUDGE = "citations/references.jsonl", "citations/evaluate.py"


def real_citations(corpora: Path) -> list[str]:
    """Citations in five styles, as they are printed."""
    for name in (_TRUTH, _JUDGE):
        if not (corpora / name).is_file():
            pytest.skip(f"{corpora / name} is not there")
    return [one["string"] for one in _truth(corpora)]


def assert_well_read(references: Iterable[Reference], corpora: Path, folder: Path) -> None:
    """Whether the judge is content with what was made of the real citations, one by one."""
    pairs = zip(_truth(corpora), references, strict=True)
    said = folder / "said.jsonl"
    said.write_text("\n".join(json.dumps(_answer(one["id"], made)) for one, made in pairs))
    command = [sys.executable, corpora / _JUDGE, corpora / _TRUTH, said]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    whole = re.search(r"whole record right ([\d.]+)", run.stdout)
    micro = re.search(r"micro F1 ([\d.]+)", run.stdout)
    assert whole, run.stdout
    assert micro, run.stdout
    assert float(whole[1]) >= 0.965, run.stdout
    assert float(micro[1]) >= 0.99, run.stdout


def _truth(corpora: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpora / _TRUTH).read_text().splitlines()]


def _answer(name: str, reference: Reference) -> dict[str, Any]:
    first, last = page_range(reference.text("page"))
    people = [n for n in reference.authors if n.family]
    return {
        "id": name,
        "authors": [{"family": n.surname, "given": undotted(n.given)} for n in people],
        "title": reference.title,
        "journal": reference.container_title,
        "year": str(reference.year or ""),
        "volume": reference.text("volume"),
        "issue": reference.text("issue"),
        "first_page": first or reference.text("page"),
        "last_page": last,
        "doi": reference.doi,
        "pmid": reference.pmid,
    }
