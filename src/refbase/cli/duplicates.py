"""dedupe: the references that describe one work, in a file or in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from refbase import files
from refbase.cli import options as opt
from refbase.cli import settings
from refbase.cli.session import Session, echo_json
from refbase.duplicates import Group, find, rows
from refbase.errors import Diagnostic, UsageError
from refbase.formats.base import Input
from refbase.model import Dossier, Parsed, Reference, Value
from refbase.text import plain
from refbase.values import Date

if TYPE_CHECKING:
    from refbase.store import Store

_CHUNK = 500
_TABLES = ("csv", "tsv")
# What a person compares, in the order in which a citation prints it
_COMPARED = (
    "author", "title", "container-title", "issued", "volume", "issue", "page", "PMID", "PMCID",
    "DOI",
)  # fmt: skip
_LABEL = 18
_MOST_AUTHORS = 6
Named = Iterator[tuple[str, Reference]]


@click.command()
@click.option("--input", "input_", metavar="FILE", help="Look in a file; `-` is standard input.")
@click.option("--format", "-f", "format_", default="", metavar="FORMAT", help="The format of FILE.")
@click.option("--certain", "only_certain", is_flag=True, help="Leave the doubtful groups out.")
@click.option("--apply", "apply_", is_flag=True, help="Merge what is certain, ask about the rest.")
@opt.choosing
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array of groups.")
@click.pass_obj
def dedupe(
    session: Session,
    /,
    input_: str | None,
    format_: str,
    only_certain: bool,
    apply_: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Find references that describe one work.

    Looks in the database, or with --input in a file. A certain group can be merged as it is; a
    doubtful one is for a person to look at, and says first what makes it doubtful. With --apply
    the certain groups are merged, in one change set that `refbase undo` takes back, and `refbase
    review` asks about the doubtful ones; what is rejected there is never thought the same again.

    In a file, references are named by their citation key (in a table: the column `key` or `id`),
    those without one by the place where they stand.

    \b
    Examples:
      refbase dedupe
      refbase dedupe --bibliography Baclofen --apply
      refbase dedupe --input library.ris
      refbase dedupe --input records.csv --format csv --json
    """
    if input_ is None:
        if format_:
            raise UsageError("--format names the format of a file", "name the file with --input")
        with session.store() as store:
            _of_database(session, store, options, only_certain, apply_, as_json)
        return 0
    if apply_ or any(value not in (None, (None, None)) for value in options.values()):
        raise UsageError("a file is searched as it is", "import it to merge or to choose from it")
    kept: dict[str, Reference] = {}
    with files.reading(input_, format_) as reading:
        named = session.progress(_named(session, _parsed(reading)), "references")
        groups = find(named if as_json else _keeping(named, kept))
    _tell(session, [group for group in groups if group.certain or not only_certain], kept, as_json)
    return 1 if session.failed else 0


def _of_database(
    session: Session,
    store: Store,
    options: dict[str, Any],
    only_certain: bool,
    apply_: bool,
    as_json: bool,
) -> None:
    plan = store.plan_dedupe(opt.chosen(store, options))
    if only_certain:
        plan = replace(plan, groups=tuple(group for group in plan.groups if group.certain))
    kept = {} if as_json else dict(_looked_up(store, plan.ids))
    _tell(session, plan.groups, kept, as_json)
    if not apply_:
        return
    done = store.settle(plan, settings.person())
    if not done.number:
        session.say("nothing new to be done")
        return
    merged, asked = _many(done.merged, "reference"), _many(done.asked, "question")
    session.say(
        f"{done.number}: {merged} merged, {asked} for `refbase review`; "
        f"`refbase undo {done.number}` takes it back"
    )


def _looked_up(store: Store, keys: Iterable[str]) -> Named:
    """The references of the groups. Not all at once: a query has room for so many keys."""
    from refbase.store import Filter

    waiting = iter(keys)
    while chunk := tuple(islice(waiting, _CHUNK)):
        for dossier in store.dossiers(Filter(keys=chunk)):
            yield dossier.key, dossier.reference


# ------------------------------------------------------------------------------------ reading


def _parsed(reading: files.Reading) -> Iterable[Parsed]:
    """What is in the file; a table with the columns of systematic reviews is read as one."""
    if reading.format.name in _TABLES:
        header = reading.head.decode("utf-8-sig", "replace").splitlines()[0]
        if rows.is_header(header):
            return _rows(Input(cast(BinaryIO, reading), reading.name))
    return reading


def _rows(source: Input) -> Iterator[Parsed]:
    yield from rows.read(source.lines(), source.name)
    yield Parsed(None, diagnostics=source.drain())


def _named(session: Session, parsed: Iterable[Parsed]) -> Named:
    """Every reference with a name of its own. One that is listed again, as a table lists it for
    each bibliography, comes once; another one of the same key is named by its place."""
    seen: dict[str, int] = {}
    for piece in parsed:
        session.report(piece.diagnostics)
        if piece.dossier is None:
            continue
        reference = piece.dossier.reference
        name = _key(piece.dossier) or str(piece.span)
        same = hash(tuple(reference.variables.items()))
        if name in seen and seen[name] == same:
            continue
        if seen.setdefault(name, same) != same:
            told = f"another reference has the key '{name}'; this one is named by its place"
            session.report([Diagnostic("duplicate-key", told, piece.span)])
            name = str(piece.span)
        yield name, reference


def _key(dossier: Dossier) -> str:
    """The citation key, or what a table has instead of one."""
    if dossier.key:
        return dossier.key
    custom = {name.lower(): text for name, text in dossier.reference.custom.items()}
    return next((str(custom[name]) for name in rows.KEYS if custom.get(name)), "")


def _keeping(named: Named, kept: dict[str, Reference]) -> Named:
    for name, reference in named:
        kept[name] = reference
        yield name, reference


# ------------------------------------------------------------------------------------ telling


def _tell(
    session: Session, groups: Sequence[Group], kept: dict[str, Reference], as_json: bool
) -> None:
    if as_json:
        echo_json([_row(group) for group in groups])
    else:
        for group in groups:
            click.echo(_page(group, [(key, kept[key]) for key in group.keys]))
    session.say(_summary(groups))


def _row(group: Group) -> dict[str, Any]:
    return {
        "keys": list(group.keys),
        "score": group.score,
        "certain": group.certain,
        "reasons": list(group.reasons),
    }


def _page(group: Group, members: list[tuple[str, Reference]]) -> str:
    """A group for reading: what its references agree on once, what differs side by side."""
    lines = [f"{'certain' if group.certain else 'doubtful'} {group.score}: {', '.join(group.keys)}"]
    lines.append(f"  {'; '.join(group.reasons)}")
    for variable in _COMPARED:
        said: dict[str, list[str]] = {}
        for key, reference in members:
            said.setdefault(_told(reference.variables.get(variable, "")), []).append(key)
        lines += _field(variable, said)
    return "\n".join([*lines, ""])


def _field(variable: str, said: dict[str, list[str]]) -> Iterator[str]:
    """One line if all say the same, else one for each value, with who says so."""
    if list(said) == [""]:
        return
    for number, (value, keys) in enumerate(said.items()):
        label = variable if not number else ""
        who = f"   ({', '.join(keys)})" if len(said) > 1 else ""
        yield f"    {label:{_LABEL}}{value or '-'}{who}"


def _told(value: Value) -> str:
    if isinstance(value, str):
        return " ".join(plain(value).split())
    if isinstance(value, Date):
        return value.to_edtf()
    names = [name.nlm for name in value]
    more = ["..."] if len(names) > _MOST_AUTHORS else []
    return ", ".join([*names[:_MOST_AUTHORS], *more])


def _summary(groups: Sequence[Group]) -> str:
    certain = sum(group.certain for group in groups)
    extra = sum(len(group.keys) - 1 for group in groups if group.certain)
    doubtful = _many(len(groups) - certain, "doubtful group")
    return f"{_many(certain, 'certain group')} ({extra} to be merged), {doubtful}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
