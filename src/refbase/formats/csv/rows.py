"""The rows of a table: where a cell ends, and what is no row."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

_QUOTED = re.compile(r'"((?:[^"]+|"")*+)"')
_MOST_LINES = 500
"""A quoted cell that is longer has lost its second quotation mark."""


def rows(
    lines: Iterator[tuple[int, str]], delimiter: str, width: int
) -> Iterator[tuple[int, str, list[str] | str]]:
    """Line, text and cells of each row; instead of the cells a message where it is no row.

    A quotation mark that is never closed ends at the next one, far away in another row, or
    nowhere. Then only its own line is bad, and those behind it are read again.
    """
    again: deque[tuple[int, str]] = deque()
    while True:
        taken: list[tuple[int, str]] = []
        cells: list[str] | str | None = None
        while cells is None and len(taken) < _MOST_LINES:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                break
            taken.append(line)
            cells = cells_of("\n".join(text for _, text in taken), delimiter)
        if not taken:
            return
        if not isinstance(cells, list) and (cells is None or len(taken) > 1):
            again.extendleft(reversed(taken[1:]))
            yield (*taken[0], "a quotation mark is never closed")
            continue
        if isinstance(cells, list) and cells != [""] and len(cells) != width:
            cells = f"{len(cells)} cells where the header has {width}"
        yield taken[0][0], "\n".join(text for _, text in taken), cells


def cells_of(text: str, delimiter: str) -> list[str] | str | None:
    """The cells of a row; a message where it is no row; None where a quotation mark is open.

    >>> cells_of('1,"a ""b"", c",', ","), cells_of('1,"a', ","), cells_of('"a"b', ",")
    (['1', 'a "b", c', ''], None, 'text behind the quotation mark of cell 1')
    """
    if '"' not in text:
        return text.split(delimiter)
    cells: list[str] = []
    position = 0
    while True:
        quoted = _QUOTED.match(text, position)
        if quoted:
            end = quoted.end()
            cells.append(quoted[1].replace('""', '"'))
            if text[end : end + 1] not in ("", delimiter):
                return f"text behind the quotation mark of cell {len(cells)}"
        elif text[position : position + 1] == '"':
            return None
        else:
            end = text.find(delimiter, position)
            end = len(text) if end < 0 else end
            cells.append(text[position:end])
        if end == len(text):
            return cells
        position = end + 1
