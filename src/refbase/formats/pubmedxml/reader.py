"""Records of PubMed XML to references, and what stands around them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from lxml import etree

from refbase import identifiers, pubmed
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats import xmltext
from refbase.formats.base import Input
from refbase.formats.pubmedxml.blocks import blocks
from refbase.formats.pubmedxml.cutter import Cutter, Piece
from refbase.formats.pubmedxml.versions import Seen, newest
from refbase.model import Dossier, Parsed
from refbase.text import clean, printable

_KEPT = 1 << 20  # of a record without end
Wanted = Callable[[bytes], bool]


def read(source: Input, wanted: Wanted | None = None) -> Iterator[Parsed]:
    """The articles and chapters of a file in their order; `.gz` is unpacked on the way.

    Of versions of one article that follow each other the highest is taken. Citations that
    PubMed has withdrawn are named. `wanted` is shown the XML of each article and says whether
    to read it: to pass one over takes a twentieth of the time.
    """
    seen = Seen()
    yield from newest(_read(source, seen, wanted), seen)


def _read(source: Input, seen: Seen, wanted: Wanted | None) -> Iterator[Parsed]:
    cutter = Cutter()
    found = told = False
    for piece in chain.from_iterable(map(cutter.cut, chain(blocks(source), [None]))):
        if piece.name:
            found, told = True, False
            if not wanted or piece.name.startswith("Delete") or wanted(piece.raw):
                yield _parsed(piece, source, seen)
        elif not told and not piece.raw.isspace() and (stray := _stray(piece, source)):
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


def _parsed(piece: Piece, source: Input, seen: Seen) -> Parsed:
    span = source.span(piece.line, piece.end_line)
    code, message = piece.fault
    if code:
        raw = printable(piece.raw[:_KEPT].decode(errors="replace"))
        return _failure(code, message, span, raw=raw)
    try:
        element, raw, found = etree.fromstring(piece.raw, _PARSER), piece.raw.decode(), []
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        again = Input(io.BytesIO(piece.raw), source.name)
        raw = again.text()
        found = [_moved(diagnostic, piece.line) for diagnostic in again.drain()]
        try:
            element = etree.fromstring(_WRAPPED.format(raw), _PARSER)[0]
        except etree.XMLSyntaxError as fault:
            message = xmltext.said(fault)
            place = source.span(piece.line + (fault.lineno or 1) - 1)
            wrong = Diagnostic("bad-xml", f"no XML: {message}", place, Severity.ERROR)
            return Parsed(None, raw, span, (*found, wrong))
    if piece.name.startswith("Delete"):
        return Parsed(None, raw, span, (*found, *_withdrawn(element, piece.line, source, seen)))
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


def _withdrawn(element: Any, line: int, source: Input, seen: Seen) -> Iterator[Diagnostic]:
    for child in element:
        place = source.span(line + (child.sourceline or 1) - 1)
        pmid = clean(child.text or "")
        here = "; it stands further up, and is read" if _is_in(pmid, seen) else ""
        yield Diagnostic("withdrawn", f"PubMed has withdrawn PMID {pmid}{here}", place)


def _is_in(pmid: str, seen: Seen) -> bool:
    return identifiers.pmid(pmid) == pmid and pmid in seen


# What may stand around the records: declarations, and the DTD that nobody reads
_AROUND = re.compile(rb"<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.S)
_TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>")
_SECRET = re.compile(r'("api-key"\s*:\s*")[^"]*')
_QUOTED = 2000


def _stray(piece: Piece, source: Input) -> Parsed | None:
    """What stands between the records and is none: a page of HTML, the message of an error."""
    rest = _AROUND.sub(b"", piece.raw[:_QUOTED]).strip()
    if not rest:
        return None
    before = piece.raw[: max(piece.raw.find(rest[:20]), 0)]
    text = rest.decode(errors="replace")
    said = clean(_TAGS.sub(" ", text)) or clean(text)
    said = _SECRET.sub(r"\1...", said)
    message = f"no record of PubMed, but: {said[:100]}"
    return _failure("bad-xml", message, source.span(piece.line + before.count(b"\n")))
