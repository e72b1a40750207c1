"""`search`: the references that a query finds, the best first, with the place that matched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import click

from refbase import search as queries
from refbase.cli import options as opt
from refbase.cli import shown
from refbase.cli.session import Session, echo_json
from refbase.model import Dossier
from refbase.store import Found
from refbase.text import plain

_AROUND = 60  # characters shown before and after a match


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@opt.choosing
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: an array.")
@click.pass_obj
def search(
    session: Session, /, query: tuple[str, ...], limit: int, as_json: bool, **options: Any
) -> None:
    """Find references by their words, the best first.

    Title, contributors, container, abstract, annotations, identifiers, keywords and tags are
    searched. All words must be there; accents and case do not matter.

    \b
    "hepatic injury"     words that follow each other (in a shell: '"hepatic injury"')
    withdraw*            words that begin so
    letter OR reply      one or the other; ( ) group, - is "not"
    author:  title:  journal:  abstract:  annotation:  identifier:  keyword:
    year:1990..2000  type:  bibliography:  tag:  key:  pmid:  pmcid:  doi:
    missing:pmid  retracted:yes

    \b
    Examples:
      refbase search baclofen withdrawal
      refbase search 'title:liver -author:bass year:..1990'
      refbase search --json 'annotation:"no liver injury" OR missing:annotation'
    """
    asked = " ".join(query)
    parsed = queries.parse(asked)
    with session.store() as store:
        found = store.search(asked, opt.chosen(store, options), limit)
    if as_json:
        echo_json([{**shown.row(d), "match": match} for d, match in _places(found, parsed)])
    else:
        for dossier, match in _places(found, parsed, lambda word: click.style(word, bold=True)):
            click.echo(shown.line(dossier) + (f"\n    {match}" if match else ""))
    session.say(_summary(found))


def _summary(found: Found) -> str:
    """How many there are, and what was not looked at to rank them."""
    said = "1 reference" if found.total == 1 else f"{found.total} references"
    if len(found.dossiers) < found.total:
        said += f", the first {len(found.dossiers)} shown (--limit)"
    if not found.ranked and found.total:
        said += "; newest first"
    elif found.ranked < found.total:
        said += f"; only the newest {found.ranked} were ranked"
    return said


def _places(
    found: Found, query: queries.Query, mark: Callable[[str], str] = str
) -> Iterator[tuple[Dossier, str]]:
    """Each reference with the words around the first match in its annotations or abstract."""
    wanted = [words for words in queries.wanted(query) if words.field in _SHOWN]
    for dossier in found.dossiers:
        texts = [entry.annotation for entry in dossier.entries]
        texts.append(plain(dossier.reference.text("abstract")))
        yield dossier, next((p for text in texts if (p := _place(text, wanted, mark))), "")


_SHOWN = ("", "annotations", "abstract")


def _place(text: str, wanted: list[queries.Words], mark: Callable[[str], str]) -> str:
    """The part of a text where the wanted words stand, marked; empty where they do not."""
    spans = [found.span() for found in re.finditer(r"[^\W_]+", text) if _is(found[0], wanted)]
    if not spans:
        return ""
    start = max(spans[0][0] - _AROUND, 0)
    end = min(spans[0][1] + _AROUND, len(text))
    # Whole words only, except where the text itself begins or ends
    start = text.find(" ", start, spans[0][0]) + 1 if start else 0
    end = end if end == len(text) else max(text.rfind(" ", spans[0][1], end), spans[0][1])
    out, at = ["..." if start else ""], start
    for left, right in spans:
        if right <= end:
            out += [text[at:left], mark(text[left:right])]
            at = right
    out += [text[at:end], "..." if end < len(text) else ""]
    return " ".join("".join(out).split())


def _is(word: str, wanted: list[queries.Words]) -> bool:
    """Whether a word of a text is one of those that were asked for."""
    for term in queries.terms(word):
        for one in wanted:
            if term in one.words or (one.prefix and term.startswith(one.words[-1])):
                return True
    return False
