"""Writing RIS: each value on one line, guarded against what its readers make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
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
from refbase.formats.ris.tables import NEAREST, ORDER, TYPES, WHOLE_PAGES, fields
from refbase.model import Dossier, Value
from refbase.text import are_lines, clean, plain, render, unescaped
from refbase.values import ET_AL, SEASONS, Date, Name, page_range, possible

_CHANGED = "a name or a date is read back as another one: a particle, a suffix, a season"


@dataclass(slots=True)
class _Record:
    """One reference on its way into a file, and what is lost on the way."""

    dossier: Dossier
    options: WriteOptions
    zotero: bool
    type: str
    key: str = ""
    # Whether `clean` would leave every text of the reference and every tag as it is
    tidy: bool = False
    extra: list[str] = field(default_factory=list)
    losses: dict[str, Severity] = field(default_factory=dict)

    def lose(self, message: str) -> None:
        self.losses[message] = Severity.WARNING

    def note(self, message: str) -> None:
        """Something is written, but not quite as it was."""
        self.losses.setdefault(message, Severity.INFO)

    def set_aside(self, variable: str, value: Value) -> None:
        """What has no tag is a line of Extra, if there is one."""
        if self.zotero:
            self.extra += extra.lines(variable, value)
            if extra.changes(value):
                self.note(_CHANGED)
        else:
            self.lose(f"RIS has no tag for '{variable}' in {self.type}")

    def text(self, value: str) -> str:
        """Text for a tag that Zotero reads as HTML; EndNote shows every character as it is."""
        if self.zotero:
            return _escaped(value if self.tidy else clean(value))
        return self.plain(value)

    def plain(self, value: str) -> str:
        bare = clean(plain(value))
        if bare != clean(value):
            self.note("RIS for EndNote has no italics, superscripts and the like")
        return bare


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write references one after the other. The specification that EndNote follows ends its
    lines with CR and LF; Zotero takes both."""
    end = "\r\n" if options.flavour == "endnote" else "\n"
    for dossier in dossiers:
        kind = dossier.reference.type
        ris_type = TYPES.get(kind) or NEAREST.get(kind, "GEN")
        texts = [text for text in dossier.reference.variables.values() if isinstance(text, str)]
        texts += dossier.tags
        zotero, key = options.flavour != "endnote", clean(dossier.key)
        record = _Record(dossier, options, zotero, ris_type, key, are_lines(texts))
        # Each value on one line: a line inside of it that looks like a tag would be one
        lines = [f"{tag}  - {value}" for tag, value in _lines(record) if value]
        stream.write(end.join([f"TY  - {ris_type}", *lines, "ER  - ", end]))
        for message, severity in record.losses.items():
            yield loss(dossier.key, message, severity)


Line = tuple[str, str]
Writer = Callable[[_Record, str, Value], Iterable[Line]]
Step = tuple[str, str, Writer | None]


def _lines(record: _Record) -> list[Line]:
    reference = record.dossier.reference
    flavour = "zotero" if record.zotero else "endnote"
    before, after, names = _plan(record.type, flavour, tuple(reference.variables))
    lines = [("ID", record.key), *_written(record, before)]
    behind = _written(record, after)
    if reference.custom:
        behind += _kept(record)
    # Last, because whatever could not be written goes there
    left = {name: reference.variables[name] for name in names}
    lines += (_extra if record.zotero else _without_extra)(record, left)
    return lines + behind


@lru_cache(maxsize=1024)
def _plan(
    ris_type: str, flavour: str, variables: tuple[str, ...]
) -> tuple[list[Step], list[Step], list[str]]:
    """What to write of a record with these variables in front of the lines of Extra and behind
    them, and what has no tag. A library has few different sets of variables."""
    held = fields(ris_type, flavour)
    before: list[Step] = []
    after: list[Step] = []
    for tag, name in held.items():
        if name in variables or name in _DERIVED:
            steps = before if ORDER.index(tag) < _EXTRA else after
            steps.append((tag, name, _WRITERS.get(name)))
    tagged = frozenset(held.values())
    return before, after, [name for name in variables if name not in tagged]


_EXTRA = ORDER.index("M2")


def _written(record: _Record, steps: list[Step]) -> list[Line]:
    variables = record.dossier.reference.variables
    bare = record.zotero and record.tidy
    lines: list[Line] = []
    for tag, variable, write_value in steps:
        value = variables.get(variable, "")
        if write_value:
            lines += write_value(record, tag, value)
        elif isinstance(value, tuple):
            lines += _names(record, tag, value)
        else:
            text = str(value)
            plain = bare and "&" not in text and "<" not in text
            lines.append((tag, text if plain else record.text(text)))
    return lines


_KEPT = re.compile(r"ris:(?!TY|ER)([A-Z][A-Z0-9])")


def _kept(record: _Record) -> Iterator[Line]:
    """What the reader of RIS had no variable for, in its own tags, as it was read."""
    for name, value in record.dossier.reference.custom.items():
        tag = _KEPT.fullmatch(name)
        texts = value if isinstance(value, list) else [value]
        if not tag or not all(isinstance(text, str) for text in texts):
            record.losses[f"RIS has no tag for '{name}' (custom)"] = custom_severity(name)
            continue
        for text in texts:
            yield tag[1], clean(text)


def _extra(record: _Record, left: dict[str, Value]) -> list[Line]:
    """The lines of Extra: identifiers, key, type, what has no tag, and last the note."""
    reference = record.dossier.reference
    note = str(left.pop("note", ""))
    first: list[str] = []
    for variable in ("PMID", "PMCID"):
        left.pop(variable, None)
        if value := reference.text(variable):
            first += [f"{variable}: {value}"] if record.tidy else extra.lines(variable, value)
    if record.key:
        first.append(f"{extra.KEY}: {record.key}")
    if reference.type not in TYPES:
        first.append(extra.type_line(reference.type))
    for variable, other in left.items():
        record.set_aside(variable, other)
    lines = [*first, *record.extra, *note.split("\n")]
    if note and extra.compose([], note) != note:
        record.lose("a line of 'note' reads like a field, and is one in RIS")
    return [("M2", record.text(line)) for line in lines if line]


def _without_extra(record: _Record, left: dict[str, Value]) -> list[Line]:
    if record.dossier.reference.type not in TYPES:
        record.lose(f"RIS has no type '{record.dossier.reference.type}', written as {record.type}")
    for variable, value in left.items():
        if not (variable == "status" and _retracted(record)):
            record.set_aside(variable, value)
    return []


def _abstract(record: _Record, tag: str, value: Value) -> list[Line]:
    """The one text that Zotero does not read as HTML."""
    text = str(value)
    if record.zotero:
        return [(tag, text if record.tidy else clean(text))]
    return [(tag, record.plain(text))]


def _names(record: _Record, tag: str, value: Value) -> list[Line]:
    names = value if isinstance(value, tuple) else ()
    if plain := _plain_names(names):
        return [(tag, text) for text in plain]
    lines = [(tag, record.text(_name(record, name))) for name in names if name != ET_AL]
    if len(lines) < len(names):
        if record.zotero:
            variable = fields(record.type, "zotero")[tag]
            record.extra += extra.lines(variable, (ET_AL,))
        if record.options.et_al or not record.zotero:
            lines.append((tag, "et al.,"))
    return lines


def _plain_names(names: tuple[Name, ...]) -> list[str]:
    """The names, if each is a surname and a given name that need no care; else none."""
    pairs = [f"{name.family}, {name.given}" for name in names if name.is_plain]
    joined = "|".join(pairs)
    if len(pairs) < len(names) or joined.count(",") > len(pairs) or " ," in joined:
        return []
    if "&" in joined or "<" in joined or not are_lines(pairs):
        return []
    return pairs if all(pair[0].isupper() for pair in pairs) else []


def _name(record: _Record, name: Name) -> str:
    """`Family, Given, Suffix`; a group ends in a comma, which EndNote needs."""
    if name.literal:
        group = clean(name.literal)
        if "," in group and record.zotero:
            record.note("a comma in the name of a group is left out: Zotero would split it there")
            group = group.replace(",", "")
        return group.replace(",", ",,", 1) + ","
    if name.is_plain:
        text = f"{name.family}, {name.given}"
        odd = text.count(",") > 1 or " ," in text or not name.family[0].isupper()
        # Nothing else is known to be read back as it is
        if not odd and clean(text) == text:
            return text
    text = clean(", ".join(filter(None, (name.surname.replace(",", ""), name.given, name.suffix))))
    if Name.from_inverted(text) != name:
        record.note(_CHANGED)
    return text


def _issued(record: _Record, tag: str, value: Value) -> Iterator[Line]:
    """The year for everybody in PY, what is known beyond it in DA."""
    if not isinstance(value, Date):
        return
    if not value.start and not (_YEAR.search(value.literal) or not record.zotero):
        # Zotero makes "0000 in" of "in press"
        record.set_aside("issued", value)
    elif not value.start:
        yield "DA", record.text(value.literal)
    elif not 0 < value.start[0] < 10000:
        record.set_aside("issued", value)
    else:
        beyond, changes = _beyond_year(value)
        if changes:
            record.note(_CHANGED)
        yield tag, f"{value.start[0]:04d}"
        yield "DA", beyond


_YEAR = re.compile(r"\b\d{4}\b")


def _beyond_year(date: Date) -> tuple[str, bool]:
    """What is known of a date but the year, and whether it is read back as another one."""
    start = date.start
    ordinary = not (date.end or date.circa or date.literal) and len(start) < 4
    if ordinary and (len(start) < 2 or start[1] < 13) and possible(start):
        return _more_of(date), False
    return _more_of(date), extra.changes(date)


def _more_of(date: Date) -> str:
    if date.end or date.circa:
        return extra.date_text(date)
    year, month, day = (*date.start, 0, 0)[:3]
    if month in SEASONS:
        return SEASONS[month]
    if month > 12:
        return extra.date_text(date)
    return _slashed(year, month, day) if month else ""


def _slashed(year: int, month: int, day: int) -> str:
    """
    >>> _slashed(2015, 6, 3), _slashed(2015, 6, 0)
    ('2015/06/03/', '2015/06//')
    """
    return f"{year:04d}/{month:02d}/{day:02d}/" if day else f"{year:04d}/{month:02d}//"


def _accessed(record: _Record, tag: str, value: Value) -> Iterator[Line]:
    if isinstance(value, Date) and len(value.start) == 3 and not (value.end or value.circa):
        yield tag, _slashed(*value.start)
    else:
        record.set_aside("accessed", value)


def _page(record: _Record, tag: str, value: Value) -> Iterator[Line]:
    """First and last page; what is not one range stands whole in SP."""
    first, last = page_range(str(value))
    if not first or record.type in WHOLE_PAGES:
        yield tag, record.text(str(value))
    else:
        yield tag, first
        yield "EP", last


def _keyword(record: _Record, tag: str, value: Value) -> list[Line]:
    """A keyword each, the tags too; a retraction is one, because Zotero shows it nowhere else."""
    words = keyword_list(record.dossier)
    known = record.tidy and "corrections" not in record.dossier.reference.custom
    if not (known or are_lines(words)):
        words = list(dict.fromkeys(map(clean, words)))
    joined = "|".join(words)
    if record.zotero:
        if ";" in joined:
            record.note("Zotero splits a keyword at a semicolon")
        if len(words) == 1 and "," in words[0]:
            # Zotero splits the only keyword at its commas. It keeps two, and of twins one.
            words *= 2
    else:
        words = [_MAJOR_TOPIC.sub(r"\1", word) for word in words]
    if record.zotero and "&" not in joined and "<" not in joined:
        return [(tag, word) for word in words]
    return [(tag, record.text(word)) for word in words]


def _retracted(record: _Record) -> bool:
    return record.dossier.reference.text("status").lower() == "retracted"


# The star of a MeSH major topic, which the specification forbids
_MAJOR_TOPIC = re.compile(r"(^|/)\*")


def _annote(record: _Record, tag: str, value: Value) -> Iterable[Line]:
    return _notes(record, tag, value) if value or record.dossier.entries else ()


def _notes(record: _Record, tag: str, value: Value) -> Iterator[Line]:
    """A note each. Zotero reads them as HTML, unescaped, and some as fields of ProCite."""
    for text in filter(None, [str(value), *annotation_texts(record.dossier, record.options)]):
        if not record.zotero:
            yield tag, record.plain(text)
            continue
        note = render(clean(text), _escaped, _HTML)
        if clean(text) == clean(record.dossier.reference.title):
            note = f"<p>{note}</p>"  # a note that repeats the title is dropped
        label = _LABEL.search(note)
        if label and label[1] in _PROCITE:
            note = f"{note[: label.end() - 1]}&#58;{note[label.end() :]}"
        yield tag, note


_HTML = {tag: (f"<{tag}>", f"</{tag}>") for tag in ("i", "b", "sup", "sub")}
_LABEL = re.compile(r"(?<![A-Za-z,\s])([A-Za-z,\s]++):")
# Labels by which Zotero takes a note for a field that ProCite exported
_PROCITE = frozenset(
    (
        "Artist Role, Author Role, Cartographer Role, Composer Role, Director Role,"
        " Editor/Compiler Role, Performer Role, Producer Role, Series Editor Role, Record ID,"
        " Record Number, Notes, Connective Phrase, Extent of Work, Packaging Method, Call Number,"
        " Edition, ISBN, Language, Publisher Name, Series Title, Proceedings Title, Volume ID,"
        " Issue ID, Issue Identification, Series Volume ID, Scale, Place of Publication, Histroy,"
        " Size"
    ).split(", ")
) | {"Author, Subsidiary", "Author, Monographic"}


def _url(record: _Record, tag: str, value: Value) -> list[Line]:
    """The address; without one, that of the full text in PubMed Central."""
    address = clean(str(value))
    if not address and (said := record.dossier.reference.pmcid):
        pmcid = identifiers.pmcid(said)
        address = identifiers.url("PMCID", pmcid) if pmcid else ""
    if not address:
        return []
    # Zotero takes what holds `PM:` for a PMID
    return [(tag, _escaped(address.replace("PM:", "PM%3A")) if record.zotero else address)]


def _escaped(text: str) -> str:
    """Text so that Zotero, which reads it as HTML, sees every character of it.

    >>> _escaped("p<0.05 & R&D"), _escaped("CO<sub>2</sub>"), _escaped("&lt;")
    ('p<0.05 & R&D', 'CO&lt;sub>2&lt;/sub>', '&amp;lt;')
    """
    if unescaped(text) != text:
        text = text.replace("&", "&amp;")
    return _TAG_LIKE.sub("&lt;", text) if "<" in text else text


_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")

_WRITERS: dict[str, Writer] = {
    "abstract": _abstract,
    "accessed": _accessed,
    "annote": _annote,
    "issued": _issued,
    "keyword": _keyword,
    "page": _page,
    "URL": _url,
}
# Written also where the reference itself says nothing
_DERIVED = frozenset(("annote", "keyword", "URL"))
