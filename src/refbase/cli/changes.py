"""How the work of the desk is shown, asked about, done and told: the same for every command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from refbase.cells import format_value
from refbase.cli.session import Session, echo_json
from refbase.merge import differences
from refbase.model import Reference
from refbase.store import DeskPlan, Store
from refbase.store.plan import EntryChange, ReferenceChange

_LABEL = 18
_PLURALS = {"entry": "entries", "bibliography": "bibliographies"}
_TOLD = 20
"""So many references are shown one by one."""


def carry_out(
    session: Session,
    store: Store,
    plan: DeskPlan,
    dry_run: bool = False,
    as_json: bool = False,
    shown: bool = False,
) -> None:
    """Show a plan unless it was `shown` already, apply it unless it is a dry run, and say how to
    take it back."""
    number = 0 if dry_run else store.apply(plan)
    if as_json:
        echo_json({**plan.to_json(), "applied": bool(number), "number": number or None})
        return
    if not shown:
        show(session, plan)
    if not plan.changes:
        session.say("nothing changed")
    elif number:
        session.say(f"{number}: {plan.kind} {plan.summary}; `refbase undo {number}` takes it back")
    else:
        session.say(f"would be done: {plan.kind} {plan.summary}")


def show(session: Session, plan: DeskPlan) -> None:
    """Tell what a plan changes."""
    for line in lines(plan):
        session.say(line)


def lines(plan: DeskPlan) -> Iterator[str]:
    """What a plan changes, for reading."""
    # Of a list in which one is moved the others move up: nobody wants to read that
    shown = plan.changes[: 1 if plan.kind == "move" else _TOLD]
    for change in shown:
        yield change.key
        yield from _change(change)
        if plan.key:
            yield from _pair("citation key", change.key, plan.key)
    if more := len(plan.changes) - len(shown):
        yield f"and {more} more"


def _change(change: ReferenceChange) -> Iterator[str]:
    before = change.before or Reference()
    for name in differences(before, change.after):
        if name != "custom.et-al":
            yield from _pair(name, value_of(before, name), value_of(change.after, name))
    if change.records and before == change.after:
        yield _field("", "said by a person, and so it stays")
    for entry in change.entries:
        yield from _entry(entry)
    tags = [*(f"+{name}" for name in change.tags), *(f"-{name}" for name in change.untagged)]
    if tags:
        yield _field("tags", " ".join(tags))


def counted(counts: Mapping[str, int]) -> str:
    """`2 references, 1 entry`, without what is none.

    >>> counted({"reference": 2, "tag": 0, "entry": 1})
    '2 references, 1 entry'
    """
    return ", ".join(
        f"{count} {name if count == 1 else _PLURALS.get(name, name + 's')}"
        for name, count in counts.items()
        if count
    )


def value_of(reference: Reference, name: str) -> str:
    """A variable as one would type it, the type, or a custom value; empty where it is unknown."""
    if name == "type":
        return reference.type
    if name.startswith("custom."):
        return str(reference.custom.get(name.removeprefix("custom."), ""))
    return format_value(reference.variables.get(name, ""))


def _entry(entry: EntryChange) -> Iterator[str]:
    before, after = entry.before, entry.after
    if before is None or after is None:
        where = f"listed in {entry.bibliography}" if after else f"taken out of {entry.bibliography}"
        place = after or before
        yield _field("", f"{where}, no. {place.position if place else 0}")
        return
    if before.position != after.position:
        yield from _pair(
            f"in {entry.bibliography}", f"no. {before.position}", f"no. {after.position}"
        )
    if before.annotation != after.annotation:
        yield from _pair(f"in {entry.bibliography}", before.annotation, after.annotation)


def _pair(label: str, before: Any, after: Any) -> Iterator[str]:
    if before:
        yield _field(label, f"- {before}")
        label = ""
    if after:
        yield _field(label, f"+ {after}")


def _field(label: str, text: str) -> str:
    indent = "\n" + " " * (_LABEL + 5)
    return f"  {label:{_LABEL}} {text.replace(chr(10), indent)}"
