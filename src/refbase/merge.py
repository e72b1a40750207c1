"""A reference is computed from its records: for every variable, the record that is believed.

The order of belief is the table `BELIEF`: what a person said stands above all, then PubMed, then
what a rule derived, then what a file prints. Between equals the one who said it first stays, so
that importing another chapter never rewords what is there. Two things a lower source may still
put right, unless a person has spoken: a list of names that was cut ("et al.") gives way to a
full one, and the type `document`, which means "not known", to any other.

The result depends on the set of records alone, not on their order, and computing it again
changes nothing: tests hold it to that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from refbase.model import Record, Reference, Source, Value
from refbase.values import ET_AL

BELIEF = {"person": 0, "pubmed": 1, "rule": 2, "file": 3}
"""Kinds of source, the most trusted first."""


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
    said = _provenance(ordered)
    kinds = [record for record in ordered if record.reference.type != "document"]
    custom: dict[str, Any] = {}
    for record in reversed(ordered):
        custom.update(record.reference.custom)
    return Reference(
        kinds[0].reference.type if kinds else "document",
        {variable: said[variable].reference.variables[variable] for variable in sorted(said)},
        {name: custom[name] for name in sorted(custom)},
    )


def provenance(records: Iterable[Record]) -> dict[str, Record]:
    """For every variable of the merged reference, the record that its value comes from."""
    return _provenance(_by_belief(records))


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


def _provenance(ordered: list[Record]) -> dict[str, Record]:
    said: dict[str, Record] = {}
    for record in ordered:
        for variable, value in record.reference.variables.items():
            before = said.get(variable)
            if before is None or _completes(variable, value, before):
                said[variable] = record
    return said


def _completes(variable: str, value: Value, before: Record) -> bool:
    """Whether a full list of names stands against a cut one that no person wrote."""
    if before.source.kind == "person":
        return False
    names = before.reference.names(variable)
    return bool(names) and names[-1] == ET_AL and isinstance(value, tuple) and value[-1] != ET_AL


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
