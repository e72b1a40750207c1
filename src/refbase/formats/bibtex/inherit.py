"""What an entry takes from the one that it names in `crossref` or `xdata`.

BibTeX wants the parent behind its children, BibLaTeX anywhere. So entries wait for a parent that
was not seen yet, and those behind them with them, in the order of the file; and of what was seen
only that is kept which can be a parent: a book, a collection, proceedings, `@xdata`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from refbase.formats.bibtex.blocks import PARENT_FIELDS, Block, Fields
from refbase.model import Parsed

_PARENTS = frozenset(
    """
    book collection mvbook mvcollection mvproceedings mvreference periodical proceedings
    reference xdata
    """.split()
)
# What says something of the parent alone. Source: biblatex manual, appendix B, and what would
# make a book's identifier that of each of its chapters.
_OWN = frozenset(
    """
    abstract annotation annote author bookauthor crossref doi eprint eprinttype entryset
    entrysubtype execute file keywords keyword label note options pages pagetotal pmcid pmid
    presort related shortauthor shorthand shorttitle sortkey subtitle title titleaddon url
    urldate xdata xref
    """.split()
)
_DEEPEST = 5


def inherited(items: Iterable[Block | Parsed]) -> Iterator[Block | Parsed]:
    """The same entries with what they inherit. `@xdata` is no reference; it goes."""
    known: dict[str, Block] = {}
    wanted: set[str] = set()
    waiting: deque[Block | Parsed] = deque()
    for item in items:
        parents = _parents(item) if isinstance(item, Block) else []
        if isinstance(item, Block):
            wanted.update(parents)
            if item.type in _PARENTS or item.key.lower() in wanted:
                known.setdefault(item.key.lower(), item)
            if item.type == "xdata":
                item = Parsed(None, item.raw, item.span, tuple(item.diagnostics))
        if not (parents or waiting):
            yield item
            continue
        waiting.append(item)
        while waiting and not _lacks(waiting[0], known):
            yield _complete(waiting.popleft(), known)
    for item in waiting:
        yield _complete(item, known)


def _parents(block: Block) -> list[str]:
    if block.alone or PARENT_FIELDS.isdisjoint([name for name, _ in block.fields]):
        return []
    names = [*block.get("xdata").split(","), block.get("crossref")]
    return [name.strip().lower() for name in names if name.strip()]


def _lacks(item: Block | Parsed, known: dict[str, Block]) -> bool:
    """Whether a parent, or one of its own parents, has yet to come."""
    names = _parents(item) if isinstance(item, Block) else []
    for _ in range(_DEEPEST):
        if not names:
            return False
        if any(name not in known for name in names):
            return True
        names = [one for name in names for one in _parents(known[name])][:_DEEPEST]
    return False


def _complete(item: Block | Parsed, known: dict[str, Block]) -> Block | Parsed:
    if isinstance(item, Block):
        for name in _parents(item):
            if name in known:
                _take(item, known[name], known, set())
            else:
                item.report("no-parent", f"'{name}' is named in it, but is not in the file")
    return item


def _take(child: Block, parent: Block, known: dict[str, Block], seen: set[str]) -> None:
    seen.add(parent.key.lower())
    child.tidy = child.tidy and parent.tidy
    has = {name for name, _ in child.fields}
    for name, value in _given(child, parent):
        if name not in has:
            has.add(name)
            child.fields.append((name, value))
    for name in _parents(parent):
        if name in known and name not in seen and len(seen) < _DEEPEST:
            _take(child, known[name], known, seen)


def _given(child: Block, parent: Block) -> Fields:
    """The fields of the parent, under the names that they have in the child."""
    if parent.type == "xdata":
        return [pair for pair in parent.fields if pair[0] not in ("xdata", "crossref")]
    title = "journaltitle" if parent.type == "periodical" else "booktitle"
    if child.type == parent.type or child.type == "book":
        title = "maintitle" if child.type != "article" else "journaltitle"
    renamed = {"title": title, "subtitle": f"{title[:-5]}subtitle", "author": "bookauthor"}
    booktitle = any(name == "booktitle" for name, _ in parent.fields)
    return [
        (renamed.get(name, name), value)
        for name, value in parent.fields
        if (name in renamed or name not in _OWN) and not (booktitle and name == "title")
    ]
