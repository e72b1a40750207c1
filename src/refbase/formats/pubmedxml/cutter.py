"""A stream of bytes is cut into the records that it holds, by their tags."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from refbase.errors import Span

_LONGEST_TAG = 1 << 12
LONGEST = 1 << 25
"""No record is longer than this many bytes: 32 MB, a hundred thousand authors and their places."""

_MARK = re.compile(
    rb"<(?P<end>/?)(?P<name>Pubmed(?:Book)?Article(?P<set>Set)?|Delete(?:Citation|Document))"
    rb"(?=[\s/>])[^<>]*?(?P<empty>/?)>|<!--"
)


class Piece(NamedTuple):
    """A record, or what stands between two of them, which has no name."""

    name: str
    raw: bytes
    span: Span
    fault: tuple[str, str] = ("", "")
    """Why it is not whole: the code and the message of a diagnostic."""


class Cutter:
    """Cuts a stream of bytes into records.

    `_start` is where the piece begins that is being read, `line` its line, and `_seen` how far
    the bytes were searched. `depth` counts the sets that are open, `answered` says that there was
    one, and `cut_short` that the file ends in a record.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.depth = 0
        self.line = 1
        self.answered = self.cut_short = False
        self._name = ""
        self._bytes = b""
        self._start = self._seen = 0
        self._dropping = False
        self._plain = True

    def cut(self, block: bytes | None) -> Iterator[Piece]:
        """The pieces that end in the next block, or, with None, at the end of the file."""
        self._bytes = self._bytes[self._start :] + (block or b"")
        self._seen -= self._start
        self._start = 0
        self._plain = True
        while True:
            if end := self._plain_end():
                yield from self._take(end)
                self._name, self._seen = "", end
            mark = _MARK.search(self._bytes, self._seen)
            if not mark:
                break
            if mark["name"] is not None:
                yield from self._tag(mark)
            elif self._name:
                self._seen = mark.end()
            elif not (yield from self._comment(mark)):
                break
        yield from self._finish() if block is None else self._bound()

    def _plain_end(self) -> int:
        """Where the record ends, if nothing is odd about it; else 0. This only saves time, and
        so gives up for the rest of the block when it was of no use once."""
        if not self._name or not self._plain:
            return 0
        name = self._name.encode()
        end = self._bytes.find(b"</%b>" % name, self._seen)
        # Where its end is missing, the next record of its kind has begun
        odd = end < 0 or self._bytes.find(name, self._seen, end) >= 0
        self._plain = not odd
        return 0 if odd else end + len(name) + 3

    def _tag(self, mark: re.Match[bytes]) -> Iterator[Piece]:
        name = mark["name"].decode()
        self._seen = mark.end()
        if mark["set"]:
            self.answered = True
            self.depth += 0 if mark["empty"] else -1 if mark["end"] else 1
            yield from self._take(mark.start(), self._unclosed())
            self._name = ""
            self._skip(mark.end())
        elif not mark["end"]:
            yield from self._take(mark.start(), self._unclosed())
            self._name = name
        if name == self._name and (mark["end"] or mark["empty"]):
            yield from self._take(mark.end())
            self._name = ""

    def _comment(self, mark: re.Match[bytes]) -> Generator[Piece, None, bool]:
        """Leave a comment out; returns whether its end is there."""
        yield from self._take(mark.start())
        end = self._bytes.find(b"-->", mark.end())
        self._seen = mark.start() if end < 0 else end + 3
        if end >= 0:
            self._skip(self._seen)
        return end >= 0

    def _unclosed(self) -> tuple[str, str]:
        return ("bad-xml", f"the end of this {self._name} is missing") if self._name else ("", "")

    def _take(self, end: int, fault: tuple[str, str] = ("", "")) -> Iterator[Piece]:
        raw, line = self._bytes[self._start : end], self.line
        self._skip(end)
        piece = Piece(self._name, raw, Span(self._file, line, self.line), fault)
        if self._dropping:
            self._dropping = False
        elif raw:
            yield piece

    def _skip(self, end: int) -> None:
        self.line += self._bytes.count(b"\n", self._start, end)
        self._start = end

    def _bound(self) -> Iterator[Piece]:
        """Hold no more than one record of the greatest length, and between records one tag."""
        edge = self._edge()
        too_long = len(self._bytes) - self._start > LONGEST
        if self._dropping:
            self._skip(edge)
        elif self._name and too_long:
            message = f"this {self._name} is longer than {LONGEST >> 20} MB"
            yield from self._take(edge, ("bad-xml", message))
            self._dropping = True
        elif not self._name and (too_long or not self._bytes.startswith(b"<!--", self._start)):
            yield from self._take(edge)
        self._seen = max(edge if self._name else self._seen, self._start)

    def _edge(self) -> int:
        """Where the tag begins that the block ends in, or the end of the block."""
        tail = self._bytes.rfind(b"<", max(self._start, len(self._bytes) - _LONGEST_TAG))
        whole = tail < 0 or self._bytes.find(b">", tail) >= 0
        return len(self._bytes) if whole else tail

    def _finish(self) -> Iterator[Piece]:
        self.cut_short = bool(self._name)
        end = len(self._bytes) if self._name else self._edge()
        yield from self._take(end, ("truncated", "the file ends in the middle of this record"))
