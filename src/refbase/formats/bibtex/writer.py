"""Writing BibTeX and BibLaTeX. What a dialect has no field for is told as a loss, once per
reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TextIO

from refbase import citekeys
from refbase.errors import Diagnostic, Span
from refbase.formats.base import WriteOptions, loss
from refbase.formats.bibtex import fields
from refbase.formats.bibtex.dialects import BIBLATEX, BIBTEX, OWN, Dialect
from refbase.formats.bibtex.fields import Draft
from refbase.model import Dossier


def write_bibtex(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write BibTeX: `journal`, `year`, `month`, `pmid`, and the annotation in `annote`.

    `annote`, because Zotero makes a note of it and drops `annotation`; a range, a season or a
    date in words stands in `date` too, which Zotero prefers to the year.

    >>> import sys
    >>> from refbase.model import Reference
    >>> work = Reference("article-journal", {"title": "Example", "PMID": "1", "PMCID": "PMC2"})
    >>> list(write_bibtex([Dossier(work, key="example")], sys.stdout, WriteOptions()))
    @article{example,
      title = {Example},
      pmid  = {1},
      pmcid = {PMC2},
    }
    []
    """
    return _write(dossiers, stream, options, BIBTEX)


def write_biblatex(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write BibLaTeX that biber's data model accepts: `journaltitle`, `date`, `eprint`.

    The model has no field for a PMCID: the address in PubMed Central stands in `url` if the
    reference has no other one.

    >>> import sys
    >>> from refbase.model import Reference
    >>> work = Reference("article-journal", {"title": "Example", "PMID": "1", "PMCID": "PMC2"})
    >>> list(write_biblatex([Dossier(work, key="example")], sys.stdout, WriteOptions()))
    @article{example,
      title      = {Example},
      eprint     = {1},
      eprinttype = {pubmed},
      url        = {https://pmc.ncbi.nlm.nih.gov/articles/PMC2/},
    }
    []
    """
    return _write(dossiers, stream, options, BIBLATEX)


def _write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions, dialect: Dialect
) -> Iterator[Diagnostic]:
    taken: dict[str, int] = {}
    for dossier in dossiers:
        if taken:
            stream.write("\n")
        key, found = _key(dossier, taken)
        yield from found
        draft = dialect.draft(dossier, options)
        lines = _lines(draft, dialect)
        if own := dossier.reference.custom.get(OWN):
            _add_own(lines, draft, own)
        body = "".join(
            [
                f"{head}{line},\n"
                for head, line in zip(_heads(tuple(lines)), lines.values(), strict=True)
            ]
        )
        stream.write(f"@{draft.type}{{{key},\n{body}}}\n")
        for message, severity in draft.losses.items():
            yield loss(dossier.key or key, message, severity)


def _lines(draft: Draft, dialect: Dialect) -> dict[str, str]:
    """Field names and what stands behind their `=`, in the order of the dialect."""
    variables = draft.variables
    layout = dialect.layout(draft.type, tuple(variables))
    found: list[str | None] = [None] * len(layout.fields)
    lost = []
    for variable, writers in layout.writers:
        held = False
        value = variables[variable]
        for place, write in writers:
            written = found[place] = write(draft, value)
            held = held or written != ""
        if not held:
            lost.append(variable)
    lines: dict[str, str] = {}
    for (name, variable), written in zip(layout.fields, found, strict=True):
        if written:
            if name in lines:
                lost.append(variable)
            else:
                lines[name] = written
    for variable in lost:
        draft.lose(f"{dialect.name} has no field for '{variable}' in @{draft.type}")
    return lines


@lru_cache(maxsize=1024)
def _heads(names: tuple[str, ...]) -> tuple[str, ...]:
    """What stands in front of the values of these fields: a file has few different sets."""
    width = max(map(len, names), default=0)
    return tuple(f"  {name.ljust(width)} = " for name in names)


_FIELD = re.compile(r"[a-z][a-z0-9_+:.-]*")


def _add_own(lines: dict[str, str], draft: Draft, own: object) -> None:
    """The fields that another program had put into the entry, as they were read."""
    for name, latex in own.items() if isinstance(own, Mapping) else ():
        if _FIELD.fullmatch(str(name)) and name not in lines and fields.is_safe(latex):
            lines[name] = f"{{{latex}}}"
        else:
            draft.lose(f"the field '{name}' of another program cannot be written beside ours")


# What may not stand in a key for BibTeX, biber, pandoc (it refuses the whole file) or LaTeX.
_NOT_IN_KEYS = re.compile(r"[^\w.:/+*!?-]+")


def _key(dossier: Dossier, taken: dict[str, int]) -> tuple[str, list[Diagnostic]]:
    """The key as it can be written, unique in the file: BibTeX takes `Smith` for `smith`.

    `taken` counts how often each key was asked for.
    """
    found: list[Diagnostic] = []
    key = dossier.key or citekeys.make(dossier.reference, taken.__contains__)
    wanted = _NOT_IN_KEYS.sub("-", key).strip("-") or "untitled"
    if wanted != key:
        found.append(Diagnostic("changed-key", f"'{key}' is written '{wanted}'", Span(key)))
    unique, folded = wanted, wanted.lower()
    while unique.lower() in taken:
        taken[folded] += 1
        unique = f"{wanted}-{taken[folded]}"
    # No copy of what is the same: these are kept to the end
    taken[unique if unique == unique.lower() else unique.lower()] = 1
    if unique != wanted:
        message = f"'{wanted}' is in the file already; written '{unique}'"
        found.append(Diagnostic("duplicate-key", message, Span(key)))
    return unique, found
