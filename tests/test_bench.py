"""The bench: it compares what is comparable, and no conversion that it measures loses a record."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from program import Program

TOOLS = Path(__file__).parents[1] / "tools"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look it up there
    spec.loader.exec_module(module)
    return module


bench, generator = load("bench"), load("generate")
PAIRS = sorted({(peer.source, peer.target) for peer in bench.CONVERSIONS})


@pytest.mark.parametrize(("source", "target"), PAIRS, ids="-".join)
def test_no_record_is_lost(source: str, target: str, refbase: Program) -> None:
    name = f"in.{source}"
    plain = refbase.folder / name.removesuffix(".gz")
    with plain.open("w", encoding="utf-8", newline="\n") as stream:
        generator.generate(bench.GENERATED[source.removesuffix(".gz")], 50, stream)
    if source.endswith(".gz"):
        refbase.write(name, gzip.compress(plain.read_bytes()))
    run = refbase("convert", name, f"out.{target}")
    assert run.code == 0, run.err
    assert bench.count(refbase.folder / f"out.{target}") == 50


@pytest.mark.skipif(not Path("/proc").exists(), reason="memory is in kilobytes on Linux only")
def test_what_a_process_takes_is_its_own(tmp_path: Path) -> None:
    big, small = "x = b'x' * 10**8; sum(range(10**6))", "pass"
    much, little = (bench.run([sys.executable, "-c", code], tmp_path) for code in (big, small))
    assert 90 < much.memory - little.memory < 110
    assert much.cpu > little.cpu
    assert bench.run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path).failed


def test_a_peer_that_is_not_there_is_skipped_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = bench.Peer("example", ("example",), tmp_path / "nowhere", "ris", "bib")
    monkeypatch.setattr(bench, "CONVERSIONS", (away,))
    monkeypatch.setattr(bench, "RECORDS", 1)
    assert "skipped" in list(bench.conversions(tmp_path))[-1]
