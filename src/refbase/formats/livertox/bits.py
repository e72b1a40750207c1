"""A chapter as BITS XML, the source of which Bookshelf makes the page.

    <ref><element-citation publication-type="journal"> ... <annotation> ... <pub-id> ... </ref>

Where the parts of a citation are marked, the marks are believed; what is printed is put together
from them as Bookshelf does it. Each `<ref>` is read by itself, so that a damaged one harms no
other, and no declaration of an entity ever reaches it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from refbase import citation
from refbase.citation.imprints import LANGUAGES
from refbase.citation.titles import language
from refbase.formats.base import Input
from refbase.formats.livertox.entries import SECTIONS, Item, parsed
from refbase.formats.livertox.html import link
from refbase.formats.livertox.markup import characters, tags
from refbase.model import Parsed, Reference, Value
from refbase.text import clean
from refbase.values import ET_AL, Date, Name, dotted

_CITATIONS = ("element-citation", "mixed-citation", "citation", "nlm-citation")
_SAME = "citation-alternatives"
_PLAIN: Mapping[str, str] = {}
_DEAD = re.compile(r"\s*PubMed\b", re.I)
_NAMES = ("name", "string-name")
_TITLES = ("article-title", "chapter-title")
_HOUSE = ("publisher-loc", "publisher-name")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):(?=[A-Za-z_])")
_TAG = re.compile(r"<[^<>]*(?:>|\Z)")


@dataclass(frozen=True, slots=True)
class _Ref:
    """The text of one `<ref>`, and where it stands; `whole` unless its end is missing."""

    raw: str
    line: int
    bibliography: str
    whole: bool
    last: bool


def read(page: str, name: str, source: Input) -> Iterator[Parsed]:
    """The entries of a chapter. `name` is the chapter's where the XML does not say it."""
    positions: Counter[str] = Counter()
    for ref in _refs(page, name):
        yield from _entries(ref, source, positions)


def _refs(page: str, name: str) -> Iterator[_Ref]:
    """Each `<ref>` of a file, whether the file is whole or not."""
    chapter, section, heading = name, "", False
    opened, content, line, counted = -1, 0, 1, 0

    def ref(end: int, whole: bool) -> _Ref:
        title = SECTIONS.get(section.upper().rstrip(":"), "{}").format(chapter)
        return _Ref(page[opened:end], line, title, whole, last=end == len(page))

    for tag in tags(page):
        if tag.name == "ref" and not tag.empty:
            if opened >= 0:
                yield ref(tag.end if tag.closing else tag.start, tag.closing)
            opened = -1
            if not tag.closing:
                line += page.count("\n", counted, tag.start)
                opened = counted = tag.start
        elif tag.name == "title-group":
            heading = not tag.closing
        elif tag.name == "title" and not tag.closing:
            content = tag.end
        elif tag.name == "title" and content:
            title = clean(characters(_TAG.sub("", page[content : tag.start])))
            chapter, section = (title, "") if heading else (chapter, title)
            content = 0
    if opened >= 0:
        yield ref(len(page), whole=False)


def _entries(ref: _Ref, source: Input, positions: Counter[str]) -> Iterator[Parsed]:
    """The entries of one `<ref>`: one, or as many as it holds citations."""
    root, fault = _parsed(ref.raw)
    if root is None:
        plain = clean(characters(_TAG.sub(" ", ref.raw)))
        found: list[tuple[list[str], Reference | None]] = [([plain], None)]
    else:
        found = [(_lines(element), _labelled(element)) for element in _citations(root)]
        if not found and "".join(root.itertext()).strip():
            found = [(_lines(root), None)]  # a note in the place of a citation
    line = ref.line
    for (lines, labelled), raw in zip(found, _raws(ref.raw, len(found)), strict=False):
        positions[ref.bibliography] += 1
        item = Item(
            line,
            listed=True,
            bibliography=ref.bibliography,
            position=positions[ref.bibliography],
            lines=lines,
            raw=raw.split("\n"),
            marked=True,
        )
        line += raw.count("\n")
        yield parsed(item, source, labelled, fault)


def _citations(root: ET.Element) -> Iterator[ET.Element]:
    """The citations of a `<ref>`. Of those that are said to be the same, the one whose parts are
    marked, with what only another one has."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag in _CITATIONS:
            yield element
        elif element.tag == _SAME and (same := [one for one in element if one.tag in _CITATIONS]):
            best = next((one for one in same if one.find(".//source") is not None), same[0])
            for tag in ("annotation", "pub-id"):
                if best.find(f".//{tag}") is None:
                    best.extend(found for one in same for found in one.iter(tag))
            yield best
        else:
            waiting += reversed(element)


def _raws(raw: str, count: int) -> list[str]:
    """The text of a `<ref>`, cut in front of each but the first of its citations. Where they do
    not stand as in the tree (in a CDATA section), the first one has it all."""
    if count < 2:
        return [raw]
    starts = []
    depth = 0
    for tag in tags(raw):
        if tag.name.rpartition(":")[2] in (*_CITATIONS, _SAME):
            if not depth and not tag.closing:
                starts.append(tag.start)
            depth += 0 if tag.empty else -1 if tag.closing else 1
    if len(starts) != count:
        return [raw, *[""] * (count - 1)]
    ends = [*starts[1:], len(raw)]
    return [raw[start:end] for start, end in zip([0, *starts[1:]], ends, strict=True)]


def _parsed(raw: str) -> tuple[ET.Element | None, tuple[citation.Problem, ...]]:
    """The tree of one `<ref>` without namespaces, or what is wrong with it."""
    prefixes = {p for tag in _TAG.findall(raw) for p in _PREFIX.findall(tag)} - {"xml", "xmlns"}
    declared = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in sorted(prefixes))
    try:
        root = ET.fromstring(f"<refs{declared}>{raw}</refs>")
    except ET.ParseError as fault:
        return None, (("bad-xml", f"the markup is damaged, its text is kept: {fault.msg}"),)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root, ()


# --------------------------------------------------------------------------------- what is printed


def _lines(element: ET.Element) -> list[str]:
    """Citation and links, and the paragraphs of the annotation, as the page prints them."""
    marked = element.tag != "mixed-citation" and element.find("source") is not None
    printed = _printed(element) if marked else _text(element, ("annotation", "pub-id", "label"))
    links = [
        f"[{_SCHEMES[kind]}: {_text(identifier)}]"
        for identifier in element.iter("pub-id")
        if (kind := identifier.get("pub-id-type", "").lower()) in _SCHEMES
    ]
    first = f"{printed} {' '.join(links)}".strip()
    notes = [
        _text(paragraph)
        for annotation in element.iter("annotation")
        for paragraph in (annotation.findall("p") or [annotation])
    ]
    return [first, *filter(None, notes)]


_SCHEMES = {"pmid": "PubMed", "pmcid": "PMC free article", "pmc": "PMC free article", "doi": "DOI"}


def _text(
    element: ET.Element | None, without: tuple[str, ...] = (), rich: Mapping[str, str] = _PLAIN
) -> str:
    """All the text of an element; a link to the work stands there with the number of its address.
    `rich` names the elements that are markup in our texts too."""
    parts: list[str] = []
    waiting: list[ET.Element | str] = [] if element is None else [element]
    while waiting:
        inside = waiting.pop()
        if isinstance(inside, str):
            parts.append(inside)
            continue
        if inside is not element:
            waiting.append(inside.tail or "")
        address = next((v for k, v in inside.attrib.items() if k.endswith("href")), "")
        if inside.tag == "ext-link" and _DEAD.match(inside.text or "") and link(address):
            parts.append(f"[{link(address)}]")
        elif inside.tag not in without:
            mark = rich.get(inside.tag)
            waiting += [f"</{mark}>"] if mark else []
            waiting += reversed(inside)
            parts.append((f"<{mark}>" if mark else "") + (inside.text or ""))
    return clean("".join(parts))


def _printed(element: ET.Element) -> str:
    """The citation as Bookshelf prints it from its parts.

    `Doe J, et al.; Example Group. Title. Example J. 2001;1(2):3-4. French.`
    """
    cut = ["et al."] if _cut(element) else []
    names = ", ".join([_nlm(name) for name in _name_elements(element)] + cut)
    byline = "; ".join(filter(None, (names, *_bodies(element))))
    comments = [_text(comment) for comment in element.iter("comment")]
    titles = [_text(found) for found in element.iter() if found.tag in _TITLES]
    if not titles and comments and comments[0].startswith("["):
        titles = [comments.pop(0)]
    in_book = element.get("publication-type") == "book"
    where = _book(element, bool(titles)) if in_book else _journal(element)
    parts = [byline, *titles, *where, *comments]
    return " ".join(_ended(part) for part in parts if part)


def _journal(element: ET.Element) -> list[str]:
    """`Example J.` and `2001;1 Suppl 2(3):4-5`"""
    date = " ".join(filter(None, (_first(element, part) for part in ("year", "month", "day"))))
    issue = f"({said})" if (said := _first(element, "issue")) else ""
    supplement = f" {said}" if (said := _first(element, "supplement")) else ""
    where = f"{_first(element, 'volume')}{supplement}{issue}"
    pages = _pages(element)
    imprint = date + (f";{where}" if where else "") + (f":{pages}" if pages else "")
    return [_first(element, "source"), imprint]


def _book(element: ET.Element, inside: bool) -> list[str]:
    """`In, Doe J, eds. Examples.`, `2nd ed.` and `City: Press, 2010, pp. 1-9`"""
    editors = ", ".join(_nlm(name) for name in _name_elements(element, "editor"))
    whole = f"{editors}, eds. {_first(element, 'source')}" if editors else _first(element, "source")
    edition = _first(element, "edition")
    house = ": ".join(filter(None, (_first(element, tag) for tag in _HOUSE)))
    pages = f"pp. {said}" if (said := _pages(element)) else ""
    return [
        f"In, {whole}" if inside else whole,
        f"{edition} ed" if edition and " ed" not in edition else edition,
        ", ".join(filter(None, (house, _first(element, "year"), pages))),
    ]


def _nlm(name: ET.Element) -> str:
    parts = (_first(name, part) for part in ("surname", "given-names", "suffix"))
    return " ".join(part for part in parts if part)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _first(element: ET.Element, tag: str) -> str:
    return _text(element.find(f".//{tag}"))


# --------------------------------------------------------------------------------- what is marked


def _labelled(element: ET.Element) -> Reference | None:
    """The reference that the marks make; None where the parts of the citation are not marked."""
    if element.find(".//source") is None:
        return None
    title, remarks = _title(element)
    persons, bodies = _persons(element), _bodies(element)
    if not title and not persons and len(bodies) == 1:
        title, bodies = bodies[0].removesuffix("."), []  # so some chapters mark a title
    kind = _type(element)
    said: dict[str, Value] = {
        "title": title,
        "author": (
            *persons,
            *(Name(literal=body) for body in bodies),
            *([ET_AL] if _cut(element) else []),
        ),
        "editor": tuple(_persons(element, "editor")),
        "container-title": _first(element, "source").removeprefix("PMID: ").removesuffix("."),
        "issued": _issued(element) or "",
        "volume": _first(element, "volume"),
        "issue": _issue(element),
        "page": _pages(element),
        **{variable: _first(element, tag) for variable, tag in _BOOK.items()},
        **remarks,
    }
    if kind == "book" and not said["title"]:
        said["title"] = said.pop("container-title")
    return Reference(kind, {variable: value for variable, value in said.items() if value})


_TYPES = {"journal": "article-journal", "book": "book", "web": "webpage", "thesis": "thesis"}
_BOOK = {"edition": "edition", "publisher": "publisher-name", "publisher-place": "publisher-loc"}
_RICH = {"italic": "i", "bold": "b", "sup": "sup", "sub": "sub", "sc": "sc"}
_LANGUAGE = re.compile(rf"(?:Article in )?({'|'.join(LANGUAGES)})")
_STATUS = re.compile(r"(?:Epub|Online) ahead of print|in press", re.I)


def _type(element: ET.Element) -> str:
    kind = _TYPES.get(element.get("publication-type", ""), "document")
    inside = any(element.find(f".//{tag}") is not None for tag in _TITLES)
    return "chapter" if kind == "book" and inside else kind


def _title(element: ET.Element) -> tuple[str, dict[str, str]]:
    """The title, and what the comments say. A translated title stands in a comment too, in
    brackets."""
    comments = [_text(found) for found in element.iter("comment")]
    titles = [_text(found, rich=_RICH) for found in element.iter() if found.tag in _TITLES]
    if not titles and comments and comments[0].startswith("["):
        titles = [comments.pop(0)]
    title, said = language(" ".join(titles).removesuffix("."))
    return title, {"language": said} | _remarks(comments)


def _remarks(comments: list[str]) -> dict[str, str]:
    """Language, status and notes: `Korean. Not in PubMed`, `[Article in Polish]`."""
    said: dict[str, str] = {}
    notes = []
    for remark in (part.strip("[]. ") for text in comments for part in re.split(r"\.\s", text)):
        if found := _LANGUAGE.fullmatch(remark):
            said["language"] = LANGUAGES[found[1]]
        elif _STATUS.fullmatch(remark):
            said["status"] = remark
        elif remark and remark != "pii":
            notes.append(remark)
    return said | {"note": "; ".join(notes)}


def _persons(element: ET.Element, role: str = "author") -> list[Name]:
    return [
        Name.person(
            _first(name, "surname"),
            dotted(_first(name, "given-names").rstrip(".").replace(", ", "")),
            _first(name, "suffix"),
        )
        for name in _name_elements(element, role)
    ]


def _name_elements(element: ET.Element, role: str = "author") -> list[ET.Element]:
    """The persons in a role; names outside any group are authors."""
    groups = [
        group
        for group in element.iter("person-group")
        if group.get("person-group-type", "author") == role
    ]
    inside = groups or ([element] if role == "author" else [])
    return [name for group in inside for name in group.iter() if name.tag in _NAMES]


def _bodies(element: ET.Element) -> list[str]:
    return [body for found in element.iter("collab") if (body := _text(found).rstrip(".;, "))]


def _cut(element: ET.Element) -> bool:
    return element.find(".//etal") is not None


def _issue(element: ET.Element) -> str:
    return " ".join(filter(None, (_first(element, tag) for tag in ("issue", "supplement"))))


def _pages(element: ET.Element) -> str:
    first, last = _first(element, "fpage"), _first(element, "lpage")
    return _first(element, "elocation-id") or (f"{first}-{last}" if last else first)


def _issued(element: ET.Element) -> Date | None:
    parts = (_first(element, part) for part in ("year", "month", "day"))
    said = " ".join(part for part in parts if part)
    return Date.parse(said) if said else None
