"""The elements of a record of EndNote: parsed by themselves, found by their path, their styles as
rich text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from lxml import etree

from refbase.formats import xmltext
from refbase.formats.endnotexml.cutter import Piece
from refbase.formats.endnotexml.tables import TYPE

_STRICT, _LENIENT = xmltext.parser(), xmltext.parser(recover=True)


def tree(piece: Piece, tell: Callable[[str, str], None]) -> Any:
    """The elements of a record; of a damaged one, those that can be made out."""
    try:
        return etree.fromstring(piece.raw.encode(), _STRICT)
    except etree.XMLSyntaxError as fault:
        if not piece.code:
            tell("bad-xml", f"damaged, what can be read of it is kept: {xmltext.said(fault)}")
    try:
        return etree.fromstring(piece.raw.encode(), _LENIENT)
    except etree.XMLSyntaxError:
        return None


# Numbers and paths that mean something in EndNote's own database alone
_HOUSEHOLD = frozenset(("database", "source-app", "rec-number", "foreign-keys", TYPE))
_DEEPEST = 8


def elements(root: Any) -> dict[str, list[Any]]:
    """The elements that hold text, by their path. `style` is markup of the text."""
    found: dict[str, list[Any]] = {}
    waiting = [("", child) for child in reversed(root)]
    while waiting:
        above, element = waiting.pop()
        if not isinstance(element.tag, str) or (not above and element.tag in _HOUSEHOLD):
            continue
        path = f"{above}/{element.tag}" if above else element.tag
        inner = [child for child in element if child.tag != "style"]
        if inner and path.count("/") < _DEEPEST:
            waiting += [(path, child) for child in reversed(inner)]
        if not inner or (element.text or "").strip():
            found.setdefault(path, []).append(element)
    return found


_FACES = {"italic": "i", "bold": "b", "superscript": "sup", "subscript": "sub"}


def rich(element: Any) -> str:
    """The text of an element with the faces of its styles as markup.

    The markup changes only where the face does: EndNote starts a new style for a new font too.
    """
    if len(element) == 0:
        return element.text or ""
    parts: list[str] = []
    open_marks: list[str] = []
    for text, marks in filter(itemgetter(0), _runs(element)):
        kept = 0
        while kept < len(open_marks) and open_marks[kept] in marks:
            kept += 1
        parts += [f"</{mark}>" for mark in reversed(open_marks[kept:])]
        new = [mark for mark in marks if mark not in open_marks[:kept]]
        parts += [f"<{mark}>" for mark in new]
        open_marks = [*open_marks[:kept], *new]
        parts.append(text)
    return "".join([*parts, *(f"</{mark}>" for mark in reversed(open_marks))])


def _runs(element: Any) -> Iterator[tuple[str, list[str]]]:
    yield element.text or "", []
    for child in element:
        if child.tag == "style":
            faces = (child.get("face") or "").split()
            text = "".join(child.itertext())
            yield text, [_FACES[face] for face in faces if face in _FACES]
        tail = child.tail or ""
        if tail.strip() or "\n" not in tail:  # no text, but the layout of a file that was indented
            yield tail, []


def plain(element: Any) -> str:
    if len(element) == 0:
        return element.text or ""
    return "".join(text for text, _ in _runs(element))
