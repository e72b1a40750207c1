"""An RIS file cut into its records: where one begins and ends, and which lines belong to a tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase, digits

from refbase.formats.base import Input

_TAGS = frozenset(a + b for a in ascii_uppercase for b in ascii_uppercase + digits)


@dataclass(slots=True)
class Block:
    """A record as it stands in the file, its values by tag. Without any it is text outside of
    the records, of which only the first line is kept. In a `tidy` one, `clean` would leave every
    value as it is."""

    line: int
    end_line: int
    values: dict[str, list[str]]
    raw: str
    ended: bool
    tidy: bool = False


def blocks(source: Input) -> Iterator[Block]:
    """The records of a file. One whose every line is a field is cut out whole, any other one is
    read line by line."""
    lines = _Lines()
    for number, text in source.texts():
        position = 0
        while position < len(text):
            if text[position] == "\n":  # which no record minds
                position += 1
                number += 1
                continue
            block = None if lines.line else _plain(text, position, number)
            if block:
                yield block
                # What follows is the line of its ER
                position += len(block.raw) + 1
                number = block.end_line + 1
            end = text.find("\n", position)
            if end < 0:
                end = len(text)
            if not block:
                yield from lines.read(number, text[position:end])
            position = end + 1
            number += 1
    yield from lines.rest()


_END = "\nER  -"


def _plain(text: str, position: int, line: int) -> Block | None:
    """The record that begins here, if it is of the plainest form and ends in the same text."""
    if not text.startswith("TY  - ", position):
        return None
    end = text.find(_END, position)
    last = text.find("\n", end + 1)
    if end < 0 or text[end + len(_END) : last if last >= 0 else None].strip():
        return None
    raw = text[position:end]
    lines = raw.split("\n")
    values: dict[str, list[str]] = {}
    for one in lines:
        tag, mark, value = one.partition("  - ")
        if not mark:
            return None
        if tag in values:
            values[tag].append(value.strip())
        else:
            values[tag] = [value.strip()]
    if len(values["TY"]) > 1 or not values.keys() <= _TAGS:
        return None
    # Two blanks stand in front of each dash. It is quicker to ask of all values at once
    tidy = raw.count("  ") == len(lines) and _has_plain_space(raw)
    return Block(line, line + len(lines) - 1, values, raw, ended=True, tidy=tidy)


_ASCII = bytes(range(128))


def _has_plain_space(raw: str) -> bool:
    """Whether all white space is blanks and line ends. Few characters are beyond ASCII, and most
    of the time goes into asking of each what it is."""
    if "\t" in raw:
        return False
    return raw.isascii() or raw.encode().translate(None, _ASCII).decode().isprintable()


class _Lines:
    """Collects the lines of a record: tag and value, no tag where a value goes on. `line` is
    that of the first one, 0 as long as there is none."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.line = self._end_line = 0
        self._fields: list[tuple[str, str]] = []
        self._raw: list[str] = []
        self._typed = self._narrow = False

    def read(self, number: int, line: str) -> Iterator[Block]:
        """Take the next line. It may end a record, or begin one and so end what stood before."""
        if line[2:5] == "  -" and line[:2] in _TAGS:
            tag, text = line[:2], line[5:].strip()
        else:
            tag, text = _odd_line(line, self._narrow)
        if tag == "ER" and not text:
            if self._fields:
                yield from self.rest(ended=True)
        elif text or tag:
            if tag and (not self._fields or (tag == "TY" and self._typed)):
                yield from self.rest()
            self._add(number, line, tag, text)

    def _add(self, number: int, line: str, tag: str, text: str) -> None:
        self.line = self.line or number
        self._end_line = number
        if tag == "TY":
            self._typed, self._narrow = True, line[3] == "-"
        if tag or self._fields:
            self._fields.append((tag, text))
        if self._fields or not self._raw:
            self._raw.append(line)

    def rest(self, ended: bool = False) -> Iterator[Block]:
        """What was read since the last record."""
        if self.line:
            raw = "\n".join(self._raw)
            yield Block(self.line, self._end_line, _values(self._fields), raw, ended)
        self._begin()


def _odd_line(line: str, narrow: bool) -> tuple[str, str]:
    """Tag and value of a line without the two blanks. One blank makes a tag only in a record
    whose `TY` has one: within a text, `AB - ` is text."""
    if line[2:4] == " -" and line[:2] in _TAGS:
        tag, text = line[:2], line[4:].strip()
        if narrow or (tag == "TY" and text.isalpha() and text.isupper()):
            return tag, text
    return "", line.strip()


def _values(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each tag, with the lines that belong to them."""
    runs: dict[str, list[list[str]]] = {}
    run: list[str] = []
    before = ""
    for tag, text in fields:
        if not tag and before == "TY":
            tag = "N1"  # a line that belongs to no value is a note
        if tag:
            run = [text]
            runs.setdefault(tag, []).append(run)
            before = tag
        else:
            run.append(text)
    return {tag: [r[0] if len(r) == 1 else "\n".join(r) for r in rs] for tag, rs in runs.items()}
