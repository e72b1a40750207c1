"""A file of nbib is cut into records, and a record into its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from refbase.formats.base import Input
from refbase.text import clean, is_printable

Field = tuple[str, str]
"""A tag and its value."""

_BEGINNING = "\nPMID-"
_GOES_ON = "\n      "
LARGE = 1 << 20
"""No record is longer. In a longer text another place to cut it is looked for: 1 MB."""
LONGEST = 1 << 23
"""What is longer than this is cut at a line, and what is behind is told: 8 MB."""


def records(source: Input) -> Iterator[tuple[int, str]]:
    """The text of each record with the number of its first line. One begins with its PMID.

    Behind a blank line one may also begin with the tag that the last one began with. What
    stands in front of the first tag is handed on too.
    """
    for number, text in _stretches(source):
        record = text.rstrip()
        if record.startswith("PMID-") and "\n\n" not in record and " \n" not in record:
            yield number, record
        else:
            yield from _cut(number, record)


def _stretches(source: Input) -> Iterator[tuple[int, str]]:
    """The text from one PMID to the next."""
    number, rest, searched = 1, "", 0
    for _, piece in source.texts():
        rest += piece
        start = 0
        while (end := _end(rest, start, searched)) >= 0:
            yield number, rest[start:end]
            number += rest.count("\n", start, end) + 1
            start = searched = end + 1
        rest = rest[start:]
        searched = max(len(rest) - len(_BEGINNING), 0)
    yield number, rest


def _end(text: str, start: int, searched: int) -> int:
    """Where the stretch ends that begins at `start`, or -1. Up to `searched` no PMID begins one."""
    end = text.find(_BEGINNING, max(start, searched))
    if end < 0 and len(text) - start > LARGE:
        head = text[start : start + 5]
        end = text.rfind(f"\n\n{head}", start) + 1 if _tag(head) else 0
        if not end and len(text) - start > LONGEST:
            end = text.rfind("\n", start)
        end = end or -1
    return end


def _cut(number: int, text: str) -> Iterator[tuple[int, str]]:
    """The records of a stretch of text, of which at most the first has a PMID."""
    lines = text.split("\n")
    start, first, blank = 0, "", False
    for place, line in enumerate(lines):
        tag = _tag(line[:5])
        if tag and (not first or (blank and tag == first)):
            yield from _told(number + start, lines[start:place])
            start, first = place, tag
        blank = not line or line.isspace()
    yield from _told(number + start, lines[start:])


def _told(number: int, lines: list[str]) -> Iterator[tuple[int, str]]:
    text = "\n".join(lines).rstrip()
    record = text.lstrip()
    if record:
        yield number + text.count("\n", 0, len(text) - len(record)), record


def fields(text: str) -> list[Field]:
    """The fields of a record in their order. A line without a tag goes on with the value.

    >>> fields("PMID- 1\\nTI  - A title\\n      that goes on")
    [('PMID', '1'), ('TI', 'A title that goes on')]
    """
    text = text.replace(_GOES_ON, " ")
    found: list[Field] = _PLAIN.findall(text)
    plain = len(found) == text.count("\n") + 1 and _is_clean("\n".join([one[1] for one in found]))
    return found if plain else _cleaned(text.split("\n"))


# A line as nearly all of them are: a tag in four columns, a hyphen, a blank, a value
_PLAIN = re.compile(r"^(?=[A-Z ]{4}- )([A-Z]+) *- ([^ \n].*)$", re.M)


def _is_clean(values: str) -> bool:
    """Whether the values need nothing done to them. `Input` has seen to all but white space."""
    if "  " in values or " \n" in values or values.endswith(" "):
        return False
    return (values.isascii() and "\t" not in values) or is_printable(values.replace("\n", ""))


def _cleaned(lines: list[str]) -> list[Field]:
    """The same, whatever the lines look like. A field without a value says nothing."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if tag := _tag(line[:5]):
            found.append((tag, [line[5:]]))
        elif found:
            found[-1][1].append(line)
    return [(tag, value) for tag, texts in found if (value := clean(" ".join(texts)))]


@lru_cache(maxsize=512)
def _tag(head: str) -> str:
    """The tag that a line begins with, if one stands in its first five columns.

    >>> _tag("AU  -"), _tag("     "), _tag("Au  -")
    ('AU', '', '')
    """
    tag = head[:4].rstrip() if head[4:] == "-" else ""
    return tag if tag.isalpha() and tag.isupper() else ""
