"""What all readers and writers share: the decoded input, the options, and how a loss is told.

A reader is `read(source: Input) -> Iterator[Parsed]`, best a `Reader`; a writer is
`write(dossiers, stream, options) -> Iterator[Diagnostic]`. Both stream: they hold one
reference at a time. Format modules import this one and never each other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar

from refbase.errors import Diagnostic, Severity, Span
from refbase.model import Dossier, Parsed, Value
from refbase.notices import RETRACTED, is_retracted, notices
from refbase.text import composed, has_forbidden, is_composed, printable

_CHUNK = 1 << 20
# A piece of a megabyte can hold half a million lines with a fault of its own
_MOST = 1000
# In the bytes of UTF-8: what `text.printable` takes out (and NEL, which it does not)
_CONTROLS = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\r")
_HIGH_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
# All that nobody looks for: without it, of most files one byte in a hundred is left
_ORDINARY = bytes((9, *range(32, 127)))


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a writer is asked to write.

    `flavour` picks a dialect of the format; `et_al` writes `and others` or the like where a list
    of names was cut; `labelled` puts the bibliography's name in front of each annotation.
    """

    flavour: str = ""
    et_al: bool = False
    labelled: bool = False


Block = TypeVar("Block")


def _unparsed(block: object) -> Parsed:
    """What parses the blocks of a reader that is one function: there must be none."""
    raise TypeError(f"a reader that is one function yields Parsed, not {type(block).__name__}")


@dataclass(frozen=True, slots=True)
class Reader(Generic[Block]):
    """A reader in three steps, so that two processes can share the work of a large file.

    `cut` goes through the file from the beginning to the end. It is quick, does all that needs
    to know what came before, and yields blocks, or what is finished at once. `parse` does the
    work: it makes a reference of one block and of nothing else, in whichever process. `settle`
    sees what came of them in the order of the file, and has the last word.

    A reader that is one function is `Reader(function)`; it yields `Parsed`, else `TypeError`.

    >>> import io
    >>> from refbase.model import Reference
    >>> def title(line: tuple[int, str]) -> Parsed:
    ...     return Parsed(Dossier(Reference("document", {"title": line[1]})))
    >>> read = Reader(Input.lines, title)
    >>> [one.dossier.reference.title for one in read(Input(io.BytesIO(b"Example\\nOther")))]
    ['Example', 'Other']
    """

    cut: Callable[[Input], Iterator[Block | Parsed]]
    parse: Callable[[Block], Parsed] = _unparsed
    settle: Callable[[Iterator[Parsed]], Iterator[Parsed]] = iter

    def __call__(self, source: Input) -> Iterator[Parsed]:
        return self.settle(map(self.finished, self.cut(source)))

    def finished(self, block: Block | Parsed) -> Parsed:
        return block if isinstance(block, Parsed) else self.parse(block)


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
        if not self._diagnostics:
            return ()
        found, self._diagnostics = tuple(self._diagnostics), []
        return found

    def text(self) -> str:
        """The whole file, lines ended by LF. For formats that cannot be read by the line."""
        return "\n".join(line for _, line in self.lines())

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line number and line, without its end. Forbidden characters are taken out."""
        for number, text in self.texts():
            lines = text.split("\n")
            if not lines[-1]:
                lines.pop()
            yield from enumerate(lines, number)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Line number and text in pieces of a megabyte or so that end with a line: the same as
        `lines`, for readers that cut them into records themselves."""
        return self._pieces(b"\n\r")

    def pieces(self) -> Iterator[tuple[int, str]]:
        """Line number and text in pieces of a megabyte or so, each cut behind a line end or a
        comma: for formats in which the whole file may be one line."""
        return self._pieces(b"\n\r,")

    def _pieces(self, ends: bytes) -> Iterator[tuple[int, str]]:
        number = 1
        for block in self._blocks(ends):
            telling = block.translate(None, _ORDINARY)
            yield number, self._text(block, telling, number)
            number += telling.count(b"\n")

    def _text(self, block: bytes, telling: bytes, first_line: int) -> str:
        """The characters of a block of lines: all at once, if nothing in it needs a report.
        `telling` are its bytes without the ordinary ones."""
        try:
            text = block.decode()
        except UnicodeDecodeError:
            pass
        else:
            if not _has_forbidden(telling):
                return text if is_composed(telling) else composed(text)
        before = len(self._diagnostics)
        text = "\n".join(
            self._printable(self._decode(line, number), number)
            for number, line in enumerate(block.split(b"\n"), first_line)
        )
        if more := self._diagnostics[before + _MOST :]:
            message = f"{len(more)} more lines like those before, up to here"
            self._diagnostics[before + _MOST :] = [more[-1]._replace(message=message)]
        return text

    def _printable(self, line: str, number: int) -> str:
        if has_forbidden(line):
            self.report("control-characters", "control characters left out", number)
        return printable(line)

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
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if block:
                yield block
            if not more:
                return

    def _decode(self, line: bytes, number: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.report("not-utf-8", "not UTF-8; the line is read as Windows-1252", number)
            return line.decode("cp1252", "replace")


def _has_forbidden(block: bytes) -> bool:
    """`has_forbidden` of the text that these bytes are, which is sooner known of the bytes."""
    if len(block.translate(None, _CONTROLS)) != len(block):
        return True
    return not block.isascii() and bool(
        _HIGH_CONTROLS.search(block) or _NONCHARACTERS.search(block)
    )


def annotation_texts(dossier: Dossier, options: WriteOptions) -> list[str]:
    """The annotations of a reference in the order of its entries, each labelled if asked."""
    if not dossier.entries:
        return []
    return [
        f"[{entry.bibliography}] {entry.annotation}"
        if options.labelled and entry.bibliography
        else entry.annotation
        for entry in dossier.entries
        if entry.annotation
    ]


def keyword_list(dossier: Dossier) -> list[str]:
    """The keywords of a reference, its tags, PubMed's own word for a retracted one, and where it
    was retracted, put in doubt, corrected or updated.

    A keyword is the one place of the exchange formats in which every program shows it.
    """
    reference = dossier.reference
    # For a million records: `Reference.keywords` without its generator
    words = [word for word in reference.text("keyword").split("; ") if word]
    words += dossier.tags
    if is_retracted(reference):
        words.append(RETRACTED)
    if "corrections" in reference.custom:
        # A semicolon would make two keywords of it
        words += [str(notice).replace(";", ",") for notice in notices(reference) if notice.source]
    return list(dict.fromkeys(words))


def loss(key: str, message: str, severity: Severity = Severity.WARNING) -> Diagnostic:
    """A writer could not carry something. `message` must be the same for every reference that
    loses the same thing, so that a summary can count them; the key stands in the span."""
    return Diagnostic("not-written", message, Span(key), severity)


def left_out(key: str, message: str) -> Diagnostic:
    """A writer could not write a reference at all: the file is without it."""
    return Diagnostic("left-out", message, Span(key))


# Custom variables in which a program keeps its books. They say nothing of the work, or what a
# variable says as well: MeSH headings are keywords, a retraction is the `status`. Without them a
# librarian misses nothing, and `--strict` fails on what one would miss.
BOOKKEEPING = frozenset(
    (
        # PubMed, as XML and nbib
        *"bookshelf-id copyright date-revised initials issn-l mesh nihms nlm-journal-id".split(),
        *"pii pmid-version publication-status publication-types pubmed-status".split(),
        # what nbib says besides: its own history, affiliations, chemicals, interests
        *"nbib:AD nbib:COIS nbib:CRDT nbib:DA nbib:DCOM nbib:EDAT nbib:FIR nbib:IR".split(),
        *"nbib:IRAD nbib:MHDA nbib:OWN nbib:PHST nbib:RN nbib:SB nbib:SO".split(),
        # the tables of PubMed, Zotero and Scopus, and what CSL-JSON calls an item besides its key
        *("id", "Create Date", "Key", "Date Added", "Date Modified"),
        *("Author(s) ID", "Cited by", "EID", "Page count"),
    )
)


def custom_severity(name: str) -> Severity:
    """How bad it is that a format has no place for a custom variable.

    >>> custom_severity("nlm-journal-id").value, custom_severity("grants").value
    ('info', 'warning')
    """
    return Severity.INFO if name in BOOKKEEPING else Severity.WARNING


# ------------------------------------------------------------- what several readers come upon

CUT = frozenset(("et al", "et al.", "et al.,", "et al,"))
"""How a list of names says that it was cut, in small letters."""
_REMARK = re.compile(r"\((?:print|linking|electronic|online|hardcover|paperback)\)", re.I)


def standard_numbers(texts: Iterable[str]) -> str:
    """ISBNs or ISSNs, apart by a blank as in CSL, without what they are the numbers of.

    >>> standard_numbers(["0016-5085 (Print)", "1528-0012 (Electronic)", "0016-5085"])
    '0016-5085 1528-0012'
    """
    return " ".join(dict.fromkeys(_REMARK.sub(" ", " ".join(texts)).split()))


def tell_retraction(variables: dict[str, Value]) -> None:
    """PubMed's word for what is retracted, which writers put among the keywords, as `status`."""
    keywords = str(variables.get("keyword", ""))
    if RETRACTED not in keywords or "status" in variables:
        return
    words = keywords.split("; ")
    if RETRACTED in words:
        variables["status"] = "retracted"
        variables["keyword"] = "; ".join(word for word in words if word != RETRACTED)
        if not variables["keyword"]:
            del variables["keyword"]


def shortened(text: str) -> str:
    """As much of a text as a message quotes."""
    return text if len(text) <= 60 else f"{text[:60]} …"
