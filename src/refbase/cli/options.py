"""The options that choose references, and those that say how to write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from refbase.errors import UsageError
from refbase.formats.base import WriteOptions
from refbase.vocab import TYPES

if TYPE_CHECKING:
    from refbase.store import Filter, Store

Command = TypeVar("Command", bound=Callable[..., Any])


def _years(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int | None, int | None]:
    """`1990`, `1990..2000`, `1990..` or `..2000`, as a pair of years or None."""
    if value is None:
        return None, None
    from refbase.search import years

    found = years(value)
    if found is None:
        raise click.BadParameter(f"'{value}' is neither a year nor a range like 1990..2000")
    return found


_CHOOSING = (
    click.option("--bibliography", "-b", metavar="NAME", help="Only this bibliography, in order."),
    click.option("--type", "type_", metavar="TYPE", help="Only this CSL type (`chapter`)."),
    click.option(
        "--year",
        callback=_years,
        metavar="YEARS",
        help="Only these years: 1990, 1990..2000, ..1980.",
    ),
    click.option("--missing", metavar="VARIABLE", help="Only where this is unknown (`pmid`)."),
    click.option("--author", metavar="NAME", help="Only with this contributor's surname."),
    click.option("--tag", metavar="TAG", help="Only with this tag."),
    click.option("--search", metavar="QUERY", help="Only what `refbase search` would find."),
)
_WRITING = (
    click.option("--flavour", default="", metavar="NAME", help="A dialect: see `refbase formats`."),
    click.option(
        "--et-al", is_flag=True, help="Mark author lists that the source cut (`and others`)."
    ),
    click.option("--strict", is_flag=True, help="Write nothing unless nothing is lost."),
)


def choosing(command: Command) -> Command:
    """Give a command the options that choose references."""
    for option in reversed(_CHOOSING):
        command = option(command)
    return command


def writing(command: Command) -> Command:
    """Give a command the options that say how to write."""
    for option in reversed(_WRITING):
        command = option(command)
    return command


def chosen(store: Store, options: dict[str, Any], keys: tuple[str, ...] = ()) -> Filter:
    """The filter that the options of `choosing` ask for; names nobody knows are usage errors."""
    from refbase.search import parse
    from refbase.store import Filter

    if options["type_"] and options["type_"] not in TYPES:
        raise UsageError(f"'{options['type_']}' is not a CSL type", ", ".join(sorted(TYPES)))
    name = options["bibliography"]
    if name is not None:
        known = [bibliography.name for bibliography in store.bibliographies()]
        if name not in known:
            raise UsageError(f"there is no bibliography '{name}'", f"known: {', '.join(known)}")
    return Filter(
        bibliography=name or "",
        type=options["type_"] or "",
        years=options["year"],
        missing=options["missing"] or "",
        author=options["author"] or "",
        tag=options["tag"] or "",
        keys=keys,
        search=parse(options["search"]) if options.get("search") else None,
    )


def write_options(options: dict[str, Any], labelled: bool = False) -> WriteOptions:
    """What the options of `writing` ask for."""
    return WriteOptions(options["flavour"], options["et_al"], labelled)
