"""LiverTox chapters as text: the annotated bibliography of a Bookshelf page, saved or copied.

A chapter is one bibliography, titled like the chapter. Each item of its lists is an entry: the
printed citation, the links to PMC and PubMed, and the curator's annotation in round brackets.
The lists of references that case reports cite are bibliographies of their own.

Read as browsers and tools lay the page out: bullets of any kind or numbers, the annotation on a
line of its own or not, long lines or lines broken at a width. Nothing is corrected: what the
page prints wrong stays wrong, with a diagnostic where a rule can see it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from refbase import citation, identifiers
from refbase.citation import Problem
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input
from refbase.model import Dossier, Entry, Parsed

# The sections that hold references, and what their bibliography is called.
_SECTIONS = {
    "ANNOTATED BIBLIOGRAPHY": "{}",
    "REFERENCES": "{}",
    "CITED REFERENCES": "{}: cited references",
    "CITED REFERENCE": "{}: cited references",
}
_HEADING = re.compile(rf"[#*_\s]*({'|'.join(_SECTIONS)})[:*_\s]*", re.I)
_LAST_UPDATE = re.compile(r"[*_]*Last Update:", re.I)
_MARK = re.compile(r"(\s*)(?:([•*‣◦·▪∙–-])|(\d{1,3})[.)])(?:\s+(.*)|$)")
_PREAMBLE = re.compile(r"(?:References updated|Abbreviations)\b", re.I)
_CITED = re.compile(r"\[PubMed|\b(?:19|20)\d\d[a-z]?\s?[;:,.]")
_NOT_WRAPPED = 100
"""A line this long was not broken at a width."""


def read(source: Input) -> Iterator[Parsed]:
    """The entries of a chapter, in the order of the page."""
    count = 0
    for item in _items(source):
        count += 1
        yield _entry(item, source)
    if not count:
        message = "no bibliography found: no list of references under a heading like 'REFERENCES'"
        yield Parsed(
            None,
            diagnostics=(Diagnostic("no-references", message, source.span(0), Severity.ERROR),),
        )


# --------------------------------------------------------------------------------- layout


@dataclass(slots=True)
class _Item:
    """One item of a list as it is printed: its lines without the bullet, and where it stands."""

    line: int
    listed: bool
    bibliography: str = ""
    position: int = 0
    lines: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    last: bool = False

    def add(self, text: str, line: str) -> None:
        if text.strip():
            self.lines.append(text.strip())
        self.raw.append(line)


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
    item: _Item | None = None
    positions: Counter[str] = field(default_factory=Counter)

    def enter(self, section: str) -> None:
        self.section, self.mark, self.number, self.interrupted = section, None, 0, False


def _items(source: Input) -> Iterator[_Item]:
    """The items of all lists of references; what stands around them is skipped."""
    page = _Page(_stem(source.name))
    for number, line in source.lines():
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


def _stem(name: str) -> str:
    return PurePath(name).stem if name != "-" else ""


def _closed(page: _Page) -> Iterator[_Item]:
    """The open item, now that it is complete. Without a bullet, or behind something else that
    followed the list, it must look like a citation: headings and links stand there too."""
    item, page.item = page.item, None
    if item and item.lines and (item.listed or _CITED.search(" ".join(item.lines))):
        item.bibliography = _SECTIONS[page.section].format(page.chapter)
        page.positions[item.bibliography] += 1
        item.position = page.positions[item.bibliography]
        yield item


def _in_section(page: _Page, number: int, line: str) -> Iterator[_Item]:
    """One line of a section: it opens an item, belongs to the open one, or is something else."""
    content = _opening(page, line)
    if content is not None:
        yield from _closed(page)
        page.item = _Item(number, listed=page.mark is not None and not page.interrupted)
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
    """Broken lines, the annotation, and more paragraphs of it, as long as they are indented."""
    return not page.blank or line[0] in " \t" or line.lstrip("_*").startswith(("(", "["))


# --------------------------------------------------------------------------------- entries

_LINK = re.compile(
    r"\[{1,2}\s*(PMC free article|PMCID|PubMed|PMID|DOI)\s*(?::\s*([^\[\]]{0,40}?)\s*)?\]+"
    r"(?:\((?:https?:)?/[^()\s]*\))?\]?[\s.]*",
    re.I,
)
_SCHEMES = {"pmc free article": "PMCID", "pmcid": "PMCID", "doi": "DOI"}
# The italics of an annotation, as html2text marks them
_EMPHASIS = re.compile(r"(?:^|(?<=\s))[_*]+(?=\()|(?<=[).])[_*]+$")
_AND = re.compile(r"(?:and|or|to)\b")
_DEAD_LINK = re.compile(r"\[?PubMed Citation\]?\.?\s*", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ENDS_SENTENCE = re.compile(r"(?:[.\]?!)]|PubMed Citation|Not in PubMed|\d{6,8})\s*$", re.I)
_END = re.compile(r"\)[\s.]*$")
_MILD = ("missing-blank", "missing-full-stop", "odd-name", "link-without-number")
"""Findings that cost nothing: the text was read, it only looks odd."""


def _entry(item: _Item, source: Input) -> Parsed:
    """The reference, its citation and annotation, and what looks wrong in them."""
    problems: list[Problem] = []
    printed, links, annotation = _parts(item, problems)
    found = citation.parse(printed)
    reference_variables = dict(found.reference.variables)
    for scheme, value in _identifiers(links, problems).items():
        said = reference_variables.get(scheme, value)
        if said != value:
            problems.append(("conflicting-identifier", f"{scheme} {value}, but also {said}"))
        reference_variables[scheme] = value
    if item.last and not _is_complete(item):
        problems.append(("truncated", "the file ends in the middle of this entry"))
    raw = "\n".join(item.raw).rstrip()
    span = source.span(item.line, item.line + raw.count("\n"))
    diagnostics = tuple(
        Diagnostic(code, message, span, Severity.INFO if code in _MILD else Severity.WARNING)
        for code, message in (*found.problems, *problems)
    )
    entry = Entry(item.bibliography, item.position, found.text, annotation)
    dossier = Dossier(replace(found.reference, variables=reference_variables), entries=(entry,))
    return Parsed(dossier, raw, span, diagnostics)


def _is_complete(item: _Item) -> bool:
    text = " ".join(item.lines)
    return text.endswith((".", ")", "]", "_", "*")) and text.count("[") <= text.count("]")


def _parts(item: _Item, problems: list[Problem]) -> tuple[str, list[tuple[str, str]], str]:
    """Citation, links and annotation of an item.

    Bookshelf sets the links behind the citation, and now and then in the middle of the
    annotation, whose first words then stand in front of them: `(Among . [PubMed: 15390328]`.
    """
    text, starts = _joined(item.lines)
    links, first, last = _links(text)
    if not links:
        first = last = _line_end(item.lines, text)
    head, rest = text[:first], text[last:]
    cut = _annotation_start(head, starts)
    head, fragment = head[:cut].strip(), head[cut:].strip()
    rest = _DEAD_LINK.sub("", rest).strip()
    if fragment and rest.strip("."):
        where = fragment if len(fragment) < 40 else f"... {fragment[-36:]}"
        problems.append(("split-annotation", f"the annotation is split behind '{where}'"))
        rest = _rejoined(fragment, rest)
    return head, links, _bare((rest.strip(".") and rest) or fragment)


def _joined(lines: list[str]) -> tuple[str, set[int]]:
    """The lines as one text, and where in it each begins. A word broken at its hyphen is whole."""
    text, starts = "", set()
    for line in (_EMPHASIS.sub("", line) for line in lines):
        broken = text[-1:] == "-" and text[-2:-1].isalnum() and not _AND.match(line)
        text += "" if broken or not text else " "
        starts.add(len(text))
        text += line
    return text, starts


def _links(text: str) -> tuple[list[tuple[str, str]], int, int]:
    """Label and number of the first links that stand together, and where they stand."""
    links: list[tuple[str, str]] = []
    first = last = 0
    for found in _LINK.finditer(text):
        if links and found.start() != last:
            break
        first = first if links else found.start()
        last = found.end()
        links.append((found[1], found[2] or ""))
    return links, first, last


def _identifiers(links: list[tuple[str, str]], problems: list[Problem]) -> dict[str, str]:
    """The identifiers of the links; one without a number is told, one that is none as well."""
    found: dict[str, str] = {}
    for label, number in links:
        scheme = _SCHEMES.get(label.lower(), "PMID")
        value = identifiers.SCHEMES[scheme].parse(number)
        if value:
            found.setdefault(scheme, value)
        elif number:
            problems.append(("bad-identifier", f"'{number}' is no {scheme}"))
        else:
            problems.append(("link-without-number", f"the link '{label}' has lost its number"))
    return found


def _line_end(lines: list[str], text: str) -> int:
    """Where the first of two lines ends that were not broken at a width: there the annotation
    begins or, where its first words slipped into the citation, goes on."""
    first = lines[0]
    if len(lines) == 2 and len(first) > _NOT_WRAPPED and _ENDS_SENTENCE.search(first):
        return len(first)
    return len(text)


def _annotation_start(text: str, starts: set[int]) -> int:
    """Where in a citation an annotation begins: at a bracket behind a full stop that closes at
    the very end, or never, or that begins a line. Behind the year, unless it begins a line."""
    depth = opened = 0
    for found in re.finditer(r"[()]", text):
        if found[0] == "(":
            opened = opened if depth else found.start()
            depth += 1
            continue
        depth = max(depth - 1, 0)
        closes = _END.match(text, found.start()) or opened in starts
        if not depth and closes and _may_begin(text[:opened], opened in starts):
            return opened
    unclosed = depth and _may_begin(text[:opened], opened in starts)
    return opened if unclosed else len(text)


def _may_begin(before: str, on_its_line: bool) -> bool:
    ended = _ENDS_SENTENCE.search(before[-40:])
    return bool(ended and (on_its_line or _YEAR.search(before)))


def _rejoined(fragment: str, rest: str) -> str:
    """An annotation whose first words stood in the citation. The full stop behind them is none
    of it: Bookshelf ends with one whatever stands in front of a link."""
    if not _END.search(fragment):
        fragment = fragment.rstrip(" .")
    split_number = fragment[-1:].isdigit() and rest[:1].isdigit()
    return fragment + ("" if split_number else " ") + rest


def _bare(text: str) -> str:
    """An annotation without the round brackets around it and the full stop behind them.

    >>> _bare("(Review of [two] trials).")
    'Review of [two] trials'
    >>> _bare("(Abstract) of a talk (in French).")
    '(Abstract) of a talk (in French).'
    """
    text = text.strip()
    if not text.startswith("("):
        return text
    if _closing(text) < len(_END.sub("", text)) and text.count("(") == text.count(")"):
        return text
    if _END.search(text):
        return _END.sub("", text)[1:].strip()
    return text[1:].strip() if text.count("(") > text.count(")") else text


def _closing(text: str) -> int:
    """Where the bracket closes that a text begins with; its length if it does not."""
    depth = 0
    for found in re.finditer(r"[()]", text):
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return found.start()
    return len(text)
