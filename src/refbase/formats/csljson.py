"""CSL-JSON: the exchange format of CSL processors, and of Zotero.

Flavour `zotero` writes what Zotero's importer keeps: names joined (`van der Ploeg`; `John,
Jr.`), pages in full, and in `note` a line for everything that Zotero has no field for, because
`note` is the one place from which it loses nothing (see `refbase.extra`). `zotero7` is for
Zotero up to 7.0.30, which has no fields for PMID, PMCID and citation key either. Flavour `csl`
writes CSL as it is, for programs. All are read back; of `csl` nothing is lost but the
bibliographies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TextIO

from refbase import extra
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input, WriteOptions, annotation_texts, loss
from refbase.jsontext import dumps, load_at, loads
from refbase.model import Dossier, Entry, Parsed, Reference, Report, keep
from refbase.text import clean
from refbase.values import ET_AL, Name, full_pages
from refbase.vocab import NAMES

# ------------------------------------------------------------------ what Zotero has fields for

_ALWAYS = "DOI URL abstract accessed author contributor issued note title title-short"
_SHELF = "archive archive_location call-number source"
_HOUSE = "publisher publisher-place"
_SERIES = "collection-editor collection-number collection-title"
_VOLUME = f"{_SHELF} {_HOUSE} {_SERIES} ISBN ISSN edition editor language number-of-volumes volume"
_ENTRY = (
    f"{_SHELF} {_HOUSE} {_SERIES} ISBN container-title edition editor language"
    " number-of-volumes page translator volume"
)
_LAW = "container-title language number page references"
_ISSUE = f"{_SHELF} {_HOUSE} ISSN container-title issue language page reviewed-author translator"
_ORIGINAL = "original-date original-publisher original-publisher-place"

# The variables that Zotero's importer keeps, by type; `document` stands for the types not named.
# Source: zotero-schema 41 (2026), the item type that each CSL type is read as.
ZOTERO_KEEPS: dict[str, frozenset[str]] = {
    kind: frozenset(f"{_ALWAYS} {kept}".split())
    for kind, kept in {
        "article": f"{_SHELF} {_HOUSE} collection-number collection-title editor genre language"
        " number reviewed-author translator",
        # The short container title by the name that Zotero knows, `journalAbbreviation`
        "article-journal": f"{_ISSUE} PMID PMCID collection-title container-title-short editor"
        " part-title section volume",
        "article-magazine": f"{_ISSUE} volume",
        "article-newspaper": f"{_ISSUE} edition section volume",
        "bill": f"{_LAW} authority chapter-number section volume",
        "book": f"{_VOLUME} {_ORIGINAL} medium number-of-pages translator",
        "broadcast": f"{_HOUSE} dimensions director executive-producer guest"
        " language medium number performer producer script-writer series-creator translator",
        "chapter": f"{_VOLUME} {_ORIGINAL} container-author container-title medium page translator",
        "dataset": f"{_SHELF} {_HOUSE} genre language medium number version",
        "document": f"{_SHELF} {_HOUSE} editor genre language reviewed-author translator",
        "entry-dictionary": _ENTRY,
        "entry-encyclopedia": _ENTRY,
        "graphic": f"{_SHELF} dimensions event-place language medium",
        "hearing": f"{_HOUSE} authority chapter-number language number number-of-volumes page"
        " references section",
        "interview": f"{_SHELF} {_HOUSE} interviewer language medium translator",
        "legal_case": f"{_LAW} authority volume",
        "legislation": f"{_LAW} chapter-number section volume",
        "manuscript": f"{_SHELF} {_HOUSE} genre language number number-of-pages translator",
        "map": f"{_SHELF} {_HOUSE} ISBN collection-editor collection-title edition genre language"
        " scale",
        "motion_picture": f"{_SHELF} {_HOUSE} dimensions director genre guest host language medium"
        " narrator performer producer script-writer translator",
        "paper-conference": f"{_SHELF} {_HOUSE} {_SERIES} ISBN ISSN container-title editor"
        " event-place event-title issue language number-of-volumes page translator volume",
        "patent": "authority call-number issue language number original-date page publisher-place"
        " references status submitted",
        "personal_communication": f"{_SHELF} event-place genre language recipient translator",
        "post": "container-title genre language",
        "post-weblog": "ISSN container-title genre language translator",
        "report": f"{_SHELF} {_HOUSE} {_SERIES} ISBN ISSN editor genre language number page"
        " translator",
        "software": f"{_SHELF} {_HOUSE}",
        "song": f"{_SHELF} ISBN collection-title composer dimensions event-place language medium"
        " number-of-volumes original-author publisher translator volume",
        "speech": "chair collection-title container-title event-place event-title genre language"
        " organizer translator",
        "standard": f"{_SHELF} {_HOUSE} ISBN authority edition editor genre language number"
        " number-of-pages part-title section status version",
        "thesis": f"{_SHELF} {_HOUSE} ISBN ISSN collection-number collection-title genre language"
        " number-of-pages",
        "webpage": f"{_HOUSE} container-title genre language translator",
    }.items()
}
# Of a role that Zotero knows, but not on this type, it makes authors.
_NAMES = frozenset(NAMES)
_ROLES = _NAMES & frozenset().union(*ZOTERO_KEEPS.values())
_SINCE_ZOTERO_8 = frozenset(("PMID", "PMCID"))
_LINES_IN_ZOTERO_7 = _SINCE_ZOTERO_8 | {"citation-key"}
# And of a type with one of these variables it makes another type.
_MISLEADING = {
    "bill": frozenset(("publisher", "number-of-volumes")),
    "book": frozenset(("version",)),
    "motion_picture": frozenset(("collection-title", "volume", "number-of-volumes", "ISBN")),
    "song": frozenset(("number",)),
}
# One item of this type, and Zotero recognises nothing in the whole file.
_REFUSED = "software"

# --------------------------------------------------------------------------------- writing


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write an array, a reference at a time and a variable a line."""
    mark = "["
    for number, dossier in enumerate(dossiers, 1):
        item = _item(dossier, number, options)
        if options.flavour != "csl":
            _suit_zotero(item, dossier.reference, options)
            yield from _losses(dossier)
        variables = ",\n".join([_head(key) + dumps(value) for key, value in item.items()])
        stream.write(f"{mark}\n{{\n{variables}\n}}")
        mark = ","
    stream.write("[]\n" if mark == "[" else "\n]\n")


@lru_cache(maxsize=1024)
def _head(variable: str) -> str:
    return f"  {dumps(variable)}: "


def _item(dossier: Dossier, number: int, options: WriteOptions) -> dict[str, Any]:
    """The reference in CSL. A number is its `id` where it has no key: CSL wants one."""
    item: dict[str, Any] = {"id": dossier.key or number}
    if dossier.key:
        item["citation-key"] = dossier.key
    item.update(dossier.reference.to_csl())
    for variable in _NAMES.intersection(item):
        item[variable] = [_guarded(name) for name in item[variable]]
    if note := dossier.reference.text("note"):
        item["note"] = extra.compose([], note)
    annotations = [dossier.reference.text("annote"), *annotation_texts(dossier, options)]
    if any(annotations):
        item["annote"] = "\n\n".join(filter(None, annotations))
    if dossier.tags:
        item["categories"] = list(dossier.tags)
    return item


def _suit_zotero(item: dict[str, Any], reference: Reference, options: WriteOptions) -> None:
    """Bring an item to what Zotero's importer keeps."""
    kept = ZOTERO_KEEPS.get(reference.type, ZOTERO_KEEPS["document"])
    old = options.flavour == "zotero7"
    if old:
        kept -= _SINCE_ZOTERO_8
    if reference.type == _REFUSED:
        item["type"] = "document"
    if "page" in item:
        item["page"] = full_pages(item["page"])
    if "container-title-short" in item and "container-title-short" in kept:
        item["journalAbbreviation"] = item["container-title-short"]
    roles = _ROLES & reference.variables.keys()
    item.update((role, _joined(reference.names(role), options)) for role in sorted(roles))
    gone = _harmful(reference.type) | (_LINES_IN_ZOTERO_7 if old else frozenset())
    for variable in gone:
        item.pop(variable, None)
    fields = list(_fields(reference, kept, gone))
    if "annote" in item:
        fields += extra.lines("annote", item["annote"])
    if old:
        # Last, because pandoc reads the lines only up to one that it does not know
        fields.append(f"{extra.KEY}: {item['id']}")
    if note := extra.compose(fields, reference.text("note")):
        item["note"] = note


@lru_cache(maxsize=1024)
def _harmful(kind: str) -> frozenset[str]:
    kept = ZOTERO_KEEPS.get(kind, ZOTERO_KEEPS["document"])
    return (_ROLES - kept) | _MISLEADING.get(kind, frozenset())


def _fields(reference: Reference, kept: frozenset[str], gone: frozenset[str]) -> Iterator[str]:
    """The lines of `note` for what Zotero has no field for; first what stands nowhere else, so
    that they come in one order however the file was written that the reference is from."""
    if reference.type == _REFUSED or reference.type not in ZOTERO_KEEPS:
        yield extra.type_line(reference.type)
    said = [
        (variable, value)
        for variable, value in reference.variables.items()
        if variable not in kept or (isinstance(value, tuple) and value[-1] == ET_AL)
    ]
    for variable, value in sorted(said, key=lambda item: item[0] not in gone):
        if variable not in kept and variable != "annote":
            yield from extra.lines(variable, value)
        elif isinstance(value, tuple) and value[-1] == ET_AL:
            yield from extra.lines(variable, (ET_AL,))


def _joined(names: tuple[Name, ...], options: WriteOptions) -> list[dict[str, Any]]:
    """Names as Zotero keeps them: it throws particles and suffixes away that stand alone."""
    written: list[dict[str, Any]] = []
    for name in names:
        if name.is_plain and name.family[:1].isupper() and "," not in name.given:
            written.append({"family": name.family, "given": name.given})
            continue
        if name == ET_AL and not options.et_al:
            continue
        family, given = extra.person_text(name)
        parts = {"family": family, "given": given, "literal": name.literal, **dict(name.flags)}
        csl = {part: text for part, text in parts.items() if text != ""}
        written.append(_guarded(csl) if name.given == given and name.family == family else csl)
    return written


_TAKEN_APART = frozenset(("non-dropping-particle", "dropping-particle", "suffix"))


def _guarded(name: dict[str, Any]) -> dict[str, Any]:
    """An empty suffix tells the reader to leave a name alone that only seems to have parts."""
    family, given = name.get("family", ""), name.get("given", "")
    if family[:1].isupper() and "," not in given:
        return name
    if _TAKEN_APART.isdisjoint(name) and extra.person(family, given) != Name(family, given):
        return {**name, "suffix": ""}
    return name


def _losses(dossier: Dossier) -> Iterator[Diagnostic]:
    """What is not read back as it was: names, because Zotero knows surname and given name, and
    a text of several lines that stands in a line only."""
    harmful = _harmful(dossier.reference.type)
    for variable, value in dossier.reference.variables.items():
        alone = variable in harmful
        if not alone and variable not in _ROLES:
            continue
        if isinstance(value, str) and alone and clean(value) != value:
            message = f"Zotero has a line for '{variable}', and no breaks or wide blanks in it"
            yield loss(dossier.key, message, Severity.INFO)
        if not isinstance(value, tuple) or variable not in _ROLES:
            continue
        if extra.changes(
            tuple([n for n in value if alone or n.particle or n.dropping_particle or n.suffix])
        ):
            message = f"Zotero keeps the names in '{variable}', but not each particle and suffix"
            yield loss(dossier.key, message, Severity.INFO)


# --------------------------------------------------------------------------------- reading


def read(source: Input) -> Iterator[Parsed]:
    """The items of an array, of `{"items": [...]}`, or one after the other, each on its own:
    one that is broken is reported, and the next one is read."""
    for number, piece in enumerate(_Cutter(source).items(), 1):
        yield _parsed(piece, number, source.span(piece.line, piece.line + piece.text.count("\n")))


def _parsed(piece: _Piece, number: int, span: Span) -> Parsed:
    found: list[Diagnostic] = []
    raw, item = piece.text, piece.item
    if not piece.whole:
        cut = _error("truncated", "the file ends in the middle", span)
        return Parsed(None, raw, span, (cut,))
    try:
        item = loads(raw) if item is None else item
    except ValueError as fault:
        return Parsed(None, raw, span, (_error("bad-json", f"not JSON: {fault}", span),))
    if not isinstance(item, dict):
        return Parsed(None, raw, span, (_error("bad-json", "no CSL-JSON item", span),))
    dossier = _dossier(item, number, lambda code, text: found.append(Diagnostic(code, text, span)))
    return Parsed(dossier, raw, span, tuple(found))


def _error(code: str, message: str, span: Span) -> Diagnostic:
    return Diagnostic(code, message, span, Severity.ERROR)


def _dossier(item: dict[str, Any], number: int, report: Report) -> Dossier:
    tags = item.pop("categories") if isinstance(item.get("categories"), list) else []
    for variable in _NAMES.intersection(item):
        if isinstance(item[variable], list):
            item[variable] = [_taken_apart(name) for name in item[variable]]
    reference, in_note = extra.take(Reference.from_csl(item, report))
    key, more = _called(item, in_note)
    if more:
        custom = dict(reference.custom)
        for where, name in more:
            keep(custom, where, name)
        reference = replace(reference, custom=custom)
    annotation = reference.text("annote")
    if annotation:
        variables = {name: v for name, v in reference.variables.items() if name != "annote"}
        reference = replace(reference, variables=variables)
    return Dossier(
        reference,
        key,
        (Entry(position=number, annotation=annotation),) if annotation else (),
        tuple(filter(None, map(str, tags))),
    )


def _called(item: dict[str, Any], in_note: str) -> tuple[str, list[tuple[str, Any]]]:
    """The citation key, and what else the item calls itself: an address as `id` (Zotero's own
    export), a second key. A number as `id` is only its place in a file."""
    names = [(where, item.get(where)) for where in ("citation-key", "id")]
    names.append(("citation-key", in_note))
    said = [(where, name) for where, name in names if name and (where, type(name)) != ("id", int)]
    key = next(filter(None, (_key(name) for _, name in said)), "")
    return key, [(where, name) for where, name in said if _key(name) != key or not key]


def _key(name: Any) -> str:
    """The citation key that a name is; an address is none, and no key."""
    if not isinstance(name, str | int | float) or isinstance(name, bool) or "://" in str(name):
        return ""
    return clean(str(name))


def _taken_apart(name: Any) -> Any:
    """A name whose surname holds its particles, and its given name the suffix, in all its parts."""
    if not isinstance(name, dict) or not _TAKEN_APART.isdisjoint(name):
        return name
    family, given = name.get("family"), name.get("given", "")
    if not (isinstance(family, str) and isinstance(given, str)):
        return name
    if family[:1].isupper() and "," not in given:
        return name
    person = extra.person(family, given)
    return {
        **name,
        "family": person.family,
        "given": person.given,
        "non-dropping-particle": person.particle,
        "suffix": person.suffix,
    }


# To the next bracket that stands in no string. A string ends with its line at the latest, so
# that a forgotten quotation mark spoils one line only.
_TO_BRACKET = re.compile(r'(?:[^][{}"]++|"(?:[^"\\\n]++|\\.?)*+["\n])*+([][{}])')
_LIST_OF_ITEMS = re.compile(r'"items"\s*:\s*\[\Z')
_OPENING = {"]": "[", "}": "{"}
_BETWEEN = " \t\n\r,"
_NOWHERE = -1
_GAP = re.compile(r"[ \t\n\r,]*+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two commas: its line and text, whether the file went on after it, and
    the item itself where it was read at once."""

    line: int
    text: str
    whole: bool = True
    item: Any = None


class _Cutter:
    """Cuts a JSON text into its items by counting brackets, holding one item at a time.

    What stands between two items where nothing should is handed on like one. `depth` is how
    many brackets are open around an item: none, a list, or an object and its list `items`.
    """

    def __init__(self, source: Input) -> None:
        self._source = source
        self._buffer, self._start, self._position, self._line = "", 0, 0, 1
        self._open, self._depth, self._inside = "", 0, False

    def items(self) -> Iterator[_Piece]:
        """The items, and whatever else stands where only items should."""
        for _, piece in self._source.pieces():
            self._buffer = self._buffer[self._start :] + piece
            self._position, self._start = self._position - self._start, 0
            yield from self._plain()
            while found := _TO_BRACKET.match(self._buffer, self._position):
                self._position = found.end()
                bracket = found[1]
                for line, text in (self._closed if bracket in _OPENING else self._opened)(bracket):
                    yield _Piece(line, text)
                if not self._inside:
                    yield from self._plain()
        rest = self._cut(len(self._buffer))
        if rest or self._open:
            line, text = rest[0] if rest else (self._line, "")
            yield _Piece(line, text, whole=not self._open)

    def _plain(self) -> Iterator[_Piece]:
        """The items that follow here in a list, as long as each is whole and right: they need no
        cutting, the decoder finds their ends."""
        if self._inside or not 0 < self._depth == len(self._open):
            return
        while True:
            gap = _GAP.match(self._buffer, self._start)
            start = gap.end() if gap else self._start
            found = load_at(self._buffer, start) if self._buffer.startswith("{", start) else None
            if found is None:
                return
            self._line += self._buffer.count("\n", self._start, start)
            yield _Piece(self._line, self._buffer[start : found[1]], item=found[0])
            self._line += self._buffer.count("\n", start, found[1])
            self._start = self._position = found[1]

    def _opened(self, bracket: str) -> list[tuple[int, str]]:
        depth = len(self._open)
        self._open += bracket
        if self._inside and (self._depth, depth, bracket) == (0, 1, "["):
            if _LIST_OF_ITEMS.search(self._buffer[self._start : self._position]):
                self._inside, self._depth = False, 2
                self._cut(self._position)
        elif not self._inside and depth == self._depth:
            between = self._cut(self._position - 1)
            if depth == 0 and bracket == "[":
                self._depth, self._start = 1, self._position
            else:
                self._inside = True
            return between
        return []

    def _closed(self, bracket: str) -> list[tuple[int, str]]:
        depth = self._open.rfind(_OPENING[bracket])
        if depth < 0:
            return []
        self._open = self._open[:depth]
        if self._inside and depth >= self._depth:
            self._inside = depth > self._depth
            return [] if self._inside else self._cut(self._position)
        if self._depth == _NOWHERE and depth:
            return []
        rest = self._cut(self._position - 1) if self._depth != _NOWHERE else []
        self._cut(self._position)
        self._inside, self._depth = False, _NOWHERE if depth else 0
        return rest

    def _cut(self, end: int) -> list[tuple[int, str]]:
        """Line and text of what stands since the last cut, if anything does."""
        text = self._buffer[self._start : end]
        kept = text.strip(_BETWEEN)
        line = self._line + text[: len(text) - len(text.lstrip(_BETWEEN))].count("\n")
        self._line += text.count("\n")
        self._start = end
        return [(line, kept)] if kept else []
