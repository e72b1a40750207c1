"""log, undo: what was done, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from refbase.cells import format_value
from refbase.cli.changes import counted
from refbase.cli.session import Session, echo_json
from refbase.model import Reference
from refbase.store.history import Change, Event

# What the log calls a row, and the columns of it that tell people something
_SHOWN = {
    "record": (),
    "entry": ("position", "citation", "annotation"),
    "tag": ("name",),
    "conflict": ("kind", "subject"),
}
_LINKS = ("key_folded", "merged_into")
_LONGEST = 60
_MOST = 2**31 - 1


@click.command()
@click.argument("key", default="", metavar="[KEY]")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(min=1),
    default=_MOST,
    metavar="N",
    help="Only the newest N.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def log(session: Session, key: str, limit: int, as_json: bool) -> None:
    """Show what was done to the database, or to one reference.

    One line for each change set, the newest first: its number, the time (UTC), what it was. With
    KEY those that touched this reference, or one that was merged into it, and what they changed.

    \b
    Examples:
      refbase log --limit 10
      refbase log russo2004liver
      refbase log --json
    """
    with session.store() as store:
        events = store.events(key, min(limit, _MOST))
    if as_json:
        echo_json([event.to_json() for event in events])
        return
    for event in events:
        click.echo(_line(event))
        for line in _details(event):
            click.echo(f"        {line}")


def _line(event: Event) -> str:
    undone = f"  (undone by {event.undone_by})" if event.undone_by else ""
    time = event.time[:16].replace("T", " ")
    return f"{event.number:5}  {time}  {event.kind:8} {event.summary}{undone}"


def _details(event: Event) -> Iterator[str]:
    for change in event.changes:
        if change.subject == "record" and change.before and change.after:
            continue  # moved to another reference: the merge says so itself
        made, gone = change.before is None, change.after is None
        sign = "new " if made else "removed " if gone else ""
        pairs = list(_pairs(change))
        if pairs or sign:
            yield f"{sign}{change.subject}{': ' if pairs else ''}{'; '.join(pairs)}"


def _pairs(change: Change) -> Iterator[str]:
    before, after = change.before or {}, change.after or {}
    shown = _SHOWN.get(change.subject, tuple(sorted({**before, **after})))
    if change.subject == "reference" and not (change.before and change.after):
        shown = ("key",)
    for name in shown:
        old, new = (_short(_text(name, values.get(name))) for values in (before, after))
        if old == new or name in _LINKS:
            continue
        if change.before and change.after:
            yield f"{name} {old} → {new}"
        else:
            yield f"{name} {old if change.before else new}"


def _text(name: str, value: Any) -> str:
    """A value of the log, as one would type it."""
    if isinstance(value, list | dict) and (known := Reference.from_csl({name: value}).variables):
        return format_value(next(iter(known.values())))
    return "" if value is None else str(value)


def _short(text: str) -> str:
    text = text.replace("\n", " ") or "-"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@click.command()
@click.argument("number", type=click.IntRange(min=1), required=False, metavar="[CHANGESET]")
@click.option("--dry-run", "-n", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: what was changed.")
@click.pass_obj
def undo(session: Session, number: int | None, dry_run: bool, as_json: bool) -> None:
    """Take back an import, an edit, a merge, an enrichment, ...

    Without a number the last change set that still stands and is no undo itself, so that saying
    it again goes further back. Change sets that are not the last can be undone as long as nothing
    later hangs on them; else those in the way are named. An undo is a change set, and can be
    undone: what it took back is then there again.

    \b
    Examples:
      refbase undo
      refbase undo 12 --dry-run
      refbase log
    """
    with session.store() as store:
        done = store.undo(number or 0, dry_run)
    if as_json:
        own = None if dry_run else done.number
        echo_json({**done.to_json(), "number": own, "applied": not dry_run})
        return
    for word in ("removed", "restored", "changed"):
        if told := counted(getattr(done, word)):
            session.say(f"{word}: {told}")
    what = f"{done.undoes}: {done.kind} {done.summary}"
    if dry_run:
        session.say(f"would be undone: {what}")
    else:
        session.say(f"undone: {what}; `refbase undo {done.number}` does it again")
