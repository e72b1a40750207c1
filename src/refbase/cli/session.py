"""What all commands share: where the database is, and how findings are told."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from refbase.errors import Diagnostic, RefbaseError, Severity, Span

if TYPE_CHECKING:
    from refbase.store import Store

T = TypeVar("T")
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_NAMED = 3
"""How many keys a summary of losses names before it says how many more there are."""


@dataclass
class Session:
    """The global options of one call, and what they mean."""

    db: str | None = None
    quiet: bool = False
    verbose: bool = False
    diagnostics: str = "text"
    worst: Severity | None = field(default=None, init=False)

    @property
    def database(self) -> str:
        """The path or URL of the database this call is about."""
        if self.db:
            return self.db
        from refbase.cli import settings

        return settings.database()

    @property
    def is_there(self) -> bool:
        """Whether there is a database already; of one that is named by a URL, that is assumed."""
        return "://" in self.database or Path(self.database).exists()

    def store(self, create: bool = False) -> Store:
        """Open the database; with `create`, make it if it is not there."""
        from refbase.store import open as open_store

        if create and not self.db and not self.is_there:
            # The user data folder, which nobody but we would make
            Path(self.database).parent.mkdir(parents=True, exist_ok=True)
        return open_store(self.database, create=create)

    def say(self, text: str) -> None:
        """Tell people something; nothing with --quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def report(self, found: Iterable[Diagnostic]) -> None:
        """Tell findings as they come, one line each."""
        for diagnostic in found:
            self._remember(diagnostic.severity)
            if diagnostic.severity is Severity.ERROR or not self.quiet:
                self._line(diagnostic)

    def report_losses(self, name: str, losses: Iterable[Diagnostic]) -> None:
        """Tell what a format could not hold, once for each kind of loss.

        A thousand references that lose the same variable make one line; --verbose names all.
        """
        counts: Counter[tuple[str, str]] = Counter()
        first: dict[tuple[str, str], list[Diagnostic]] = defaultdict(list)
        for loss in losses:
            self._remember(loss.severity)
            if self.verbose:
                self._line(loss)
                continue
            # Not by severity, which follows from these and is slow to hash
            kind = (loss.code, loss.message)
            counts[kind] += 1
            if counts[kind] <= _NAMED:
                first[kind].append(loss)
        for kind, count in counts.items():
            if not self.quiet:
                named = [str(loss.span) for loss in first[kind]]
                said = f"{kind[1]} ({_some(named, count)})"
                self._line(Diagnostic(kind[0], said, Span(name), first[kind][0].severity))

    def _remember(self, severity: Severity) -> None:
        if self.worst is not Severity.ERROR and severity is not Severity.INFO:
            self.worst = severity

    def _line(self, found: Diagnostic) -> None:
        if self.diagnostics == "github":
            click.echo(github(found), err=True)
            return
        severity = click.style(found.severity.value, fg=_COLOURS[found.severity])
        click.echo(f"{found.span}: {severity}: {found.message} [{found.code}]", err=True)

    @property
    def failed(self) -> bool:
        """Whether a record was lost to an error on the way."""
        return self.worst is Severity.ERROR

    def standard_input(self) -> str:
        """The text on standard input, in whatever encoding; what was odd about it is told."""
        from refbase.formats.base import Input

        source = Input(sys.stdin.buffer, "-")
        text = "\n".join(line for _, line in source.lines())
        self.report(source.drain())
        return text

    def progress(self, things: Iterable[T], what: str, total: int = 0) -> Iterator[T]:
        """The same things, counted on a terminal's last line once it takes over a second; with
        the time that is left, where it is known how many there will be."""
        if self.quiet or not sys.stderr.isatty():
            yield from things
            return
        begun = shown = time.monotonic()
        count = 0
        for count, thing in enumerate(things, 1):
            yield thing
            now = time.monotonic()
            if now - begun > 1 and now - shown > 0.2:
                shown = now
                rate = count / (now - begun)
                left = f", {_duration((total - count) / rate)} left" if total > count else ""
                of = f" of {total}" if total else ""
                click.echo(f"\r\033[K{count}{of} {what}, {rate:.0f}/s{left} ", nl=False, err=True)
        if shown > begun:
            click.echo(f"\r\033[K{count} {what}", err=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def explain(fault: RefbaseError) -> None:
    """Tell an error, and what to do about it."""
    hint = f"\n  hint: {fault.hint}" if fault.hint else ""
    click.echo(f"refbase: error: {fault.message}{hint}", err=True)


def echo_json(value: Any) -> None:
    """One JSON document on standard output."""
    # Loaded only here: most commands print none
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def many(number: int, what: str) -> str:
    """A number of things: `1 request`, `2 requests`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _some(keys: list[str], count: int) -> str:
    named = ", ".join(keys)
    return f"{named} and {count - len(keys)} more" if count > len(keys) else named


def github(found: Diagnostic) -> str:
    """As a workflow command, with the escapes that GitHub documents for one."""
    place = f"file={_escaped(found.span.file)}" if found.span.file else ""
    line = f",line={found.span.line}" if found.span.line else ""
    text = f"{found.message} [{found.code}]".replace("%", "%25").replace("\n", "%0A")
    return f"::{_GITHUB[found.severity]} {place}{line}::{text}"


def _escaped(value: str) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        value = value.replace(character, code)
    return value
