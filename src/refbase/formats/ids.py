"""A list of identifiers, one a line: what PubMed, reference managers and people hand around.

Read are PMIDs, PMCIDs, DOIs, ISBNs and addresses in all the spellings of `refbase.identifiers`;
several on one line may be separated by blanks, commas or semicolons. A bare number is a PMID.
Each becomes a reference that has nothing but its identifier. Written is the first one that a
reference has of PMID, PMCID, DOI, ISBN and URL: one line for each reference.

>>> [reference("https://doi.org/10.5555/x").doi, reference("PMID: 99000001").pmid]
['10.5555/x', '99000001']
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from refbase import identifiers
from refbase.errors import Diagnostic
from refbase.formats.base import Input, WriteOptions, left_out
from refbase.model import Dossier, Parsed, Reference

_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s/]\S*", re.I)
_QUERY = re.compile(r"[?#].*")
_SEPARATOR = re.compile(r"[,;\s]+")
# What stands behind an identifier in a sentence, and is none of it
_PUNCTUATION = " \t.,;"
_LONGEST = 2000
"""No identifier is longer, nor is a line of them that somebody typed."""
_TYPES = {"ISBN": "book", "URL": "webpage"}
WRITTEN = ("PMID", "PMCID", "DOI", "ISBN", "URL")


def read(source: Input) -> Iterator[Parsed]:
    """A reference for each identifier, and a diagnostic for each line that holds anything else."""
    for number, line in source.lines():
        text = line.strip()
        if not text:
            continue
        span = source.span(number)
        found, unread = _references(text)
        for one in found:
            yield Parsed(Dossier(one), text[:_LONGEST], span)
        if unread:
            message = f"'{unread[:60]}' is no PMID, PMCID, DOI, ISBN or address"
            yield Parsed(
                None, text[:_LONGEST], span, (Diagnostic("bad-identifier", message, span),)
            )


def _references(line: str) -> tuple[list[Reference], str]:
    """The references of a line, and the first word of it that is no identifier."""
    if len(line) <= _LONGEST and (whole := reference(line)):
        return [whole], ""
    found: list[Reference] = []
    unread = ""
    for word in filter(None, _SEPARATOR.split(line)):
        one = reference(word) if len(word) <= _LONGEST else None
        if one:
            found.append(one)
        elif word.lower().rstrip(":") not in _NAMES:
            unread = unread or word
    return found, unread or ("" if found else line)


_NAMES = frozenset(("pmid", "pmcid", "doi", "isbn", "pubmed"))


def reference(text: str) -> Reference | None:
    """The reference that an identifier or an address stands for; None if it is neither."""
    text = text.strip(_PUNCTUATION)
    found = identifiers.recognise(text)
    if not found and _ADDRESS.fullmatch(text):
        found = identifiers.recognise(_QUERY.sub("", text)) or ("URL", text)
    if not found or found[0] not in WRITTEN:
        return None
    scheme, value = found
    return Reference(_TYPES.get(scheme, "document"), {scheme: value})


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """One identifier for each reference; told are only the references that have none."""
    for dossier in dossiers:
        line = _line(dossier.reference)
        if line:
            stream.write(f"{line}\n")
        else:
            yield left_out(dossier.key, "no PMID, PMCID, DOI, ISBN or URL: the list lacks it")


def _line(known: Reference) -> str:
    """The first identifier that will be read as what it is."""
    for scheme in WRITTEN:
        value = known.text(scheme)
        read_back = reference(value) if value else None
        if read_back and read_back.variables == {scheme: value}:
            return value
    return ""
