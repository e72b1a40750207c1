"""The formats refbase reads and writes, as a table; each module is loaded when it is first used.

To add one: a module with `read`, `write` or both (see `refbase.formats.base`), and a line here.
Packages elsewhere add theirs through the entry-point group `refbase.formats`, whose entries are
`Format` objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import PurePath
from typing import Any, BinaryIO, TextIO

from refbase.errors import Diagnostic, FileError, FormatError, UsageError
from refbase.formats.base import Input, Reader, WriteOptions
from refbase.model import Dossier, Parsed

HEAD = 4096
"""How many bytes of a file are looked at to tell its format."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: the extensions of its files, what their first lines look like, who reads them.

    `signature` is a regular expression searched in the first 4 KiB; `reader` and `writer` name
    functions as `module:function`, empty where the format is not read or not written.
    `written` are the extensions under which it is written, each with its flavour, where they
    are not simply `extensions`.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    signature: str = r"(?!)"
    reader: str = ""
    writer: str = ""
    flavours: tuple[str, ...] = ()
    written: tuple[tuple[str, str], ...] = ()

    def flavour(self, name: str) -> str:
        """The flavour in which a file of this name is written."""
        file = PurePath(name).name.lower()
        return next((flavour for end, flavour in self.written if file.endswith(end)), "")


# Nothing but identifiers and addresses, one a line; the last line of the head may be cut.
IDENTIFIERS = (
    r"(?i)\A\s*+(?:(?:(?:PMID:?[ \t]*+)?\d{1,9}|(?:PMCID:?[ \t]*+)?PMC\d+(?:\.\d+)?"
    r"|(?:doi:?[ \t]*+)?10\.\d{4,9}/\S++|https?://\S++)[ \t]*+(?:[\r\n]\s*+|\Z))++"
    r"(?:[PMCIDO\d][\w:./-]{0,80})?\Z"
)

FORMATS: tuple[Format, ...] = (
    Format(
        name="bibtex",
        title="BibTeX",
        extensions=(".bib",),
        signature=r"(?m)^\s*@[a-zA-Z]+\s*[{(]",
        reader="refbase.formats.bibtex.reader:read",
        writer="refbase.formats.bibtex.writer:write_bibtex",
    ),
    Format(
        name="biblatex",
        title="BibLaTeX",
        extensions=(".bib",),
        reader="refbase.formats.bibtex.reader:read",
        writer="refbase.formats.bibtex.writer:write_biblatex",
    ),
    Format(
        name="ris",
        title="RIS",
        extensions=(".ris",),
        signature=r"(?m)^TY  ?- ",
        reader="refbase.formats.ris.reader:read",
        writer="refbase.formats.ris.writer:write",
        flavours=("zotero", "endnote"),
    ),
    Format(
        name="csl-json",
        title="CSL-JSON",
        extensions=(".json",),
        signature=r'\A\s*[\[{]\s*(\{|\]|"(id|type|items)")',
        reader="refbase.formats.csljson:read",
        writer="refbase.formats.csljson:write",
        flavours=("zotero", "zotero7", "csl"),
    ),
    Format(
        name="csv",
        title="CSV, one entry a row",
        extensions=(".csv",),
        # Other people's tables have signs in the names of their columns
        signature=r'\A"?[\w -]+"?([,\t;]"?[\w -]+"?){3,}\r?\n'
        r'|\A"?(Key"?[,\t;]"?Item Type|PMID"?[,\t;]"?Title|Authors"?[,\t;]"?(Author|Title))\b',
        reader="refbase.formats.csv.reader:read",
        writer="refbase.formats.csv.writer:write",
    ),
    Format(
        name="tsv",
        title="CSV with tabs",
        extensions=(".tsv",),
        reader="refbase.formats.csv.reader:read",
        writer="refbase.formats.csv.writer:write_tsv",
    ),
    Format(
        name="jsonl",
        title="JSON lines: all that refbase keeps",
        extensions=(".jsonl",),
        signature=r'\A\{"key":',
        reader="refbase.formats.jsonl:read",
        writer="refbase.formats.jsonl:write",
    ),
    Format(
        name="pubmed-xml",
        title="PubMed XML",
        extensions=(".xml", ".xml.gz"),
        # Of the formats that are read, only this one comes as gzip
        signature=r"<Pubmed(Book)?Article|<DeleteCitation|<eFetchResult|\A\x1f\ufffd",
        reader="refbase.formats.pubmedxml:read",
    ),
    Format(
        name="endnote-xml",
        title="EndNote XML",
        extensions=(".xml",),
        signature=r"<ref-type\b|<xml>\s*<records>",
        reader="refbase.formats.endnotexml.reader:read",
        writer="refbase.formats.endnotexml.writer:write",
    ),
    Format(
        name="livertox",
        title="LiverTox chapter",
        extensions=(".txt", ".html", ".htm", ".xhtml", ".nxml", ".xml"),
        # PubMed's own record of a chapter names LiverTox too, and so does a library or a table
        # about it
        signature=r"(?m)\A(?!\"?(?:PMID|[Kk]ey)\"?[,;\t]|[^\0]*(?:<Pubmed|<ref-type|<records>))"
        r"[^\0]*(?:^ANNOTATED BIBLIOGRAPHY|\[PubMed:\s*\d+|<book-part|DTD BITS|bk_ref|LiverTox)",
        reader="refbase.formats.livertox:read",
        writer="refbase.formats.livertox.writer:write",
        flavours=("text", "html"),
        written=((".txt", "text"), (".html", "html"), (".htm", "html")),
    ),
    Format(
        name="citations",
        title="list of printed citations",
        extensions=(),
        reader="refbase.formats.citations:read",
    ),
    Format(
        name="ids",
        title="list of identifiers",
        extensions=(".txt", ".ids"),
        signature=IDENTIFIERS,
        reader="refbase.formats.ids:read",
        writer="refbase.formats.ids:write",
    ),
    Format(
        name="nbib",
        title="nbib, PubMed's MEDLINE format",
        extensions=(".nbib", ".txt"),
        signature=r"(?m)\A\s*^PMID- ?\d",
        reader="refbase.formats.nbib.reader:read",
        writer="refbase.formats.nbib.writer:write",
    ),
)


def formats() -> dict[str, Format]:
    """All formats by name, those of other packages too."""
    # Slow to load, and not needed where the formats are named
    from importlib.metadata import entry_points

    known = {fmt.name: fmt for fmt in FORMATS}
    for point in entry_points(group="refbase.formats"):
        known.setdefault(point.name, point.load())
    return known


def get(name: str) -> Format:
    """The format of a name; a usage error that lists the known ones."""
    fmt = next((fmt for fmt in FORMATS if fmt.name == name), None) or formats().get(name)
    if fmt is None:
        raise UsageError(f"unknown format '{name}'", f"known: {', '.join(sorted(formats()))}")
    return fmt


def detect(name: str, head: bytes = b"", writing: bool = False) -> Format:
    """The format of a file by its extension, then by its first bytes; a tie is an error. Formats
    of other packages are asked only where none of ours fits.

    >>> detect("baclofen.ris", writing=True).name
    'ris'
    """
    found = _fitting(FORMATS, name, head, writing)
    known: Iterable[Format] = FORMATS
    if not found:
        known = formats().values()
        found = _fitting(known, name, head, writing)
    if len(found) == 1:
        return found[0]
    what = "could be " + " or ".join(fmt.name for fmt in found) if found else "is unknown"
    able = sorted(fmt.name for fmt in known if _able(fmt, writing))
    raise FormatError(
        f"{name or '-'}: its format {what}", f"name it with --format: {', '.join(able)}"
    )


def _fitting(known: Iterable[Format], name: str, head: bytes, writing: bool) -> list[Format]:
    """The formats that a file may be of; to be written, it is the first that has the extension."""
    known = [fmt for fmt in known if _able(fmt, writing)]
    file = PurePath(name).name.lower()
    found = [fmt for fmt in known if file.endswith(_extensions(fmt, writing))]
    if writing or len(found) == 1:
        return found[:1]
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head[:HEAD].decode("utf-16" if utf16 else "utf-8-sig", "replace")
    return [fmt for fmt in found or known if re.search(fmt.signature, text)]


def _able(fmt: Format, writing: bool) -> bool:
    return bool(fmt.writer if writing else fmt.reader)


def _extensions(fmt: Format, writing: bool) -> tuple[str, ...]:
    if writing and fmt.written:
        return tuple(extension for extension, _ in fmt.written)
    return fmt.extensions


def read(stream: BinaryIO, name: str, fmt: Format) -> Iterator[Parsed]:
    """Every reference of a file, and what could not be understood, in the order of the file."""
    return reader(fmt)(Input(stream, name))


def reader(fmt: Format) -> Reader[Any]:
    """What reads a format, in its steps. It also tells what was wrong with the bytes; a file that
    cannot be read is an error that names it."""
    if not fmt.reader:
        raise UsageError(f"{fmt.title} is written, not read")
    loaded = _load(fmt.reader)
    steps = loaded if isinstance(loaded, Reader) else Reader(loaded)
    return replace(steps, cut=partial(_cut, steps.cut))


def _cut(cut: Callable[[Input], Iterator[Any]], source: Input) -> Iterator[Any]:
    try:
        for block in cut(source):
            yield block
            if found := source.drain():
                yield Parsed(None, diagnostics=found)
    except OSError as fault:
        reason = fault.strerror or fault
        raise FileError(f"{source.name}: cannot be read: {reason}") from fault
    if found := source.drain():
        yield Parsed(None, diagnostics=found)


def write(
    dossiers: Iterable[Dossier], stream: TextIO, fmt: Format, options: WriteOptions | None = None
) -> Iterator[Diagnostic]:
    """Write references, and yield what the format could not hold. Nothing is written until the
    iterator is used; the same references give the same bytes."""
    options = options or WriteOptions()
    if not fmt.writer:
        raise UsageError(f"{fmt.title} is read, not written")
    if options.flavour and options.flavour not in fmt.flavours:
        known = ", ".join(fmt.flavours) or "none"
        raise UsageError(f"{fmt.title} has no flavour '{options.flavour}'", f"it has: {known}")
    yield from _load(fmt.writer)(dossiers, stream, options)


def _load(path: str) -> Callable[..., Iterator[Any]]:
    module, _, function = path.partition(":")
    loaded: Callable[..., Iterator[Any]] = getattr(import_module(module), function)
    return loaded
