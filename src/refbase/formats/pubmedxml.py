"""PubMed XML: what NCBI answers, and NLM's files of all of PubMed, compressed or not.

The file is cut into its records by their tags and each is parsed on its own, so that a damaged
one costs only itself and memory holds one record. No DTD is looked at and no entity is known,
whatever the file defines. What a record says is read by `refbase.pubmed`.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from lxml import etree

from refbase import pubmed
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input
from refbase.model import Dossier, Parsed
from refbase.text import clean, printable

_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 12
_GZIP = b"\x1f\x8b"
_KEPT = 1 << 20  # of a record without end
LONGEST = 1 << 25
"""No record is longer than this many bytes: 32 MB, a hundred thousand authors and their places."""


def read(source: Input) -> Iterator[Parsed]:
    """The articles and chapters of a file in their order; `.gz` is unpacked on the way.

    Of versions of one article that follow each other the highest is taken. Citations that
    PubMed has withdrawn are named.
    """
    yield from _newest(_read(source))


def _read(source: Input) -> Iterator[Parsed]:
    cutter = _Cutter()
    blocks = _lines_by_lf(_in_utf8(_unpacked(source)))
    found = told = False
    for piece in chain.from_iterable(map(cutter.cut, chain(blocks, [None]))):
        if piece.name:
            found, told = True, False
            yield _parsed(piece, source)
        elif not told and (stray := _stray(piece, source)):
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


# --------------------------------------------------------------------------------- bytes


def _unpacked(source: Input) -> Iterator[bytes]:
    """The bytes of the file, a piece at a time, however small it was packed."""
    chunks = iter(lambda: source.stream.read(_CHUNK), b"")
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
            block = unpack.decompress(data, _CHUNK)
            yield block
            data = unpack.unconsumed_tail
            if unpack.eof:
                data, unpack, begun = unpack.unused_data, zlib.decompressobj(31), False
            elif not data and len(block) < _CHUNK:
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


# ------------------------------------------------------------------------------- records

_MARK = re.compile(
    rb"<(?P<end>/?)(?P<name>Pubmed(?:Book)?Article(?P<set>Set)?|Delete(?:Citation|Document))"
    rb"(?=[\s/>])[^<>]*?(?P<empty>/?)>|<!--"
)


_BEGINNINGS = (b"<PubmedArticle", b"<PubmedBookArticle", b"<Delete", b"</PubmedArticleSet")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A record, or what stands between two of them, which has no name."""

    name: str
    raw: bytes
    line: int
    fault: tuple[str, str] = ("", "")
    """Why it is not whole: the code and the message of a diagnostic."""


class _Cutter:
    """Cuts a stream of bytes into records.

    `_start` is where the piece begins that is being read, `line` its line, and `_seen` how far
    the bytes were searched. `depth` counts the sets that are open, `answered` says that there was
    one, and `cut_short` that the file ends in a record.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.line = 1
        self.answered = self.cut_short = False
        self._name = ""
        self._bytes = b""
        self._start = self._seen = 0
        self._dropping = False
        self._plain = True

    def cut(self, block: bytes | None) -> Iterator[_Piece]:
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
        tag = f"</{self._name}>".encode()
        end = self._bytes.find(tag, self._seen)
        odd = end < 0 or any(self._bytes.find(m, self._seen, end) >= 0 for m in _BEGINNINGS)
        self._plain = not odd
        return 0 if odd else end + len(tag)

    def _tag(self, mark: re.Match[bytes]) -> Iterator[_Piece]:
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

    def _comment(self, mark: re.Match[bytes]) -> Generator[_Piece, None, bool]:
        """Leave a comment out; returns whether its end is there."""
        yield from self._take(mark.start())
        end = self._bytes.find(b"-->", mark.end())
        self._seen = mark.start() if end < 0 else end + 3
        if end >= 0:
            self._skip(self._seen)
        return end >= 0

    def _unclosed(self) -> tuple[str, str]:
        return ("bad-xml", f"the end of this {self._name} is missing") if self._name else ("", "")

    def _take(self, end: int, fault: tuple[str, str] = ("", "")) -> Iterator[_Piece]:
        raw = self._bytes[self._start : end]
        piece = _Piece(self._name, raw, self.line, fault)
        self._skip(end)
        if self._dropping:
            self._dropping = False
        elif raw:
            yield piece

    def _skip(self, end: int) -> None:
        self.line += self._bytes.count(b"\n", self._start, end)
        self._start = end

    def _bound(self) -> Iterator[_Piece]:
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

    def _finish(self) -> Iterator[_Piece]:
        self.cut_short = bool(self._name)
        end = len(self._bytes) if self._name else self._edge()
        yield from self._take(end, ("truncated", "the file ends in the middle of this record"))


# ------------------------------------------------------------------------------- parsing

# A parser without a DTD knows no entity, and refuses depths and lengths that no record has
_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)
# The prefixes that NLM may declare outside of the records
_WRAPPED = (
    '<record xmlns:mml="http://www.w3.org/1998/Math/MathML"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink">{}</record>'
)


def _parsed(piece: _Piece, source: Input) -> Parsed:
    span = source.span(piece.line, piece.line + piece.raw.count(b"\n"))
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
            message = re.sub(r"^xmlParse|,? line \d+.*", "", clean(fault.msg or ""))
            place = source.span(piece.line + (fault.lineno or 1) - 1)
            wrong = Diagnostic("bad-xml", f"no XML: {message}", place, Severity.ERROR)
            return Parsed(None, raw, span, (*found, wrong))
    if piece.name.startswith("Delete"):
        return Parsed(None, raw, span, (*found, *_withdrawn(element, piece.line, source)))
    return _article(element, raw, span, found)


def _moved(diagnostic: Diagnostic, line: int) -> Diagnostic:
    span = diagnostic.span
    return replace(diagnostic, span=replace(span, line=span.line + line - 1))


def _article(element: Any, raw: str, span: Span, found: list[Diagnostic]) -> Parsed:
    reference = pubmed.reference(
        element, lambda code, message: found.append(Diagnostic(code, message, span))
    )
    if not reference.variables:
        wrong = Diagnostic("bad-xml", "a record that describes nothing", span, Severity.ERROR)
        return Parsed(None, raw, span, (*found, wrong))
    return Parsed(Dossier(reference), raw, span, tuple(found))


def _withdrawn(element: Any, line: int, source: Input) -> Iterator[Diagnostic]:
    for child in element:
        place = source.span(line + (child.sourceline or 1) - 1)
        yield Diagnostic("withdrawn", f"PubMed has withdrawn PMID {clean(child.text or '')}", place)


# What may stand around the records: declarations, and the DTD that nobody reads
_AROUND = re.compile(rb"<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.S)
_TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>")
_SECRET = re.compile(r'("api-key"\s*:\s*")[^"]*')
_QUOTED = 2000


def _stray(piece: _Piece, source: Input) -> Parsed | None:
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


# ------------------------------------------------------------------------------ versions


def _newest(records: Iterable[Parsed]) -> Iterator[Parsed]:
    """One version of each article. A higher one that comes later, but not next, cannot take back
    what was handed on; importing makes one reference of the two."""
    held: Parsed | None = None
    highest: dict[str, int] = {}
    for parsed in records:
        pmid, version = _version(parsed)
        known = highest.get(pmid, 0)
        if version > 1:
            highest[pmid] = max(version, known)
        if version < known:
            yield _superseded(parsed, pmid)
            continue
        if held:
            older = pmid and _version(held) == (pmid, min(version - 1, _version(held)[1]))
            yield _superseded(held, pmid) if older else held
        held = parsed
    if held:
        yield held


def _version(parsed: Parsed) -> tuple[str, int]:
    if not parsed.dossier:
        return "", 0
    reference = parsed.dossier.reference
    version = reference.custom.get("pmid-version", "1")
    return reference.pmid, int(version) if re.fullmatch("[0-9]{1,4}", version) else 1


def _superseded(parsed: Parsed, pmid: str) -> Parsed:
    message = f"version {_version(parsed)[1]} of PMID {pmid}; the file holds a later one"
    return _failure("superseded", message, parsed.span, Severity.INFO, parsed.raw)
