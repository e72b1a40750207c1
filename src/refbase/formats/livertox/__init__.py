"""LiverTox chapters: the annotated bibliography of a Bookshelf page, however it was saved.

A chapter is one bibliography, titled like the chapter. Each item of its lists is an entry: the
printed citation, the links to PMC and PubMed, and the curator's annotation in round brackets.
The lists of references that case reports cite are bibliographies of their own.

Three layouts give the same entries: the page as text (`text`), as HTML (`html`), and the XML of
which Bookshelf makes it (`bits`), where the parts of many citations are marked. Nothing is
corrected: what the page prints wrong stays wrong, with a diagnostic where a rule can see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import PurePath

from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input
from refbase.formats.livertox import bits, html, text
from refbase.formats.livertox.entries import parsed
from refbase.model import Parsed

_HEAD = 4096
# The first of these names that a page holds tells what it is.
_NAMES = re.compile(
    r"<(?:(?P<xml>book|book-part|book-part-wrapper|ref-list|ref)"
    r"|!doctype html|html|head|body|div|h[1-6]|ul|ol|li|dl|p)[\s>]",
    re.I,
)


def read(source: Input) -> Iterator[Parsed]:
    """The entries of a chapter, in the order of the page."""
    count = 0
    for one in _entries(source):
        count += one.dossier is not None
        yield one
    if not count:
        message = "no bibliography found: no list of references under a heading like 'REFERENCES'"
        yield Parsed(
            None,
            diagnostics=(Diagnostic("no-references", message, source.span(0), Severity.ERROR),),
        )


def _entries(source: Input) -> Iterator[Parsed]:
    name = PurePath(source.name).stem if source.name != "-" else ""
    lines = source.lines()
    head: list[tuple[int, str]] = []
    size = 0
    for number, line in lines:
        head.append((number, line))
        size += len(line)
        if size > _HEAD:
            break
    looked = "\n".join(line[:_HEAD] for _, line in head).lstrip()
    lines = chain(head, lines)
    if not looked.startswith("<"):
        for item in text.items(lines, name):
            yield parsed(item, source)
        return
    page = "\n".join(line for _, line in lines)
    found = _NAMES.search(looked)
    if found and not found["xml"]:
        for item in html.items(page, name):
            yield parsed(item, source)
    else:
        yield from bits.read(page, name, source)
