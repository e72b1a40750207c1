"""The tags of a page in HTML or XML, read once from end to end whatever stands in it.

Python's own html.parser goes over a page again and again where tags have no end (measured with
3.11: 40 kB of `<a ` take 24 s), so it cannot be given the pages of strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from refbase.text import clean, unescaped

_TOKEN = re.compile(r"<(?:(!--)|(/?)([A-Za-z][\w:.-]*+)([^<>]*)>)")
_ATTRIBUTE = re.compile(
    r"""(?<![\w:.-])([\w:.-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'=]+))""", re.S
)
# What stands in these is no text of the page
_HIDDEN = ("script", "style", "template", "noscript")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its name in lower case, whether it closes, and where it stands in the page."""

    name: str
    closing: bool
    start: int
    end: int
    _attributes: str

    @property
    def empty(self) -> bool:
        """Whether it closes itself: `<br/>`."""
        return self._attributes.endswith("/")

    def attribute(self, name: str) -> str:
        """The value of an attribute, whatever its namespace; empty where there is none."""
        for key, *values in _ATTRIBUTE.findall(self._attributes):
            if key.lower().rpartition(":")[2] == name:
                return unescaped("".join(values))
        return ""


def tags(page: str) -> Iterator[Tag]:
    """The tags of a page, without those in comments and scripts."""
    position, endless = 0, set[str]()
    while found := _TOKEN.search(page, position):
        comment, closing, name, attributes = found.groups()
        position = found.end()
        name = "--" if comment else name.lower()
        if not comment:
            yield Tag(name, bool(closing), found.start(), position, attributes)
        hidden = comment or (name in _HIDDEN and not closing)
        end = "-->" if comment else f"</{name}"
        if hidden and end not in endless:
            behind = page.find(end, position)
            if behind < 0:
                endless.add(end)
            else:
                position = behind


def characters(text: str) -> str:
    """The text between two tags as one reads it.

    >>> characters(" Goodman &amp;\\n Gilman&#x27;s")
    " Goodman & Gilman's"
    """
    text = unescaped(text)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() else ""
    return f"{before}{clean(text)}{after}" if text.strip() else before
