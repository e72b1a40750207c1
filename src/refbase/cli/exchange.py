"""export, convert, formats: references on their way to other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from refbase import files
from refbase import formats as registry
from refbase.ahead import ahead
from refbase.cli import options as opt
from refbase.cli.session import Session, echo_json
from refbase.errors import Diagnostic, FormatError
from refbase.model import Dossier

_DEFAULT = "bibtex"


@click.command()
@click.option(
    "--format", "-f", "format_", default="", metavar="FORMAT", help="See `refbase formats`."
)
@click.option("--output", "-o", default=files.STANDARD, metavar="FILE", help="Write to this file.")
@opt.choosing
@opt.writing
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.pass_obj
def export(
    session: Session, /, format_: str, output: str, keys: tuple[str, ...], **options: Any
) -> int:
    """Write references as BibTeX, RIS, CSL-JSON, ...

    The format is that of --format, else that of the file's extension, else BibTeX. One
    bibliography is written in its order and with its own annotations; without
    --bibliography, all references by key, each annotation labelled with its bibliography
    where there are several. What the format cannot hold is said on standard error. The same
    database gives the same bytes.

    \b
    Examples:
      refbase export --bibliography Baclofen -o baclofen.bib
      refbase export --format ris --flavour endnote > endnote.ris
      refbase export --format csl-json --year 2000.. --missing pmid
    """
    if not format_ and output == files.STANDARD:
        format_ = _DEFAULT
    with session.store() as store:
        chosen = opt.chosen(store, options, keys)
        labelled = not chosen.bibliography and len(store.bibliographies()) > 1
        count = Counter(
            store.dossiers(chosen, records=format_ == "jsonl" or output.endswith(".jsonl"))
        )
        losses = files.write(
            session.progress(count, "references"),
            output,
            format_,
            opt.write_options(options, labelled),
            options["strict"],
        )
        session.report_losses(output, count.without(losses))
    session.say(f"{_many(count.number, 'reference')} written to {_place(output)}")
    return 0


@click.command()
@click.argument("source", metavar="IN", default=files.STANDARD)
@click.argument("target", metavar="[OUT]", default=files.STANDARD)
@click.option("--from", "from_", default="", metavar="FORMAT", help="The format of IN.")
@click.option("--to", "to", default="", metavar="FORMAT", help="The format of OUT.")
@opt.writing
@click.pass_obj
def convert(
    session: Session, /, source: str, target: str, from_: str, to: str, **options: Any
) -> int:
    """Turn one file into another, without a database.

    `-` is standard input or output. The formats are told from the extensions and the first
    bytes unless they are named. References that come without a citation key get one.

    \b
    Examples:
      refbase convert chapter.txt references.csv
      refbase convert references.csv references.ris --flavour endnote
      cat library.json | refbase convert - --to bibtex
    """
    if not to and target == files.STANDARD:
        to = _DEFAULT
    with files.reading(source, from_) as parsed:
        count = Counter(files.keyed(_dossiers(session, parsed)))
        losses = files.write(
            session.progress(count, "references"),
            target,
            to,
            opt.write_options(options),
            options["strict"],
        )
        session.report_losses(target, count.without(losses))
    session.say(f"{_many(count.number, 'reference')} written to {_place(target)}")
    return 1 if session.failed else 0


class Counter:
    """Dossiers that pass by, counted; those that a format leaves out are not."""

    def __init__(self, dossiers: Iterable[Dossier]) -> None:
        self.number = 0
        self._dossiers = dossiers

    def __iter__(self) -> Iterator[Dossier]:
        for dossier in self._dossiers:
            self.number += 1
            yield dossier

    def without(self, losses: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """The same losses, less one for each reference that is left out."""
        for loss in losses:
            self.number -= loss.code == "left-out"
            yield loss


def _dossiers(session: Session, parsed: files.Reading) -> Iterator[Dossier]:
    """What a file holds. If that is nothing but findings, it is an error while the output is
    still being written, so that what was there before stays."""
    found = False
    for piece in ahead(registry.reader(parsed.format), parsed.source):
        session.report(piece.diagnostics)
        if piece.dossier:
            found = True
            yield piece.dossier
    if not found and session.worst:
        raise FormatError(f"{parsed.name}: no reference could be read")


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _place(path: str) -> str:
    return "standard output" if path == files.STANDARD else path


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def formats(as_json: bool) -> None:
    """List the formats that can be read and written.

    \b
    Examples:
      refbase formats
      refbase formats --json
    """
    known = registry.formats().values()
    if as_json:
        echo_json(
            [
                {
                    "name": fmt.name,
                    "title": fmt.title,
                    "reads": bool(fmt.reader),
                    "writes": bool(fmt.writer),
                    "extensions": list(fmt.extensions),
                    "flavours": list(fmt.flavours),
                }
                for fmt in known
            ]
        )
        return
    for fmt in known:
        verbs = f"{'read' if fmt.reader else '-':5} {'write' if fmt.writer else '-':6}"
        flavours = f"  flavours: {', '.join(fmt.flavours)}" if fmt.flavours else ""
        click.echo(f"{fmt.name:10} {verbs} {' '.join(fmt.extensions):12} {fmt.title}{flavours}")
