"""A chapter laid out: as text like a saved page, and in the HTML of Bookshelf.

    • citation [PMC free article: PMC9000001] [PubMed: 99000001]
      (annotation).

Both are what the readers of this format read. A layout writes the beginning, each chapter with
its lists, and the end; a chapter whose name is not known has no title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import count
from urllib.parse import quote

from refbase import identifiers
from refbase.text import clean, render

# What is printed for an identifier, in the text and on the page of Bookshelf, in its order
LABELS = {
    "PMCID": ("PMC free article", "PMC free article"),
    "PMID": ("PubMed", "PubMed"),
    "DOI": ("DOI", "CrossRef"),
}
_HTML = {
    mark: (f"<{tag}>", f"</{tag.partition(' ')[0]}>")
    for mark, tag in {
        "i": "i", "b": "b", "sup": "sup", "sub": "sub",
        "sc": 'span style="font-variant:small-caps"',
    }.items()
}  # fmt: skip
# Readers take the line in front of the one that says when a chapter was updated for its title.
_UPDATED = "Last Update: not known."
_BREAKING = re.compile(r"[\[\]\s]")


@dataclass(frozen=True, slots=True)
class Printed:
    """An entry as it will be printed: citation, the same in rich text where it has markup,
    identifiers, annotation with its brackets."""

    citation: str
    rich: str
    links: Mapping[str, str]
    annotation: str

    @property
    def lines(self) -> list[str]:
        """The entry as its reader meets it."""
        numbers = (f"[{LABELS[scheme][0]}: {value}]" for scheme, value in self.links.items())
        first = " ".join(filter(None, (self.citation, *numbers)))
        return [first, self.annotation] if self.annotation else [first]


def linkable(variables: Mapping[str, object]) -> dict[str, str]:
    """The identifiers that a link can hold: those that are valid, without blanks and brackets.

    >>> linkable({"PMID": "99000001", "DOI": "10.5555/[x]", "PMCID": "PMC9000001"})
    {'PMCID': 'PMC9000001', 'PMID': '99000001'}
    """
    said = {scheme: str(variables.get(scheme, "")) for scheme in LABELS}
    return {
        scheme: value
        for scheme, value in said.items()
        if identifiers.SCHEMES[scheme].parse(value) == value and not _BREAKING.search(value)
    }


class Text:
    """The layout of a page that was saved as text."""

    def begin(self, chapters: list[str]) -> str:
        return ""

    def chapter(self, name: str) -> str:
        return f"{name}\n\n{_UPDATED}\n\n" if name else ""

    def section(self, heading: str, entries: list[str]) -> str:
        return f"{heading}\n\n{''.join(entries)}\n"

    def entry(self, printed: Printed, chapter: str) -> str:
        first, *annotation = printed.lines
        return "".join((f"  • {first}\n", *(f"    {line}\n" for line in annotation)))

    def end(self) -> str:
        return ""


class Html:
    """The layout of a page of Bookshelf: one valid document, well-formed as XML too."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def begin(self, chapters: list[str]) -> str:
        named = chapters[0] if len(chapters) == 1 and chapters[0] else "Annotated bibliography"
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
            f"<title>{_escaped(named)}</title>\n</head>\n<body>\n"
        )

    def chapter(self, name: str) -> str:
        if not name:
            return ""
        return f'<h1><span class="title" itemprop="name">{_escaped(name)}</span></h1>\n'

    def section(self, heading: str, entries: list[str]) -> str:
        listed = "".join(entries)
        return f'<h2>{heading}</h2>\n<ul class="simple-list">\n{listed}</ul>\n'

    def entry(self, printed: Printed, chapter: str) -> str:
        identifier = f"{re.sub(r'[^A-Za-z0-9_-]+', '_', chapter)}.R{next(self._numbers)}"
        rich = render(printed.rich, partial(escape, quote=False), _HTML)
        citation = rich or _escaped(printed.citation)
        links = (_link(scheme, value) for scheme, value in printed.links.items())
        note = f"<div><p><i>{_escaped(printed.annotation)}</i></p></div>"
        return (
            f'<li class="half_rhythm"><div class="bk_ref" id="{identifier}">'
            + " ".join(filter(None, (citation, *links)))
            + f"{note if printed.annotation else ''}</div></li>\n"
        )

    def end(self) -> str:
        return "</body>\n</html>\n"


def _link(scheme: str, value: str) -> str:
    """`[PubMed]`, with the number that Bookshelf prints on paper only."""
    address = escape(identifiers.url(scheme, quote(value, safe="/:;()._-")))
    number = f'<span class="bk_prnt">: {_escaped(value)}</span>'
    return f'[<a href="{address}">{LABELS[scheme][1]}{number}</a>]'


def _escaped(text: str) -> str:
    return escape(clean(text), quote=False)
