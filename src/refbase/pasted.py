"""What somebody typed or pasted: identifiers, addresses, citations, or a list of them.

Nothing needs to be said about what it is. One text that an argument holds is one work; a text
of several lines is a list of identifiers if each line is one, and a list of citations otherwise.

>>> single("PMC2424842").what, single("Roe R. Example. Example J 2001; 1: 2.").what
('PMCID', 'citation')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from io import BytesIO

from refbase import citation, formats
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.ids import reference as identified
from refbase.model import Dossier, Entry, Parsed, Reference

CITATION = "citation"
_NUMBER = re.compile(r"\A\s*[\[(]?\d{1,4}[\]).]\s+")
_IDENTIFIERS = {"PMID", "PMCID", "DOI", "ISBN", "URL"}
_SHOWN = 60
_UNSUITED = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Pasted:
    """One work that was named, and how: `PMID`, `DOI`, ..., `URL` or `citation`."""

    what: str
    text: str
    parsed: Parsed


def single(text: str, bibliography: str = "") -> Pasted:
    """The work that one text names; `what` is empty where it names none."""
    text = text.strip()
    if known := identified(text):
        return _identified(known, Parsed(None, text), bibliography)
    found = citation.parse(text)
    if found.reference.type == "document" and not _IDENTIFIERS & found.reference.variables.keys():
        message = f"'{text[:_SHOWN]}' is no identifier and no citation that was understood"
        fault = Diagnostic("citation-not-understood", message, Span("-"), Severity.ERROR)
        return Pasted("", text, Parsed(None, text, diagnostics=(fault,)))
    told = tuple(Diagnostic(code, message, Span("-")) for code, message in found.problems)
    entries = (Entry(bibliography, 0, found.text),) if bibliography else ()
    parsed = Parsed(Dossier(found.reference, entries=entries), text, Span("-"), told)
    return Pasted(CITATION, text, parsed)


def several(text: str, bibliography: str = "") -> list[Pasted]:
    """The works of a list. What of it could not be read is among them, with `what` empty."""
    lines = [line for line in text.splitlines() if line.strip()]
    as_ids = list(_read(text, "ids"))
    if lines and not any(parsed.diagnostics for parsed in as_ids):
        return [
            _identified(parsed.dossier.reference, parsed, bibliography)
            for parsed in as_ids
            if parsed.dossier
        ]
    return [_cited(parsed, bibliography) for parsed in _read(text, "citations")]


def _read(text: str, name: str) -> list[Parsed]:
    return list(formats.read(BytesIO(text.encode()), "-", formats.get(name)))


def _cited(parsed: Parsed, bibliography: str) -> Pasted:
    if not parsed.dossier:
        return Pasted("", parsed.raw, parsed)
    entries = parsed.dossier.entries if bibliography else ()
    entries = tuple(replace(entry, bibliography=bibliography) for entry in entries)
    # An identifier among the citations is one all the same
    known = identified(_NUMBER.sub("", parsed.raw))
    if known:
        return _identified(known, replace(parsed, diagnostics=()), bibliography)
    dossier = replace(parsed.dossier, entries=entries)
    return Pasted(CITATION, parsed.raw, replace(parsed, dossier=dossier))


def _identified(known: Reference, parsed: Parsed, bibliography: str) -> Pasted:
    """A work of which nothing is known but its identifier, which is its citation key too."""
    [(what, value)] = known.variables.items()
    name = str(value).lower() if what == "PMCID" else f"{what}{value}".lower()
    key = "" if what == "URL" else _UNSUITED.sub("-", name)
    entries = (Entry(bibliography),) if bibliography else ()
    return Pasted(what, str(value), replace(parsed, dossier=Dossier(known, key, entries)))
