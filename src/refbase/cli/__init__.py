"""The command line. Each command parses its arguments, calls the library, and prints.

Data goes to standard output, everything else to standard error. The table below is all that
`refbase --help` needs; a command's module, and the database with it, is loaded when it runs.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from refbase import __version__
from refbase.cli.session import Session, explain
from refbase.errors import FileError, RefbaseError

# Name -> where it is, and the line that --help shows for it (a test holds it equal to the
# first line of the command's own help).
COMMANDS = {
    "init": ("refbase.cli.database:init", "Create a database."),
    "import": ("refbase.cli.database:import_", "Read files into the database."),
    "add": ("refbase.cli.adding:add", "Add works by identifier or by citation."),
    "list": ("refbase.cli.database:list_", "List references."),
    "show": ("refbase.cli.database:show", "Show all that is known of references."),
    "search": ("refbase.cli.searching:search", "Find references by their words, the best first."),
    "dedupe": ("refbase.cli.duplicates:dedupe", "Find references that describe one work."),
    "enrich": ("refbase.cli.enrich:enrich", "Complete references from PubMed."),
    "review": ("refbase.cli.review:review", "Decide what sources disagree on."),
    "check": ("refbase.cli.check:check", "Find what an editor should look at."),
    "edit": ("refbase.cli.desk:edit", "Correct what is said of a reference."),
    "annotate": (
        "refbase.cli.desk:annotate",
        "Write the annotation of a reference in a bibliography.",
    ),
    "tag": ("refbase.cli.desk:tag", "Put tags on references, and take them off."),
    "merge": (
        "refbase.cli.desk:merge",
        "Make one reference of several that describe the same work.",
    ),
    "bibliography": ("refbase.cli.bibliography:bibliography", "Order and export annotated lists."),
    "log": ("refbase.cli.history:log", "Show what was done to the database, or to one reference."),
    "undo": (
        "refbase.cli.history:undo",
        "Take back an import, an edit, a merge, an enrichment, ...",
    ),
    "export": ("refbase.cli.exchange:export", "Write references as BibTeX, RIS, CSL-JSON, ..."),
    "convert": ("refbase.cli.exchange:convert", "Turn one file into another, without a database."),
    "formats": ("refbase.cli.exchange:formats", "List the formats that can be read and written."),
    "stats": (
        "refbase.cli.stats:stats",
        "Count references by year, type, journal, identifier, ...",
    ),
    "config": ("refbase.cli.house:config", "Show the settings, and where each comes from."),
    "doctor": ("refbase.cli.house:doctor", "Examine the database and the installation."),
    "completion": ("refbase.cli.house:completion", "Print the completion script of a shell."),
}

INTERRUPTED = 130


class OutputClosedError(Exception):
    """Whoever read our output has seen enough (`| head`)."""


class Commands(click.Group):
    """A group that knows its commands by name and loads one when it is called."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as fault:
            # Click would end the program with code 1
            raise OutputClosedError from fault

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="See `refbase COMMAND --help` for examples of each.",
)
@click.option(
    "--db",
    metavar="DB",
    help="The database: a path, or an SQLAlchemy URL.  [default: $REFBASE_DB, else "
    "./refbase.db if it is there, else refbase.db in the user data folder]",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("-v", "--verbose", is_flag=True, help="Say everything, one line for each finding.")
@click.option(
    "--diagnostics",
    type=click.Choice(["text", "github"]),
    default="text",
    help="How findings are written to standard error.",
)
# Named, lest click looks for a translation each time
@click.version_option(__version__, message=f"refbase, version {__version__}")
@click.pass_context
def app(ctx: click.Context, db: str | None, quiet: bool, verbose: bool, diagnostics: str) -> None:
    """Keep annotated bibliographies, and export them without loss.

    \b
    Examples:
      refbase --db refbase.db import data/references.csv
      refbase --db refbase.db list
      refbase --db refbase.db export --format ris -o baclofen.ris
    """
    ctx.obj = Session(db, quiet, verbose, diagnostics)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit code (docs/exit-codes.md)."""
    # Modules are many small objects that live to the end: looking for garbage among them while
    # they are loaded is a tenth of what starting costs
    gc.set_threshold(100_000)
    with suppress(AttributeError):
        # File names may hold what is not Unicode; saying them must not fail
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app.main(arguments, prog_name="refbase", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except RefbaseError as fault:
        explain(fault)
        return fault.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("refbase: interrupted; what was done before is kept", err=True)
        return INTERRUPTED
    except (OutputClosedError, BrokenPipeError):
        _discard_output()
        return 0
    except OSError as fault:
        where = fault.filename or "standard output"
        explain(FileError(f"{where}: {fault.strerror or fault}"))
        _discard_output()
        return 3
    return code if isinstance(code, int) else 0


def _discard_output() -> None:
    """Keep the interpreter from flushing into a closed pipe or onto a full disk when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
