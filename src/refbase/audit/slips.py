"""What the text of a reference itself shows to be wrong, or wanting."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Set

from refbase.audit.findings import Finding
from refbase.edits import Statement
from refbase.identifiers import SCHEMES
from refbase.model import Dossier, Record, Reference
from refbase.text import plain

_FIRST_YEAR = 1450  # nothing was printed before
_CAPITALS = 12  # letters; a shorter title may be an abbreviation
# UTF-8 that was read as Windows-1252: a lead byte and what its continuations look like there
_MOJIBAKE = re.compile(
    r"(?:[ÂÃ][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"
    r"|â[\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]{2}|\ufffd)"
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[\da-f]{2,6});", re.I)
_LONE_TAG = re.compile(r"</?(?:i|b|sup|sub|sc|span)>")


def of(dossier: Dossier, year: int, pubmed: Record | None, settled: Set[str]) -> Iterator[Finding]:
    """The slips of one reference and its entries. Of what is `settled` a person has spoken."""
    key, reference = dossier.key, dossier.reference
    yield from _identifiers(key, reference)
    yield from _texts(key, reference)
    yield from _title(key, reference, pubmed)
    yield from _place(key, reference, year, settled)
    yield from _entries(dossier)


def _identifiers(key: str, reference: Reference) -> Iterator[Finding]:
    for name, scheme in SCHEMES.items():
        for value in reference.text(name).replace(",", " ").replace(";", " ").split():
            # ISBN and ISSN may be several, and carry words such as (Print)
            numbers = name not in ("ISBN", "ISSN") or any(c.isdigit() for c in value)
            if numbers and scheme.parse(value) is None:
                message = f"{name} '{value}' is malformed"
                yield Finding("malformed-identifier", key, message, variable=name)


def _texts(key: str, reference: Reference) -> Iterator[Finding]:
    for variable, value in reference.variables.items():
        if not isinstance(value, str):
            continue
        if found := _MOJIBAKE.search(value):
            yield _slip("mojibake", key, variable, found[0], value, _repaired(value))
        if found := _ENTITY.search(value):
            yield _slip("html-entity", key, variable, found[0], value, html.unescape(value))
        # Markup that has its partner is not in the plain text
        if found := _LONE_TAG.search(plain(value)):
            yield _slip("unclosed-markup", key, variable, found[0], value, _unmarked(value))


def _slip(code: str, key: str, variable: str, what: str, old: str, new: str) -> Finding:
    remedy = Statement({variable: new}) if new != old else None
    message = f"{variable} has '{what}' in it"
    return Finding(code, key, message, variable=variable, printed=old, remedy=remedy)


def _repaired(text: str) -> str:
    """What was meant by a text that was read as Windows-1252, if that is certain."""

    def meant(found: re.Match[str]) -> str:
        try:
            return b"".join(_byte(character) for character in found[0]).decode()
        except UnicodeError:
            return found[0]

    return _MOJIBAKE.sub(meant, text)


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        # The five bytes that Windows-1252 leaves out are read as controls
        return character.encode("latin-1")


def _unmarked(text: str) -> str:
    """The text without the tags that have no partner."""
    lone = Counter(_LONE_TAG.findall(plain(text)))
    whole = Counter(_LONE_TAG.findall(text))
    # Where some of a kind are paired and others not, a person must say which
    if any(whole[tag] != count for tag, count in lone.items()):
        return text
    for tag in lone:
        text = text.replace(tag, "")
    return text


def _title(key: str, reference: Reference, pubmed: Record | None) -> Iterator[Finding]:
    title = plain(reference.title)
    letters = [character for character in title if character.isalpha()]
    if len(letters) >= _CAPITALS and title.isupper() and len(title.split()) > 2:
        known = pubmed.reference.title if pubmed else ""
        remedy = Statement({"title": known}) if known and not known.isupper() else None
        yield Finding("capitals", key, f"'{title}'", variable="title", remedy=remedy)


def _place(key: str, reference: Reference, year: int, settled: Set[str]) -> Iterator[Finding]:
    said = reference.year
    if said is not None and not _FIRST_YEAR <= said <= year + 1:
        yield Finding("unlikely-year", key, f"the year is {said}", variable="issued")
    if reference.type != "article-journal":
        return
    says = reference.variables.keys() | settled
    if not says & {"page", "number", "page-first"}:
        yield Finding("missing-pages", key, "no pages are known", variable="page")
    if not says & {"volume", "issue"}:
        yield Finding("missing-volume", key, "no volume is known", variable="volume")


def _entries(dossier: Dossier) -> Iterator[Finding]:
    times = Counter(entry.bibliography for entry in dossier.entries)
    for name, count in times.items():
        if count > 1:
            message = f"it stands there {count} times"
            yield Finding("listed-twice", dossier.key, message, name)
    for entry in dossier.entries:
        if not entry.annotation:
            message = f"no. {entry.position} has no annotation"
            yield Finding("no-annotation", dossier.key, message, entry.bibliography)
        elif found := _MOJIBAKE.search(entry.annotation):
            message = f"the annotation of no. {entry.position} has '{found[0]}' in it"
            yield Finding("mojibake", dossier.key, message, entry.bibliography)
