"""add: works by their identifiers, or by their citations."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from refbase import files, pasted
from refbase.cli import settings
from refbase.cli.session import Session, echo_json
from refbase.errors import UsageError
from refbase.model import Source
from refbase.pasted import Pasted
from refbase.store import ImportPlan, Store
from refbase.text import plain

_LONGEST = 70


@click.command()
@click.argument("texts", nargs=-1, metavar="[PMID|PMCID|DOI|URL|CITATION|-]...")
@click.option("--bibliography", "-b", default="", metavar="NAME", help="List them under this name.")
@click.option("--enrich", "enriched", is_flag=True, help="Complete them from PubMed at once.")
@click.option("--dry-run", "-n", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def add(
    ctx: click.Context,
    texts: tuple[str, ...],
    bibliography: str,
    enriched: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Add works by identifier or by citation.

    Each argument is one work: a PMID, PMCID, DOI or ISBN, an address, or a citation as it is
    printed. From standard input (-, or nothing at all) a whole list is read, of identifiers or of
    citations. What each is taken for is said. A work that is there already is found, and does not
    become a twin.

    \b
    Examples:
      refbase add 15390328 PMC2424842 https://doi.org/10.5555/example
      refbase add --bibliography Baclofen 'Doe J. Example. Example J 2001; 12: 45-67.'
      pbpaste | refbase add --enrich
    """
    session: Session = ctx.obj
    if not texts and sys.stdin.isatty():
        raise UsageError("there is nothing to add", "name an identifier or a citation, or - ")
    found = list(_found(session, texts or (files.STANDARD,), bibliography))
    with session.store(create=not dry_run) as store:
        plan = _plan(store, found, bibliography)
        # That it is here already is said below, with its key
        session.report(one for one in plan.diagnostics if one.code != "key-not-used")
        number = 0 if dry_run else store.apply(plan)
        told = list(_told(store, plan, found))
    if as_json:
        echo_json({"items": told, **plan.to_json(), "applied": bool(number)})
    else:
        _say(session, told, number)
    failed = any(not one.what for one in found)
    code = _enrich(ctx, told) if enriched and number else 0
    return max(code, int(failed))


def _found(session: Session, texts: tuple[str, ...], bibliography: str) -> Iterator[Pasted]:
    for text in texts:
        if text == files.STANDARD:
            yield from pasted.several(session.standard_input(), bibliography)
        elif text.strip():
            yield pasted.single(text, bibliography)


def _plan(store: Store, found: list[Pasted], bibliography: str) -> ImportPlan:
    """As an import: of a file that is known by its content, because it has no place."""
    content = "\n".join(one.text for one in found)
    source = Source(
        "file",
        f"added by {settings.person()}",
        checksum=hashlib.sha256(content.encode()).hexdigest(),
        format="add",
        time=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
    pattern = settings.load()["citation_key_pattern"].value
    return store.plan_import([one.parsed for one in found], source, bibliography, pattern)


def _told(store: Store, plan: ImportPlan, found: list[Pasted]) -> Iterator[dict[str, Any]]:
    """What each was taken for, and which reference it is."""
    of = {id(kept.record.reference): change for change in plan.changes for kept in change.records}
    for one in found:
        if not one.parsed.dossier:
            yield {"text": one.text, "what": None, "key": None, "new": False, "title": ""}
            continue
        reference = one.parsed.dossier.reference
        change = of.get(id(reference))
        known = change.after if change else reference
        yield {
            "text": one.text,
            "what": one.what,
            "key": change.key if change else None,
            "new": bool(change and not change.id),
            "title": known.title,
        }


def _say(session: Session, told: list[dict[str, Any]], number: int) -> None:
    for one in told:
        text = one["text"].replace("\n", " ")
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        how = "new" if one["new"] else "here already" if one["key"] else "nothing new"
        key = f" {one['key']}" if one["key"] else ""
        title = f", {plain(one['title'])}" if one["title"] and one["what"] != "URL" else ""
        if one["what"]:
            session.say(f"{one['what']} {text}: {how}{key}{title}")
    if number:
        session.say(f"{number}: added; `refbase undo {number}` takes it back")
    elif told:
        session.say("nothing changed")


def _enrich(ctx: click.Context, told: list[dict[str, Any]]) -> int:
    from refbase.cli.enrich import enrich

    keys = tuple(dict.fromkeys(one["key"] for one in told if one["key"]))
    return int(ctx.invoke(enrich, keys=keys, year=(None, None)) or 0)
