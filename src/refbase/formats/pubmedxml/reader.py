"""Records of PubMed XML to references, and what stands around them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from lxml import etree

from refbase import pubmed
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats import xmltext
from refbase.formats.base import Input, Reader
from refbase.formats.pubmedxml.blocks import blocks
from refbase.formats.pubmedxml.cutter import Cutter, Piece
from refbase.formats.pubmedxml.versions import WITHDRAWN, newest
from refbase.model import Dossier, Parsed
from refbase.text import clean, printable

_KEPT = 1 << 20  # of a record without end
Wanted = Callable[[bytes], bool]


def reader(wanted: Wanted = lambda raw: True) -> Reader[Piece]:
    """What reads the articles and chapters of a file in their order; `.gz` is unpacked on the way.

    Of versions of one article that follow each other the highest is taken. Citations that
    PubMed has withdrawn are named. `wanted` is shown the XML of each article and says whether
    to read it: to pass one over takes a twentieth of the time.
    """
    return Reader(partial(_cut, wanted), _parsed, newest)


def _cut(wanted: Wanted, source: Input) -> Iterator[Piece | Parsed]:
    cutter = Cutter(source.name)
    found = told = False
    for piece in chain.from_iterable(map(cutter.cut, chain(blocks(source), [None]))):
        if piece.name:
            found, told = True, False
            if piece.name.startswith("Delete") or wanted(piece.raw):
                yield piece
        elif not told and not piece.raw.isspace() and (stray := _stray(piece)):
            told = True
            yield stray
    if cutter.depth > 0 and not cutter.cut_short:
        yield _failure("truncated", "the file ends before its last tag", source.span(cutter.line))
    elif not found and not told:
        severity = Severity.WARNING if cutter.answered else Severity.ERROR
        yield _failure(
            "no-references", "no article and no chapter is in it", source.span(0), severity
        )


def _failure(
    code: str, message: str, span: Span, severity: Severity = Severity.ERROR, raw: str = ""
) -> Parsed:
    return Parsed(None, raw, span, (Diagnostic(code, message, span, severity),))


_PARSER = xmltext.parser()
# The prefixes that NLM may declare outside of the records
_WRAPPED = (
    '<record xmlns:mml="http://www.w3.org/1998/Math/MathML"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink">{}</record>'
)


def _parsed(piece: Piece) -> Parsed:
    span = piece.span
    code, message = piece.fault
    if code:
        raw = printable(piece.raw[:_KEPT].decode(errors="replace"))
        return _failure(code, message, span, raw=raw)
    try:
        element, raw, found = etree.fromstring(piece.raw, _PARSER), piece.raw.decode(), []
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        again = Input(io.BytesIO(piece.raw), span.file)
        raw = again.text()
        found = [_moved(diagnostic, span.line) for diagnostic in again.drain()]
        try:
            element = etree.fromstring(_WRAPPED.format(raw), _PARSER)[0]
        except etree.XMLSyntaxError as fault:
            message = xmltext.said(fault)
            place = Span(span.file, span.line + (fault.lineno or 1) - 1)
            wrong = Diagnostic("bad-xml", f"no XML: {message}", place, Severity.ERROR)
            return Parsed(None, raw, span, (*found, wrong))
    if piece.name.startswith("Delete"):
        return Parsed(None, raw, span, (*found, *_withdrawn(element, span)))
    return _article(element, raw, span, found)


def _moved(diagnostic: Diagnostic, line: int) -> Diagnostic:
    span = diagnostic.span
    return diagnostic._replace(span=span._replace(line=span.line + line - 1))


def _article(element: Any, raw: str, span: Span, found: list[Diagnostic]) -> Parsed:
    reference = pubmed.reference(
        element, lambda code, message: found.append(Diagnostic(code, message, span))
    )
    if not reference.variables:
        wrong = Diagnostic("bad-xml", "a record that describes nothing", span, Severity.ERROR)
        return Parsed(None, raw, span, (*found, wrong))
    return Parsed(Dossier(reference), raw, span, tuple(found))


def _withdrawn(element: Any, span: Span) -> Iterator[Diagnostic]:
    for child in element:
        place = Span(span.file, span.line + (child.sourceline or 1) - 1)
        yield Diagnostic("withdrawn", WITHDRAWN + clean(child.text or ""), place)


read = reader()


# What may stand around the records: declarations, and the DTD that nobody reads
_AROUND = re.compile(rb"<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.S)
_TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>")
_SECRET = re.compile(r'("api-key"\s*:\s*")[^"]*')
_QUOTED = 2000


def _stray(piece: Piece) -> Parsed | None:
    """What stands between the records and is none: a page of HTML, the message of an error."""
    rest = _AROUND.sub(b"", piece.raw[:_QUOTED]).strip()
    if not rest:
        return None
    before = piece.raw[: max(piece.raw.find(rest[:20]), 0)]
    text = rest.decode(errors="replace")
    said = clean(_TAGS.sub(" ", text)) or clean(text)
    said = _SECRET.sub(r"\1...", said)
    message = f"no record of PubMed, but: {said[:100]}"
    place = Span(piece.span.file, piece.span.line + before.count(b"\n"))
    return _failure("bad-xml", message, place)
