"""A plain list of printed citations, as it stands at the end of a paper or in a letter.

Read only when it is asked for (`--format citations`): any text could be such a list. The
citations may be numbered or have bullets; without either, each line or each paragraph is one.
They are read in the styles of NLM and Vancouver, of PLOS, and of the APA and its like (see
`refbase.citation`). What fits no style keeps its text, its identifiers and a diagnostic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from pathlib import PurePath

from refbase import citation
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input
from refbase.model import Dossier, Entry, Parsed

_NUMBER = re.compile(r"[\[(]?(\d{1,4})[\]).](?:\s+|(?=[^\W\d_]))")
_BULLET = re.compile(r"[•*‣◦·▪∙–-]\s+")
_HEADING = re.compile(
    r"[#*_\s]*(?:(?:list of |cited )?references|bibliography|(?:literature|works) cited"
    r"|literature|citations)(?: cited)?[:*_\s]*",
    re.I,
)
_ENDED = re.compile(r"(?:[.\])\d]|https?://\S+|10\.\d+/\S+)\s*$")
# What never begins a citation, but often a line that was broken at a width
_CONTINUED = re.compile(r"[a-z(;,&\d]|(?i:https?:|doi\b|PMC?ID\b|\[?PubMed\b|Available\b|Epub\b)")
_LOOKED_AT = 40
"""So many lines of a paragraph are looked at to tell how it is laid out; no citation has more."""
_WIDEST = 132
"""A longer line was not broken at a width."""
_MILD = ("missing-blank", "missing-full-stop", "odd-name")

Line = tuple[int, str]


def read(source: Input) -> Iterator[Parsed]:
    """A reference for each citation of the list, in its order."""
    bibliography = PurePath(source.name).stem if source.name != "-" else ""
    position = 0
    for item in _items(source.lines()):
        position += 1
        yield _parsed(item, Entry(bibliography, position), source)
    if not position:
        message = "no citation found: the list is empty"
        fault = Diagnostic("no-references", message, source.span(0), Severity.ERROR)
        yield Parsed(None, diagnostics=(fault,))


def _parsed(item: _Item, entry: Entry, source: Input) -> Parsed:
    found = citation.parse(_joined(item.lines))
    span = source.span(item.line, item.line + len(item.raw) - 1)
    diagnostics = tuple(
        Diagnostic(code, message, span, Severity.INFO if code in _MILD else Severity.WARNING)
        for code, message in found.problems
    )
    entry = Entry(entry.bibliography, entry.position, found.text)
    return Parsed(
        Dossier(found.reference, entries=(entry,)), "\n".join(item.raw), span, diagnostics
    )


def _joined(lines: list[str]) -> str:
    """The lines as one text; a word or a range of pages broken at its hyphen is whole."""
    text: list[str] = []
    for line in lines:
        broken = text and text[-1][-1] in "-–" and text[-1][-2:-1].isalnum()
        text += [line] if broken or not text else [" ", line]
    return "".join(text)


# --------------------------------------------------------------------------------- layout


@dataclass(slots=True)
class _Item:
    """One citation as it is printed: its lines without number or bullet, and where it stands."""

    line: int
    lines: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _List:
    """The list so far: the last number, the bullet, and the citation that is open."""

    number: int = 0
    bullet: str = ""
    item: _Item | None = None

    @property
    def marked(self) -> bool:
        return bool(self.number or self.bullet)

    def mark(self, line: str) -> int:
        """How long the number or bullet is that opens an item; 0 where none does.

        Numbers go on from the one before, so that a year or a page at the beginning of a broken
        line is none.
        """
        text = line.lstrip()
        indent = len(line) - len(text)
        if (found := _NUMBER.match(text)) and not self.bullet:
            skipped = int(found[1]) - self.number
            if 0 < skipped < 4 if self.number else skipped < 1000:
                self.number += skipped
                return indent + found.end()
        elif (found := _BULLET.match(text)) and not self.number and self.bullet in ("", text[0]):
            self.bullet = text[0]
            return indent + found.end()
        return 0

    def open(self, number: int, text: str, line: str) -> Iterator[_Item]:
        yield from self.close()
        self.item = _Item(number, [text.strip()] if text.strip() else [], [line])

    def close(self) -> Iterator[_Item]:
        item, self.item = self.item, None
        if item and item.lines and not _HEADING.fullmatch(item.lines[0]):
            yield item

    def add(self, line: str) -> None:
        if self.item:
            self.item.lines.append(line.strip())
            self.item.raw.append(line)


def _items(lines: Iterable[Line]) -> Iterator[_Item]:
    """The citations of a list, paragraph by paragraph."""
    here = _List()
    rest = iter(lines)
    for number, line in rest:
        if line.strip():
            yield from _paragraph(_until_blank((number, line), rest), here)
    yield from here.close()


def _until_blank(first: Line, rest: Iterator[Line]) -> Iterator[Line]:
    yield first
    for number, line in rest:
        if not line.strip():
            return
        yield number, line


def _paragraph(lines: Iterator[Line], here: _List) -> Iterator[_Item]:
    """The citations of one paragraph. In a list with numbers or bullets only they open one."""
    seen = list(islice(lines, _LOOKED_AT))
    layout = _Layout.of([line for _, line in seen])
    first = True
    for number, line in chain(seen, lines):
        length = here.mark(line)
        if length or (not (here.marked and here.item) and (first or layout.opens(here, line))):
            yield from here.open(number, line[length:], line)
        else:
            here.add(line)
        first = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a paragraph without marks is laid out: where its first line begins, whether others
    begin elsewhere, and whether its lines were broken at a width."""

    indent: int
    indented: bool
    wrapped: bool

    @classmethod
    def of(cls, lines: list[str]) -> _Layout:
        indents = [_indent(line) for line in lines]
        wrapped = _is_wrapped([line.strip() for line in lines])
        return cls(indents[0], len(set(indents)) > 1, wrapped)

    def opens(self, here: _List, line: str) -> bool:
        """Whether a line begins a citation. Where the lines begin at two places, the first line
        shows at which; where they are broken at a width, the one before must be complete."""
        if self.indented:
            return _indent(line) == self.indent
        if not self.wrapped or not here.item or len(here.item.lines) >= _LOOKED_AT:
            return True
        if _CONTINUED.match(line) or not _ENDED.search(here.item.lines[-1]):
            return False
        return citation.parse(_joined(here.item.lines)).reference.type != "document"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines were broken at a width: none that stops in the middle of a sentence had room
    for the next one's first word."""
    width = max(map(len, lines))
    broken = [(one, after) for one, after in pairwise(lines) if not _ENDED.search(one)]
    return (
        bool(broken)
        and width <= _WIDEST
        and all(len(one) + 1 + len(after.split(None, 1)[0]) > width for one, after in broken)
    )
