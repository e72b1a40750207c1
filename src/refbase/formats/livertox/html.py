"""A chapter as the HTML of Bookshelf, or of a tool that kept its lists.

    <li class="half_rhythm"><div class="bk_ref" id="...">citation [<a href=...>PubMed...</a>]
      <div><p><i>(annotation).</i></p></div></div></li>

The numbers of the links are taken from their addresses: on the page they stand in a class that
is made for printing, and a copy from the screen lacks them. What stands around the references
(menus, other lists, advertisements) does not matter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from refbase.formats.livertox.entries import CITED, SECTIONS, Item
from refbase.formats.livertox.markup import Tag, characters, tags
from refbase.text import clean

# Where one of these begins or ends, a line ends.
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figure h1 h2 h3 h4 h5 h6 hr li main ol p pre"
    " section table td th title tr ul".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SITE = re.compile(r"\s+[-–|]\s+(?:LiverTox|NCBI Bookshelf)\b.*", re.S)
# What the text of a link to the reference itself looks like, and its address
_LABEL = re.compile(r"(?:PubMed|PMC|PMID|DOI|CrossRef|Free)\b", re.I)
_ADDRESSES = (
    ("PubMed", re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|/pubmed)/\s*(\d+)")),
    ("PMC free article", re.compile(r"/(PMC\d+)\b")),
    ("DOI", re.compile(r"doi\.org/(10\.[^\s\[\]]+)")),
)


def items(page: str, name: str) -> Iterator[Item]:
    """The references of a page in their order. `name` is the chapter's where the page does not
    say it."""
    reader = _Page(page, name)
    for tag in tags(page):
        yield from reader.tag(tag)
    yield from reader.end()


def link(address: str) -> str:
    """What is printed for a link to PubMed, PMC or a DOI; empty for any other.

    >>> link("https://www.ncbi.nlm.nih.gov/pubmed/%2099000001"), link("/pmc/articles/PMC9000001/")
    ('PubMed: 99000001', 'PMC free article: PMC9000001')
    """
    address = unquote(address)
    for label, pattern in _ADDRESSES:
        if found := pattern.search(address):
            return f"{label}: {found[1]}"
    return ""


@dataclass(slots=True)
class _Page:
    """Where in the page the reader is: `position` in its text, `line` of that, and in which
    chapter, section and item. `depth` counts the elements of the item's own name in it; `named`
    tells that the open heading is marked as the name of the chapter."""

    page: str
    chapter: str
    section: str = ""
    titled: bool = False
    named: bool = False
    position: int = 0
    line: int = 1
    item: Item | None = None
    bk_ref: bool = False
    element: str = ""
    depth: int = 0
    start: int = 0
    open_line: list[str] = field(default_factory=list)
    anchor: tuple[str, int] | None = None
    positions: Counter[str] = field(default_factory=Counter)

    def tag(self, tag: Tag) -> Iterator[Item]:
        """One tag, and the text in front of it."""
        self.text(tag.start)
        if tag.name in _BLOCKS:
            self.end_of_line(tag)
        self.position = tag.end
        self.line += self.page.count("\n", tag.start, tag.end)
        if tag.name == "a":
            self.link(tag)
        elif tag.name == "span" and tag.attribute("itemprop") == "name":
            self.named = True  # so Bookshelf marks the name of a chapter in its heading
        elif not tag.closing and self.opens(tag):
            yield from self.close(tag.start)
            self.open(tag)
        elif self.item and tag.name == self.element and not tag.empty:
            self.depth += -1 if tag.closing else 1
            if not self.depth:
                yield from self.close(tag.end)
        elif self.item and (tag.name in _HEADINGS or (tag.closing and tag.name in ("ul", "ol"))):
            yield from self.close(tag.start)

    def text(self, end: int) -> None:
        between = self.page[self.position : end]
        self.line += between.count("\n")
        self.open_line.append(characters(between))

    def end_of_line(self, tag: Tag) -> None:
        """The text since the last end is a heading, a line of the item, or nothing to us."""
        line = clean("".join(self.open_line))
        self.open_line.clear()
        self.anchor = None
        if not line or not tag.closing or tag.name not in (*_HEADINGS, "title"):
            if self.item and line:
                self.item.lines.append(line)
        elif tag.name == "h1" and self.named:
            self.chapter, self.section, self.titled, self.named = line, "", True, False
        elif tag.name == "title":
            self.chapter, self.titled = _SITE.sub("", line), True
        elif line.upper().rstrip(":") in SECTIONS:
            self.section = line.upper().rstrip(":")
        else:
            self.section = "" if tag.name < "h3" else self.section
            if tag.name == "h1" and not self.titled:
                self.chapter = line

    def link(self, tag: Tag) -> None:
        """A link to the reference itself is printed with the number of its address."""
        if not tag.closing:
            self.anchor = (tag.attribute("href"), len(self.open_line))
        elif self.anchor:
            (address, start), self.anchor = self.anchor, None
            label = "".join(self.open_line[start:])
            if (printed := link(address)) and _LABEL.match(label.strip()):
                bracket = "".join(self.open_line[:start]).rstrip().endswith("[")
                self.open_line[start:] = [printed if bracket else f" [{printed}] "]

    def opens(self, tag: Tag) -> bool:
        """Bookshelf marks a reference with the class `bk_ref`. A page that was copied without
        its classes still has list items under a heading."""
        if "bk_ref" in tag.attribute("class").split():
            return True
        return tag.name == "li" and bool(self.section) and not (self.item and self.bk_ref)

    def open(self, tag: Tag) -> None:
        self.bk_ref = tag.name != "li" or "bk_ref" in tag.attribute("class").split()
        line = self.line - self.page.count("\n", tag.start, tag.end)
        self.item = Item(line, self.bk_ref, marked=True)
        self.element, self.depth, self.start = tag.name, 1, tag.start

    def close(self, end: int, last: bool = False) -> Iterator[Item]:
        """The open item, now that it is complete, if it is a reference."""
        item, self.item = self.item, None
        if item and item.lines and (item.listed or CITED.search(item.lines[0])):
            item.raw = self.page[self.start : end].split("\n")
            item.bibliography = SECTIONS.get(self.section, "{}").format(self.chapter)
            self.positions[item.bibliography] += 1
            item.position = self.positions[item.bibliography]
            item.last = last
            yield item

    def end(self) -> Iterator[Item]:
        """The item in whose middle the page ends."""
        self.text(len(self.page))
        if self.item and (line := clean("".join(self.open_line))):
            self.item.lines.append(line)
        yield from self.close(len(self.page), last=True)
