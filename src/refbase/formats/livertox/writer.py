"""An annotated bibliography written as LiverTox prints one.

The citation is the one that the entry was printed with; where there is none, it is composed in
the style of NLM. What a printed citation does not say of a reference is found out by reading the
entry as it will be printed, so that no loss is overlooked and none is made up.

A page is sorted by bibliography and position, so its entries are held until the last is there.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from refbase.citation import nlm
from refbase.errors import Diagnostic, Severity
from refbase.formats.base import Input, WriteOptions, custom_severity, left_out, loss
from refbase.formats.livertox.entries import SECTIONS, Item, bare, parsed
from refbase.formats.livertox.layouts import Html, Printed, Text, linkable
from refbase.model import Dossier, Entry, Reference, Value
from refbase.text import clean, plain

_MAIN, _CITED = "ANNOTATED BIBLIOGRAPHY", "CITED REFERENCES"
_TITLE_MARKS = "#*_• "


@dataclass(slots=True)
class _Chapter:
    """The entries of one chapter, under their headings, each with its place in the list."""

    sections: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, heading: str, position: int, entry: str) -> None:
        self.sections.setdefault(heading, []).append((position, entry))


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write a page: each bibliography under its title, its entries in their order."""
    layout = Html() if options.flavour == "html" else Text()
    chapters: dict[str, _Chapter] = {}
    for dossier in dossiers:
        entries = dossier.entries or (Entry(),)
        printed = [(entry, _printed(dossier.reference, entry)) for entry in entries]
        if not any(one.lines[0] for _, one in printed):
            yield left_out(dossier.key, "nothing is known that a citation could print")
            continue
        losses = _no_place(dossier)
        for entry, one in printed:
            if not one.lines[0]:
                losses["an entry without a citation that could be printed"] = _WARN
                continue
            chapter, heading = _place(entry.bibliography)
            text = layout.entry(one, chapter)
            chapters.setdefault(chapter, _Chapter()).add(heading, entry.position, text)
            losses |= _losses(dossier.reference, entry, one)
        for message, severity in losses.items():
            yield loss(dossier.key, message, severity)
    _lay_out(chapters, stream, layout)


def _lay_out(chapters: dict[str, _Chapter], stream: TextIO, layout: Text | Html) -> None:
    # What is in no bibliography stands in front, where no title makes it a chapter's
    names = sorted(chapters, key=bool)
    stream.write(layout.begin(names))
    for name in names:
        stream.write(layout.chapter(name))
        for heading, entries in chapters[name].sections.items():
            entries.sort(key=_order)
            stream.write(layout.section(heading, [text for _, text in entries]))
    stream.write(layout.end())


def _order(placed: tuple[int, str]) -> tuple[bool, int]:
    """By position; what has none stands last."""
    return not placed[0], placed[0]


def _place(bibliography: str) -> tuple[str, str]:
    """The chapter and the heading that make a reader name a bibliography so.

    >>> _place("Example"), _place("Example: cited references")
    (('Example', 'ANNOTATED BIBLIOGRAPHY'), ('Example', 'CITED REFERENCES'))
    """
    name = clean(bibliography).strip(_TITLE_MARKS)
    chapter = name.removesuffix(SECTIONS[_CITED].format(""))
    return (chapter, _CITED) if chapter != name else (name, _MAIN)


def _printed(reference: Reference, entry: Entry) -> Printed:
    rich = "" if clean(entry.citation) else nlm.compose(reference)
    return Printed(
        clean(entry.citation) or plain(rich),
        rich,
        linkable(reference.variables),
        _bracketed(clean(entry.annotation)),
    )


def _bracketed(annotation: str) -> str:
    """An annotation with the brackets around it that a reader takes off, where it does."""
    bracketed = f"({annotation})."
    return bracketed if annotation and bare(bracketed) == annotation else annotation


# --------------------------------------------------------------------------------- losses

Losses = dict[str, Severity]


def _losses(reference: Reference, entry: Entry, printed: Printed) -> Losses:
    """What is read otherwise, or not at all, from an entry as it is printed."""
    item = Item(0, listed=True, lines=list(printed.lines), marked=True)
    found = parsed(item, Input(io.BytesIO())).dossier
    assert found is not None  # an item always gives a reference
    [again] = found.entries
    losses: Losses = {}
    if found.reference.type != reference.type:
        losses[f"a printed '{reference.type}' is read as '{found.reference.type}'"] = _WARN
    for variable, value in reference.variables.items():
        if not _says(found.reference, variable, value):
            there = variable in found.reference.variables
            what = "does not say all of" if there else "has no place for"
            severity = Severity.INFO if _meant(found.reference, reference, variable) else _WARN
            losses[f"a printed citation {what} '{variable}'"] = severity
    for name, said in reference.custom.items():
        if found.reference.custom.get(name) != said:
            losses[f"a page has no place for '{name}' (custom)"] = custom_severity(name)
    if again.annotation != entry.annotation:
        losses["an annotation is read back otherwise: line breaks, brackets"] = _WARN
    if entry.citation and again.citation != entry.citation:
        losses["a citation is read back otherwise: line breaks, identifiers"] = _WARN
    if clean(entry.bibliography).strip(_TITLE_MARKS) != entry.bibliography:
        losses["the name of a bibliography is read back otherwise"] = _WARN
    return losses


_WARN = Severity.WARNING


def _says(found: Reference, variable: str, value: Value) -> bool:
    """Whether a citation that was read says this value of the reference that it was made of."""
    if variable == "container-title-short":
        return found.container_title == value
    if variable == "edition" and found.text("edition").rstrip("dhnrst") == value:
        return True
    return found.variables.get(variable) == value


def _meant(found: Reference, reference: Reference, variable: str) -> bool:
    """Whether the style itself says it otherwise: a journal by its abbreviation, and of what is
    in English nothing."""
    if variable == "container-title":
        return found.container_title == reference.text("container-title-short")
    return variable == "language" and reference.text(variable) == "en"


def _no_place(dossier: Dossier) -> Losses:
    """What no page has a place for, whatever it says."""
    losses: Losses = {}
    if dossier.tags:
        losses["a page has no place for tags"] = _WARN
    if dossier.key:
        losses["a page has no place for the citation key"] = Severity.INFO
    return losses
