"""What is no plain entry in a BibTeX file, as bibtexparser splits it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from bibtexparser.exceptions import BlockAbortedException
from bibtexparser.model import (
    Entry,
    ExplicitComment,
    ParsingFailedBlock,
    Preamble,
    String,
)
from bibtexparser.splitter import Splitter

from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input
from refbase.formats.bibtex.blocks import LONGEST_STRING, Block, fill
from refbase.model import Parsed
from refbase.text import composed

# Its warnings say what our diagnostics say
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())


def split(
    text: str, source: Input, line: int, strings: dict[str, str], is_last: bool
) -> Iterator[Block | Parsed]:
    """The blocks of a text, as `blocks` yields them. Macros are added to `strings`."""
    *parts, last = _cut(text)
    for part in parts:
        yield from _split(part, source, line, strings, is_last=False)
        line += part.count("\n")
    yield from _split(last, source, line, strings, is_last)


_MOST = 50_000


def _cut(text: str) -> Iterator[str]:
    """The text in parts of so many `@` at most. No entry has as many, and bibtexparser keeps a
    kilobyte for each until it is through."""
    start, place, number = 0, text.find("@"), 0
    while place >= 0:
        number += 1
        if number > _MOST:
            yield text[start:place]
            start, number = place, 1
        place = text.find("@", place + 1)
    yield text[start:]


def _split(
    text: str, source: Input, line: int, strings: dict[str, str], is_last: bool
) -> Iterator[Block | Parsed]:
    broken = False
    # One text for all faults: each would keep a copy
    whole = text.strip()
    for found in Splitter(text).split().blocks:
        raw = (found.raw or "").strip()
        start = line + (found.start_line or 0)
        span = source.span(start, start + raw.count("\n"))
        # A field or a key that stands there twice is no fault to us
        inner = found.ignore_error_block if isinstance(found, ParsingFailedBlock) else None
        entry = inner if isinstance(inner, Entry) else found
        if isinstance(entry, Entry):
            block = Block(entry.entry_type, entry.key, [], raw, span)
            fill(block, [(one.key, one.value) for one in entry.fields], strings)
            yield block
        elif isinstance(found, String):
            macro = Block("string", found.key, [], raw, span)
            fill(macro, [(found.key, found.value)], strings)
            # In NFC as all text of a file, though it is put together of pieces
            strings[found.key.lower()] = composed(macro.fields[0][1][:LONGEST_STRING])
            if macro.diagnostics:
                yield Parsed(None, raw, span, tuple(macro.diagnostics))
        elif isinstance(found, ParsingFailedBlock):
            broken = True
            yield _failed(found, whole, span, is_last)
        elif not broken:
            yield _comment(found, raw, span)


def _failed(found: ParsingFailedBlock, raw: str, span: Span, is_last: bool) -> Parsed:
    fault = found.error
    reason = fault.abort_reason if isinstance(fault, BlockAbortedException) else str(fault)
    code, message = "bad-entry", f"the entry is broken: {reason.rstrip('. ')}"
    if reason.startswith("Unexpectedly reached end"):
        message = "a brace or a quotation mark of the entry is never closed"
        if is_last:
            code, message = "truncated", "the file ends in the middle of an entry"
    return Parsed(None, raw, span, (Diagnostic(code, message, span, Severity.ERROR),))


def _comment(found: object, raw: str, span: Span) -> Parsed:
    what = "text between entries"
    if isinstance(found, Preamble | ExplicitComment):
        what = "@preamble" if isinstance(found, Preamble) else "@comment"
    message = f"{what} belongs to no reference; not kept"
    return Parsed(None, raw, span, (Diagnostic("comment", message, span, Severity.INFO),))
