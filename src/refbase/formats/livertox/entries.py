"""One entry of a chapter, however the page was laid out: citation, identifiers, annotation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from refbase import citation, identifiers
from refbase.citation import Problem
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input
from refbase.model import Dossier, Entry, Parsed, Reference
from refbase.text import clean

# The sections that hold references, and what their bibliography is called.
SECTIONS = {
    "ANNOTATED BIBLIOGRAPHY": "{}",
    "REFERENCES": "{}",
    "CITED REFERENCES": "{}: cited references",
    "CITED REFERENCE": "{}: cited references",
}
CITED = re.compile(r"\[PubMed|\b(?:19|20)\d\d[a-z]?\s?[;:,.]")
"""What is no citation has no link and no year with a sign behind it."""

_NOT_WRAPPED = 100
"""A line this long was not broken at a width."""


@dataclass(slots=True)
class Item:
    """One item of a list as it is printed: its lines without the bullet, and where it stands.

    `marked` tells that the lines are the paragraphs of a page whose markup is known, so that
    none was broken at a width; `last` that nothing follows, so that it may be cut.
    """

    line: int
    listed: bool
    bibliography: str = ""
    position: int = 0
    lines: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    last: bool = False
    marked: bool = False

    def add(self, text: str, line: str) -> None:
        if text.strip():
            self.lines.append(text.strip())
        self.raw.append(line)


_LINK = re.compile(
    r"\[{1,2}\s*(PMC free article|PMCID|PubMed|PMID|DOI)\s*(?::\s*([^\[\]]{0,200}?)\s*)?\]+"
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


def parsed(
    item: Item,
    source: Input,
    labelled: Reference | None = None,
    problems: tuple[Problem, ...] = (),
) -> Parsed:
    """The reference, its citation and annotation, and what looks wrong in them. `labelled` is
    the reference where the source marks its parts: then what is printed is not taken apart."""
    faults = list(problems)
    printed, links, annotation = _parts(item, faults)
    found = citation.parse(printed)
    reference = labelled or found.reference
    variables = dict(reference.variables)
    for scheme, value in _identifiers(links, faults).items():
        said = variables.get(scheme, value)
        if said != value:
            faults.append(("conflicting-identifier", f"{scheme} {value}, but also {said}"))
        variables[scheme] = value
    if item.last and not _is_complete(item):
        faults.append(("truncated", "the file ends in the middle of this entry"))
    raw = "\n".join(item.raw).rstrip()
    span = source.span(item.line, item.line + raw.count("\n"))
    diagnostics = tuple(
        Diagnostic(code, message, span, Severity.INFO if code in _MILD else Severity.WARNING)
        for code, message in (*(() if labelled else found.problems), *faults)
    )
    entry = Entry(item.bibliography, item.position, found.text, annotation)
    dossier = Dossier(replace(reference, variables=variables), entries=(entry,))
    return Parsed(dossier, raw, span, diagnostics)


def _is_complete(item: Item) -> bool:
    text = " ".join(item.lines)
    return text.endswith((".", ")", "]", "_", "*")) and text.count("[") <= text.count("]")


def _parts(item: Item, problems: list[Problem]) -> tuple[str, list[tuple[str, str]], str]:
    """Citation, links and annotation of an item.

    Bookshelf sets the links behind the citation, and now and then in the middle of the
    annotation, whose first words then stand in front of them: `(Among . [PubMed: 15390328]`.
    """
    text, starts = _joined(item.lines, item.marked)
    links, first, last = _links(text)
    if not links:
        first = last = _line_end(item, text)
    head, rest = text[:first], text[last:]
    cut = _annotation_start(head, starts)
    head, fragment = head[:cut].strip(), head[cut:].strip()
    rest = _DEAD_LINK.sub("", rest).strip()
    if fragment and rest.strip("."):
        where = fragment if len(fragment) < 40 else f"... {fragment[-36:]}"
        problems.append(("split-annotation", f"the annotation is split behind '{where}'"))
        rest = _rejoined(fragment, rest)
    return head, links, bare(clean((rest.strip(".") and rest) or fragment))


def _joined(lines: list[str], marked: bool) -> tuple[str, set[int]]:
    """The lines as one text, and where in it each begins. A word broken at its hyphen is whole."""
    text, starts = "", set()
    for line in (_EMPHASIS.sub("", line) for line in lines):
        broken = not marked and text[-1:] == "-" and text[-2:-1].isalnum() and not _AND.match(line)
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


def _line_end(item: Item, text: str) -> int:
    """Where the first of two lines ends that were not broken at a width: there the annotation
    begins or, where its first words slipped into the citation, goes on."""
    first = item.lines[0]
    if item.marked:
        return len(first)
    if len(item.lines) == 2 and len(first) > _NOT_WRAPPED and _ENDS_SENTENCE.search(first):
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


def bare(text: str) -> str:
    """An annotation without the round brackets around it and the full stop behind them.

    >>> bare("(Review of [two] trials).")
    'Review of [two] trials'
    >>> bare("(Abstract) of a talk (in French).")
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
