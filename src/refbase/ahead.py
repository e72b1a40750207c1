"""Reading in two processes, of which this one writes as well: for large files and several cores.

The second process begins where the first references end. It is a fork, so it goes on with the
very file that was begun, whatever the state of its reader: a file is read exactly as it would
have been, and small files never pay for it. It cuts all that is left into blocks, in order. As
long as the first process has enough to do, it makes references of them too; when that one is
about to wait, it hands the blocks on as they are, and so each does half of the work, whatever
reading and writing cost. Where there is no fork (Windows), or only one core, everything stays in
one process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO, NoReturn

from refbase.errors import Diagnostic, FileError, RefbaseError, Span
from refbase.formats.base import Input, Reader
from refbase.model import Dossier, Entry, Parsed, Reference
from refbase.values import Date, Name

AFTER = 400
"""So many are read before it is worth while to share the work."""
_BATCH = 20
_WIDTH = 1 << 20
_ENOUGH = _WIDTH >> 3
"""So many bytes must lie ready for the first process, lest it wait while others are parsed."""


def ahead(reader: Reader[Any], source: Input, after: int = AFTER) -> Iterator[Parsed]:
    """What `reader(source)` yields; those behind the first ones may come without their raw text.

    Whoever has threads must not call this, and whoever reads from the same stream afterwards
    finds it anywhere.
    """
    return reader.settle(_finished(reader, reader.cut(source), after))


def _finished(reader: Reader[Any], blocks: Iterator[Any], after: int) -> Iterator[Parsed]:
    yield from map(reader.finished, islice(blocks, after))
    first = next(blocks, None)
    if first is not None:
        yield reader.finished(first)
        yield from map(reader.finished, _forked(reader, blocks) if _can_fork() else blocks)


def _can_fork() -> bool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return hasattr(os, "fork") and (cores or 1) > 1 and threading.active_count() == 1


def _forked(reader: Reader[Any], blocks: Iterator[Any]) -> Iterator[Any]:
    """The same blocks by way of a second process, which has finished some of them."""
    outlet, inlet = os.pipe()
    child = os.fork()
    if not child:
        os.close(outlet)
        _send(reader, blocks, inlet)
    os.close(inlet)
    try:
        with open(outlet, "rb") as stream:  # noqa: PTH123 - a number, not a path
            yield from _received(stream)
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _measured(pipe: int) -> Callable[[], int]:
    """How many bytes lie in the pipe, which is made wide: by itself it holds less than a batch.
    Where that cannot be done it always looks as if it were full."""
    with suppress(ImportError, AttributeError, OSError):
        # Of Linux only, and only as far as the user may
        import fcntl
        import termios

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDTH)
        empty = bytes(4)
        return lambda: int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, empty), sys.byteorder)
    return lambda: _WIDTH


def _send(reader: Reader[Any], blocks: Iterator[Any], inlet: int) -> NoReturn:
    """What the second process does. It leaves without the clean-up that is the first one's."""
    try:
        # Ctrl-C is for the first process to tell
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        ready = _measured(inlet)
        with open(inlet, "wb") as stream:
            try:
                for batch in _batches(blocks):
                    if ready() >= _ENOUGH:
                        batch = [_light(reader.finished(block)) for block in batch]
                    stream.write(_packed(batch))
                    stream.flush()
                stream.write(_packed([]))
            except RefbaseError as fault:
                stream.write(_packed(fault))
    except BrokenPipeError:
        pass
    finally:
        if (error := sys.exc_info()[1]) is not None:
            sys.excepthook(type(error), error, error.__traceback__)
        os._exit(0)


def _batches(blocks: Iterator[Any]) -> Iterator[list[Any]]:
    """Ends with an empty one, or with the fault that ended the file behind what came before."""
    batch: list[Any] = []
    try:
        for block in blocks:
            batch.append(block)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except RefbaseError:
        yield batch
        raise
    yield batch


def _received(stream: BinaryIO) -> Iterator[Any]:
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
