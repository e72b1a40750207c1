"""Writing EndNote XML: elements in EndNote's own order, markup as runs of `style`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from typing import TextIO

from refbase import extra, identifiers
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import (
    WriteOptions,
    annotation_texts,
    custom_severity,
    keyword_list,
    loss,
)
from refbase.formats.endnotexml.tables import (
    DATABASE,
    DATE,
    FULL_JOURNAL,
    KEY,
    NEAREST,
    NUMBERS,
    ORDER,
    PROVIDER,
    TYPE,
    TYPES,
    YEAR,
    fields,
)
from refbase.model import Dossier, Value
from refbase.text import clean, printable, render
from refbase.values import ET_AL, Date, Name
from refbase.vocab import VARIABLES, Kind

_CHANGED = "a name or a date is read back as another one: a particle, a suffix, a season"
_UNMARKED = "EndNote has no small capitals and no words that keep their case"


@dataclass(slots=True)
class _Record:
    """One reference on its way into a file, and what is lost on the way."""

    dossier: Dossier
    options: WriteOptions
    type: str
    losses: dict[str, Severity] = field(default_factory=dict)

    def lose(self, message: str) -> None:
        self.losses[message] = Severity.WARNING

    def note(self, message: str) -> None:
        """Something is written, but not quite as it was."""
        self.losses.setdefault(message, Severity.INFO)

    def rich(self, text: str) -> str:
        """Rich text as EndNote marks it: each run in a `style` of its own."""
        runs = list(_runs(text))
        if any(_NO_FACE & faces.keys() for _, faces in runs):
            self.note(_UNMARKED)
        if not any(faces.keys() - _NO_FACE for _, faces in runs):
            return "".join(_escaped(run) for run, _ in runs)
        return "".join(_styled(run, faces) for run, faces in runs)


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write references one after the other, each on a line: EndNote's own files have no layout."""
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n<records>\n')
    for number, dossier in enumerate(dossiers, 1):
        kind = dossier.reference.type
        record = _Record(dossier, options, TYPES.get(kind) or NEAREST.get(kind, "Generic"))
        if kind not in TYPES:
            record.lose(f"EndNote has no type '{kind}', written as {record.type}")
        by_path = _values(record)
        stream.write(
            "".join(["<record>", *_head(record, number), *_nested(by_path), "</record>\n"])
        )
        for message, severity in record.losses.items():
            yield loss(dossier.key, message, severity)
    stream.write("</records>\n</xml>\n")


def _head(record: _Record, number: int) -> Iterator[str]:
    named = record.dossier.reference.custom.get(f"endnote:{TYPE}")
    yield '<source-app name="refbase">refbase</source-app>'
    yield f"<rec-number>{number}</rec-number>"
    if isinstance(named, str) and record.type == "Generic":
        # A type that we do not know has no number here, and its name decides anyway
        yield f'<ref-type name="{_quoted(named)}">{NUMBERS["Generic"]}</ref-type>'
    else:
        yield f'<ref-type name="{record.type}">{NUMBERS[record.type]}</ref-type>'


def _nested(by_path: dict[str, list[str]]) -> Iterator[str]:
    """The elements within those that they stand in, in the order of EndNote.

    >>> "".join(_nested({"titles/title": ["A"], "titles/x": ["B"]}))
    '<titles><title>A</title><x>B</x></titles>'
    """
    around: list[str] = []
    for path in sorted(by_path, key=_place):
        *parts, name = path.split("/")
        shared = len(list(takewhile(lambda p: p[0] == p[1], zip(around, parts, strict=False))))
        yield from (f"</{part}>" for part in reversed(around[shared:]))
        yield from (f"<{part}>" for part in parts[shared:])
        yield from (f"<{name}>{text}</{name}>" for text in by_path[path])
        around = parts
    yield from (f"</{part}>" for part in reversed(around))


_PLACES = {path: place for place, path in enumerate(ORDER)}
_GROUPS = {path.partition("/")[0]: place for path, place in reversed(_PLACES.items())}


@lru_cache(maxsize=1024)
def _place(path: str) -> tuple[int, int]:
    """Where an element is written. Those that share a parent stand together."""
    last = len(ORDER)
    return _GROUPS.get(path.partition("/")[0], last), _PLACES.get(path, last)


def _values(record: _Record) -> dict[str, list[str]]:
    """What each element holds, as XML."""
    reference = record.dossier.reference
    left = dict(reference.variables)
    by_path: dict[str, list[str]] = {}
    for path, variable in fields(record.type).items():
        value = left.pop(variable, "")
        if value or variable in _DERIVED:
            writer = _WRITERS.get(variable) or _BY_KIND[VARIABLES[variable]]
            for other, text in writer(record, path, value):
                if text:
                    by_path.setdefault(other, []).append(text)
    _other_standard_number(record, left, by_path)
    if reference.text("status").lower() == "retracted":
        left.pop("status", None)
    for variable in left:
        record.lose(f"EndNote has no field for '{variable}' in {record.type}")
    if key := clean(record.dossier.key):
        by_path[KEY] = [_escaped(key)]
    for path, text in _kept(record):
        by_path.setdefault(path, []).append(text)
    return by_path


_KEPT = re.compile(r"endnote:((?:[A-Za-z_][\w.-]*/)*[A-Za-z_][\w.-]*)", re.A)


def _kept(record: _Record) -> Iterator[tuple[str, str]]:
    """What the reader had no variable for, in its own elements, as it was read."""
    for name, value in record.dossier.reference.custom.items():
        path = _KEPT.fullmatch(name)
        texts = value if isinstance(value, list) else [value]
        if not path or not all(isinstance(text, str) for text in texts):
            record.losses[f"EndNote has no field for '{name}' (custom)"] = custom_severity(name)
        elif path[1] != TYPE:
            for text in texts:
                yield path[1], _lines(record, text)


def _other_standard_number(
    record: _Record, left: dict[str, Value], by_path: dict[str, list[str]]
) -> None:
    """An ISSN beside an ISBN, or the reverse: EndNote has one field for both."""
    if fields(record.type).get("isbn") not in ("ISBN", "ISSN"):
        return
    for variable in {"ISBN", "ISSN"} & left.keys():
        numbers = str(left[variable]).split()
        if all(map(identifiers.SCHEMES[variable].parse, numbers)):
            del left[variable]
            before = by_path.get("isbn", [])
            by_path["isbn"] = [" ".join([*before, *map(_escaped, numbers)])]


# ---------------------------------------------------------------------------------- values

Lines = Iterator[tuple[str, str]]


def _text(record: _Record, path: str, value: Value) -> Lines:
    yield path, record.rich(clean(str(value)))


def _lines(record: _Record, text: str) -> str:
    """Text of several lines, which EndNote ends with CR."""
    lines = "\n".join(map(clean, printable(text).split("\n"))).strip("\n")
    return record.rich(lines).replace("\n", "&#xD;")


def _several_lines(record: _Record, path: str, value: Value) -> Lines:
    yield path, _lines(record, str(value))


def _names(record: _Record, path: str, value: Value) -> Lines:
    for name in value if isinstance(value, tuple) else ():
        yield path, _escaped("et al.," if name == ET_AL else _name(record, name))


def _name(record: _Record, name: Name) -> str:
    """`Family, Given, Suffix`; a group ends in a comma, as EndNote wants it, and the first comma
    of its own is doubled."""
    if name.literal:
        return clean(name.literal).replace(",", ",,", 1) + ","
    parts = (name.surname.replace(",", ""), name.given.replace(",", ""), name.suffix)
    text = clean(", ".join(filter(None, parts)))
    if Name.from_inverted(text) != name or "," not in text:
        record.note(_CHANGED)
    return text if "," in text else f"{text},"


def _date(record: _Record, path: str, value: Value) -> Lines:
    if not isinstance(value, Date):
        return
    if not value.start and path != YEAR:
        record.lose(f"a date that is none: '{fields(record.type)[path]}'")
        return
    if extra.changes(value):
        record.note(_CHANGED)
    yield path, _escaped(extra.date_text(value))


def _issued(record: _Record, path: str, value: Value) -> Lines:
    """The year, and the whole date where more of it is known. Words stand for the year."""
    if not isinstance(value, Date):
        return
    if not value.start or not 0 < value.start[0] < 10000:
        yield from _date(record, path, value)
        return
    yield path, f"{value.start[0]:04d}"
    if value != Date(value.start[:1]):
        yield from _date(record, DATE, value)


def _keywords(record: _Record, path: str, value: Value) -> Lines:
    """A keyword each, the tags too; a retraction is one."""
    for word in dict.fromkeys(map(clean, keyword_list(record.dossier))):
        yield path, _escaped(word)


def _annotations(record: _Record, path: str, value: Value) -> Lines:
    """All annotations in one element, a blank line between two: EndNote has one field."""
    texts = [str(value), *annotation_texts(record.dossier, record.options)]
    yield path, _lines(record, "\n\n".join(filter(clean, texts)))


def _identifier(record: _Record, path: str, value: Value) -> Lines:
    variable = fields(record.type)[path]
    text = identifiers.SCHEMES[variable].parse(str(value))
    if text:
        yield path, _escaped(text)
    else:
        record.lose(f"a {variable} that is none")


def _pmid(record: _Record, path: str, value: Value) -> Lines:
    """The PMID with the name of its database, without which an accession number means nothing.

    NLM is named beside what the reference has as its source.
    """
    written = list(_identifier(record, path, value))
    yield from written
    if written and clean(record.dossier.reference.text("source")):
        yield PROVIDER, "NLM"
    elif written:
        yield DATABASE, "PubMed"


def _journal(record: _Record, path: str, value: Value) -> Lines:
    """The title of a journal stands twice, so that EndNote knows the abbreviation to it."""
    text = record.rich(clean(str(value)))
    yield path, text
    if fields(record.type).get("isbn") == "ISSN":
        yield FULL_JOURNAL, text


def _plain(record: _Record, path: str, value: Value) -> Lines:
    yield path, _escaped(clean(str(value)))


_WRITERS: dict[str, Callable[[_Record, str, Value], Lines]] = {
    "abstract": _several_lines,
    "annote": _annotations,
    "container-title": _journal,
    "DOI": _identifier,
    "issued": _issued,
    "keyword": _keywords,
    "note": _several_lines,
    "PMCID": _identifier,
    "PMID": _pmid,
    "URL": _plain,
}
_BY_KIND = {Kind.TEXT: _text, Kind.NUMBER: _text, Kind.NAMES: _names, Kind.DATE: _date}
# Written also where the reference itself says nothing
_DERIVED = frozenset(("annote", "keyword"))

# ---------------------------------------------------------------------------------- markup

_FACES = {"i": "italic", "b": "bold", "sup": "superscript", "sub": "subscript"}
_NO_FACE = frozenset(("sc", "nocase"))
# No text holds control characters, so these mark where markup begins and ends
_MARKED = {tag: (f"\x01{tag}\x03", f"\x02{tag}\x03") for tag in (*_FACES, *_NO_FACE)}
_MARK = re.compile("(?:\x01|(\x02))([a-z]+)\x03")


def _runs(rich: str) -> Iterator[tuple[str, dict[str, None]]]:
    """Pieces of text with the markup that each stands in, the outer first."""
    if "<" not in rich:
        yield rich, {}
        return
    marked = render(rich, str, _MARKED)
    faces: list[str] = []
    start = 0
    for mark in _MARK.finditer(marked):
        if mark.start() > start:
            yield marked[start : mark.start()], dict.fromkeys(faces)
        if mark[1]:
            faces.reverse()
            faces.remove(mark[2])
            faces.reverse()
        else:
            faces.append(mark[2])
        start = mark.end()
    if start < len(marked):
        yield marked[start:], {}


def _styled(text: str, faces: Iterable[str]) -> str:
    face = " ".join(_FACES[mark] for mark in faces if mark in _FACES) or "normal"
    return f'<style face="{face}" font="default" size="100%">{_escaped(text)}</style>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return _escaped(clean(text)).replace('"', "&quot;")
