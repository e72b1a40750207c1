"""A printed citation, taken apart: the styles of NLM, LiverTox, the APA and of many publishers.

What no rule understands is never guessed away: it stays in the text of the citation, the
reference becomes a `document` at worst, and `problems` says what is doubtful.

The order of work: the imprint (year, volume, pages) is read from the end, the names from the
beginning, and what is left between them is the title and the container title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from refbase.citation import apa, bylines, imprints, titles
from refbase.citation.bylines import Byline
from refbase.citation.imprints import Imprint
from refbase.model import Reference, Value
from refbase.text import clean
from refbase.values import Date

Problem = tuple[str, str]
"""A diagnostic code and a message; the caller knows the line."""

_LONGEST = 10_000
"""No citation is longer; what is would only keep the patterns busy."""

_NOT_UNDERSTOOD: Problem = (
    "citation-not-understood",
    "no journal, book or chapter recognised",
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What a printed citation says.

    `text` is the citation as printed, without identifiers; `problems` is empty where every
    character was understood.
    """

    text: str
    reference: Reference
    problems: tuple[Problem, ...] = ()


def parse(text: str) -> Citation:
    """A citation as printed, as a reference.

    >>> found = parse("Lee W; Example Group. A U.S. trial. Example J 2010; 52 (Suppl 1): 65-76.")
    >>> found.reference.title, found.reference.container_title, found.reference.text("issue")
    ('A U.S. trial', 'Example J', 'Suppl 1')
    >>> [name.inverted for name in found.reference.authors], found.problems
    (['Lee, W.', 'Example Group'], ())
    """
    text = clean(text)
    if len(text) > _LONGEST:
        return Citation(text, Reference("document", {"title": text}), (_NOT_UNDERSTOOD,))
    for layout in (_apa, _chapter, _book, _article):
        if found := layout(text):
            return found
    return _document(text)


def _result(
    text: str,
    kind: str,
    byline: Byline,
    imprint: Imprint,
    variables: dict[str, Value],
    problems: list[Problem],
) -> Citation:
    """Everything that was read, in one order of variables."""
    if imprint.unread:
        problems.append(("unread-text", f"not understood: '{imprint.unread}'"))
    for name in byline.odd:
        problems.append(("odd-name", f"'{name}' is no surname with initials"))
    problems += imprint.problems
    notes = "; ".join((*imprint.notes, imprint.unread) if imprint.unread else imprint.notes)
    said: dict[str, Value] = {
        "title": "",
        byline.role: byline.names,
        **variables,
        "issued": imprint.date or "",
        **imprint.found,
        "note": notes,
    }
    reference = Reference(kind, {k: v for k, v in said.items() if v}, dict(imprint.custom))
    return Citation(_without(text, imprint.identifiers), reference, tuple(problems))


def _without(text: str, places: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(places):
        text = text[:start] + text[end:]
    return text.strip()


def _apa(text: str) -> Citation | None:
    found = apa.read(text)
    if not found:
        return None
    kind, byline, imprint, variables = found
    return _result(text, kind, byline, imprint, variables, [])


# --------------------------------------------------------------------------------- articles

_YEAR_IN_FRONT = re.compile(
    r"\s*(?:\(((?:1[6-9]|20)\d\d)([a-z])?\)|((?:1[6-9]|20)\d\d)([a-z])?)[.,:]*\s+"
)


def _article(text: str) -> Citation | None:
    """`Names. Title. Journal 2010; 52: 65-76.`, or with the year elsewhere."""
    byline = bylines.read(text)
    dated = _YEAR_IN_FRONT.match(text, byline.end)
    if dated and not byline.names and not dated[1]:
        dated = None  # a title that begins with a year
    start = dated.end() if dated else byline.end
    imprint = _imprint(text, byline, start, dated is not None)
    if imprint is None or imprint.start < start:
        return None
    title, container, problem = titles.split(text[start : imprint.start], byline.given_first)
    if byline.names and not title and not byline.odd and len(byline.names) == 1:
        # "Hepatitis B. Lancet 2010; ..." is a title that looks like a name
        byline, title = Byline(), text[: byline.end].rstrip(". ")
    if not imprint.located and not (byline.names and title and not problem):
        return None
    title, language = titles.language(title)
    variables: dict[str, Value] = {
        "title": title,
        "container-title": container,
        "language": language,
    }
    problems = [("missing-full-stop", problem)] if problem else []
    problems += _glued(text, byline, title)
    if dated:
        imprint = replace(imprint, date=Date((int(dated[1] or dated[3]),)))
        variables["year-suffix"] = dated[2] or dated[4] or ""
    if not title:
        problems.append(("no-title", "title and journal could not be told apart"))
    if not imprint.located:
        problems.append(("no-volume", f"neither volume nor page behind '{container}'"))
    return _result(text, "article-journal", byline, imprint, variables, problems)


def _imprint(text: str, byline: Byline, start: int, dated: bool) -> Imprint | None:
    """The imprint, wherever the year stands: behind the names, in front of the volume, in
    brackets behind it."""
    if dated:
        return imprints.read_undated(text, start)
    found = imprints.read(text)
    if found and found.located and not found.unread:
        return found
    return imprints.read_enclosed(text, start) or found or imprints.read_year(text, start)


def _glued(text: str, byline: Byline, title: str) -> list[Problem]:
    """Where a blank is missing; the text stays as it is printed."""
    glued = titles.missing_blanks(title)
    if byline.names and text[byline.end - 1] == "." and text[byline.end : byline.end + 1] != " ":
        glued.append(text[byline.end - 6 : byline.end + 6])
    return [("missing-blank", f"a blank is missing in '{word}'") for word in glued]


# --------------------------------------------------------------------------------- books

_IN = re.compile(r"(?<=[.?!\]])\s+In[,:]\s+")
_BOOK = re.compile(
    r"(?P<title>.+?)[.,?]\s+"
    r"(?:(?P<edition>\d+(?:st|nd|rd|th))(?i:\s+ed(?:ition|n)?)?\.?\s+)?"
    r"(?P<place>(?:St\.\s|[^\W\d_a-z])(?:St\.\s|D\.?C\.?|[^:.;\d]){1,40}):\s*"
    r"(?P<publisher>[^\W\d_a-z][^:;]*?)(?:\s*[,;.]\s+|\s*;)(?P<year>(?:1[6-9]|20)\d\d)\b"
)


def _book(text: str) -> Citation | None:
    """`Names[, eds]. Title. 2nd ed. City: Publisher, 1999.`"""
    byline = bylines.read(text)
    found = _published(text, byline.end)
    if found is None or found[1].unread:
        return None
    variables, imprint = found
    return _result(text, "book", byline, imprint, variables, [])


def _chapter(text: str) -> Citation | None:
    """`Names. Title. In, Names, eds. Book title. 2nd ed. City: Publisher, 1999, pp. 1-9.`"""
    inside = _IN.search(text)
    if not inside:
        return None
    byline = bylines.read(text[: inside.start()])
    editors = bylines.read(text[inside.end() :])
    found = _published(text, inside.end() + editors.end)
    if found is None:
        return None
    variables, imprint = found
    # A person behind "In" who is no editor wrote the whole book
    role = "editor" if editors.role == "editor" else "container-author"
    chapter: dict[str, Value] = {
        "title": text[byline.end : inside.start()].strip().removesuffix("."),
        "container-title": variables.pop("title"),
        role: editors.names,
        **variables,
    }
    problems = [("odd-name", f"'{name}' is no surname with initials") for name in editors.odd]
    return _result(text, "chapter", byline, imprint, chapter, problems)


def _published(text: str, start: int) -> tuple[dict[str, Value], Imprint] | None:
    """Title, edition, place and publisher of a book, and what stands behind its year."""
    found = _BOOK.match(text, start)
    if not found:
        return None
    said = {name: (found[name] or "").strip() for name in ("title", "edition", "publisher")}
    imprint = imprints.read_book(text, found.start("year"))
    return {**said, "publisher-place": found["place"].strip()}, imprint


# --------------------------------------------------------------------------------- anything else


def _document(text: str) -> Citation:
    """What no layout fits: names and identifiers, where there are any, and all else as title."""
    byline = bylines.read(text)
    imprint = imprints.read_loose(text, byline.end)
    title = text[byline.end : imprint.start].strip().removesuffix(".")
    kind = "webpage" if "URL" in imprint.found else "document"
    return _result(text, kind, byline, imprint, {"title": title}, [_NOT_UNDERSTOOD])
