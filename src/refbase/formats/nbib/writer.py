"""Writing nbib as PubMed does, line by line in its order."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from refbase.errors import Diagnostic, Severity
from refbase.formats.base import WriteOptions, annotation_texts, custom_severity, loss
from refbase.formats.nbib.names import full_name, full_text, short_text
from refbase.formats.nbib.tables import (
    CORRECTION_TAGS,
    CUSTOM,
    GRANT,
    LANGUAGE_CODES,
    ORDER,
    PUBLICATION_TYPES,
    RETRACTED,
    TEXTS,
)
from refbase.model import Dossier, Reference, Value
from refbase.text import clean
from refbase.values import ET_AL, QUARTERS, SEASONS, Date

_WIDTH = 82
Line = tuple[str, str]


@dataclass(slots=True)
class _Writing:
    """A reference on its way into a file: what is left of it, and what is lost."""

    dossier: Dossier
    options: WriteOptions
    left: dict[str, Value]
    custom: dict[str, Any]
    losses: dict[str, Severity] = field(default_factory=dict)

    def take(self, variable: str) -> str:
        value = self.left.pop(variable, "")
        return clean(value) if isinstance(value, str) else ""

    def strings(self, name: str) -> list[str]:
        """A custom value that is a text or a list of them."""
        value = self.custom.get(name)
        texts = value if isinstance(value, list) else [value]
        strings = [clean(text) for text in texts if isinstance(text, str)]
        if not texts or len(strings) < len(texts):
            return []
        del self.custom[name]
        return strings

    def objects(self, name: str) -> list[dict[str, str]]:
        """A custom value that is a list of objects made of texts."""
        value = self.custom.get(name)
        if not isinstance(value, list) or not all(map(_is_texts, value)):
            return []
        return list(self.custom.pop(name))

    def note(self, message: str) -> None:
        self.losses.setdefault(message, Severity.INFO)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write records with a blank line between two."""
    between = ""
    for dossier in dossiers:
        reference = dossier.reference
        writing = _Writing(dossier, options, dict(reference.variables), dict(reference.custom))
        stream.write(between + "".join(_wrapped(tag, text) for tag, text in _lines(writing)))
        between = "\n"
        for message, severity in writing.losses.items():
            yield loss(dossier.key, message, severity)


def _wrapped(tag: str, text: str) -> str:
    """A value, wrapped as PubMed wraps it; a blank in front of what goes on."""
    lines = [text]
    if len(text) > _WIDTH:
        lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"{tag:4}- " + "\n      ".join(lines) + "\n"


def _lines(writing: _Writing) -> list[Line]:
    lines = [line for part in _PARTS for line in part(writing)]
    lines += [(tag, text) for tag, variable in TEXTS.items() if (text := writing.take(variable))]
    for tag, name in CUSTOM.items():
        lines += [(tag, text) for text in writing.strings(name)[:1]]
    kept = list(_kept(writing))
    place = {tag: number for number, tag in enumerate(ORDER)}
    # Names keep their order: all of their tags have one place
    place |= dict.fromkeys(("AU", "CN"), place["FAU"]) | {"ED": place["FED"]}
    pmid = [("PMID", writing.take("PMID"))]
    known = sorted((line for line in lines if line[1]), key=lambda line: place[line[0]])
    for variable in writing.left:
        writing.losses[f"nbib has no field for '{variable}'"] = Severity.WARNING
    for name in writing.custom:
        writing.losses[f"nbib has no field for '{name}' (custom)"] = custom_severity(name)
    if writing.dossier.key:
        writing.note("nbib has no field for the citation key")
    return [*pmid, *known, *kept]


_KEPT = re.compile(r"nbib:([A-Z]{2,4})(?: \[(\w+)\])?")


def _kept(writing: _Writing) -> Iterator[Line]:
    """What the reader had no variable for, in its own tags."""
    for name in list(writing.custom):
        found = _KEPT.fullmatch(name)
        if not found or found[1] == "PMID":
            continue
        for text in writing.strings(name):
            yield found[1], f"{text} [{found[2]}]" if found[2] else text


def _titles_lines(writing: _Writing) -> Iterator[Line]:
    """NLM ends a title with a full stop."""
    kind = writing.dossier.reference.type
    title, original = (_stopped(writing.take(name)) for name in ("title", "original-title"))
    yield "TT", original
    if kind == "book":
        yield "BTI", title.removesuffix(".")
    elif title and _is_translated(writing.dossier.reference):
        yield "TI", f"[{title.removesuffix('.')}]."
    else:
        yield "TI", title
    if kind == "chapter":
        yield "BTI", writing.take("container-title")


def _stopped(title: str) -> str:
    return title if not title or title[-1] in ".?!" else f"{title}."


_ENGLISH = ("", "en", "eng", "english")


def _is_translated(reference: Reference) -> bool:
    """NLM translates titles into English and puts the translation in brackets."""
    language = reference.text("language").lower().partition("-")[0]
    return bool(reference.text("original-title")) or language not in _ENGLISH


def _identifier_lines(writing: _Writing) -> Iterator[Line]:
    doi = writing.take("DOI")
    yield "PMC", writing.take("PMCID")
    yield "AID", f"{doi} [doi]" if doi else ""
    yield "LID", f"{doi} [doi]" if doi else ""
    for text in writing.strings("pii")[:1]:
        yield "AID", f"{text} [pii]"
    for text in writing.strings("bookshelf-id")[:1]:
        yield "AID", f"{text} [bookaccession]"
        if writing.dossier.reference.text("URL").endswith(f"/books/{text}/"):
            writing.take("URL")
    linking = writing.strings("issn-l")[:1]
    for number in writing.take("ISSN").split():
        yield "IS", number
    for number in linking:
        yield "IS", f"{number} (Linking)"


def _people_lines(writing: _Writing) -> Iterator[Line]:
    for variable, full, short in (("author", "FAU", "AU"), ("editor", "FED", "ED")):
        value = writing.left.pop(variable, ())
        for name in value if isinstance(value, tuple) else ():
            text = clean(full_text(name))
            group = bool(name.literal) and full == "FAU"
            if name == ET_AL:
                writing.note("nbib cannot say that a list of names was cut")
            elif group:
                yield "CN", text
            else:
                yield full, text
                yield short, clean(short_text(name))
            if name != ET_AL and not group and full_name(text) != name:
                writing.note("a name is read back as another one: a particle, a suffix")


def _issue_lines(writing: _Writing) -> Iterator[Line]:
    yield "VI", writing.take("volume")
    yield "IP", writing.take("issue")
    yield "PG", writing.take("page")
    if writing.dossier.reference.type != "article-journal":
        yield "PL", writing.take("publisher-place")


def _date_lines(writing: _Writing) -> Iterator[Line]:
    issued = writing.left.pop("issued", None)
    if isinstance(issued, Date):
        text = nlm_date(issued)
        if Date.parse(text) != issued:
            writing.note("a date is read back as another one: circa, a season")
        yield "DP", text
    online = writing.dossier.reference.date("available-date")
    if online and len(online.start) == 3 and not online.end:
        del writing.left["available-date"]
        yield "DEP", online.to_edtf().replace("-", "").rstrip("~")
    for text in writing.strings("date-revised")[:1]:
        yield "LR", text.replace("-", "")


def nlm_date(date: Date) -> str:
    """A date as NLM prints it.

    >>> nlm_date(Date((2013, 9, 11))), nlm_date(Date((1998, 12), (1999, 1)))
    ('2013 Sep 11', '1998 Dec-1999 Jan')
    >>> nlm_date(Date((1979, 8, 30), (1979, 9, 6))), nlm_date(Date((2015, 21)))
    ('1979 Aug 30-Sep 6', '2015 Spring')
    """
    if not date.start:
        return clean(date.literal)
    same = 1 if date.end and date.end[0] == date.start[0] and len(date.end) > 1 else 0
    if same and len(date.end) == len(date.start) == 3 and date.end[1] == date.start[1]:
        same = 2
    end = " ".join(_printed(date.end)[same:])
    return " ".join(_printed(date.start)) + (f"-{end}" if end else "")


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NAMED = {**SEASONS, **QUARTERS, 23: "Fall", **dict(enumerate(_MONTHS, 1))}


def _printed(parts: tuple[int, ...]) -> list[str]:
    return [f"{part:04d}" if n == 0 else _NAMED[part] if n == 1 else str(part)
            for n, part in enumerate(parts)]  # fmt: skip


def _subject_lines(writing: _Writing) -> Iterator[Line]:
    headings = writing.strings("mesh")
    covered = {text.split("/")[0].lstrip("*") for text in headings}
    writing.take("keyword")
    for text in headings:
        yield "MH", text
    for word in dict.fromkeys((*writing.dossier.reference.keywords, *writing.dossier.tags)):
        if word not in covered:
            yield "OT", clean(word)


def _kind_lines(writing: _Writing) -> Iterator[Line]:
    """Publication types; one at least, as in PubMed."""
    kind = writing.dossier.reference.type
    types = writing.strings("publication-types")
    if kind in PUBLICATION_TYPES and PUBLICATION_TYPES[kind] not in types:
        types.append(PUBLICATION_TYPES[kind])
    if writing.dossier.reference.text("status") == "retracted":
        writing.take("status")
        types += [RETRACTED] if RETRACTED not in types else []
    if kind not in (*PUBLICATION_TYPES, "article-journal"):
        writing.losses[f"nbib has no type '{kind}', written as article"] = Severity.WARNING
    for text in types or ["Journal Article"]:
        yield "PT", text
    language = writing.take("language")
    for code in filter(None, language.split(", ")):
        yield "LA", LANGUAGE_CODES.get(code, code)


def _linked_lines(writing: _Writing) -> Iterator[Line]:
    for link in writing.objects("corrections"):
        text = link.get("source", "")
        if pmid := link.get("pmid"):
            text = f"{text}. PMID: {pmid}" if text else f"PMID: {pmid}"
        tag = CORRECTION_TAGS.get(link.get("type", ""))
        if not tag or link.get("note"):
            writing.note("nbib has no field for a part of 'corrections' (custom)")
        yield tag or "CIN", clean(text) if tag else ""
    for grant in writing.objects("grants"):
        yield "GR", clean("/".join(grant[name] for name in GRANT if grant.get(name)))


def _note_lines(writing: _Writing) -> Iterator[Line]:
    """Notes and annotations are general notes, which only some programs read."""
    value = writing.left.pop("note", "")
    for line in str(value).split("\n"):
        yield "GN", clean(line)
    annote = writing.take("annote")
    for text in filter(None, [annote, *annotation_texts(writing.dossier, writing.options)]):
        writing.note("an annotation is written as general note (GN) and read back as 'note'")
        yield "GN", clean(text)


_PARTS: tuple[Callable[[_Writing], Iterator[Line]], ...] = (
    _titles_lines,
    _identifier_lines,
    _people_lines,
    _issue_lines,
    _date_lines,
    _subject_lines,
    _kind_lines,
    _linked_lines,
    _note_lines,
)
