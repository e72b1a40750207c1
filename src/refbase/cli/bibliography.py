"""bibliography list, show, add, remove, move, export: ordered lists of references."""

from __future__ import annotations

import shutil
import textwrap
from typing import Any

import click

from refbase import files
from refbase.cli import changes, settings, shown
from refbase.cli import options as opt
from refbase.cli.desk import AT, changing
from refbase.cli.session import Session, echo_json
from refbase.errors import UsageError
from refbase.store import Filter, Store

# Names for what is asked of an annotated bibliography, and the format and flavour that are it
_FORMATS = {
    "text": ("livertox", "text"),
    "html": ("livertox", "html"),
    "": ("livertox", ""),
}
_INDENT = " " * 7


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bibliography() -> None:
    """Order and export annotated lists.

    \b
    Examples:
      refbase bibliography list
      refbase bibliography move Baclofen russo2004liver 1
      refbase bibliography export Baclofen -o baclofen.html
    """


@bibliography.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the bibliographies.

    \b
    Examples:
      refbase bibliography list
      refbase bibliography list --json
    """
    with session.store() as store:
        found = store.bibliographies()
    if as_json:
        told = [{"name": b.name, "entries": b.entries, "references": b.references} for b in found]
        echo_json(told)
        return
    for one in found:
        click.echo(f"{one.name:40} {one.entries:6} entries, {one.references} references")


@bibliography.command()
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def show(session: Session, name: str, as_json: bool) -> None:
    """Show a bibliography in its order.

    Each entry with its position, its citation as printed and its annotation.

    \b
    Examples:
      refbase bibliography show Baclofen
    """
    with session.store() as store:
        _check_known(store, name)
        listed = sorted(
            (
                (entry.position, dossier, entry)
                for dossier in store.dossiers(Filter(bibliography=name))
                for entry in dossier.entries
            ),
            key=lambda place: place[0],
        )
    if as_json:
        echo_json(
            [
                {
                    "position": position,
                    "key": dossier.key,
                    "citation": entry.citation,
                    "annotation": entry.annotation,
                }
                for position, dossier, entry in listed
            ]
        )
        return
    for position, dossier, entry in listed:
        click.echo(f"{position:5}  {shown.line(dossier)}")
        for text in filter(None, entry.annotation.split("\n")):
            click.echo(textwrap.indent(textwrap.fill(text, _width()), _INDENT))


@bibliography.command()
@click.argument("name", metavar="NAME")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@changing
@click.pass_obj
def add(session: Session, name: str, keys: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Put references at the end of a bibliography.

    A bibliography that is not there is made.

    \b
    Examples:
      refbase bibliography add "To read" russo2004liver hudgson1972clinical
    """
    with session.store() as store:
        plan = store.plan_list(name, keys, settings.person())
        changes.carry_out(session, store, plan, dry_run, as_json)


@bibliography.command()
@click.argument("name", metavar="NAME")
@click.argument("key", metavar="KEY")
@AT
@changing
@click.pass_obj
def remove(
    session: Session, name: str, key: str, at: int | None, dry_run: bool, as_json: bool
) -> None:
    """Take a reference out of a bibliography.

    The reference stays in the database, and a file that lists it does not put it back.

    \b
    Examples:
      refbase bibliography remove Baclofen russo2004liver
    """
    with session.store() as store:
        _check_known(store, name)
        plan = store.plan_unlist(name, key, settings.person(), at)
        changes.carry_out(session, store, plan, dry_run, as_json)


@bibliography.command()
@click.argument("name", metavar="NAME")
@click.argument("key", metavar="KEY")
@click.argument("to", type=click.IntRange(min=1), metavar="N")
@AT
@changing
@click.pass_obj
def move(
    session: Session, name: str, key: str, to: int, at: int | None, dry_run: bool, as_json: bool
) -> None:
    """Move a reference to position N of a bibliography.

    \b
    Examples:
      refbase bibliography move Baclofen russo2004liver 1
    """
    with session.store() as store:
        _check_known(store, name)
        plan = store.plan_move(name, key, to, settings.person(), at)
        changes.carry_out(session, store, plan, dry_run, as_json)


@bibliography.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--format", "-f", "format_", default="", metavar="FORMAT", help="text, html, or any format."
)
@click.option("--output", "-o", default=files.STANDARD, metavar="FILE", help="Write to this file.")
@opt.writing
@click.pass_obj
def export(session: Session, /, name: str, format_: str, output: str, **options: Any) -> int:
    """Write a bibliography with its annotations, for people to read.

    `text` and `html` are laid out like a chapter of LiverTox; any format of `refbase formats`
    will do. Without --format, what the extension of FILE says, else text.

    \b
    Examples:
      refbase bibliography export Baclofen
      refbase bibliography export Baclofen -o baclofen.html
      refbase bibliography export Baclofen --format ris
    """
    if format_ in _FORMATS and (format_ or output == files.STANDARD):
        format_, flavour = _FORMATS[format_]
        options["flavour"] = options["flavour"] or flavour
    with session.store() as store:
        _check_known(store, name)
        dossiers = store.dossiers(Filter(bibliography=name))
        writing = opt.write_options(options)
        losses = files.write(dossiers, output, format_, writing, options["strict"])
        session.report_losses(output, losses)
    return 0


def _width() -> int:
    return min(shutil.get_terminal_size().columns, 100) - len(_INDENT)


def _check_known(store: Store, name: str) -> None:
    known = [one.name for one in store.bibliographies()]
    if name not in known:
        raise UsageError(f"there is no bibliography '{name}'", f"known: {', '.join(known)}")
