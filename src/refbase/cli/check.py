"""`check`: what an editor should look at, found in what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from refbase import files
from refbase.audit import CHECKS, Audit, Finding, report
from refbase.cli import changes, settings
from refbase.cli import options as opt
from refbase.cli.session import Session, echo_json, github
from refbase.edits import Statement
from refbase.errors import Diagnostic, Severity, Span, UsageError
from refbase.store import Store

_FAILING = {
    "error": (Severity.ERROR,),
    "warning": (Severity.ERROR, Severity.WARNING),
    "info": tuple(Severity),
}
_REPORTS = {".md": report.markdown, ".html": report.page, ".htm": report.page}


@click.command("check")
@opt.choosing
@click.option(
    "--only",
    multiple=True,
    metavar="CODE",
    help="Only findings of this code; may be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(_FAILING)),
    help="Exit with 1 if something so grave is found.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How findings are written.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--report", "path", metavar="FILE", help="A page for people: FILE.md or FILE.html.")
@click.option("--fix", is_flag=True, help="Show what would mend those that can be mended.")
@click.option("--apply", "applied", is_flag=True, help="Mend those that can be mended.")
@click.pass_obj
def check(
    session: Session,
    /,
    only: tuple[str, ...],
    fail_on: str | None,
    format_: str,
    as_json: bool,
    path: str | None,
    fix: bool,
    applied: bool,
    **options: Any,
) -> int:
    """Find what an editor should look at.

    Citations as printed against PubMed's records, retractions and corrections, identifiers,
    what is missing, slips of the pen. It works offline, from what is stored: what was never asked
    of PubMed (`refbase enrich`) is not checked, and not called wrong.

    \b
    Examples:
      refbase check --bibliography Baclofen
      refbase check --report baclofen.html --fail-on error
      refbase check --only capitals --only mojibake --fix
    """
    if unknown := [code for code in only if code not in CHECKS]:
        raise UsageError(f"'{unknown[0]}' is not a finding", f"known: {', '.join(CHECKS)}")
    write = _writer(path)
    with session.store() as store:
        audit = Audit(datetime.now(UTC).year)
        found = [
            finding
            for finding in _findings(store, audit, options)
            if not only or finding.code in only
        ]
        if format_ == "json" or as_json:
            echo_json(_json(audit, found))
        else:
            for finding in found:
                click.echo(_line(finding) if format_ == "text" else _github(finding))
        if write:
            write(_title(options), audit, found)
        if fix or applied:
            _mend(session, store, found, dry_run=not applied)
    session.say(report.summary(audit, found))
    return int(any(one.severity in _FAILING.get(fail_on or "", ()) for one in found))


def _findings(store: Store, audit: Audit, options: dict[str, Any]) -> Iterator[Finding]:
    for dossier in store.dossiers(opt.chosen(store, options), records=True):
        yield from audit.of(dossier)
    yield from audit.rest()


def _title(options: dict[str, Any]) -> str:
    return f"Check of {options['bibliography'] or 'all references'}"


def _writer(path: str | None) -> Callable[[str, Audit, Sequence[Finding]], None] | None:
    """What writes the report, decided before the work is done."""
    if not path:
        return None
    make = _REPORTS.get(Path(path).suffix.lower())
    if not make:
        raise UsageError(f"{path}: a report is FILE.md or FILE.html")

    def write(title: str, audit: Audit, found: Sequence[Finding]) -> None:
        with files.writing(path) as stream:
            stream.write(make(title, audit, found))

    return write


def _json(audit: Audit, found: Sequence[Finding]) -> dict[str, Any]:
    return {
        "checked": audit.count,
        "not_compared": audit.unchecked,
        "findings": [finding.to_json() for finding in found],
        "compared": [
            {
                "key": one.key,
                "variable": one.variable,
                "verdict": one.verdict,
                "printed": one.printed,
                "pubmed": one.known,
                "place": one.place,
            }
            for one in audit.compared
        ],
    }


def _line(finding: Finding) -> str:
    where = f" in {finding.bibliography}" if finding.bibliography else ""
    return f"{finding.key}{where}: {finding.severity.value}: {finding.message} [{finding.code}]"


def _github(finding: Finding) -> str:
    where = f" in {finding.bibliography}" if finding.bibliography else ""
    message = f"{finding.key}{where}: {finding.message}"
    return github(Diagnostic(finding.code, message, Span(), finding.severity))


def _mend(session: Session, store: Store, found: Sequence[Finding], dry_run: bool) -> None:
    """Do what the findings propose, one change set for each reference."""
    remedies: dict[str, Statement] = {}
    for finding in found:
        if finding.remedy:
            before = remedies.get(finding.key, Statement())
            values = {**finding.remedy.values, **before.values}
            remedies[finding.key] = replace(before, values=values)
    for key, said in remedies.items():
        plan = store.plan_edit(key, said, settings.person())
        changes.carry_out(session, store, plan, dry_run)
    if not remedies:
        session.say("none of these can be mended without a person")
