"""A chapter as text, as browsers and tools lay it out: bullets of any kind or numbers, the
annotation on a line of its own or not, long lines or lines broken at a width.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from refbase.formats.livertox.entries import CITED, SECTIONS, Item

_HEADING = re.compile(rf"[#*_\s]*({'|'.join(SECTIONS)})[:*_\s]*", re.I)
_LAST_UPDATE = re.compile(r"[*_]*Last Update:", re.I)
_MARK = re.compile(r"(\s*)(?:([•*‣◦·▪∙–-])|(\d{1,3})[.)])(?:\s+(.*)|$)")
_CAPITALS = re.compile(r"[A-Z]{3,}(?: [A-Z]{2,})+")
_PREAMBLE = re.compile(r"(?:References updated|Abbreviations)\b", re.I)


@dataclass(slots=True)
class _Page:
    """Where in the page the reader is.

    `mark` is the indent of the bullets and which one it is, `number` the last where they are
    numbers; `interrupted` tells that something else has followed the first items.
    """

    chapter: str
    section: str = ""
    previous: str = ""
    blank: bool = True
    mark: tuple[int, str] | None = None
    number: int = 0
    interrupted: bool = False
    item: Item | None = None
    positions: Counter[str] = field(default_factory=Counter)

    def enter(self, section: str) -> None:
        self.section, self.mark, self.number, self.interrupted = section, None, 0, False


def items(lines: Iterable[tuple[int, str]], name: str) -> Iterator[Item]:
    """The items of all lists of references; what stands around them is skipped. `name` is the
    chapter's where the page does not say it."""
    page = _Page(name)
    for number, line in lines:
        text = line.strip()
        if not text:
            page.blank = True
            if page.item:
                page.item.raw.append("")
            continue
        if heading := _HEADING.fullmatch(text):
            yield from _closed(page)
            page.enter(heading[1].upper())
        elif _LAST_UPDATE.match(text):
            yield from _closed(page)
            page.enter("")
            page.chapter = page.previous or page.chapter
        elif page.section:
            yield from _in_section(page, number, line)
        page.previous, page.blank = text.strip("#*_ "), False
    for item in _closed(page):
        item.last = True
        yield item


def _closed(page: _Page) -> Iterator[Item]:
    """The open item, now that it is complete. Without a bullet, or behind something else that
    followed the list, it must look like a citation: headings and links stand there too."""
    item, page.item = page.item, None
    if item and item.lines and (item.listed or CITED.search(" ".join(item.lines))):
        item.bibliography = SECTIONS[page.section].format(page.chapter)
        page.positions[item.bibliography] += 1
        item.position = page.positions[item.bibliography]
        yield item


def _in_section(page: _Page, number: int, line: str) -> Iterator[Item]:
    """One line of a section: it opens an item, belongs to the open one, or is something else."""
    content = _opening(page, line)
    if content is not None:
        yield from _closed(page)
        page.item = Item(number, listed=page.mark is not None and not page.interrupted)
        page.item.add(content, line)
    elif page.item and _continues(page, line):
        page.item.add(line, line)
    elif page.item:
        yield from _closed(page)
        page.interrupted = True


def _opening(page: _Page, line: str) -> str | None:
    """The text behind the bullet or number of a line that opens an item, else None.

    The first one of a list fixes what the next must look like, so that `- 5` or `10.` at the
    beginning of a broken line is no bullet.
    """
    found = _MARK.fullmatch(line)
    if found:
        mark = (len(found[1]), found[2] or "1.")
        page.mark = page.mark or mark
        skipped = int(found[3]) - page.number if found[3] else 1
        if mark[0] <= page.mark[0] and mark[1] == page.mark[1] and 0 < skipped < 4:
            page.number += skipped
            return found[4] or ""
    if page.mark is None and not _PREAMBLE.match(line) and _opens_unmarked(page, line):
        return line
    return None


def _opens_unmarked(page: _Page, line: str) -> bool:
    """Without bullets an entry opens on a line of its own once the one before is complete."""
    if line.lstrip("_*").startswith("(") or line[0] in " \t":
        return False
    return page.item is None or page.blank or page.item.lines[-1].endswith((")", ").", "]"))


def _continues(page: _Page, line: str) -> bool:
    """Broken lines, the annotation, and more paragraphs of it, as long as they are indented. A
    line in capitals behind a full stop is a heading whose blank line was lost."""
    if _CAPITALS.fullmatch(line) and page.previous.endswith((".", ")", "]")):
        return False
    return not page.blank or line[0] in " \t" or line.lstrip("_*").startswith(("(", "["))
