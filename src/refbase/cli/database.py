"""init, import, list, show: references in and out of the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from refbase import files
from refbase.cli import options as opt
from refbase.cli import provenance as told
from refbase.cli import settings, shown
from refbase.cli.session import Session, echo_json, explain
from refbase.errors import (
    FileError,
    FormatError,
    LossError,
    RefbaseError,
    Severity,
    UsageError,
)
from refbase.model import Parsed, Source
from refbase.store import ImportPlan, Store
from refbase.store import open as open_store


@click.command()
@click.pass_obj
def init(session: Session) -> None:
    """Create a database.

    Reading never creates one; `import` does, when there is something to put in.

    \b
    Examples:
      refbase --db refbase.db init
      refbase --db postgresql+psycopg://user@host/refbase init
    """
    before = session.is_there and "://" not in session.database
    with session.store(create=True) as store:
        number = store.counts()["references"]
        was = f"was there already, with {number} references" if before else "is ready"
        session.say(f"{store.name} {was}")


@click.command("import")
@click.argument("paths", nargs=-1, metavar="[FILE|-]...")
@click.option("--format", "-f", "format_", default="", metavar="FORMAT", help="See `formats`.")
@click.option("--bibliography", "-b", default="", metavar="NAME", help="List them under this name.")
@click.option("--dry-run", "-n", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--strict", is_flag=True, help="Change nothing unless all was understood.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array of files.")
@click.pass_obj
def import_(
    session: Session,
    paths: tuple[str, ...],
    format_: str,
    bibliography: str,
    dry_run: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Read files into the database.

    A reference that is there already (the same PMID, PMCID or DOI, and nothing against it; or
    the same title, year, author and page) gets a new record, not a twin. The same file again
    changes nothing. Each file is one change, done as a whole or not at all. With --bibliography
    all of it is listed under that name; without, an annotation that comes without the name of
    its bibliography is kept under the file's.

    \b
    Examples:
      refbase import chapter.txt
      refbase import --dry-run references.csv
      cat library.json | refbase import - --bibliography "My library"
    """
    if not paths and sys.stdin.isatty():
        raise UsageError("there is nothing to import", "name a file, or - for standard input")
    reports, codes = [], [0]
    for path in paths or (files.STANDARD,):
        try:
            job = Job(session, path, format_, bibliography)
            job.run(dry_run, strict)
            if as_json:
                reports.append(job.told())
            codes.append(job.code)
        except (FileError, LossError) as fault:
            explain(fault)
            codes.append(fault.exit_code)
    if as_json:
        echo_json(reports)
    return max(codes)


class Job:
    """The import of one file: read, plan, apply."""

    def __init__(self, session: Session, path: str, format_: str, bibliography: str) -> None:
        self.session = session
        self.path = path
        self._format = format_
        self._bibliography = bibliography
        self._plan: ImportPlan
        self._done = False
        self.code = 0

    def run(self, dry_run: bool, strict: bool) -> None:
        """Import the file, and say what was done."""
        parsed, source = self._read(strict)
        with self._store(dry_run) as store:
            pattern = settings.load()["citation_key_pattern"].value
            plan = store.plan_import(
                _renamed(parsed, self._bibliography), source, self._bibliography, pattern
            )
            self.session.report(plan.diagnostics)
            self._done = bool(plan.changes) and not dry_run
            if self._done:
                store.apply(plan)
        self._plan = plan
        self._say()

    def _read(self, strict: bool) -> tuple[list[Parsed], Source]:
        with files.reading(self.path, self._format, hashed=True) as reading:
            parsed = list(self.session.progress(reading, "entries"))
        found = [diagnostic for piece in parsed for diagnostic in piece.diagnostics]
        failed = any(diagnostic.severity is Severity.ERROR for diagnostic in found)
        doubtful = any(diagnostic.severity is not Severity.INFO for diagnostic in found)
        try:
            if doubtful and not any(piece.dossier for piece in parsed):
                raise FormatError(f"{self.path}: no reference could be read")
            if strict and doubtful:
                raise LossError(f"{self.path}: not imported, because --strict was given")
        except RefbaseError:
            # There will be no plan, which repeats what the reader found
            self.session.report(found)
            raise
        self.code = 1 if failed else 0
        return parsed, _source(self.path, reading)

    @contextmanager
    def _store(self, dry_run: bool) -> Iterator[Store]:
        if dry_run and not self.session.is_there:
            # What would be done in an empty database, without making one
            with (
                TemporaryDirectory() as folder,
                open_store(Path(folder, "empty.db"), create=True) as store,
            ):
                yield store
            return
        with self.session.store(create=not dry_run) as store:
            yield store

    def _say(self) -> None:
        plan = self._plan
        what = plan.summary.removeprefix(f"{plan.source.name}: ")
        if not plan.changes:
            what = "nothing changed"
        elif not self._done:
            what = f"would be done: {what}"
        self.session.say(f"{self.path}: {what}")

    def told(self) -> dict[str, Any]:
        """What was done, as `--json` tells it."""
        plan = self._plan.to_json()
        counts = plan["counts"]
        references = {name: counts.pop(name) for name in ("new", "updated", "unchanged")}
        return {
            "file": self.path,
            "applied": self._done,
            "references": references,
            **counts,
            "changes": plan["changes"],
            "diagnostics": plan["diagnostics"],
        }


def _source(path: str, reading: files.Reading) -> Source:
    standard = path == files.STANDARD
    return Source(
        kind="file",
        name="standard input" if standard else Path(path).name,
        location="" if standard else str(Path(path).resolve()),
        checksum=reading.checksum,
        format=reading.format.name,
        time=datetime.now(UTC).isoformat(timespec="microseconds"),
    )


def _renamed(parsed: list[Parsed], bibliography: str) -> list[Parsed]:
    """With --bibliography, every entry of the file is listed under that name."""
    if not bibliography:
        return parsed
    return [
        replace(
            piece,
            dossier=replace(
                piece.dossier,
                entries=tuple(
                    replace(entry, bibliography=bibliography) for entry in piece.dossier.entries
                ),
            ),
        )
        if piece.dossier
        else piece
        for piece in parsed
    ]


@click.command("list")
@opt.choosing
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def list_(session: Session, /, as_json: bool, **options: Any) -> None:
    """List references.

    One line each: citation key, year, first author, PMID, title. A bibliography comes in its
    own order, anything else by citation key.

    \b
    Examples:
      refbase list --bibliography Baclofen
      refbase list --year 2000.. --missing pmid
      refbase list --author chalasani --json
    """
    with session.store() as store:
        dossiers = store.dossiers(opt.chosen(store, options))
        if as_json:
            echo_json([shown.row(dossier) for dossier in dossiers])
            return
        for dossier in dossiers:
            click.echo(shown.line(dossier))


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option(
    "--at", metavar="DATE", help="As it was: a day, a time (UTC), or the number of a change set."
)
@click.option("--provenance", is_flag=True, help="For every variable who says it, and who else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def show(
    session: Session, keys: tuple[str, ...], at: str | None, provenance: bool, as_json: bool
) -> None:
    """Show all that is known of references.

    Every variable, every entry with its annotation and the citation as printed, and the records
    that the reference is computed from. With --at as it was at the end of a day, at a time, or
    just after a change set; with --provenance who said each variable, when, and what others say.

    \b
    Examples:
      refbase show russo2004liver
      refbase show --json russo2004liver hudgson1972clinical
      refbase show --at 2026-11-22 russo2004liver
      refbase show --provenance russo2004liver
    """
    with session.store() as store:
        dossiers = [store.at(key, at) if at else store.get(key) for key in keys]
    whole, page = (told.to_json, told.page) if provenance else (shown.whole, shown.page)
    if as_json:
        echo_json([whole(dossier) for dossier in dossiers])
        return
    click.echo("\n\n".join(page(dossier) for dossier in dossiers))
