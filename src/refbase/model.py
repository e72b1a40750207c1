"""The reference and what belongs to it. Everything else in refbase is a leaf around this.

    Reference   the description of one citable work: a CSL item with types
    Entry       the reference as one bibliography lists it: position, printed citation, annotation
    Source      who says something: a file, a PubMed answer, a person, a rule
    Record      what one source says of one reference, with the text it was read from
    Dossier     a reference with its citation key and all of the above: what is read and written
    Parsed      what a reader makes of one piece of input: a dossier, or None, and diagnostics

The same paper stands in many chapters with different annotations, so an annotation belongs to
the entry, never to the reference. All of these are immutable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from refbase.errors import Diagnostic, Span
from refbase.identifiers import orcid
from refbase.text import composed, printable
from refbase.values import ET_AL, QUARTERS, SEASONS, Date, Name, possible
from refbase.vocab import ALIASES, NAMES, TYPES, VARIABLES, Kind

Value = str | Date | tuple[Name, ...]
Report = Callable[[str, str], None]
"""Told of everything that was not understood: a diagnostic code and a message."""


def ignore(code: str, message: str) -> None:
    """The `Report` of those who do not want to know."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The description of one citable work: a CSL 1.0.2 item whose values have types.

    `variables` maps CSL names to text, a `Date`, or a tuple of `Name`; `custom` holds what CSL
    has no variable for. An empty value is never stored: what is unknown is absent.

    >>> work = Reference("article-journal", {"title": "Example", "issued": Date((1972,))})
    >>> work.title, work.year, work.pmid
    ('Example', 1972, '')
    """

    type: str = "document"
    variables: Mapping[str, Value] = field(default_factory=dict)
    custom: Mapping[str, Any] = field(default_factory=dict)

    def text(self, variable: str) -> str:
        """A text or number variable; an empty string where it is unknown."""
        value = self.variables.get(variable, "")
        return value if isinstance(value, str) else ""

    def names(self, variable: str) -> tuple[Name, ...]:
        """The contributors in one role; `ET_AL` stands last where the source cut the list."""
        value = self.variables.get(variable, ())
        return value if isinstance(value, tuple) else ()

    def date(self, variable: str = "issued") -> Date | None:
        """A date variable, or None."""
        value = self.variables.get(variable)
        return value if isinstance(value, Date) else None

    @property
    def title(self) -> str:
        return self.text("title")

    @property
    def container_title(self) -> str:
        return self.text("container-title")

    @property
    def authors(self) -> tuple[Name, ...]:
        return self.names("author")

    @property
    def year(self) -> int | None:
        issued = self.date()
        return issued.year if issued else None

    @property
    def pmid(self) -> str:
        return self.text("PMID")

    @property
    def pmcid(self) -> str:
        return self.text("PMCID")

    @property
    def doi(self) -> str:
        return self.text("DOI")

    @property
    def keywords(self) -> tuple[str, ...]:
        """CSL holds keywords in one text, refbase separates them by `; `."""
        return tuple(word for word in self.text("keyword").split("; ") if word)

    def to_csl(self) -> dict[str, Any]:
        """The reference as a CSL-JSON object, without `id`; nothing is lost.

        What the schema has no place for goes to its `custom` object; a list of names that the
        source cut is named there under `et-al`.
        """
        item: dict[str, Any] = {"type": self.type}
        cut: list[str] = []
        for variable, value in self.variables.items():
            if isinstance(value, str):
                item[variable] = value
            elif isinstance(value, Date):
                item[variable] = _date_to_csl(value)
            else:
                if value[-1] == ET_AL:
                    cut.append(variable)
                    value = value[:-1]
                item[variable] = [_name_to_csl(name) for name in value]
        if self.custom or cut:
            item["custom"] = {**self.custom, **({"et-al": cut} if cut else {})}
        return item

    @classmethod
    def from_csl(cls, item: Mapping[str, Any], report: Report = ignore) -> Reference:
        """A reference from a CSL-JSON object. What is not CSL is kept in `custom` and reported."""
        variables: dict[str, Value] = {}
        custom = _custom_from_csl(item.get("custom") or {}, report)
        cut = custom.pop("et-al", None)
        kind = item.get("type", "document")
        if not isinstance(kind, str) or kind not in TYPES:
            report("bad-value", f"'{kind}' is not a type of CSL; read as 'document'")
            custom["type"], kind = kind, "document"
        for key, raw in item.items():
            variable = ALIASES.get(key, key)
            if key in _NOT_VARIABLES or (not raw and raw in ("", None, [], {})):
                continue
            value = _from_csl(VARIABLES.get(variable), raw)
            if value is None:
                keep(custom, key, raw)
                report("bad-value", f"'{key}' is not a CSL variable, or its value is not one")
            elif variable not in variables or variable == key:
                variables[variable] = value
                if isinstance(value, Date) and (message := _unread(raw)):
                    keep(custom, key, raw)
                    report("bad-value", message)
                elif isinstance(value, tuple):
                    _keep_more_of_names(custom, variable, value, raw, report)
        for variable in NAMES if isinstance(cut, list) else ():
            names = variables.get(variable, ())
            if variable in cut and isinstance(names, tuple) and names[-1:] != (ET_AL,):
                variables[variable] = (*names, ET_AL)
        return cls(kind, variables, custom)


def _custom_from_csl(own: Any, report: Report) -> dict[str, Any]:
    if isinstance(own, Mapping):
        return dict(own)
    report("bad-value", "'custom' is not an object; it is kept as it is")
    return {"custom": own}


def keep(custom: dict[str, Any], name: str, value: Any) -> None:
    """Add to what is kept. What is there already stays, in front of the new in a list."""
    if name in custom and custom[name] != value:
        value = [*_listed(custom[name]), *_listed(value)]
    custom[name] = value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_NOT_VARIABLES = frozenset(("id", "type", "citation-key", "custom"))


# A member of an enumeration is looked up slowly, these are asked for a million times
_TEXT, _NUMBER, _NAMES, _DATE = Kind.TEXT, Kind.NUMBER, Kind.NAMES, Kind.DATE


def _from_csl(kind: Kind | None, raw: Any) -> Value | None:
    """A CSL-JSON value with its type, or None if it is not of the kind that it should be of."""
    if kind is _TEXT or kind is _NUMBER:
        if isinstance(raw, str):
            return printable(raw)
        return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None
    if kind is _NAMES and isinstance(raw, list):
        if plain := _plain_names(raw):
            return plain
        names = tuple([_name_from_csl(name) for name in raw if isinstance(name, dict | Mapping)])
        return names if len(names) == len(raw) and all(map(_says_something, names)) else None
    if kind is _DATE and isinstance(raw, dict | Mapping | str):
        return Date.parse(raw) if isinstance(raw, str) else _date_from_csl(raw)
    return None


def _plain_names(raw: list[Any]) -> tuple[Name, ...]:
    """The names, if each is a surname and a given name and `printable` would leave all of them
    alone; else none. They are looked at together, which is much quicker than one by one."""
    names = []
    for name in raw:
        if not isinstance(name, dict) or len(name) != 2:
            return ()
        family, given = name.get("family"), name.get("given")
        if not (family and given and isinstance(family, str) and isinstance(given, str)):
            return ()
        names.append(Name(family, given))
    together = "".join([name.family + name.given for name in names])
    return tuple(names) if together.isprintable() and composed(together) is together else ()


_NAME_PARTS = {
    "family": "family",
    "given": "given",
    "particle": "non-dropping-particle",
    "dropping_particle": "dropping-particle",
    "suffix": "suffix",
    "literal": "literal",
}
_FROM_CSL = {csl: part for part, csl in _NAME_PARTS.items()}
_NAME_FLAGS = frozenset(("comma-suffix", "parse-names", "static-ordering"))


def _name_to_csl(name: Name) -> dict[str, Any]:
    if name.is_plain:
        return {"family": name.family, "given": name.given}
    parts = {csl: getattr(name, part) for part, csl in _NAME_PARTS.items()}
    return {**{csl: text for csl, text in parts.items() if text}, **dict(name.flags)}


def _name_from_csl(name: Mapping[str, Any]) -> Name:
    parts = {
        _FROM_CSL[key]: printable(str(text))
        for key, text in name.items()
        if text and key in _FROM_CSL
    }
    flags: tuple[tuple[str, str | int | float | bool], ...] = ()
    if not _NAME_FLAGS.isdisjoint(name):
        flags = tuple(
            (flag, name[flag])
            for flag in sorted(_NAME_FLAGS)
            if isinstance(name.get(flag), str | int | float | bool)
        )
    return Name(**parts, flags=flags)


_OF_NAMES = _NAME_FLAGS.union(_FROM_CSL)


def _keep_more_of_names(
    custom: dict[str, Any], role: str, names: tuple[Name, ...], raw: list[Any], report: Report
) -> None:
    """Keep what CSL has no place for in a name (Crossref's `ORCID` and `affiliation`), by what it
    is, each with the name that it belongs to: as PubMed's ORCIDs are kept."""
    more: dict[str, list[dict[str, Any]]] = {}
    for name, said in zip(names, raw, strict=True):
        # Not a difference of sets, whose order is another one in every run
        for key in () if _OF_NAMES.issuperset(said) else [k for k in said if k not in _OF_NAMES]:
            number = orcid(str(said[key])) if key == "ORCID" else None
            what, value = ("orcid", number) if number else (key, said[key])
            if value not in ("", None, [], {}):
                more.setdefault(what, []).append({role: name.inverted, what: value})
    for what, found in more.items():
        keep(custom, what, found)
    if told := ", ".join(sorted(more.keys() - {"orcid"})):
        report("bad-value", f"names say more than was read of them: {told}")


def _says_something(name: Name) -> bool:
    return name.is_plain or any(getattr(name, part) for part in _NAME_PARTS)


_BY_SEASON = {name: number for number, name in {**SEASONS, **QUARTERS}.items()} | {
    **{str(number - 20): number for number in SEASONS},
    "Fall": 23,
    "": 0,
}


def _date_to_csl(date: Date) -> dict[str, Any]:
    """Seasons are written as words: Zotero prints `season: 1` as "1 2015", and readers of
    `[2015, 21]` see a range of years."""
    if not date.start:
        return {"literal": date.literal}
    seasons = [
        {**SEASONS, **QUARTERS}.get(part[1], "") if len(part) > 1 else ""
        for part in (date.start, date.end)
    ]
    parts = [
        part[:1] if season else part
        for part, season in zip((date.start, date.end), seasons, strict=True)
    ]
    item: dict[str, Any] = {"date-parts": [list(part) for part in parts if part]}
    if any(seasons):
        item["season"] = "-".join(seasons).rstrip("-")
    if date.circa:
        item["circa"] = True
    return item


def _date_from_csl(raw: Mapping[str, Any]) -> Date | None:
    try:
        sides = [_parts_from_csl(side) for side in raw.get("date-parts", ())]
    except (TypeError, ValueError):
        return None
    if not sides or not sides[0]:
        text = printable(str(raw.get("raw") or raw.get("literal") or ""))
        return Date.parse(text) if raw.get("raw") else Date(literal=text) if text else None
    for place, season in enumerate((_seasons(raw) or [])[: len(sides)]):
        if season and len(sides[place]) == 1:
            sides[place] = (*sides[place], season)
    return Date(sides[0], sides[1] if len(sides) > 1 else (), bool(raw.get("circa")))


_OF_DATES = frozenset(("date-parts", "season", "circa", "literal", "raw"))


def _unread(raw: Mapping[str, Any] | str) -> str:
    """What is told of a date that says more than was read of it; nothing of any other one."""
    if isinstance(raw, str):
        return ""
    if _seasons(raw) is None:
        return f"'{raw['season']}' is not a season; the year was read"
    parts = raw.get("date-parts") or ()
    more = [key for key, said in raw.items() if said and key not in _OF_DATES]
    if parts and parts[0]:
        more += [key for key in ("literal", "raw") if raw.get(key)]
    if len(parts) > 2:
        more.append("date-parts")
    return f"a date says more than was read of it: {', '.join(more)}" if more else ""


def _seasons(raw: Mapping[str, Any]) -> list[int] | None:
    """The months that stand for the seasons of a date, 0 for none; None for what is no season."""
    if not raw.get("season"):
        return [0]
    words = str(raw["season"]).split("-")
    return [_BY_SEASON[w] for w in words] if all(w in _BY_SEASON for w in words) else None


def _parts_from_csl(side: Any) -> tuple[int, ...]:
    """Year, month and day; programs write 0 or nothing for those that they do not know."""
    if not isinstance(side, list):
        raise TypeError(side)
    parts = tuple(int(part) for part in takewhile(bool, side))
    if len(parts) > 3 or not possible(parts):
        raise ValueError(side)
    return parts


@dataclass(frozen=True, slots=True)
class Entry:
    """A reference as one bibliography lists it. The annotation is the curator's, and stays here."""

    bibliography: str = ""
    position: int = 0
    citation: str = ""
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Who says something: `kind` is `file`, `pubmed`, `person` or `rule`; `time` is ISO 8601, UTC.

    `location` tells two files of one name apart, and makes a file that was read again the
    same source in a newer state; `checksum` is the SHA-256 of what was read.
    """

    kind: str
    name: str
    location: str = ""
    checksum: str = ""
    format: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What one source says of one reference, in full and for ever, with the text as it was read."""

    source: Source
    reference: Reference
    raw: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Dossier:
    """A reference with all that is kept about it: what readers produce and writers take."""

    reference: Reference
    key: str = ""
    entries: tuple[Entry, ...] = ()
    tags: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reader made of one piece of input. Without a dossier it is only diagnostics."""

    dossier: Dossier | None
    raw: str = ""
    span: Span = field(default_factory=Span)
    diagnostics: tuple[Diagnostic, ...] = ()
