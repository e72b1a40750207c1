"""Citations in the style of the APA and its many relatives: `Doe, J. A., & Roe, K. (2001). ...`"""

from __future__ import annotations

import re
from dataclasses import replace

from refbase.citation import bylines, dotted, imprints, titles
from refbase.citation.bylines import Byline
from refbase.citation.imprints import Imprint
from refbase.model import Value
from refbase.values import ET_AL, Date, Name

_FRAME = re.compile(
    r"(?P<names>[^()]{2,}?)\s*(?P<editors>\(Eds?\.\)\.?\s*)?"
    r"\((?P<year>(?:1[6-9]|20)\d\d)(?P<suffix>[a-z])?(?:,\s+(?P<day>[^()]{3,30}))?\)\.\s+"
)
_INITIALS = r"[^\W\d_a-z]\.(?:\s?-?\s?[^\W\d_a-z]\.)*"
_NAME = re.compile(
    r"(?:(?:&|and)\s+|(?P<cut>(?:\.\s?){3}|…\s?),?\s*(?:&\s*)?)?"
    rf"(?P<family>[^,&]+?),\s+(?P<given>{_INITIALS})(?:,\s+(?P<suffix>[JS]r\.|I{{2,3}}|IV))?"
    r"(?:,\s*|\s+(?=&|and\b)|\s*$)"
)
_EDITOR = re.compile(rf"(?P<given>{_INITIALS})\s+(?P<family>\S.*)")
_SERIAL = re.compile(
    r"(?:,\s+|\s+(?=\w+(?:\s?\([^()]*\))?,\s+\w*\d))(?P<volume>[A-Z]?\d+(?:[-–/](?:\d+|[A-Z]\b))?)(?:\s?\((?P<issue>[^()]{1,40})\))?"
    r"(?:,\s+(?:Article\s+|pp?\.\s+)?(?P<page>[A-Za-z]{0,4}\d\w*(?:\s?[-–]\s?\w+)?|[ivxlc]+))?(?=[.\s]|$)"
)
_CHAPTER = re.compile(
    r"(?P<title>.+?)[.?!]\s+In\s+(?:(?P<editors>[^()]{2,200}?)\s+\(Eds?\.\),\s+)?"
    r"(?P<book>[^()]+?)\s*\((?P<inside>[^()]*pp?\.[^()]*)\)\.\s+(?P<publisher>[^.]{2,80})(?:\.|$)"
)
_BOOK = re.compile(
    r"(?P<title>[^()]+?)(?:\s*\((?P<inside>[^()]*)\))?\.\s+(?P<publisher>[^\W\d_a-z][^.]{1,80})\."
)
_PUBLISHER = re.compile(
    r"\b(?:press|publish\w*|verlag|springer|wiley|elsevier|routledge|sage|academic|books?|"
    r"associations?|university|institute|organi[sz]ation|mcgraw|saunders|mosby|karger|thieme)\b",
    re.I,
)
_EDITION = re.compile(r"(\w+)\s+ed\.")
_PAGES = re.compile(r"pp?\.\s*([^,]+)")

Found = tuple[str, Byline, Imprint, dict[str, Value]]


def read(text: str) -> Found | None:
    """Type, names, imprint and what else is said; None where the style is another one.

    >>> kind, byline, imprint, said = read("Doe, J., & Roe, K. (2001). A title. Example J, 1, 2-3.")
    >>> kind, [name.inverted for name in byline.names], said["container-title"], imprint.found
    ('article-journal', ['Doe, J.', 'Roe, K.'], 'Example J', {'volume': '1', 'page': '2-3'})
    """
    frame = _FRAME.match(text)
    names = _names(frame["names"]) if frame else None
    if not frame:
        return None
    if nameless := _nameless(text, frame):
        return nameless
    if not names:
        return None
    role = "editor" if frame["editors"] else "author"
    byline = Byline(names, role, frame.end())
    for layout in (_chapter, _serial, _book):
        if found := layout(text, frame.end()):
            kind, said, imprint = found
            said["year-suffix"] = frame["suffix"] or ""
            day = Date.parse(f"{frame['day'] or ''} {frame['year']}")
            date = day if day.start else Date((int(frame["year"]),))
            return kind, byline, replace(imprint, date=date), said
    return None


def _nameless(text: str, frame: re.Match[str]) -> Found | None:
    """`Title. (2001). Journal, 12(3), 45-67.`: where names and title are expected, and only a
    journal stands behind the year, the title stands in front of it."""
    found = _SERIAL.search(text, frame.end())
    imprint = imprints.read_rest(text, found.end()) if found else None
    container = text[frame.end() : found.start()] if found else ""
    if not found or not imprint or imprint.unread or titles.split(container)[0]:
        return None
    title = frame["names"].strip().removesuffix(".")
    said: dict[str, Value] = {"title": title, "container-title": container}
    date = Date((int(frame["year"]),))
    imprint = replace(imprint, date=date, found={**_where(found), **imprint.found})
    return "article-journal", Byline(), imprint, said


def _names(text: str) -> tuple[Name, ...] | None:
    """`Doe, J. A., & Roe, K.`, or a body; None where the names are written in another style."""
    names: list[Name] = []
    cut = False
    position = 0
    text, et_al, _ = text.partition("et al")
    text = text.strip().rstrip(",") if et_al else text
    while found := _NAME.match(text, position):
        cut = cut or bool(found["cut"])
        given = dotted.spaced(found["given"])
        names.append(Name.person(found["family"].strip(), given, found["suffix"] or ""))
        position = found.end()
    if position < len(text):
        body = text.strip().removesuffix(".")
        if names or "," in text or bylines.is_person(body):
            return None
        names = [Name(literal=body)]
    return (*names, ET_AL) if et_al or cut else tuple(names)


def _serial(text: str, start: int) -> tuple[str, dict[str, Value], Imprint] | None:
    """`Title. Journal, 12(3), 45-67.`"""
    for found in reversed(list(_SERIAL.finditer(text, start))):
        title, container, problem = titles.split(text[start : found.start()])
        imprint = imprints.read_rest(text, found.end())
        if title and container and not problem and not imprint.unread:
            imprint = replace(imprint, found={**_where(found), **imprint.found})
            return "article-journal", {"title": title, "container-title": container}, imprint
    return None


def _where(serial: re.Match[str]) -> dict[str, Value]:
    """Volume, issue and page."""
    where: dict[str, Value] = {k: v for k, v in serial.groupdict().items() if v}
    if "page" not in where and re.search(r"\d[-–]", serial["volume"]):
        where["page"] = where.pop("volume")  # Nature, 4-10.
    return where


def _chapter(text: str, start: int) -> tuple[str, dict[str, Value], Imprint] | None:
    """`Title. In A. Doe & K. Roe (Eds.), Book (2nd ed., pp. 1-9). Publisher.`"""
    found = _CHAPTER.match(text, start)
    if not found:
        return None
    editors = [
        Name.person(name["family"], dotted.spaced(name["given"]))
        for part in re.split(r",\s*&?\s*|\s+(?:&|and)\s+", found["editors"] or "")
        if (name := _EDITOR.fullmatch(part))
    ]
    said = {"title": found["title"], "container-title": found["book"], "editor": tuple(editors)}
    return "chapter", said | _inside(found), imprints.read_rest(text, found.end())


def _book(text: str, start: int) -> tuple[str, dict[str, Value], Imprint] | None:
    """`Title (2nd ed.). Publisher.`; with an address behind it, a page: `Title. Site. https://`;
    with a DOI and no publisher's name, an article that has no volume yet."""
    found = _BOOK.match(text, start)
    imprint = imprints.read_rest(text, found.end()) if found else None
    if not found or not imprint or imprint.unread:
        return None
    said = {"title": found["title"]} | _inside(found)
    if "URL" in imprint.found:
        said["container-title"] = said.pop("publisher")
        return "webpage", said, imprint
    if "DOI" in imprint.found and not found["inside"] and not _PUBLISHER.search(found["publisher"]):
        said["container-title"] = container = said.pop("publisher")
        unsure = ("no-volume", f"neither volume nor page behind '{container}'")
        return "article-journal", said, replace(imprint, problems=(*imprint.problems, unsure))
    return "book", said, imprint


def _inside(found: re.Match[str]) -> dict[str, Value]:
    """Publisher, and what stands in the brackets behind the title: edition and pages."""
    inside = found["inside"] or ""
    edition, pages = _EDITION.search(inside), _PAGES.search(inside)
    return {
        "edition": edition[1] if edition else "",
        "publisher": found["publisher"],
        "page": pages[1].strip() if pages else "",
    }
