"""Reading in a second process, while this one writes: for large files on more than one core.

The second process begins where the first thousand references end. It is a fork, so it goes on
with the very reader that was begun, whatever its state: a file is read exactly as it would have
been, and small files never pay for it. Where there is no fork (Windows), or only one core,
everything stays in one process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO, NoReturn

from refbase.errors import Diagnostic, FileError, RefbaseError, Span
from refbase.model import Dossier, Entry, Parsed, Reference
from refbase.values import Date, Name

AFTER = 1000
"""So many are read before it is worth while to share the work."""
_BATCH = 100
_WIDTH = 1 << 20


def ahead(items: Iterable[Parsed], after: int = AFTER) -> Iterator[Parsed]:
    """The same items, those behind the first ones without their raw text.

    Whoever has threads must not call this, and whoever reads from the same stream afterwards
    finds it anywhere.
    """
    reading = iter(items)
    for number, item in enumerate(reading, 1):
        yield item
        if number == after:
            yield from _forked(reading) if _can_fork() else reading
            return


def _can_fork() -> bool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return hasattr(os, "fork") and (cores or 1) > 1 and threading.active_count() == 1


def _forked(items: Iterator[Parsed]) -> Iterator[Parsed]:
    outlet, inlet = os.pipe()
    _widen(inlet)
    child = os.fork()
    if not child:
        os.close(outlet)
        _send(items, inlet)
    os.close(inlet)
    try:
        with open(outlet, "rb") as stream:  # noqa: PTH123 - a number, not a path
            yield from _received(stream)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _widen(pipe: int) -> None:
    """Let whoever reads be some batches ahead: by itself a pipe holds less than one."""
    with suppress(ImportError, AttributeError, OSError):
        # Of Linux only, and only as far as the user may
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDTH)


def _send(items: Iterator[Parsed], inlet: int) -> NoReturn:
    """What the second process does. It leaves without the clean-up that is the first one's."""
    try:
        # Ctrl-C is for the first process to tell
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with open(inlet, "wb") as stream:
            try:
                while batch := [_light(item) for item in islice(items, _BATCH)]:
                    stream.write(_packed(batch))
                stream.write(_packed([]))
            except RefbaseError as fault:
                stream.write(_packed(fault))
    except BrokenPipeError:
        pass
    finally:
        if (error := sys.exc_info()[1]) is not None:
            sys.excepthook(type(error), error, error.__traceback__)
        os._exit(0)


def _received(stream: BinaryIO) -> Iterator[Parsed]:
    import pickle

    while True:
        try:
            batch = pickle.load(stream)
        except EOFError:
            raise FileError("the process that was reading has ended") from None
        if isinstance(batch, RefbaseError):
            raise batch
        if not batch:
            return
        yield from batch


def _light(parsed: Parsed) -> Parsed:
    return Parsed(parsed.dossier, "", parsed.span, parsed.diagnostics)


def _packed(batch: object) -> bytes:
    # Loaded only here: small files do without
    import pickle

    buffer = BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(batch)
    return buffer.getvalue()


Reducer = Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]


def _reducer(cls: type, *names: str) -> Reducer:
    """How to take an instance apart: half the time that a frozen dataclass takes by itself."""
    values = attrgetter(*names)
    return lambda instance: (cls, values(instance))


_REDUCERS: dict[type, Reducer] = {
    cls: _reducer(cls, *cls.__match_args__)
    for cls in (Date, Diagnostic, Dossier, Entry, Name, Parsed, Reference, Span)
}
