"""Reading in a second process: the same references, the same findings, the same errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from program import Program
from refbase import ahead as module
from refbase.ahead import ahead
from refbase.errors import Diagnostic, FileError, FormatError, RefbaseError, Severity, Span
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


@needs_fork
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_parsed, min_size=1, max_size=4), st.integers(1, 3), st.integers(1, 60))
def test_nothing_is_lost_or_changed_on_the_way(items: list[Parsed], after: int, times: int) -> None:
    assert list(ahead(items * times, after)) == items * times


@needs_fork
def test_behind_the_first_ones_a_second_process_reads() -> None:
    def processes() -> Iterator[Parsed]:
        while True:
            yield Parsed(None, span=Span(str(os.getpid())))

    numbers = [item.span.file for item, _ in zip(ahead(processes(), 2), range(300), strict=False)]
    assert numbers[:2] == [str(os.getpid())] * 2
    assert len(set(numbers)) == 2


@needs_fork
def test_an_error_of_the_reader_arrives_behind_what_was_read() -> None:
    def broken() -> Iterator[Parsed]:
        for number in range(250):
            yield Parsed(None, span=Span("x", number))
        raise FormatError("x: is no such thing", "try another")

    reading = ahead(broken(), 10)
    assert [next(reading).span.line for _ in range(200)] == list(range(200))
    with pytest.raises(FormatError, match="no such thing") as caught:
        list(reading)
    assert caught.value.hint == "try another"


@needs_fork
def test_a_reader_that_is_killed_is_an_error() -> None:
    def killed() -> Iterator[Parsed]:
        yield Parsed(None)
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(FileError, match="has ended"):
        list(ahead(killed(), 1))


@needs_fork
def test_who_stops_early_leaves_no_process_behind() -> None:
    reading = ahead((Parsed(None) for _ in range(10**9)), 1)
    assert next(reading) == next(reading)
    reading.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_where_there_is_no_fork_one_process_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    items = [Parsed(None, f"raw {number}") for number in range(5)]
    assert list(ahead(items, 2)) == items


def library(count: int) -> str:
    return "".join(
        f"TY  - JOUR\nTI  - Example {number}\nAU  - Example, Ann\nPY  - 2000\nER  - \n\n"
        for number in range(count)
    )


def test_a_large_file_is_converted_like_its_parts(refbase: Program) -> None:
    count = module.AFTER + 350
    refbase.write("x.ris", library(count) + "TY  - JOUR\nTI  - Example without end\n")
    run = refbase("convert", "x.ris", "x.bib")
    assert run.code == 0, run.err
    assert f"x.ris:{6 * count + 1}: warning: the record has no 'ER'" in run.err
    assert f"{count + 1} references written" in run.err
    written = (refbase.folder / "x.bib").read_text()
    assert written.count("@article{") == count + 1
    assert f"@article{{example2000example-{count}," in written


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
