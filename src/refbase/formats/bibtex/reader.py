"""BibTeX and BibLaTeX, read by one reader: the tables of the writer from right to left.

A file may mix both dialects, and most do: the fields of either are understood in any entry. What
no table knows is kept as it is written, in LaTeX, under `custom["bibtex"]`, and written back.

>>> import io
>>> (one,) = read(Input(io.BytesIO(b"@article{x, title = {On {DNA}}, year = 1972}")))
>>> one.dossier.key, one.dossier.reference.title, one.dossier.reference.year
('x', 'On DNA', 1972)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from refbase import identifiers, latex
from refbase.formats.base import Input, Reader
from refbase.formats.bibtex.blocks import Block, blocks
from refbase.formats.bibtex.dates import (
    composed_date,
    is_fuller,
    parsed_date,
    plain_date,
    unsaid,
)
from refbase.formats.bibtex.dialects import CSL_TYPES
from refbase.formats.bibtex.inherit import inherited
from refbase.formats.bibtex.others import (
    DATE_FIELDS,
    EPRINT_FIELDS,
    EPRINTS,
    GENRES,
    LATE,
    OTHER_TYPES,
    PREPRINTS,
    SUBTITLES,
    SUBTYPE_KINDS,
    variables_of,
)
from refbase.formats.bibtex.people import people, plain_people
from refbase.latex.reading import accented, plainly
from refbase.model import Dossier, Entry, Parsed, Reference, Value
from refbase.text import clean, composed, is_line
from refbase.values import Date
from refbase.vocab import DATES, NAMES


def _cut(source: Input) -> Iterator[tuple[Block, int] | Parsed]:
    """The entries of a `.bib` file, with what they inherit, in the order of the file."""
    numbers = count(1)
    lines: dict[str, int] = {}
    for item in inherited(blocks(source)):
        if isinstance(item, Parsed):
            yield item
            continue
        line = lines.setdefault(item.key.lower(), item.span.line)
        if item.key and line != item.span.line:
            item.report("duplicate-key", f"'{item.key}' is the key of the entry in line {line} too")
        yield item, next(numbers)


def _parsed(numbered: tuple[Block, int]) -> Parsed:
    block, number = numbered
    dossier = _Reading(block).dossier(number)
    return Parsed(dossier, block.raw, block.span, tuple(block.diagnostics))


read = Reader(_cut, _parsed)


# ------------------------------------------------------------------------------------ reading

_ESCAPE = re.compile(r"\{?\\([_&%#$~{}^])\}?")
_ADDRESS = re.compile(r"\s*\{?\\(?:url|path|nolinkurl)\s*\{(.*)\}\}?\s*", re.DOTALL)
_PARENT_FIELDS = ("crossref", "xdata")
_IN_NOTE = {
    "PMID": re.compile(r"\bPMID: ?([0-9]{1,9})\b"),
    "PMCID": re.compile(r"\bPMCID: ?(PMC[0-9]{1,9})\b"),
}


@dataclass(slots=True)
class _Reading:
    """One entry on its way to a reference. `own` holds what no variable does, in LaTeX."""

    block: Block
    variables: dict[str, Value] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def dossier(self, position: int) -> Dossier:
        fields = self._fields()
        like, kind = self._type(fields)
        self._read_fields(_plan_for(like, fields), fields)
        if self.own:
            self._read_subtitles()
        self._read_genre(self.block.type)
        variables = self.variables
        if "note" in variables or "URL" in variables:
            self._find_identifiers()
        annotation = str(variables.pop("annote", ""))
        return Dossier(
            Reference(kind, variables, self._custom(like)),
            clean(self.block.key),
            (Entry(position=position, annotation=annotation),) if annotation else (),
        )

    def _fields(self) -> dict[str, str]:
        """The first field of each name; more of the same name are kept under other ones."""
        fields = dict(self.block.fields)
        if self.block.tidy and len(fields) == len(self.block.fields):
            said = "" not in fields.values()
            return fields if said else {name: value for name, value in fields.items() if value}
        fields = {}
        repeated: dict[str, int] = {}
        for name, value in self.block.fields:
            value = _one_line(value)
            if name not in fields:
                fields[name] = value
            elif value and value != fields[name]:
                repeated[name] = repeated.get(name, 1) + 1
                self.own[f"{name}-{repeated[name]}"] = value
        for name in repeated:
            self.block.report("repeated-field", f"'{name}' stands here again; the first one counts")
        return {name: value for name, value in fields.items() if value}

    def _type(self, fields: dict[str, str]) -> tuple[str, str]:
        """The entry type whose fields this one has, and its CSL type."""
        entry_type = self.block.type
        if entry_type not in CSL_TYPES and entry_type not in OTHER_TYPES:
            self.block.report("unknown-type", f"no entry type '@{entry_type}' is known")
        like, kind = OTHER_TYPES.get(
            entry_type, (entry_type, CSL_TYPES.get(entry_type, "document"))
        )
        if kind == "article-journal" and "entrysubtype" in fields:
            subtype = fields["entrysubtype"].lower()
            if subtype in SUBTYPE_KINDS:
                del fields["entrysubtype"]
                kind = SUBTYPE_KINDS[subtype]
        if like in ("misc", "online", "unpublished"):
            eprint = fields.get("eprinttype") or fields.get("archiveprefix", "")
            kind = "article" if eprint.lower() in PREPRINTS else kind
        return like, kind

    def _read_fields(self, plan: _Plan, fields: dict[str, str]) -> None:
        plain = self.block.tidy and not latex.has_macros(
            "\n".join([fields[name] for name in plan.plain])
        )
        for name, variable, read_field in plan.steps:
            if read_field:
                read_field(self, variable, name, fields[name])
            elif plain:
                self.variables[variable] = fields[name]
            else:
                self._read_text(variable, name, fields[name])
        if plan.dates:
            date = plain_date(fields) if self.block.tidy else None
            if date:
                self.variables["issued"] = date
            else:
                self._read_issued({name: fields[name] for name in plan.dates})
        if plan.eprint:
            self._read_eprint({name: fields[name] for name in plan.eprint})

    def _read_own(self, variable: str, name: str, raw: str) -> None:
        self.own[name] = raw

    def _read_names(self, variable: str, name: str, raw: str) -> None:
        said = accented(raw)
        is_plain = self.block.tidy and (said is raw or composed(said) is said)
        names = plain_people(said) if is_plain else ()
        self._put(variable, names or people(raw, self._tell), name, raw)

    def _read_pages(self, variable: str, name: str, raw: str) -> None:
        first, dash, last = raw.partition("--")
        if dash and first.isalnum() and last.isalnum() and self.block.tidy:
            self._put(variable, f"{first}-{last}", name, raw)
        else:
            self._read_text(variable, name, raw)

    def _read_date(self, variable: str, name: str, raw: str) -> None:
        self._put(variable, self._date(raw), name, raw)

    def _read_url(self, variable: str, name: str, raw: str) -> None:
        self._put("URL", _verbatim(raw), name, raw)

    def _read_text(self, variable: str, name: str, raw: str) -> None:
        if "\\" in raw and _ADDRESS.fullmatch(raw):
            self._read_url(variable, name, raw)
            return
        text = self._text(raw)
        shaped = _SHAPES.get(variable)
        self._put(variable, shaped(text) if shaped else text, name, raw)

    def _put(self, variable: str, value: Value, name: str, raw: str) -> None:
        """Set a variable, unless another field has said something else of it."""
        if value and self.variables.setdefault(variable, value) != value:
            self.own[name] = raw

    def _text(self, raw: str) -> str:
        if not self.block.tidy:
            return clean(latex.rich(raw, self._tell))
        if not latex.has_macros(raw):
            return raw
        text = plainly(raw)
        if text is None or "  " in text:
            return clean(latex.rich(raw, self._tell))
        # All characters of it can be printed, as those that it comes from
        return composed(text.strip())

    def _tell(self, message: str) -> None:
        self.block.report("unknown-macro", message)

    def _date(self, raw: str) -> Date:
        date = Date.from_edtf(raw) or parsed_date(self._text(raw))
        if date.literal:
            self.block.report("bad-date", f"'{date.literal}' is no date; kept as it is")
        return date

    def _read_identifier(self, scheme: str, name: str, raw: str) -> None:
        plain = _PLAIN_IDENTIFIERS[scheme].fullmatch(raw)
        value = raw if plain else identifiers.SCHEMES[scheme].parse(_verbatim(raw))
        if value:
            self._put(scheme, value, name, raw)
        else:
            message = f"'{raw}' is no {scheme}; kept as a custom variable"
            self.block.report("bad-identifier", message)
            self.own[name] = raw

    def _read_issued(self, fields: dict[str, str]) -> None:
        """`date` says all; else `year`, `month` and `day`, of which the year may be in words."""
        said = fields.get("date", "")
        whole = (Date.from_edtf(said) or parsed_date(self._text(said))) if said else Date()
        parts = {name: self._text(fields.get(name, "")) for name in DATE_FIELDS[1:]}
        composed = composed_date(**parts)
        date = whole
        if not whole.start:
            if composed.start and whole.literal:
                self.own["date"] = said
            if not (composed.start and whole.literal == parts["year"]):
                date = composed if composed.start or not whole.literal else whole
            if date.literal:
                self.block.report("bad-date", f"'{date.literal}' is no date; kept as it is")
        elif is_fuller(composed, whole):
            date = composed
        if date.start or date.literal:
            self.variables["issued"] = date
        self.own |= {name: fields[name] for name in unsaid(date, composed, parts)}

    def _read_eprint(self, fields: dict[str, str]) -> None:
        kind = fields.get("eprinttype") or fields.get("archiveprefix", "")
        scheme = EPRINTS.get(kind.lower())
        if scheme and "eprint" in fields:
            self._read_identifier(scheme, "eprint", fields["eprint"])
        if not scheme or "eprint" not in fields or "eprint" in self.own:
            self.own |= fields

    def _read_subtitles(self) -> None:
        for name, variable in SUBTITLES.items():
            title = self.variables.get(variable)
            if name in self.own and isinstance(title, str):
                self.variables[variable] = f"{title}: {self._text(self.own.pop(name))}"

    def _read_genre(self, entry_type: str) -> None:
        genre = self.variables.get("genre", entry_type if "thesis" in entry_type[1:] else "")
        if genre in GENRES:
            self.variables["genre"] = GENRES[str(genre)]

    def _find_identifiers(self) -> None:
        """A PMID or PMCID in the note, where Zotero writes it, or in the address."""
        note = str(self.variables.get("note", ""))
        for scheme, pattern in _IN_NOTE.items() if note else ():
            if found := pattern.search(note):
                self.variables.setdefault(scheme, found[1])
        url = str(self.variables.get("URL", ""))
        pmcid = identifiers.pmcid(url) if "ncbi.nlm.nih.gov/" in url else None
        if pmcid:
            said = str(self.variables.setdefault("PMCID", pmcid))
            if url == identifiers.url("PMCID", said):
                del self.variables["URL"]

    def _custom(self, like: str) -> dict[str, object]:
        if not self.own and like in CSL_TYPES:
            return {}
        said = [name for name in _PARENT_FIELDS if name in self.own]
        for name in said:
            if not any(one.code == "no-parent" for one in self.block.diagnostics):
                del self.own[name]
        custom: dict[str, object] = {"bibtex": self.own} if self.own else {}
        if like not in CSL_TYPES:
            custom["type"] = self.block.type
        return custom


def _one_line(value: str) -> str:
    if is_line(value):
        return value.strip()
    return " ".join(value.split())


def _keywords(text: str) -> str:
    words = text.split(", ")
    # Most programs write no other sign between them; there are no two blanks in the text
    if len(words) != text.count(",") + 1 or " ," in text or ";" in text or not words[0]:
        words = [word.strip() for word in text.replace(";", ",").split(",")]
    return "; ".join(dict.fromkeys(filter(None, words)))


def _pages(text: str) -> str:
    return re.sub(r" ?[–—] ?", "-", text)


_SHAPES: dict[str, Callable[[str], str]] = {"keyword": _keywords, "page": _pages}
_Step = Callable[[_Reading, str, str, str], None]
_OTHER_STEPS: dict[str, _Step] = {
    "DOI": _Reading._read_identifier,
    "PMCID": _Reading._read_identifier,
    "PMID": _Reading._read_identifier,
    "URL": _Reading._read_url,
    "keyword": _Reading._read_text,
    "page": _Reading._read_pages,
    **dict.fromkeys(NAMES, _Reading._read_names),
    **dict.fromkeys(DATES, _Reading._read_date),
}
# What is written in sentences often holds LaTeX, what is beside it hardly ever
_PROSE = frozenset("abstract annote note title".split())
# Entries have twenty fields, with short names; nothing is remembered of other ones
_LONG_NAMES, _LONG_TYPE = 1000, 50


class _Plan(NamedTuple):
    """What to do with the fields of an entry, in order: the variable, and how it is read. Where
    nothing stands for that, it is a text that alone says something of its variable: as it is
    written, if all that is named in `plain` is without LaTeX."""

    steps: list[tuple[str, str, _Step | None]]
    plain: list[str]
    dates: list[str]
    eprint: list[str]


def _plan_for(entry_type: str, fields: dict[str, str]) -> _Plan:
    names = tuple(fields)
    if len(entry_type) < _LONG_TYPE and len("".join(names)) < _LONG_NAMES:
        return _known_plan(entry_type, names)
    # To the tables, all types that they do not know are the same
    return _plan(entry_type[:_LONG_TYPE], names)


def _plan(entry_type: str, names: tuple[str, ...]) -> _Plan:
    table = variables_of(entry_type)
    said = [table.get(name) for name in names]
    steps: list[tuple[str, str, _Step | None]] = []
    for name in sorted(names, key=LATE.__contains__):
        if name in table:
            variable = table[name]
            is_plain = said.count(variable) == 1 and variable not in _PROSE
            other = _OTHER_STEPS.get(variable, None if is_plain else _Reading._read_text)
            steps.append((name, variable, other))
        elif name not in DATE_FIELDS and name not in EPRINT_FIELDS:
            steps.append((name, "", _Reading._read_own))
    dates = [name for name in DATE_FIELDS if name in names]
    plain = [name for name, _, read_field in steps if not read_field]
    return _Plan(steps, plain, dates, [name for name in EPRINT_FIELDS if name in names])


# The entries of a file have few different sets of fields
_known_plan = lru_cache(maxsize=1024)(_plan)


def _verbatim(raw: str) -> str:
    """A value in which LaTeX has no say, but for the escapes that programs write nevertheless."""
    if "\\" in raw:
        address = _ADDRESS.fullmatch(raw)
        raw = _ESCAPE.sub(r"\1", address[1] if address else raw)
    return raw.replace("{", "").replace("}", "").strip()


# An identifier of which `identifiers` makes nothing else
_PLAIN_IDENTIFIERS = {
    "DOI": re.compile(r"10\.[0-9]{4,9}/[^\s{}\\%]+"),
    "PMCID": re.compile(r"PMC[1-9][0-9]{0,8}"),
    "PMID": re.compile(r"[1-9][0-9]{0,8}"),
}
