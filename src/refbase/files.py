"""Files in, files out: what `refbase convert` does, and what reads and writes for every command.

`-` is standard input or output. A file is replaced only when all of it has been written; until
then the old one stands.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from refbase import citekeys, formats
from refbase.errors import Diagnostic, FileError, FormatError, LossError, Severity
from refbase.formats.base import Input, WriteOptions
from refbase.model import Dossier, Parsed

if TYPE_CHECKING:
    import hashlib

STANDARD = "-"
# More control characters than this among the first bytes and it is no text at all
_BINARY = 0.05
_TEXT_CONTROLS = frozenset(b"\t\n\f\r\x1b")


class Reading:
    """A file being read: the name and format of what it is, and in the end, where that was
    asked for, its SHA-256."""

    def __init__(
        self, stream: io.BufferedReader, name: str, format_name: str = "", hashed: bool = False
    ) -> None:
        self.name = name
        self._stream = stream
        self._sha256 = _sha256() if hashed else None
        self._head = stream.read(formats.HEAD)
        if not self._head:
            raise FormatError(f"{name}: is empty")
        if not format_name:
            _refuse_binary(name, self._head)
        self.format = formats.get(format_name) if format_name else formats.detect(name, self._head)

    @property
    def head(self) -> bytes:
        """The first bytes, until reading begins: for telling what kind of table a CSV file is."""
        return self._head

    def read(self, size: int = -1) -> bytes:
        """Like any stream's, so that readers can use this as one."""
        if size < 0:
            data, self._head = self._head + self._stream.read(), b""
        elif self._head:
            data, self._head = self._head, b""
        else:
            # One system call at a time: an interrupt between two of them is not lost
            data = self._stream.read1(size)
        if self._sha256:
            self._sha256.update(data)
        return data

    @property
    def source(self) -> Input:
        """The file for a reader of its format."""
        return Input(cast(BinaryIO, self), self.name)

    def __iter__(self) -> Iterator[Parsed]:
        return formats.reader(self.format)(self.source)

    @property
    def checksum(self) -> str:
        """SHA-256 of what was read so far: of the file, once it was read to the end."""
        return self._sha256.hexdigest() if self._sha256 else ""


def _sha256() -> hashlib._Hash:
    # Slow to load: most of what is read is not kept
    import hashlib

    return hashlib.sha256()


def _refuse_binary(name: str, head: bytes) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b"):
        return
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    if controls > _BINARY * len(head):
        raise FormatError(f"{name}: is not a text file", "is it the file that you meant?")


@contextmanager
def reading(path: str, format_name: str = "", hashed: bool = False) -> Iterator[Reading]:
    """Open a file for reading and find out its format; `-` is standard input."""
    try:
        if path == STANDARD:
            yield Reading(cast(io.BufferedReader, sys.stdin.buffer), "-", format_name, hashed)
        else:
            with Path(path).open("rb") as stream:
                yield Reading(stream, path, format_name, hashed)
    except (FileNotFoundError, IsADirectoryError, PermissionError, NotADirectoryError) as fault:
        if fault.filename != path:
            raise
        raise FileError(f"{path}: cannot be read: {fault.strerror}") from fault


def read(path: str | os.PathLike[str], format_name: str = "") -> Iterator[Parsed]:
    """Every reference of a file, with what could not be understood, one after the other.

    The format is told from the extension and the first bytes unless it is named.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "x.json")
    ...     _ = file.write_text('[{"id": "x", "type": "book", "title": "Example"}]')
    ...     [parsed.dossier.reference.title for parsed in read(file) if parsed.dossier]
    ['Example']
    """
    with reading(os.fspath(path), format_name) as source:
        yield from source


@contextmanager
def writing(path: str) -> Iterator[TextIO]:
    """Open a file for writing as UTF-8 with LF; it takes its place only when all went well."""
    try:
        if path == STANDARD:
            with _standard_output() as stream:
                yield stream
        elif (target := Path(path)).exists() and not target.is_file():
            # A device or a pipe cannot be replaced
            with target.open("w", encoding="utf-8", newline="\n") as stream:
                yield stream
        else:
            with _replacing(target) as stream:
                yield stream
    except BrokenPipeError:
        raise
    except OSError as fault:
        where = "standard output" if path == STANDARD else path
        raise FileError(f"{where}: cannot be written: {fault.strerror or fault}") from fault


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    try:
        yield stream
        stream.flush()
    finally:
        _detach(stream)


def _detach(stream: io.TextIOWrapper) -> None:
    try:
        stream.detach()
    except OSError:
        # The flush that comes with it fails where writing failed before, and was told then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _replacing(target: Path) -> Iterator[TextIO]:
    target = target.resolve()
    with ExitStack() as undo:
        stream = _beside(target)
        new = Path(stream.name)
        undo.callback(new.unlink, missing_ok=True)
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        new.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        new.replace(target)
        undo.pop_all()


def _beside(target: Path) -> TextIO:
    """A new file in the same folder, which nobody else may read. `tempfile` does that too, but
    to load it takes as long as to convert a few references."""
    number = 0
    while True:
        new = target.with_name(f".refbase-{os.getpid()}-{number}")
        with suppress(FileExistsError):
            return open(new, "x", encoding="utf-8", newline="\n", opener=_private)
        number += 1


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write(
    dossiers: Iterable[Dossier],
    path: str | os.PathLike[str],
    format_name: str = "",
    options: WriteOptions | None = None,
    strict: bool = False,
) -> Iterator[Diagnostic]:
    """Write references to a file, and yield what its format could not hold.

    With `strict`, nothing is written unless everything can be: the first loss that matters
    raises `LossError`.
    """
    path = os.fspath(path)
    fmt = formats.get(format_name) if format_name else formats.detect(path, writing=True)
    options = options or WriteOptions()
    if not options.flavour:
        options = replace(options, flavour=fmt.flavour(path))
    with _spooled(path) if strict else writing(path) as stream:
        for diagnostic in formats.write(dossiers, stream, fmt, options):
            if strict and diagnostic.severity is not Severity.INFO:
                raise LossError(f"nothing was written: {diagnostic}")
            yield diagnostic


@contextmanager
def _spooled(path: str) -> Iterator[TextIO]:
    """Hold back what is to be written until it is complete, for outputs that take nothing back."""
    import tempfile

    with tempfile.SpooledTemporaryFile(
        max_size=1 << 24, mode="w+", encoding="utf-8", newline="\n"
    ) as spool:
        yield cast(TextIO, spool)
        spool.seek(0)
        with writing(path) as stream:
            for chunk in iter(lambda: spool.read(1 << 20), ""):
                stream.write(chunk)


def keyed(dossiers: Iterable[Dossier], pattern: str = citekeys.PATTERN) -> Iterator[Dossier]:
    """Give a citation key to each reference that comes without one, for writing without a
    database. Keys that the file brings are kept as they are."""
    used: set[str] = set()
    for dossier in dossiers:
        key = dossier.key or citekeys.make(dossier.reference, used.__contains__, pattern)
        folded = key.lower()
        # No copy of what is the same: these are kept to the end
        used.add(key if key == folded else folded)
        yield dossier if dossier.key else replace(dossier, key=key)


def no_space(fault: OSError) -> bool:
    """Whether an error says that the disk, or one's share of it, is full."""
    return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
