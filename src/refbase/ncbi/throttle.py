"""NCBI's limit, kept by all processes of this machine together.

Three requests a second, ten with a key, count for an address or a key, not for a process. So
every request takes a slot of time from a table in a small SQLite file that all processes which
work on one database share. Whoever asks gets the next free slot, waits for it, and writes down
when it really left; a refusal that one of them meets holds up the others too.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock
from typing import TypeVar

import platformdirs

MARGIN = 1.05
"""Slots are this much longer than the limit asks for. Requests that leave in step do not arrive
in step: at a third of a second NCBI now and then counts four in one."""
SLOWEST = 0.1
"""The lowest rate, in requests a second."""
LONGEST_PAUSE = 60.0
_KEPT = 60.0
# Nobody waits longer for a slot: what lies further ahead was written before the clock was set back
_HORIZON = 2 * LONGEST_PAUSE
_BUSY = 30.0
# What a row of the table is: a request of ours, a pause for all, a slot left free for others
_OURS, _PAUSE, _FREE = range(3)
_TABLE = "CREATE TABLE IF NOT EXISTS slot (time REAL NOT NULL, kind INTEGER NOT NULL, sent REAL)"
_ADD = "INSERT INTO slot (time, kind) VALUES (?, ?)"

T = TypeVar("T")
_Run = Callable[..., sqlite3.Cursor]


class StoppedError(Exception):
    """Nobody waits for this request any more."""


def shared_file(database: str, service: str) -> Path:
    """The file that all processes share which work on a database and ask one service.

    Its name tells neither; no folder is made yet.
    """
    known = database if "://" in database else str(Path(database).resolve())
    name = hashlib.blake2b(f"{known}\0{service}".encode(), digest_size=8).hexdigest()
    return Path(platformdirs.user_state_dir("refbase"), f"ncbi-{name}.db")


class Throttle:
    """Slots for `rate` requests a second, shared through a file; without one, by threads only.

    >>> throttle = Throttle(rate=1000)
    >>> throttle.take(Event())
    1
    >>> throttle.close()
    """

    def __init__(self, rate: float, file: Path | None = None) -> None:
        self.rate = rate
        self._lock = Lock()
        self._closed = False
        self._connection = _opened(file) if file else _connection(":memory:")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()

    def take(self, stop: Event, lateness: Callable[[], float] = float) -> int:
        """Wait for a slot; its number. Once `stop` is set, or the throttle closed, that is a
        StoppedError.

        `lateness` is asked when it is our turn: how much later than others, once it left, may
        the request arrive? `leaves` corrects that when it is known.
        """
        slot = self._within(lambda run: self._reserve(run, _OURS))
        while not stop.is_set():
            waiting = self._within(lambda run: self._depart(run, slot, lateness))
            if waiting <= 0:
                return slot
            stop.wait(waiting)
        raise StoppedError

    def leaves(self, slot: int) -> None:
        """The request of a slot leaves only now."""
        moment = time.time()
        self._within(lambda run: run("UPDATE slot SET sent = ? WHERE rowid = ?", (moment, slot)))

    def pause(self, seconds: float) -> None:
        """Let nobody send anything for some time: NCBI said that it was too much."""
        until = time.time() + min(seconds, LONGEST_PAUSE)
        self._within(lambda run: run(_ADD, (until, _PAUSE)))

    def observe(self, sent: float, limit: int, remaining: int) -> None:
        """Learn from what NCBI counts: the limit that it holds us to, and whether somebody else
        at our address uses it up, for whom a slot is then left free."""
        self.rate = min(self.rate, max(limit, 1))
        if remaining == 0 and self._within(lambda run: _sent_before(run, sent)) < limit:
            self._within(lambda run: self._reserve(run, _FREE))

    @property
    def _interval(self) -> float:
        return MARGIN / self.rate

    def _reserve(self, run: _Run, kind: int) -> int:
        """Take the next free slot."""
        now = time.time()
        run("DELETE FROM slot WHERE time < ? OR time > ?", (now - _KEPT, now + _HORIZON))
        [last] = run("SELECT max(time) FROM slot").fetchone()
        slot = run(_ADD, (max(now, (last or 0) + self._interval), kind))
        return slot.lastrowid or 0

    def _depart(self, run: _Run, slot: int, lateness: Callable[[], float]) -> float:
        """Leave in a slot, or the seconds until that can be.

        Who wakes too late comes too close to those behind, so what counts is when others really
        left. A pause that began after the slot was taken holds it up.
        """
        many = max(1, int(self.rate))
        times = """
            SELECT time FROM slot WHERE rowid = ? UNION ALL
            SELECT max(time) FROM slot WHERE kind = ? UNION ALL
            SELECT * FROM (SELECT sent + ? FROM slot WHERE sent ORDER BY sent DESC LIMIT 1 OFFSET ?)
            """
        chosen = (slot, _PAUSE, many * self._interval, many - 1)
        now = time.time()
        waiting = max((t - now for (t,) in run(times, chosen) if t), default=0.0)
        if waiting <= 0:
            run("UPDATE slot SET sent = ? WHERE rowid = ?", (now + lateness(), slot))
        return waiting

    def _within(self, work: Callable[[_Run], T]) -> T:
        """Do something with the table that nobody else sees half of."""
        with self._lock:
            if self._closed:
                raise StoppedError
            try:
                return _transaction(self._connection, work)
            except sqlite3.Error:
                # The file is gone or the disk full: better alone than not at all
                self._connection.close()
                self._connection = _connection(":memory:")
                return _transaction(self._connection, work)


def _transaction(connection: sqlite3.Connection, work: Callable[[_Run], T]) -> T:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        return work(connection.execute)


def _sent_before(run: _Run, moment: float) -> int:
    """How many requests of ours left in the second before a moment."""
    query = "SELECT count(*) FROM slot WHERE sent > ? AND time <= ?"
    [number] = run(query, (moment - 1, moment)).fetchone()
    return int(number)


def _opened(file: Path) -> sqlite3.Connection:
    """The shared file; where there cannot be one, a table of this process alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _connection(str(file))
    except (OSError, sqlite3.OperationalError):
        return _connection(":memory:")
    except sqlite3.DatabaseError:
        # Damaged; nothing in it is worth more than a second
        file.unlink(missing_ok=True)
        return _connection(str(file))


def _connection(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    try:
        # What a crash of the machine loses is out of date when it is back
        connection.execute("PRAGMA synchronous = OFF")
        _transaction(connection, lambda run: run(_TABLE))
    except sqlite3.Error:
        connection.close()
        raise
    return connection
