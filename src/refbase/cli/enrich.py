"""enrich: references brought up to what PubMed knows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from refbase.cli import options as opt
from refbase.cli import settings
from refbase.cli.session import Session, echo_json, many
from refbase.enrich import (
    DELETED,
    FAILED,
    INVALID,
    KIND,
    Asking,
    Plan,
    Run,
    plan,
    summary,
)
from refbase.errors import Diagnostic, ServiceError, Severity, Span, StoreError, UsageError
from refbase.ncbi import Client
from refbase.ncbi.client import allowed_rate
from refbase.store import Store
from refbase.store.attach import DOUBTFUL, NOT_FOUND
from refbase.store.jobs import Outcome, tally

# What is told of a reference that did not end well: code and severity
_TOLD = {
    DOUBTFUL: ("doubtful-match", Severity.WARNING),
    NOT_FOUND: ("not-in-pubmed", Severity.WARNING),
    DELETED: ("withdrawn", Severity.WARNING),
    INVALID: ("bad-identifier", Severity.WARNING),
    FAILED: ("not-answered", Severity.ERROR),
}

# Seconds for which one thread may compute while others wait. What waits are requests, which must
# leave in their slots; with Python's own 0.005 they leave too late while records are read.
_SWITCH = 0.0005
_GOES_ON = "`refbase enrich --resume` goes on"


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@opt.choosing
@click.option("--dry-run", "-n", is_flag=True, help="Say what would be asked, and ask nothing.")
@click.option("--from", "files", multiple=True, metavar="FILE", help="PubMed XML or nbib; .gz.")
@click.option("--refresh", is_flag=True, help="Ask again what was answered before.")
@click.option("--resume", is_flag=True, help="Go on with the run that was interrupted.")
@click.option("--offline", is_flag=True, help="Only with the answers that are kept here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def enrich(
    session: Session,
    /,
    keys: tuple[str, ...],
    dry_run: bool,
    files: tuple[str, ...],
    refresh: bool,
    resume: bool,
    offline: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Complete references from PubMed.

    What a person has said stays; PubMed's names, titles, pages and identifiers go before what is
    printed; where they disagree on the year, the volume, the issue or the journal, `refbase
    review` asks. A record that does not look like the work that was cited is not believed: a
    PMID may be misprinted. What was answered once is not asked again, and a run that was
    interrupted goes on with --resume. All that a run changes is one change set.

    \b
    Examples:
      refbase enrich --dry-run
      refbase enrich --bibliography Baclofen
      refbase enrich --resume
      refbase enrich --from pubmed26n0001.xml.gz --from pubmed26n0002.xml.gz
    """
    if refresh and offline:
        raise UsageError("--refresh asks again, and --offline asks nobody")
    if files and (dry_run or refresh or resume or offline):
        raise UsageError("--from reads files and asks nobody: no other way to ask goes with it")
    with session.store() as store:
        left = store.jobs.unfinished(KIND)
        if resume and not left:
            session.say("there is no run to go on with")
            return 0
        after = store.jobs.last_answer() if refresh else 0
        after = left.options.get("after", 0) if left and resume else after
        with Asking(store, None if offline else _connecting(session), after) as asking:
            run = Run(store, asking, session.report)
            if left and resume:
                outcomes = run.resume(left)
            else:
                targets = _chosen(store, options, keys)
                if dry_run:
                    return _dry_run(plan(asking, targets), as_json)
                outcomes = run.read(targets, _resolved(files)) if files else run.begin(targets)
                if left:
                    session.say(f"run {left.id} was interrupted; --resume would go on with it")
            _watch(session, run, outcomes)
            return _report(session, store, run, asking.requests, as_json)


def _watch(session: Session, run: Run, outcomes: Iterator[Outcome]) -> None:
    """Let a run come to its end, and tell how far it is."""
    sys.setswitchinterval(_SWITCH)
    with _resumable():
        for _ in session.progress(outcomes, "references", run.number):
            pass


def _resolved(files: Sequence[str]) -> list[str]:
    """Whole paths: the run may go on from another folder."""
    return [str(Path(file).resolve()) for file in files]


def _chosen(store: Store, options: dict[str, Any], keys: tuple[str, ...]) -> list[Any]:
    return store.jobs.targets(opt.chosen(store, options, keys))


def _connecting(session: Session) -> Callable[[], Client]:
    """The client, made when there is something to ask."""
    known = settings.load()
    return lambda: Client.configured(known["email"].value, known["api_key"].value, session.database)


@contextmanager
def _resumable() -> Iterator[None]:
    """Say that what was interrupted can go on."""
    try:
        yield
    except ServiceError as fault:
        hint = f"{fault.hint}; {_GOES_ON}".removeprefix("; ")
        raise ServiceError(fault.message, hint) from fault
    except StoreError as fault:
        raise StoreError(fault.message, f"what was done before is kept; {_GOES_ON}") from fault
    except KeyboardInterrupt:
        click.echo(f"\n{_GOES_ON}", err=True)
        raise


# ------------------------------------------------------------------------------- telling


_GROUPS = {
    "pmid": "with a PMID",
    "others": "to be looked for",
    "invalid": "with something that is none",
    "left": "left alone",
}


def _dry_run(wanted: Plan, as_json: bool) -> int:
    rate = allowed_rate(settings.load()["api_key"].value)
    told = wanted.to_json(rate)
    if as_json:
        echo_json(told)
        return 0
    said = ", ".join(
        f"{wanted.counts[group]} {what}" for group, what in _GROUPS.items() if wanted.counts[group]
    )
    click.echo(f"{many(told['references'], 'reference')}{said and ': '}{said}")
    for step in wanted.steps:
        click.echo(
            f"{step.service}: {step.wanted} to ask for, {step.known} answered before, "
            f"{many(step.requests, 'request')}"
        )
    click.echo(f"about {told['seconds']} s at {rate:g} requests a second")
    return 0


def _report(session: Session, store: Store, run: Run, requests: int, as_json: bool) -> int:
    job = run.job
    outcomes = list(store.jobs.outcomes(job))
    counts = tally(outcomes)
    session.report(_diagnostics(outcomes))
    waiting = len(store.conflicts())
    if as_json:
        echo_json(
            {
                "job": job.id,
                "change_set": store.jobs.change_set(job) or None,
                "requests": requests,
                "counts": {state: counts[state] for state in sorted(counts)},
                "open_questions": waiting,
                "references": [
                    {"key": one.key, "state": one.state, "detail": one.detail} for one in outcomes
                ],
            }
        )
    session.say(f"{summary(counts)} ({many(requests, 'request')})")
    if waiting:
        are = "is" if waiting == 1 else "are"
        session.say(f"{many(waiting, 'question')} {are} open: `refbase review`")
    return 1 if any(counts.get(state) for state in _TOLD) else 0


def _diagnostics(outcomes: list[Outcome]) -> Iterator[Diagnostic]:
    for one in outcomes:
        if one.state in _TOLD:
            code, severity = _TOLD[one.state]
            yield Diagnostic(code, one.detail, Span(one.key), severity)
