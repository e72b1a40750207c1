"""A file of EndNote cut into the texts of its records, before any of it is parsed.

EndNote writes a library as one line. So a record ends where its tag does, wherever that is, and
of a damaged file the next record is found again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from refbase.formats.base import Input

LONGEST = 1 << 25
"""No record is longer than this many characters: 32 million."""

_MARK = re.compile(r"<(?P<end>/?)record(?=[\s/>])[^<>]*?(?P<empty>/?)>|<!--|<!\[CDATA\[")
_LONGEST_TAG = 1 << 12
_KEPT = 1 << 20  # of a record that is too long
_CLOSING = {"<!--": "-->", "<![CDATA[": "]]>"}


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of a record, its first line, and why it is not whole."""

    raw: str
    line: int
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class _Cutter:
    """Cuts text into records. `opened` is where the one begins that is being read, or -1, `seen`
    how far the text was searched, and `line` the line at which the character `counted` stands."""

    text: str = ""
    line: int = 1
    counted: int = 0
    opened: int = -1
    seen: int = 0
    dropping: bool = False

    def cut(self, more: str, last: bool = False) -> Iterator[Piece]:
        """The records that end in the text that is added."""
        self.text += more
        while mark := _MARK.search(self.text, self.seen):
            if mark[0] in _CLOSING:
                closing = _CLOSING[mark[0]]
                end = self.text.find(closing, mark.end())
                if end < 0 and not last:
                    self.seen = mark.start()
                    break
                self.seen = mark.end() if end < 0 else end + len(closing)
            else:
                yield from self._tag(mark)
        else:
            self.seen = max(self.seen, self._edge())
        if last:
            fault = ("truncated", "the file ends in the middle of this record")
            yield from self._take(len(self.text), *fault)
        yield from self._forget()

    def _tag(self, mark: re.Match[str]) -> Iterator[Piece]:
        self.seen = mark.end()
        if mark["end"]:
            yield from self._take(mark.end())
            return
        yield from self._take(mark.start(), "bad-xml", "the end of this record is missing")
        self.opened = mark.start()
        if mark["empty"]:
            yield from self._take(mark.end())

    def _take(self, end: int, code: str = "", message: str = "") -> Iterator[Piece]:
        if self.opened >= 0 and not self.dropping:
            self._count(self.opened)
            yield Piece(self.text[self.opened : end], self.line, code, message)
        self.opened = -1
        self.dropping = False

    def _forget(self) -> Iterator[Piece]:
        """Hold no more than one record of the greatest length, and between records one tag."""
        if self.opened >= 0 and len(self.text) - self.opened > LONGEST:
            message = f"this record is longer than {LONGEST >> 20} MB"
            kept = min(self.opened + _KEPT, len(self.text))
            yield from self._take(kept, "bad-xml", message)
            self.opened, self.dropping = 0, True
        start = self.opened if self.opened >= 0 and not self.dropping else self.seen
        self._count(start)
        self.text = self.text[start:]
        self.seen -= start
        self.counted = 0
        self.opened = min(self.opened, 0)

    def _count(self, place: int) -> None:
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place

    def _edge(self) -> int:
        """Where the tag begins that the text ends in, or the end of the text."""
        tail = self.text.rfind("<", max(self.seen, len(self.text) - _LONGEST_TAG))
        return len(self.text) if tail < 0 or self.text.find(">", tail) >= 0 else tail


def pieces(source: Input) -> Iterator[Piece]:
    cutter = _Cutter()
    for _, text in source.pieces():
        yield from cutter.cut(text)
    yield from cutter.cut("", last=True)
