"""review: what sources disagree on, side by side, and a person's answers."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

import click

from refbase.cli import settings, shown
from refbase.cli.session import Session, echo_json
from refbase.errors import UsageError
from refbase.model import Reference
from refbase.store import Store
from refbase.store.conflicts import VARIABLE, Conflict

_LABEL = 16
# What two works are told apart by
_COMPARED = (
    "type", "author", "title", "container-title", "issued", "volume", "issue", "page", "DOI",
)  # fmt: skip
_ANSWERS = {"a": True, "r": False}


@click.command()
@click.option("--accept", type=int, multiple=True, metavar="ID", help="Take what is new.")
@click.option("--reject", type=int, multiple=True, metavar="ID", help="Keep what there is.")
@click.option("--all-from", metavar="SOURCE", help="Take every variable that SOURCE says anew.")
@click.option("--accept-kind", multiple=True, metavar="KIND", help="Take all of `variable:volume`.")
@click.option("--reject-kind", multiple=True, metavar="KIND", help="Keep all of `variable:issued`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def review(
    session: Session,
    accept: tuple[int, ...],
    reject: tuple[int, ...],
    all_from: str | None,
    accept_kind: tuple[str, ...],
    reject_kind: tuple[str, ...],
    as_json: bool,
) -> int:
    """Decide what sources disagree on.

    Shows what a reference says and what another source says of it, or the two works that an
    identifier may mean, and why a person must look. On a terminal each is asked for; otherwise
    they are listed. An answer is remembered: the same is never asked again. Each call with
    answers is one change set.

    \b
    Examples:
      refbase review
      refbase review --accept 3 --reject 4 --reject 5
      refbase review --accept-kind variable:volume
    """
    with session.store() as store:
        open_ = store.conflicts()
        taken = {*accept, *_of_kinds(open_, accept_kind), *_from(open_, all_from)}
        kept = {*reject, *_of_kinds(open_, reject_kind)}
        if both := taken & kept:
            raise UsageError(f"question {min(both)} cannot be accepted and rejected at once")
        if taken or kept:
            _decide(session, store, taken, kept)
            open_ = store.conflicts()
        elif all_from or accept_kind or reject_kind:
            session.say("no open question is of that kind")
        elif sys.stdin.isatty() and sys.stdout.isatty() and not as_json:
            _ask(session, store, open_)
            return 0
        if as_json:
            echo_json([one.to_json() for one in open_])
        elif not (taken or kept):
            click.echo("\n\n".join(page(one) for one in open_) or "no question is open")
        return 0


def _decide(session: Session, store: Store, taken: set[int], kept: set[int]) -> None:
    # All are looked up before the first is answered: a wrong number changes nothing
    known = {one.id for one in store.conflicts(sorted(taken | kept))}
    if missing := (taken | kept) - known:
        raise UsageError(f"there is no open question {min(missing)}", "`refbase review` lists them")
    person = settings.person()
    for numbers, accepted in ((taken, True), (kept, False)):
        if numbers:
            change_set = store.decide(sorted(numbers), accepted, person)
            said = "accepted" if accepted else "rejected"
            session.say(f"{len(numbers)} {said}; `refbase undo {change_set}` takes it back")


def _of_kinds(open_: Sequence[Conflict], kinds: Sequence[str]) -> Iterator[int]:
    """Questions by what they are about: `variable`, `variable:volume`, `match`, `candidate`."""
    for wanted in kinds:
        kind, _, subject = wanted.partition(":")
        yield from (one.id for one in open_ if one.kind == kind and subject in ("", one.subject))


def _from(open_: Sequence[Conflict], source: str | None) -> Iterator[int]:
    """Variables by who says them anew. A doubtful match is never taken unseen."""
    wanted = (source or "").casefold()
    for one in open_ if wanted else ():
        names = (one.source.kind, one.source.name) if one.source else ()
        if one.kind == VARIABLE and wanted in (name.casefold() for name in names):
            yield one.id


def _ask(session: Session, store: Store, open_: Sequence[Conflict]) -> None:
    """One after the other, on a terminal."""
    for number, one in enumerate(open_, 1):
        click.echo(f"{page(one)}\n")
        prompt = f"[{number}/{len(open_)}] accept what is new, reject it, skip, or quit"
        answer = click.prompt(prompt, type=click.Choice(["a", "r", "s", "q"]), default="s")
        if answer == "q":
            return
        if answer in _ANSWERS:
            store.decide([one.id], _ANSWERS[answer], settings.person())
    session.say("that was the last question" if open_ else "no question is open")


# ------------------------------------------------------------------------------ showing


def page(one: Conflict) -> str:
    """A question for reading: the two sides below each other, line by line."""
    head = f"{one.id}  {one.key}  {one.kind} {one.subject}"
    if one.kind == VARIABLE:
        lines = [*_field("kept", _text(one.subject, one.old))]
        lines += _field("new", _text(one.subject, one.new))
    else:
        lines = list(_both(Reference.from_csl(one.old), Reference.from_csl(one.new)))
    why = f"{one.reason}{f' ({one.source.name}, {one.source.time[:10]})' if one.source else ''}"
    return "\n".join([head, *lines, *_field("why", why)])


def _both(old: Reference, new: Reference) -> Iterator[str]:
    for name in _COMPARED:
        ours, theirs = _said(old, name), _said(new, name)
        if ours or theirs:
            yield from _field(name, ours or "-")
            yield from _field("", "the same" if ours == theirs else theirs or "-")


def _said(reference: Reference, name: str) -> str:
    if name == "type":
        return reference.type
    return shown.value_text(reference.variables[name]) if name in reference.variables else ""


def _text(name: str, value: object) -> str:
    """A value in the form of CSL-JSON, for reading."""
    return _said(Reference.from_csl({name: value}), name)


def _field(label: str, text: str) -> list[str]:
    width = max(min(shutil.get_terminal_size().columns, 100) - _LABEL - 2, 20)
    first, *rest = textwrap.wrap(text, width) or [""]
    return [f"  {label:{_LABEL}}{first}", *(" " * (_LABEL + 2) + line for line in rest)]
