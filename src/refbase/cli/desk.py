"""edit, annotate, tag, merge: what a person has to say of references."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import click

from refbase import edits, files
from refbase.cli import changes, settings
from refbase.cli.session import Session, explain
from refbase.edits import Statement
from refbase.errors import FileError, RefbaseError, StaleError, UsageError
from refbase.match import same_work
from refbase.model import Reference
from refbase.store import DeskPlan, Store

Command = TypeVar("Command", bound=Callable[..., Any])

_DRY_RUN = click.option(
    "--dry-run", "-n", is_flag=True, help="Say what would change, and change nothing."
)
_LONG_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Say what would change, and change nothing."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document: what changes.")
AT = click.option(
    "--at", type=int, metavar="N", help="Its position, where the list has it more than once."
)


def changing(command: Command) -> Command:
    """The options of every command that changes something."""
    return _DRY_RUN(_JSON(command))


@click.command()
@click.argument("key", metavar="KEY")
@click.argument("assignments", nargs=-1, metavar="[VARIABLE=VALUE]...")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before what was typed is applied.")
@changing
@click.pass_obj
def edit(
    session: Session,
    key: str,
    assignments: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Correct what is said of a reference.

    Variables are those of CSL, in any case (`container-title`, `PMID`, `type`), or what everybody
    calls them (`journal`, `pages`, `year`). Names are written `Family, Given; {A body}; et al.`,
    dates 1999, 1999-03 or 1998-12/1999-01. Nothing behind the = says that the variable is
    unknown. `key=` gives another citation key; the old one still finds the reference. What a
    person says is kept as a record of its own and stands against every file and PubMed.

    Without VARIABLE=VALUE the reference is opened as CSL-JSON in $VISUAL or $EDITOR; the changes
    are shown, and applied when you say so.

    \b
    Examples:
      refbase edit russo2004liver issued=2004-08 volume=
      refbase edit ghose1980complications 'author=Ghose, K; Holmes, KM; {Example Group}; et al.'
      EDITOR=nano refbase edit russo2004liver
    """
    if as_json and not (yes or dry_run or assignments):
        raise UsageError("--json asks nothing", "add --yes, or name variables and values")
    with session.store() as store:
        if assignments:
            plan = store.plan_edit(key, edits.parse(assignments), settings.person())
            changes.carry_out(session, store, plan, dry_run, as_json)
            return
        with Editing(session, store, key) as editing:
            editing.run(sure=yes or dry_run)
            editing.carry_out(dry_run, as_json, sure=yes or dry_run)


class Editing:
    """A reference in an editor, until what was typed there makes sense and is wanted. What was
    typed and did not get into the database is kept."""

    def __init__(self, session: Session, store: Store, key: str) -> None:
        self._session = session
        self._store = store
        self._person = settings.person()
        self._seen = store.look(key)  # first: whatever comes after this is somebody else's
        self._dossier = store.get(key)
        self._text = edits.to_text(self._dossier.reference, self._dossier.key)
        self._path = Path(tempfile.mkdtemp(prefix="refbase-"), f"{_file_name(key)}.json")
        self._plan: DeskPlan

    def __enter__(self) -> Self:
        self._path.write_text(self._text, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        typed = self._path.read_bytes() if self._path.exists() else b""
        if kind and typed not in (b"", self._text.encode()):
            self._session.say(f"nothing was changed; what you typed is kept in {self._path}")
        else:
            shutil.rmtree(self._path.parent)

    def run(self, sure: bool) -> None:
        """Edit, again where that is wanted, until there is a plan that somebody agrees to."""
        while True:
            click.edit(filename=str(self._path))
            try:
                self._said = self._read()
            except RefbaseError as fault:
                if not sys.stdin.isatty():
                    raise
                explain(fault)
                click.confirm("Open the editor again?", default=True, abort=True, err=True)
                continue
            self._agree(sure)
            return

    def carry_out(self, dry_run: bool, as_json: bool, sure: bool) -> None:
        """Apply the plan. If somebody changed the reference meanwhile, say so, show what the plan
        is now, and ask again."""
        while True:
            try:
                changes.carry_out(
                    self._session, self._store, self._plan, dry_run, as_json, shown=not sure
                )
            except StaleError as fault:
                if sure:
                    raise
                explain(fault)
                self._seen = self._store.look(self._dossier.key)
                self._agree(sure)
                continue
            return

    def _read(self) -> Statement:
        try:
            text = self._path.read_text(encoding="utf-8")
            return edits.from_text(text, self._dossier.reference, self._dossier.key)
        except OSError as fault:
            raise FileError(f"{self._path}: {fault.strerror}") from fault
        except ValueError as fault:
            raise UsageError(f"{self._path}: {fault}") from fault

    def _agree(self, sure: bool) -> None:
        key = self._dossier.key
        self._plan = self._store.plan_edit(key, self._said, self._person, self._seen)
        if self._plan.changes and not sure:
            changes.show(self._session, self._plan)
            click.confirm("Apply?", default=True, abort=True, err=True)


def _file_name(key: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in key)[:40]


@click.command()
@click.argument("key", metavar="KEY")
@click.argument("text", metavar="TEXT|-")
@click.option("--bibliography", "-b", default="", metavar="NAME", help="The list that has it.")
@AT
@changing
@click.pass_obj
def annotate(
    session: Session,
    key: str,
    text: str,
    bibliography: str,
    at: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the annotation of a reference in a bibliography.

    The text replaces the one that was there; an empty one takes it away, - reads it from
    standard input. Without --bibliography, the only list that has the reference is meant.

    \b
    Examples:
      refbase annotate russo2004liver --bibliography Baclofen 'Not a single case.'
      pbpaste | refbase annotate russo2004liver -
    """
    if text == files.STANDARD:
        text = session.standard_input()
    with session.store() as store:
        plan = store.plan_annotate(key, bibliography, text, settings.person(), at)
        changes.carry_out(session, store, plan, dry_run, as_json)


# A tag that goes looks like an option, and so nothing here has a short one
@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", nargs=-1, required=True, metavar="KEY... +TAG -TAG...")
@_LONG_DRY_RUN
@_JSON
@click.pass_obj
def tag(session: Session, words: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Put tags on references, and take them off.

    \b
    Examples:
      refbase tag russo2004liver +transplantation -unread
      refbase tag russo2004liver hudgson1972clinical '+to read'
    """
    keys = [word for word in words if word[:1] not in "+-"]
    add, remove = ([word[1:] for word in words if word[:1] == sign] for sign in "+-")
    if not keys or not (add or remove):
        raise UsageError("name references and tags", "refbase tag KEY +tag -othertag")
    with session.store() as store:
        plan = store.plan_tag(keys, add, remove, settings.person())
        changes.carry_out(session, store, plan, dry_run, as_json)


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY KEY...")
@changing
@click.pass_obj
def merge(session: Session, keys: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Make one reference of several that describe the same work.

    The first one stays, with the records, entries, annotations and tags of all; the keys of the
    others find it. Each variable is then what the most trusted record says. If they do not look
    like one work that is said, but done: you know better.

    \b
    Examples:
      refbase merge russo2004liver russo2004liver-2
      refbase merge --dry-run ghose1980complications ghose1980
    """
    with session.store() as store:
        plan = store.plan_merge(keys, settings.person())
        first, *others = (change.before or Reference() for change in plan.changes)
        for change, other in zip(plan.changes[1:], others, strict=True):
            verdict = same_work(first, other)
            if not verdict.certain:
                reasons = ", ".join(verdict.reasons)
                session.say(f"{change.key} is not certainly the same work: {reasons}")
        changes.carry_out(session, store, plan, dry_run, as_json)
