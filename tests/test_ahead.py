"""Reading in a second process: the same references, the same findings, the same errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import count, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from program import Program
from readers import CORPUS
from refbase import ahead as module
from refbase import formats
from refbase.ahead import ahead
from refbase.errors import Diagnostic, FileError, FormatError, RefbaseError, Severity, Span
from refbase.formats.base import Input, Reader
from refbase.model import Parsed

needs_fork = pytest.mark.skipif(not module._can_fork(), reason="needs os.fork and a second core")

_spans = st.builds(Span, st.just("x.ris"), st.integers(1, 99), st.integers(1, 99))
_findings = st.builds(
    Diagnostic, st.just("bad-date"), strategies.one_line, _spans, st.sampled_from(Severity)
)
_parsed = st.builds(
    Parsed,
    dossier=st.none() | strategies.dossiers,
    raw=st.just(""),
    span=_spans,
    diagnostics=st.lists(_findings, max_size=2).map(tuple),
)


def shared(
    blocks: Iterable[object],
    after: int,
    parse: Callable[[Any], Parsed] = lambda block: Parsed(None, span=block),
    settle: Callable[[Iterator[Parsed]], Iterator[Parsed]] = iter,
) -> Iterator[Parsed]:
    """What two processes make of blocks, whatever file they are from."""
    reader: Reader[Any] = Reader(lambda source: iter(blocks), parse, settle)
    return ahead(reader, Input(BytesIO()), after)


@needs_fork
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_parsed, min_size=1, max_size=4), st.integers(1, 3), st.integers(1, 60))
def test_nothing_is_lost_or_changed_on_the_way(items: list[Parsed], after: int, times: int) -> None:
    items *= times
    assert list(shared(items, after)) == items
    assert list(shared(enumerate(items), after, lambda block: items[block[0]])) == items


READ = [
    *sorted(CORPUS.rglob("*.bib")),
    *sorted(CORPUS.rglob("*.nbib")),
    *sorted(CORPUS.rglob("*.ris")),
    *sorted(CORPUS.rglob("pubmed-xml/*.xml")),
]


@needs_fork
@pytest.mark.parametrize("enough", [0, 1 << 40], ids=["there", "here"])
@pytest.mark.parametrize("path", READ, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_says_the_same_whoever_parses_it(
    path: Path, enough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`_ENOUGH` decides that: the second process as soon as so much lies ready."""
    monkeypatch.setattr(module, "_ENOUGH", enough)
    # Three times what can be, so that small files are large enough, and each key stands again
    data = (path.read_bytes() + b"\n") * (1 if path.suffix == ".xml" else 3)
    fmt = formats.detect(path.name, data)
    whole = [replace(one, raw="") for one in formats.read(BytesIO(data), path.name, fmt)]
    parts = ahead(formats.reader(fmt), Input(BytesIO(data), path.name), after=0)
    assert [replace(one, raw="") for one in parts] == whole
    assert len(whole) > 2


@needs_fork
def test_a_block_is_parsed_by_who_has_the_time() -> None:
    def parse(block: tuple[int, str]) -> Parsed:
        return Parsed(None, span=Span(str(os.getpid()), block[0]))

    reading = shared(zip(count(), repeat("x" * 10_000), strict=False), 2, parse)
    files = []
    for number, item in enumerate(reading):
        assert item.span.line == number
        files.append(item.span.file)
        if item.span.file != files[0]:
            break
        time.sleep(0.001)
    reading.close()
    # At first nothing lay ready, and the blocks came as they were
    assert len(files) > 22


@needs_fork
def test_the_last_word_is_spoken_in_order_and_in_one_process() -> None:
    def settled(items: Iterator[Parsed]) -> Iterator[Parsed]:
        for number, item in enumerate(items, 1):
            yield Parsed(None, span=Span(str(os.getpid()), item.span.line, number))

    spans = [item.span for item in shared(map(Span, "x" * 5000, count(1)), 10, settle=settled)]
    assert spans == [Span(str(os.getpid()), number, number) for number in range(1, 5001)]


@needs_fork
def test_an_error_of_the_reader_arrives_behind_what_was_read() -> None:
    def broken() -> Iterator[Span]:
        for number in range(250):
            yield Span("x", number)
        raise FormatError("x: is no such thing", "try another")

    reading = shared(broken(), 10)
    assert [next(reading).span.line for _ in range(250)] == list(range(250))
    with pytest.raises(FormatError, match="no such thing") as caught:
        list(reading)
    assert caught.value.hint == "try another"


@needs_fork
def test_a_reader_that_is_killed_is_an_error() -> None:
    def killed() -> Iterator[Parsed]:
        yield from [Parsed(None)] * 2
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(FileError, match="has ended"):
        list(shared(killed(), 1))


@needs_fork
def test_who_stops_early_leaves_no_process_behind() -> None:
    reading = shared((Parsed(None) for _ in range(10**9)), 1)
    assert next(reading) == next(reading) == next(reading)
    reading.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@needs_fork
def test_as_many_as_are_read_at_first_need_no_second_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr(module, "_can_fork", lambda: True)
    assert len(list(shared([Parsed(None)] * 5, 5))) == 5
    with pytest.raises(AttributeError, match="fork"):
        list(shared([Parsed(None)] * 7, 5))


@needs_fork
def test_where_a_pipe_cannot_be_measured_the_second_process_parses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    parsed = shared(range(100), 1, lambda block: Parsed(None, span=Span(str(os.getpid()))))
    files = [item.span.file for item in parsed]
    assert files[:2] == [str(os.getpid())] * 2
    assert str(os.getpid()) not in files[2:]


def test_where_there_is_no_fork_one_process_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    items = [Parsed(None, f"raw {number}") for number in range(5)]
    assert list(shared(items, 2)) == items


def library(many: int) -> str:
    return "".join(
        f"TY  - JOUR\nTI  - Example {number}\nAU  - Example, Ann\nPY  - 2000\nER  - \n\n"
        for number in range(many)
    )


def test_a_large_file_is_converted_like_its_parts(refbase: Program) -> None:
    many = module.AFTER + 350
    refbase.write("x.ris", library(many) + "TY  - JOUR\nTI  - Example without end\n")
    run = refbase("convert", "x.ris", "x.bib")
    assert run.code == 0, run.err
    assert f"x.ris:{6 * many + 1}: warning: the record has no 'ER'" in run.err
    assert f"{many + 1} references written" in run.err
    written = (refbase.folder / "x.bib").read_text()
    assert written.count("@article{") == many + 1
    assert f"@article{{example2000example-{many}," in written


def test_an_interrupt_ends_both_processes(refbase: Program) -> None:
    refbase.write("x.ris", library(30_000))
    running = subprocess.Popen(
        [sys.executable, "-m", "refbase", "convert", "x.ris", "-", "--to", "bibtex"],
        cwd=refbase.folder,
        env=refbase.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdout is not None
    running.stdout.read(1 << 20)  # more than the first process reads by itself
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate()
    assert running.returncode == 130
    assert b"Traceback" not in err


def test_errors_travel_whole() -> None:
    import pickle

    fault = pickle.loads(pickle.dumps(RefbaseError("what", "hint")))
    assert (fault.message, fault.hint, str(fault)) == ("what", "hint", "what")
