"""What all readers and writers share: the decoded input, the options, and how a loss is told.

A reader is `read(source: Input) -> Iterator[Parsed]`, a writer is
`write(dossiers, stream, options) -> Iterator[Diagnostic]`. Both stream: they hold one
reference at a time. Format modules import this one and never each other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from refbase.errors import Diagnostic, Severity, Span
from refbase.model import Dossier
from refbase.text import has_forbidden, printable

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a writer is asked to write.

    `flavour` picks a dialect of the format; `et_al` writes `and others` or the like where a list
    of names was cut; `labelled` puts the bibliography's name in front of each annotation.
    """

    flavour: str = ""
    et_al: bool = False
    labelled: bool = False


class Input:
    """A file as a reader meets it: bytes with a name, decoded line by line.

    UTF-8 with or without BOM, UTF-16 with BOM; a line that is not UTF-8 is read as
    Windows-1252 and reported. CRLF, LF and CR all end a line. What was wrong with the bytes
    collects in `diagnostics` until somebody `drain`s it.

    >>> import io
    >>> list(Input(io.BytesIO(b"one\\r\\ntwo"), "x.txt").lines())
    [(1, 'one'), (2, 'two')]
    """

    def __init__(self, stream: BinaryIO, name: str = "") -> None:
        self.stream = stream
        self.name = name
        self._diagnostics: list[Diagnostic] = []

    def span(self, line: int, end_line: int = 0) -> Span:
        return Span(self.name, line, end_line)

    def report(
        self, code: str, message: str, line: int = 0, severity: Severity = Severity.WARNING
    ) -> None:
        """Remember a finding about the file; `drain` hands it on."""
        self._diagnostics.append(Diagnostic(code, message, self.span(line), severity))

    def drain(self) -> tuple[Diagnostic, ...]:
        """The findings since the last call."""
        found, self._diagnostics = tuple(self._diagnostics), []
        return found

    def text(self) -> str:
        """The whole file, lines ended by LF. For formats that cannot be read by the line."""
        return "\n".join(line for _, line in self.lines())

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line number and line, without its end. Forbidden characters are taken out."""
        number = 0
        for block in self._blocks():
            text = self._decode(block, number + 1)
            lines = text.split("\n")
            if not lines[-1]:
                lines.pop()
            for line in lines:
                number += 1
                yield number, self._printable(line, number)

    def pieces(self) -> Iterator[tuple[int, str]]:
        """Line number and text in pieces of a megabyte or so, each cut behind a line end or a
        comma: for formats in which the whole file may be one line."""
        number = 1
        for block in self._blocks(b"\n\r,"):
            text = self._printable(self._decode(block, number), number)
            yield number, text
            number += text.count("\n")

    def _printable(self, text: str, line: int) -> str:
        if text.isascii() and text.isprintable():
            return text
        if has_forbidden(text):
            self.report("control-characters", "control characters left out", line)
        return printable(text)

    def _blocks(self, ends: bytes = b"\n\r") -> Iterator[bytes]:
        """The bytes in pieces of a megabyte or so that end behind one of `ends`; all ends LF."""
        head = self.stream.read(_CHUNK)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            # UTF-16 is rare and its bytes cannot be split at line ends: recode the whole file
            head = (head + self.stream.read()).decode("utf-16", "replace").encode()
        rest = head.removeprefix(codecs.BOM_UTF8)
        while True:
            more = self.stream.read(_CHUNK)
            if more:
                # A CR at the very end may be half of a CRLF
                cut = max(rest.rfind(end, 0, -1 if end == 13 else None) for end in ends) + 1
                block, rest = rest[:cut], rest[cut:] + more
            else:
                block = rest
            if block:
                yield block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if not more:
                return

    def _decode(self, block: bytes, first_line: int) -> str:
        try:
            return block.decode()
        except UnicodeDecodeError:
            lines = block.split(b"\n")
        return "\n".join(
            self._decode_line(line, first_line + place) for place, line in enumerate(lines)
        )

    def _decode_line(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.report("not-utf-8", "not UTF-8; the line is read as Windows-1252", number)
            return line.decode("cp1252", "replace")


def annotation_texts(dossier: Dossier, options: WriteOptions) -> list[str]:
    """The annotations of a reference in the order of its entries, each labelled if asked."""
    return [
        f"[{entry.bibliography}] {entry.annotation}"
        if options.labelled and entry.bibliography
        else entry.annotation
        for entry in dossier.entries
        if entry.annotation
    ]


def keyword_list(dossier: Dossier) -> list[str]:
    """The keywords of a reference, its tags, and PubMed's own word for a retracted one.

    A keyword is the one place of the exchange formats in which every program shows it.
    """
    reference = dossier.reference
    retracted = reference.text("status").lower() == "retracted"
    words = [*reference.keywords, *dossier.tags, *(["Retracted Publication"] if retracted else [])]
    return list(dict.fromkeys(words))


def loss(key: str, message: str, severity: Severity = Severity.WARNING) -> Diagnostic:
    """A writer could not carry something. `message` must be the same for every reference that
    loses the same thing, so that a summary can count them; the key stands in the span."""
    return Diagnostic("not-written", message, Span(key), severity)
