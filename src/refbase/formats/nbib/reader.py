"""Reading nbib: what the fields of a record say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refbase.errors import Diagnostic, Span
from refbase.formats.base import Input, Reader
from refbase.formats.nbib.names import full_name
from refbase.formats.nbib.records import Field, fields, records
from refbase.formats.nbib.tables import CORRECTIONS, CUSTOM, GRANT, RETRACTED, TEXTS, TYPES
from refbase.model import Dossier, Parsed
from refbase.pubmed.conventions import (
    LANGUAGES,
    is_article_number,
    number,
    trimmed,
    unbracketed,
)
from refbase.pubmed.draft import Draft
from refbase.pubmed.subjects import joined
from refbase.values import Date, Name

_QUOTED = 60


def _cut(source: Input) -> Iterator[tuple[str, Span]]:
    """The records of a file. One begins with its PMID."""
    for line, text in records(source):
        yield text, source.span(line, line + text.count("\n"))


def _parsed(record: tuple[str, Span]) -> Parsed:
    text, span = record
    said = fields(text)
    if not said:
        return _stray(text, span)
    found: list[Diagnostic] = []
    draft = Draft(lambda code, message: found.append(Diagnostic(code, message, span)))
    _describe(draft, said)
    return Parsed(Dossier(draft.finish()), text, span, tuple(found))


def _stray(text: str, span: Span) -> Parsed:
    first = text.partition("\n")[0]
    message = f"lines {span.line}-{span.end_line} stand in no record: '{first[:_QUOTED]}'"
    return Parsed(None, first, span, (Diagnostic("outside-record", message, span),))


read = Reader(_cut, _parsed)

# Editors have a short and a full form as authors have
_ROLES = {"FAU": "author", "AU": "author", "CN": "author", "FED": "editor", "ED": "editor"}
_FULL = frozenset(("FAU", "FED"))


class _Left(dict[str, list[str]]):
    """The values of a record by their tags, as far as nobody has taken them."""

    def all(self, tag: str) -> list[str]:
        return self.pop(tag, [])

    def one(self, tag: str) -> str:
        """The first value of a tag; further ones are left."""
        texts = self.get(tag)
        if not texts:
            return ""
        if len(texts) == 1:
            del self[tag]
        return texts.pop(0)


def _describe(draft: Draft, said: list[Field]) -> None:
    left = _Left()
    people: dict[str, list[Field]] = {}
    for field in said:
        tag, text = field
        if tag in _ROLES:
            people.setdefault(_ROLES[tag], []).append(field)
        elif tag in left:
            left[tag].append(text)
        else:
            left[tag] = [text]
    _identifiers(draft, left)
    _titles(draft, left)
    for role, listed in people.items():
        draft.say(role, _contributors(listed))
    for tag in [tag for tag in TEXTS if tag in left]:
        draft.say(TEXTS[tag], left.one(tag))
    if "container-title" not in draft.variables:
        draft.say("container-title", draft.variables.get("container-title-short"))
    _issue(draft, left)
    _dates(draft, left)
    if draft.type != "article-journal":
        draft.say("publisher-place", left.one("PL"))
    draft.say("language", ", ".join([LANGUAGES.get(code, code) for code in left.all("LA")]))
    _subjects(draft, left)
    _kinds(draft, left.all("PT"))
    _corrections(draft, left)
    draft.keep("grants", [_grant(text) for text in left.all("GR")])
    for tag in [tag for tag in CUSTOM if tag in left]:
        draft.keep(CUSTOM[tag], left.one(tag))
    draft.say("note", "\n".join(left.all("GN")))
    left.all("SO")  # the citation, made of the other fields
    draft.custom.update([(f"nbib:{tag}", texts) for tag, texts in left.items()])


def _identifiers(draft: Draft, left: _Left) -> None:
    """PMID, PMCID, and from LID and AID, which name the kind behind the value, DOI and pii."""
    draft.identify("PMID", [left.one("PMID")])
    draft.identify("PMCID", [left.one("PMC")])
    kinds: dict[str, list[str]] = {}
    for tag in ("AID", "LID"):
        for text in left.all(tag):
            value, _, kind = text.removesuffix("]").rpartition("[")
            if not text.endswith("]") or not kind.isidentifier() or not value:
                value, kind = text, f"nbib:{tag}"
            kinds.setdefault(kind, []).append(value.rstrip())
    for kind, texts in kinds.items():
        if kind == "doi":
            draft.identify("DOI", texts[:1])
        elif kind == "bookaccession":
            draft.shelve(texts[0])
        elif kind == "pii":
            draft.keep("pii", texts[0])
        elif kind.startswith("nbib:"):
            draft.keep(kind, texts)
        else:
            draft.keep(f"nbib:AID [{kind}]", list(dict.fromkeys(texts)))


def _titles(draft: Draft, left: _Left) -> None:
    """The title without NLM's full stop; the type, which is that of a book if there is one."""
    title, book = trimmed(left.one("TI")), trimmed(left.one("BTI"))
    original = trimmed(left.one("TT"))
    if original or any(code != "eng" for code in left.get("LA", ())):
        title = unbracketed(title)  # NLM's translation
    draft.say("title", title or book)
    draft.say("original-title", original)
    if title and book:
        draft.say("container-title", book)
    if book:
        draft.type = "chapter" if title else "book"


def _contributors(listed: list[Field]) -> tuple[Name, ...]:
    """In their order. The short form counts where no full one stands in front of it."""
    names: list[Name] = []
    before = ""
    for tag, text in listed:
        if tag in _FULL:
            names.append(full_name(text))
        elif tag == "CN":
            names.append(Name(literal=text))
        elif before not in _FULL:
            names.append(Name.from_nlm(text))
        before = tag
    return tuple(names)


def _issue(draft: Draft, left: _Left) -> None:
    """Volume, issue and pages; the publisher's article number where there are no pages."""
    draft.say("volume", number(left.one("VI")))
    draft.say("issue", number(left.one("IP")))
    page, pii = left.one("PG"), draft.custom.get("pii", "")
    if not page and is_article_number(pii):
        page = draft.custom.pop("pii")
    draft.say("page", page)
    said = [text.partition(" (") for text in left.all("IS")]
    linking = [issn for issn, _, medium in said if medium.startswith("Linking")]
    others = [issn for issn, _, medium in said if not medium.startswith("Linking")]
    draft.say("ISSN", " ".join(dict.fromkeys(others or linking)))
    draft.keep("issn-l", linking[0] if linking else "")


_LONG = 500


def _dates(draft: Draft, left: _Left) -> None:
    """DP is the date of the issue, DEP that of the publication online."""
    if text := left.one("DP"):
        issued = _date(text)
        draft.say("issued", issued)
        if not issued.start:
            draft.report("bad-date", f"the date '{text[:_QUOTED]}' is not understood")
    online = _compact(left.one("DEP"))
    if online and online != draft.variables.get("issued"):
        draft.say("available-date" if "issued" in draft.variables else "issued", online)
    revised = _compact(left.one("LR"))
    draft.keep("date-revised", revised.to_edtf() if revised else "")


def _date(text: str) -> Date:
    return Date.parse(text) if len(text) < _LONG else Date(literal=text)


def _compact(text: str) -> Date | None:
    """
    >>> _compact("20150603").to_edtf()
    '2015-06-03'
    """
    if len(text) == 8 and text.isdecimal():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return _date(text) if text else None


def _subjects(draft: Draft, left: _Left) -> None:
    """MeSH descriptors and authors' keywords; the headings in full are kept apart."""
    headings = left.all("MH")
    draft.keep("mesh", headings)
    words = [text.partition("/")[0].lstrip("*") for text in headings]
    words += [text.lstrip("*") for text in left.all("OT")]
    draft.say("keyword", joined(words))


def _kinds(draft: Draft, types: list[str]) -> None:
    draft.keep("publication-types", types)
    draft.type = next((TYPES[text] for text in types if text in TYPES), draft.type)
    if RETRACTED in types:
        draft.say("status", "retracted")


_CITED = re.compile(r"(.*?)\.? PMID: *([1-9][0-9]{0,8})\.?")


def _corrections(draft: Draft, left: _Left) -> None:
    kept = []
    for tag in [tag for tag in CORRECTIONS if tag in left]:
        kind = CORRECTIONS[tag]
        for text in left.all(tag):
            found = _CITED.fullmatch(text) if "PMID:" in text[-20:] else None
            source, pmid = (found[1], found[2]) if found else (text, "")
            said = {"type": kind, "source": source, "pmid": pmid}
            kept.append({name: value for name, value in said.items() if value})
        if kind == "RetractionIn":
            draft.say("status", "retracted")
    draft.keep("corrections", kept)


def _grant(text: str) -> dict[str, str]:
    """Number, acronym, agency and country; whatever is not known is left out there.

    >>> _grant("R01 DK1/DK/NIDDK NIH HHS/United States")["agency"], _grant("Example Trust")
    ('NIDDK NIH HHS', {'agency': 'Example Trust'})
    """
    parts = text.rsplit("/", 3)
    names = {4: GRANT, 3: ("id", "agency", "country"), 2: GRANT[2:], 1: ("agency",)}
    found = zip(names[len(parts)], parts, strict=True)
    return {name: part for name, part in found if part}
