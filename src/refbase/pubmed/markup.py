"""The text of XML elements: rich text, with formulas as text, and unescaped twice if need be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from refbase.text import clean, composed, plain, unescaped

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MARKUP = frozenset(("i", "b", "sup", "sub"))
_SCRIPTS = {"msup": ("sup",), "msub": ("sub",), "msubsup": ("sub", "sup")}
_NOT_SHOWN = frozenset(("annotation", "annotation-xml"))
# Where NLM got `&amp;#945;` from a publisher, `&#945;` was meant; `AT&T` never is.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", re.I)


class Parts(dict[str, "Element"]):
    """The elements of a record by their names: the first of each name, and `_further` ones.

    `opened` names those whose content is found by its name too.
    """

    def __init__(self, element: Element | None, opened: frozenset[str] = frozenset()) -> None:
        self._further: dict[str, list[Element]] = {}
        if element is not None:
            self._add(element, opened)

    def _add(self, element: Element, opened: frozenset[str]) -> None:
        # lxml takes longer over an iterator than over the list
        for child in element[:]:
            name = child.tag
            if name in self:
                self._further.setdefault(name, []).append(child)
            else:
                self[name] = child
            if name in opened:
                self._add(child, opened)

    def one(self, name: str) -> Element | None:
        return self.get(name)

    def all(self, name: str) -> list[Element]:
        return [self[name], *self._further.get(name, ())] if name in self else []

    def children(self, name: str) -> Iterable[Element]:
        """What is in the first element of a name."""
        return self.get(name, ())

    def said(self, name: str) -> str:
        """The text of an element without markup, as it stands in the file."""
        found = self.get(name)
        return "" if found is None else found.text or ""

    def leaf(self, name: str) -> str:
        found = self.get(name)
        return "" if found is None else tidy(found.text)

    def rich(self, name: str) -> str:
        found = self.get(name)
        return "" if found is None else rich(found)

    def text(self, name: str) -> str:
        return plain(self.rich(name))

    def attribute(self, name: str, attribute: str) -> str:
        found = self.get(name)
        return "" if found is None else found.get(attribute, "")


def text(element: Element) -> str:
    """The text of an element without its markup."""
    return plain(rich(element))


def rich(element: Element) -> str:
    """The content of an element as rich text; formulas become text with its super- and
    subscripts."""
    return _cleaned("".join(_inline(element)) if len(element) else element.text or "")


def leaf(element: Element) -> str:
    """The text of an element that has no markup, as nearly all of them."""
    return tidy(element.text)


def tidy(text: str | None) -> str:
    """Text as it stands in the file, without needless white space and escapes."""
    if not text or (text.isalnum() and text.isascii()):
        return text or ""
    return _cleaned_short(text) if len(text) < SHORT else _cleaned(text)


def all_tidy(texts: Iterable[str]) -> list[str]:
    """`tidy` of each. They are looked at together, and need it hardly ever.

    >>> all_tidy(["Example", " Two  words", ""])
    ['Example', 'Two words', '']
    """
    listed = list(texts)
    # A blank at an end of one, and one that is empty, make two blanks as well
    together = f" {' '.join(listed)} "
    if "  " in together or "&" in together or not together.isprintable():
        return list(map(tidy, listed))
    return listed if composed(together) is together else list(map(tidy, listed))


def _cleaned(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda entity: unescaped(entity[0]), text)
    return clean(text)


SHORT = 80
"""Journals, headings, given names: what is shorter than this comes again and again, and is worth
remembering; what is longer is not worth the memory."""
_cleaned_short = lru_cache(maxsize=1 << 13)(_cleaned)


def _inline(element: Element) -> Iterable[str]:
    yield element.text or ""
    for child in element:
        name = child.tag
        if name.endswith("}math") or name == "math":
            yield _formula(child)
        elif inner := "".join(_inline(child)):
            yield f"<{name}>{inner}</{name}>" if name in _MARKUP else inner
        yield child.tail or ""


def _formula(element: Element) -> str:
    """MathML as text. Blanks between its elements only lay out the file."""
    name = element.tag.rpartition("}")[2]
    if name in _NOT_SHOWN:
        return ""
    parts = [_formula(child) for child in element]
    scripts = _SCRIPTS.get(name, ())
    if scripts and len(parts) == len(scripts) + 1:
        marked = zip(scripts, parts[1:], strict=True)
        return parts[0] + "".join(f"<{tag}>{part}</{tag}>" for tag, part in marked if part)
    if name == "mfrac":
        return "/".join(parts)
    own = element.text or ""
    return (own if name == "mtext" else own.strip()) + "".join(parts)
