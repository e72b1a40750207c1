"""The bytes of a file, a piece at a time: unpacked, in UTF-8, with LF at the end of each line."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from refbase.errors import Severity
from refbase.formats.base import Input

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


def blocks(source: Input) -> Iterator[bytes]:
    return _lines_by_lf(_in_utf8(_unpacked(source)))


def _unpacked(source: Input) -> Iterator[bytes]:
    """The bytes of the file, a piece at a time, however small it was packed."""
    chunks = iter(lambda: source.stream.read(CHUNK), b"")
    head = next(chunks, b"")
    chunks = chain([head], chunks)
    if not head.startswith(_GZIP):
        yield from chunks
        return
    try:
        whole = yield from _members(chunks)
    except zlib.error:
        message = "the compressed file is damaged here; what came before is read"
        source.report("bad-gzip", message, severity=Severity.ERROR)
        return
    if not whole:
        message = "the compressed file ends too early"
        source.report("truncated", message, severity=Severity.ERROR)


def _members(chunks: Iterable[bytes]) -> Generator[bytes, None, bool]:
    """The content of a gzip file, which may be several, one behind the other; returns whether
    the last one is whole."""
    unpack, begun = zlib.decompressobj(31), False
    for chunk in chunks:
        data = chunk
        while True:
            data = data if begun else data.lstrip(b"\0")
            if not data and not begun:
                break
            begun = True
            block = unpack.decompress(data, CHUNK)
            yield block
            data = unpack.unconsumed_tail
            if unpack.eof:
                data, unpack, begun = unpack.unused_data, zlib.decompressobj(31), False
            elif not data and len(block) < CHUNK:
                break
    return not begun


_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{1,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")


def _in_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes in UTF-8, whatever encoding they are declared to be in."""
    head = next(blocks, b"")
    encoding = _encoding(head)
    if encoding:
        decode = codecs.getincrementaldecoder(encoding)("replace").decode
        yield decode(head).encode(errors="replace").removeprefix(codecs.BOM_UTF8)
        yield from (decode(block).encode(errors="replace") for block in blocks)
    else:
        yield head.removeprefix(codecs.BOM_UTF8)
        yield from blocks


def _encoding(head: bytes) -> str:
    """The encoding of a file that is not in UTF-8; empty where it is, or is not known."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(head)
    try:
        name = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
        b"?".decode(name, "replace")
    except (LookupError, UnicodeError):
        return ""
    return "" if name in ("utf-8", "ascii") or name.startswith("utf-16") else name


def _lines_by_lf(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        if rest or b"\r" in block:
            block = rest + block
            # A CR at the very end may be half of a CRLF
            rest = b"\r" if block.endswith(b"\r") else b""
            block = block.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block
