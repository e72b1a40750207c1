"""A reference is computed from its records: for every variable, the record that is believed.

The order of belief is the table `BELIEF`: what a person said stands above all, then PubMed, then
what a rule derived, then what a file prints. Between equals the one who said it first stays, so
that importing another chapter never rewords what is there. Of persons the last word counts.

- A list of names that was cut ("et al.") gives way to a full one, the type `document`, which
  means "not known", to any other, and a date that is only words to a date.
- What PubMed says in other words and no more (`refbase.agreement`) changes nothing.
- Of `KEPT`, PubMed fills what is missing and overrides nothing: where it disagrees in substance
  that is a conflict, which a person decides. The reference keeps what it had until then.
- A person may also say that a variable is unknown: `custom["absent"]` of the record names it.

The result depends on the set of records alone, not on their order, and computing it again
changes nothing: tests hold it to that. Why so: docs/decisions/0007-whom-to-believe.md.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from refbase.agreement import NUMBERING, agree
from refbase.model import Record, Reference, Source, Value
from refbase.values import ET_AL, Date

BELIEF = {"person": 0, "pubmed": 1, "rule": 2, "file": 3}
"""Kinds of source, the most trusted first."""
KEPT = ("type", "issued", "volume", "issue", "container-title")
"""What a printed citation says against PubMed until a person decides."""
ABSENT = "absent"
"""The custom value in which a person's record lists the variables that it says are unknown."""


class Conflict(NamedTuple):
    """A variable of which PubMed says something else than the reference keeps."""

    variable: str
    kept: Record
    told: Record

    @property
    def old(self) -> Value:
        return _value(self.kept, self.variable)

    @property
    def new(self) -> Value:
        return _value(self.told, self.variable)


def resolve(records: Iterable[Record]) -> Reference:
    """The reference as its records tell it.

    >>> a = Record(
    ...     Source("file", "a.txt", time="2026-01-01"), Reference("book", {"title": "Exmple"})
    ... )
    >>> b = Record(
    ...     Source("person", "editor", time="2026-02-02"), Reference("book", {"title": "Example"})
    ... )
    >>> resolve([a, b]).title, resolve([b, a]).title
    ('Example', 'Example')
    """
    ordered = _by_belief(records)
    if len(ordered) == 1 and ordered[0].source.kind != "person":
        only = ordered[0].reference
        return Reference(only.type, _sorted(only.variables), _sorted(only.custom))
    said = _believed(ordered)
    kind = said.pop("type", None)
    custom: dict[str, Any] = {}
    for record in reversed(ordered):
        custom.update(_custom(record))
    return Reference(
        kind.reference.type if kind else "document",
        {variable: _value(said[variable], variable) for variable in sorted(said)},
        _sorted(custom),
    )


def provenance(records: Iterable[Record]) -> dict[str, Record]:
    """For every variable of the merged reference, the record that its value comes from."""
    said = _believed(_by_belief(records))
    said.pop("type", None)
    return said


def statements(records: Iterable[Record]) -> dict[str, list[Record]]:
    """For every variable (and `type`) all records that say something of it, the believed one
    first. A person's that says "unknown" is among them, and stands first where it is believed."""
    ordered = _by_belief(records)
    believed = _believed(ordered)
    return {
        variable: sorted(tellers, key=lambda record: record is not believed.get(variable))
        for variable, tellers in _tellers(ordered).items()
    }


def conflicts(records: Iterable[Record]) -> list[Conflict]:
    """Where PubMed disagrees with what the reference keeps, and no person has spoken.

    >>> said = {"file": "15", "pubmed": "16"}
    >>> [conflict] = conflicts(
    ...     Record(Source(kind, kind), Reference("article-journal", {"volume": volume}))
    ...     for kind, volume in said.items()
    ... )
    >>> conflict.variable, conflict.old, conflict.new
    ('volume', '15', '16')
    """
    ordered = _by_belief(records)
    told = next((record for record in ordered if record.source.kind == "pubmed"), None)
    found = []
    for variable, kept in _believed(ordered, KEPT).items() if told else ():
        settled = kept.source.kind in ("person", "pubmed")
        if told and not settled and agree(variable, kept.reference, told.reference) is False:
            found.append(Conflict(variable, kept, told))
    return sorted(found)


def current(records: Iterable[Record]) -> list[Record]:
    """The records that still hold: of each source only its newest state.

    A file that was changed and read again, or a PubMed record that was fetched again, is the
    same source at a later time; what it said before is history. So whoever adds a newer state
    of a source must add all the records that it then has of the reference.
    """
    known = list(records)
    newest: dict[tuple[str, str], str] = {}
    for record in known:
        source = record.source
        newest[identity(source)] = max(source.time, newest.get(identity(source), ""))
    return [record for record in known if record.source.time == newest[identity(record.source)]]


def identity(source: Source) -> tuple[str, str]:
    """What two states of one source have in common."""
    # What came from nowhere that could be read again (standard input) is a source of its own
    return source.kind, source.location or f"{source.name}\0{source.checksum}"


def _by_belief(records: Iterable[Record]) -> list[Record]:
    holding = current(records)
    if not holding:
        raise ValueError("a reference has at least one record")
    ordered: list[Record] = []
    for _, equals in groupby(sorted(holding, key=_belief), key=_belief):
        tied = list(equals)
        ordered += sorted(tied, key=_content) if len(tied) > 1 else tied
    return ordered


def _belief(record: Record) -> tuple[int, str, int]:
    source = record.source
    # The last word of a person counts, the first of anything else
    time = _reversed(source.time) if source.kind == "person" else source.time
    return BELIEF.get(source.kind, len(BELIEF)), time, record.line


def _content(record: Record) -> str:
    """Some order among records that nothing else puts in one."""
    return json.dumps(record.reference.to_csl(), sort_keys=True, ensure_ascii=False)


def _reversed(time: str) -> str:
    """A string that sorts the other way round."""
    return "".join(chr(0x10FFFF - ord(character)) for character in time)


def _believed(ordered: Sequence[Record], only: Collection[str] = ()) -> dict[str, Record]:
    """For every variable, and for `type`, the record that is believed; or for some only."""
    said = {}
    for variable, tellers in _tellers(ordered, only).items():
        record = _choice(variable, tellers)
        if variable not in _denied(record):
            said[variable] = record
    return said


def _tellers(ordered: Sequence[Record], only: Collection[str] = ()) -> dict[str, list[Record]]:
    """For every variable those who say something of it, in the order in which they are heard."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in ordered:
        if record.reference.type != "document":
            found["type"].append(record)
        for variable in (*record.reference.variables, *_denied(record)):
            if not only or variable in only:
                found[variable].append(record)
    for variable in KEPT:
        if len(found.get(variable, ())) > 1:
            # Stable: otherwise in the order of belief
            found[variable].sort(key=lambda record: record.source.kind == "pubmed")
    _without_repeated_numbers(found, ordered)
    return dict(found)


def _without_repeated_numbers(found: dict[str, list[Record]], ordered: Sequence[Record]) -> None:
    """A supplement that a citation prints in the volume must not come back from PubMed as the
    issue, nor the other way round."""
    for variable in found.keys() & set(NUMBERING):
        first = found[variable][0]
        if first.source.kind == "pubmed" and any(
            record.source.kind != "pubmed" and agree(variable, record.reference, first.reference)
            for record in ordered
        ):
            del found[variable]


def _choice(variable: str, tellers: Sequence[Record]) -> Record:
    believed = tellers[0]
    for record in tellers[1:]:
        if _completes(variable, record, believed):
            believed = record
    if believed.source.kind == "pubmed":
        # In other words and no more: what was there stays
        others = (record for record in tellers if record.source.kind != "pubmed")
        before = next(others, None)
        if before and agree(variable, before.reference, believed.reference):
            return before
    return believed


def _completes(variable: str, record: Record, before: Record) -> bool:
    """Whether a full list of names stands against a cut one, or a date against mere words, that
    no person wrote."""
    if before.source.kind == "person":
        return False
    old, new = _value(before, variable), _value(record, variable)
    if isinstance(old, Date) and isinstance(new, Date):
        return not old.start and bool(new.start)
    if isinstance(old, tuple) and isinstance(new, tuple):
        return old[-1] == ET_AL and new[-1] != ET_AL
    return False


def _value(record: Record, variable: str) -> Value:
    if variable == "type":
        return record.reference.type
    return record.reference.variables[variable]


def _denied(record: Record) -> tuple[str, ...]:
    """The variables that a person says are unknown."""
    if record.source.kind != "person" or ABSENT not in record.reference.custom:
        return ()
    listed = record.reference.custom[ABSENT]
    said = record.reference.variables
    names = listed if isinstance(listed, list) else ()
    return tuple(name for name in names if isinstance(name, str) and name not in said)


def _custom(record: Record) -> Mapping[str, Any]:
    custom = record.reference.custom
    if record.source.kind != "person" or ABSENT not in custom:
        return custom
    return {name: value for name, value in custom.items() if name != ABSENT}


def _sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in sorted(values)}


def differences(old: Reference, new: Reference) -> dict[str, tuple[Any, Any]]:
    """What changes from one state of a reference to another: name -> (before, after), as CSL.

    None stands for what is not there.
    """
    before, after = _flat(old), _flat(new)
    names = sorted(before.keys() | after.keys())
    return {
        name: (before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    }


def _flat(reference: Reference) -> Mapping[str, Any]:
    item = reference.to_csl()
    custom = item.pop("custom", {})
    return {**item, **{f"custom.{name}": value for name, value in custom.items()}}
