"""NCBI's limit, kept by threads and by processes together."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest

from refbase.ncbi.throttle import MARGIN, StoppedError, Throttle, shared_file

TAKE = """
import sys
from pathlib import Path
from threading import Event
from refbase.ncbi.throttle import Throttle
throttle = Throttle(float(sys.argv[2]), Path(sys.argv[1]))
for _ in range(int(sys.argv[3])):
    throttle.take(Event())
"""


Made = Callable[..., Throttle]


@pytest.fixture
def made() -> Iterator[Made]:
    """Makes throttles, and closes them in the end."""
    with ExitStack() as stack:

        def make(rate: float, file: Path | None = None) -> Throttle:
            throttle = Throttle(rate, file)
            stack.callback(throttle.close)
            return throttle

        yield make


def slots(file: Path) -> list[float]:
    connection = sqlite3.connect(file)
    times = [time for (time,) in connection.execute("SELECT sent FROM slot ORDER BY sent")]
    connection.close()
    return times


def no_second_has_more(times: list[float], rate: float) -> bool:
    return all(
        len([other for other in times if time <= other < time + 1]) <= rate for time in times
    )


def test_processes_together_never_exceed_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "state" / "ncbi.db"
    command = [sys.executable, "-c", TAKE, str(file), "40", "30"]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    times = slots(file)
    assert len(times) == 120
    assert no_second_has_more(times, 40)


def test_threads_together_never_exceed_the_limit(tmp_path: Path, made: Made) -> None:
    throttle = made(50, tmp_path / "ncbi.db")
    threads = [Thread(target=lambda: [throttle.take(Event()) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = slots(tmp_path / "ncbi.db")
    assert len(times) == 80
    assert no_second_has_more(times, 50)


def test_nobody_is_sent_before_their_slot(made: Made) -> None:
    throttle = made(20)
    begun = time.time()
    for _ in range(5):
        throttle.take(Event())
    assert time.time() - begun >= 4 * MARGIN / 20


def test_a_pause_holds_up_those_who_wait_already(tmp_path: Path, made: Made) -> None:
    throttle = made(4, tmp_path / "ncbi.db")
    other = made(4, tmp_path / "ncbi.db")
    throttle.take(Event())
    until = time.time() + 0.6
    released: list[float] = []
    waiting = Thread(target=lambda: (throttle.take(Event()), released.append(time.time())))
    waiting.start()
    other.pause(0.6)
    waiting.join()
    assert released[0] >= until


def test_who_does_not_want_to_wait_any_more_is_let_go(made: Made) -> None:
    throttle = made(0.01)
    stop = Event()
    throttle.take(stop)
    stop.set()
    with pytest.raises(StoppedError):
        throttle.take(stop)


def test_a_closed_throttle_lets_go_whoever_still_waits(made: Made) -> None:
    throttle = made(100)
    throttle.close()
    with pytest.raises(StoppedError):
        throttle.take(Event())
    with pytest.raises(StoppedError):
        throttle.pause(1)


def test_an_interrupt_leaves_the_table_open_to_others(tmp_path: Path, made: Made) -> None:
    throttle = made(100, tmp_path / "ncbi.db")

    def interrupted() -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        throttle.take(Event(), interrupted)
    other = sqlite3.connect(tmp_path / "ncbi.db", timeout=0)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    throttle.take(Event())


def test_the_limit_that_ncbi_counts_by_is_kept(made: Made) -> None:
    """9: a key that it does not take has the limit of none."""
    throttle = made(10)
    throttle.observe(time.time(), 3, 2)
    assert throttle.rate == 3
    throttle.observe(time.time(), 100, 99)
    assert throttle.rate == 3


def test_a_slot_is_left_free_where_others_at_our_address_use_up_the_limit(
    tmp_path: Path, made: Made
) -> None:
    throttle = made(10, tmp_path / "ncbi.db")
    throttle.take(Event())
    before = len(slots(tmp_path / "ncbi.db"))
    throttle.observe(time.time(), 10, 5)
    assert len(slots(tmp_path / "ncbi.db")) == before
    throttle.observe(time.time(), 10, 0)
    assert len(slots(tmp_path / "ncbi.db")) == before + 1


def test_what_we_use_up_ourselves_leaves_no_slot_free(tmp_path: Path, made: Made) -> None:
    throttle = made(3, tmp_path / "ncbi.db")
    connection = sqlite3.connect(tmp_path / "ncbi.db")
    now = time.time()
    sent = [(now - ago, now - ago) for ago in (0, 0.3, 0.6)]
    connection.executemany("INSERT INTO slot VALUES (?, 0, ?)", sent)
    connection.commit()
    connection.close()
    throttle.observe(now, 3, 0)
    assert len(slots(tmp_path / "ncbi.db")) == 3


def test_a_clock_that_was_set_back_does_not_lock_us_out(tmp_path: Path, made: Made) -> None:
    throttle = made(10, tmp_path / "ncbi.db")
    connection = sqlite3.connect(tmp_path / "ncbi.db")
    connection.execute("INSERT INTO slot VALUES (?, 0, NULL)", (time.time() + 3600,))
    connection.commit()
    connection.close()
    begun = time.time()
    throttle.take(Event())
    assert time.time() - begun < 60


def test_a_damaged_file_is_made_anew(tmp_path: Path, made: Made) -> None:
    file = tmp_path / "ncbi.db"
    file.write_bytes(b"This is no database at all." * 100)
    made(100, file).take(Event())
    assert len(slots(file)) == 1


def test_no_one_fails_when_the_file_is_taken_away(tmp_path: Path, made: Made) -> None:
    throttle = made(100, tmp_path / "ncbi.db")
    throttle.take(Event())
    (tmp_path / "ncbi.db").unlink()
    throttle.take(Event())
    throttle.take(Event())


def test_who_leaves_late_is_not_overtaken_by_the_next(tmp_path: Path, made: Made) -> None:
    """A busy machine wakes us late; those behind would then come too close."""
    throttle = made(2, tmp_path / "ncbi.db")
    now = time.time()
    connection = sqlite3.connect(tmp_path / "ncbi.db")
    rows = [(now - 2, now - 0.1), (now - 1, now - 0.05)]
    connection.executemany("INSERT INTO slot VALUES (?, 0, ?)", rows)
    connection.commit()
    connection.close()
    throttle.take(Event())
    times = slots(tmp_path / "ncbi.db")
    assert len(times) == 3
    assert times[2] - times[0] >= MARGIN


def test_what_arrives_late_is_waited_for(tmp_path: Path, made: Made) -> None:
    """Opening a connection takes time, using an open one does not."""
    throttle = made(2, tmp_path / "ncbi.db")
    begun = time.time()
    throttle.take(Event(), lambda: 0.5)
    throttle.take(Event())
    throttle.take(Event())
    assert time.time() - begun >= 0.5 + MARGIN


@pytest.mark.parametrize("name", ["file/ncbi.db", "folder"])
def test_where_no_file_can_be_the_process_keeps_the_limit_by_itself(
    tmp_path: Path, name: str, made: Made
) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder").mkdir()
    made(100, tmp_path / name).take(Event())


def test_one_file_for_each_database_and_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    here = shared_file("refbase.db", "https://example.org/")
    assert here == shared_file(str(tmp_path / "refbase.db"), "https://example.org/")
    assert here != shared_file("other.db", "https://example.org/")
    assert here != shared_file("refbase.db", "https://example.com/")
    secret = shared_file("postgresql://me:secret@example.org/x", "https://example.org/")
    assert "secret" not in str(secret)
    assert list(tmp_path.iterdir()) == []
