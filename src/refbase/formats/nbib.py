"""nbib, the MEDLINE format: what PubMed saves for reference managers.

Lines `TAG - value`, the tag in four columns; a value goes on on lines that begin with six
blanks; a blank line stands between two records. The reader makes of a record what that of
PubMed XML does, in the same custom values; tags for which there is nothing are kept as custom
values `nbib:TAG` and written again. The writer writes what PubMed would.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TextIO

from refbase import identifiers
from refbase.errors import Diagnostic, Severity, Span
from refbase.formats.base import Input, WriteOptions, annotation_texts, loss
from refbase.model import Dossier, Parsed, Reference, Report, Value
from refbase.pubmed import ARTICLE_NUMBER, LANGUAGES, NO_NUMBER, trimmed, unbracketed
from refbase.text import clean
from refbase.values import ET_AL, QUARTERS, SEASONS, Date, Name, dotted, undotted

# ---------------------------------------------------------------------------------- tables

# Texts, left to right and right to left.
TEXTS = {
    "AB": "abstract",
    "CTI": "collection-title",
    "EN": "edition",
    "ISBN": "ISBN",
    "JT": "container-title",
    "PB": "publisher",
    "TA": "container-title-short",
}
CUSTOM = {
    "CI": "copyright",
    "JID": "nlm-journal-id",
    "PST": "publication-status",
    "STAT": "pubmed-status",
}
CORRECTIONS = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRF": "CorrectedandRepublishedFrom",
    "CRI": "CorrectedandRepublishedIn",
    "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication",
    "ECF": "ExpressionOfConcernFor",
    "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor",
    "EIN": "ErratumIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}
_CORRECTION_TAGS = {kind: tag for tag, kind in CORRECTIONS.items()}
_TYPES = {"Preprint": "article", "Newspaper Article": "article-newspaper"}
_PUBLICATION_TYPES = {
    "article": "Preprint",
    "article-newspaper": "Newspaper Article",
    "book": "Book",
    "chapter": "Book Chapter",
}
_RETRACTED = "Retracted Publication"
# The order of PubMed; what the reader kept stands behind it
ORDER = (
    "PMID STAT LR ISBN IS VI IP PB CTI DP TI BTI EN PG LID AB CI FAU AU CN FED ED LA GR PT TT"
    f" DEP PL TA JT JID {' '.join(CORRECTIONS)} MH PMC OT GN PST AID"
).split()

_LANGUAGE_CODES = {short: code for code, short in LANGUAGES.items()}

# --------------------------------------------------------------------------------- reading


@dataclass(slots=True)
class _Block:
    """The lines of a record as tag and value, one after the other as names need it."""

    line: int = 0
    end_line: int = 0
    fields: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def add(self, number: int, line: str, tag: str, text: str) -> None:
        self.line = self.line or number
        self.end_line = number
        if tag:
            self.fields.append((tag, [text]))
        elif self.fields:
            self.fields[-1][1].append(text)
        if self.fields or not self.raw:
            self.raw.append(line)


def read(source: Input) -> Iterator[Parsed]:
    """The records of a file. One begins with its PMID."""
    for block in _blocks(source):
        span = source.span(block.line, block.end_line)
        if block.fields:
            yield _parsed(block, span)
        else:
            text = f"lines {block.line}-{block.end_line} stand in no record: '{block.raw[0][:60]}'"
            yield Parsed(None, block.raw[0], span, (Diagnostic("outside-record", text, span),))


def _blocks(source: Input) -> Iterator[_Block]:
    """Behind a blank line a record may also begin with the tag that the last one began with."""
    block, blank = _Block(), False
    for number, line in source.lines():
        tag = line[:4].rstrip() if line[4:5] == "-" else ""
        if tag.isalpha() and tag.isupper():
            text = line[5:].strip()
        else:
            tag, text = "", line.strip()
        if not (tag or text):
            blank = True
            continue
        again = blank and block.fields and tag == block.fields[0][0]
        if tag and (tag == "PMID" or again or not block.fields):
            if block.line:
                yield block
            block = _Block(number)
        block.add(number, line, tag, text)
        blank = False
    if block.line:
        yield block


@dataclass(slots=True)
class _Draft:
    """A reference in the making: what is left of the fields, and what was made of them."""

    values: dict[str, list[str]]
    report: Report
    variables: dict[str, Value] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)

    def all(self, tag: str) -> list[str]:
        return self.values.pop(tag, [])

    def one(self, tag: str) -> str:
        """The first value of a tag; further ones are left."""
        texts = self.values.get(tag, [])
        if len(texts) < 2:
            self.values.pop(tag, None)
        return texts.pop(0) if texts else ""

    def say(self, variable: str, value: Value | None) -> None:
        if value:
            self.variables[variable] = value

    def keep(self, name: str, value: Any) -> None:
        if value:
            self.custom[name] = value


def _parsed(block: _Block, span: Span) -> Parsed:
    found: list[Diagnostic] = []
    draft = _Draft({}, lambda code, text: found.append(Diagnostic(code, text, span)))
    people: list[tuple[str, str]] = []
    for tag, lines in block.fields:
        text = clean(lines[0] if len(lines) == 1 else " ".join(lines))
        if tag in _PEOPLE and text:
            people.append((tag, text))
        elif text:
            draft.values.setdefault(tag, []).append(text)
    reference = _reference(draft, people)
    return Parsed(Dossier(reference), "\n".join(block.raw), span, tuple(found))


def _reference(draft: _Draft, people: list[tuple[str, str]]) -> Reference:
    _identifiers(draft)
    kind = _titles(draft)
    draft.say("author", _contributors(people, "FAU", "AU"))
    draft.say("editor", _contributors(people, "FED", "ED"))
    for tag, variable in TEXTS.items():
        draft.say(variable, draft.one(tag))
    draft.say("container-title", draft.variables.get("container-title") or _short_title(draft))
    _issue(draft)
    _dates(draft)
    if kind != "article-journal":
        draft.say("publisher-place", draft.one("PL"))
    draft.say("language", ", ".join(LANGUAGES.get(code, code) for code in draft.all("LA")))
    _subjects(draft)
    types = draft.all("PT")
    draft.keep("publication-types", types)
    _corrections(draft)
    if _RETRACTED in types:
        draft.say("status", "retracted")
    draft.keep("grants", [_grant(text) for text in draft.all("GR")])
    for tag, name in CUSTOM.items():
        draft.keep(name, draft.one(tag))
    draft.say("note", "\n".join(draft.all("GN")))
    draft.all("SO")  # the citation, made of the other fields
    for tag, texts in draft.values.items():
        draft.keep(f"nbib:{tag}", texts)
    kind = next((_TYPES[text] for text in types if text in _TYPES), kind)
    return Reference(kind, draft.variables, draft.custom)


def _short_title(draft: _Draft) -> Value:
    return draft.variables.get("container-title-short", "")


_TYPED = re.compile(r"(\S.*?) *\[(\w+)\]")


def _identifiers(draft: _Draft) -> None:
    """PMID, PMCID, and from LID and AID, which name the kind behind the value, DOI and pii."""
    for tag, variable in (("PMID", "PMID"), ("PMC", "PMCID")):
        if text := draft.one(tag):
            _identify(draft, variable, text)
    kinds: dict[str, list[str]] = {}
    for tag in ("AID", "LID"):
        texts = draft.all(tag)
        found = [_TYPED.fullmatch(text) for text in texts]
        draft.keep(f"nbib:{tag}", [t for t, hit in zip(texts, found, strict=True) if not hit])
        for hit in filter(None, found):
            kinds.setdefault(hit[2], []).append(hit[1])
    for name, texts in kinds.items():
        if name == "doi":
            _identify(draft, "DOI", texts[0])
        elif name == "bookaccession":
            draft.keep("bookshelf-id", texts[0])
            draft.say("URL", f"https://www.ncbi.nlm.nih.gov/books/{texts[0]}/")
        elif name == "pii":
            draft.keep("pii", texts[0])
        else:
            draft.keep(f"nbib:AID [{name}]", list(dict.fromkeys(texts)))


def _identify(draft: _Draft, variable: str, text: str) -> None:
    value = identifiers.SCHEMES[variable].parse(text) if len(text) < _LONG else None
    draft.say(variable, value)
    if not value:
        draft.report("bad-identifier", f"'{text[:60]}' is no {variable}; kept as a custom value")
        draft.keep(variable, text)


_LONG = 500


def _titles(draft: _Draft) -> str:
    """The title without NLM's full stop; the type, which is that of a book if there is one."""
    title, book = trimmed(draft.one("TI")), trimmed(draft.one("BTI"))
    if "TT" in draft.values or any(code != "eng" for code in draft.values.get("LA", ())):
        title = unbracketed(title)  # NLM's translation
    draft.say("title", title or book)
    draft.say("original-title", trimmed(draft.one("TT")))
    if title and book:
        draft.say("container-title", book)
    return "article-journal" if not book else "chapter" if title else "book"


# Editors and the like have a short and a full form as authors have
_PEOPLE = frozenset(("FAU", "AU", "CN", "FED", "ED"))


def _contributors(people: list[tuple[str, str]], full: str, short: str) -> tuple[Name, ...]:
    """In their order. The short form counts where no full one stands in front of it."""
    names: list[Name] = []
    before = ""
    for tag, text in people:
        if tag == full:
            names.append(_full_name(text))
        elif tag == short and before != full:
            names.append(Name.from_nlm(text))
        elif tag == "CN" and full == "FAU":
            names.append(Name(literal=text))
        before = tag
    return tuple(names)


_GENERATION = re.compile(r"(?:.* )?((?:Jr|Sr|2nd|3rd|[4-9]th|II|III|IV)\.?)")


def _full_name(text: str) -> Name:
    """`Muster, Anna B Jr`. Initials are written as refbase writes them, `A. B.`

    >>> _full_name("van der Ploeg, R J"), _full_name("Muster, Anna Jr").suffix
    (Name(family='Ploeg', given='R. J.', particle='van der'), 'Jr')
    """
    family, comma, given = (part.strip() for part in text.partition(","))
    if not comma:
        return Name(literal=text) if " " in text else Name.person(text)
    found = _GENERATION.fullmatch(given)
    suffix = found[1] if found else ""
    given = given.removesuffix(suffix).strip() if found and given != suffix else given
    return Name.person(family, _initials(given), suffix if given != suffix else "")


def _initials(given: str) -> str:
    bare = given.replace(" ", "")
    return dotted(bare) if all(len(word.replace("-", "")) < 3 for word in given.split()) else given


def _issue(draft: _Draft) -> None:
    """Volume, issue and pages; the publisher's article number where there are no pages."""
    for tag, variable in (("VI", "volume"), ("IP", "issue")):
        text = draft.one(tag)
        draft.say(variable, "" if NO_NUMBER.fullmatch(text.replace("_", " ")) else text)
    page, pii = draft.one("PG"), str(draft.custom.get("pii", ""))
    if not page and ARTICLE_NUMBER.fullmatch(pii):
        page = pii
        del draft.custom["pii"]
    draft.say("page", page)
    numbers = [text.partition(" (") for text in draft.all("IS")]
    linking = [number for number, _, medium in numbers if medium.startswith("Linking")]
    others = [number for number, _, medium in numbers if not medium.startswith("Linking")]
    draft.say("ISSN", " ".join(dict.fromkeys(others or linking)))
    draft.keep("issn-l", linking[0] if linking else "")


def _dates(draft: _Draft) -> None:
    """DP is the date of the issue, DEP that of the publication online."""
    if text := draft.one("DP"):
        date = _date(text) if len(text) < _LONG else Date(literal=text)
        draft.say("issued", date)
        if not date.start:
            draft.report("bad-date", f"the date '{text[:60]}' is not understood")
    online = _compact(draft.one("DEP"))
    if online and online != draft.variables.get("issued"):
        draft.say("available-date" if "issued" in draft.variables else "issued", online)
    revised = _compact(draft.one("LR"))
    draft.keep("date-revised", revised.to_edtf() if revised else "")


@lru_cache(maxsize=4096)
def _date(text: str) -> Date:
    return Date.parse(text)


def _compact(text: str) -> Date | None:
    """
    >>> _compact("20150603").to_edtf()
    '2015-06-03'
    """
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return _date(text) if text else None


def _subjects(draft: _Draft) -> None:
    """MeSH descriptors and authors' keywords; the headings in full are kept apart."""
    headings = draft.all("MH")
    draft.keep("mesh", headings)
    words = [text.split("/")[0].lstrip("*") for text in headings]
    words += [text.lstrip("*") for text in draft.all("OT")]
    listed = dict.fromkeys(word.replace(";", ",").rstrip(", ") for word in words)
    draft.say("keyword", "; ".join(filter(None, listed)))


_CITED = re.compile(r"(.*?)\.? PMID: *([1-9]\d{0,8})\.?")


def _corrections(draft: _Draft) -> None:
    kept = []
    for tag, kind in CORRECTIONS.items():
        for text in draft.all(tag):
            found = _CITED.fullmatch(text) if "PMID:" in text[-20:] else None
            source, pmid = (found[1], found[2]) if found else (text, "")
            said = {"type": kind, "source": source, "pmid": pmid}
            kept.append({name: value for name, value in said.items() if value})
            if kind == "RetractionIn":
                draft.say("status", "retracted")
    draft.keep("corrections", kept)


_GRANT = ("id", "acronym", "agency", "country")


def _grant(text: str) -> dict[str, str]:
    """Number, acronym, agency and country; whatever is not known is left out there.

    >>> _grant("R01 DK1/DK/NIDDK NIH HHS/United States")["agency"], _grant("Example Trust")
    ('NIDDK NIH HHS', {'agency': 'Example Trust'})
    """
    parts = text.rsplit("/", 3)
    names = {4: _GRANT, 3: ("id", "agency", "country"), 2: _GRANT[2:], 1: ("agency",)}
    found = zip(names[len(parts)], parts, strict=True)
    return {name: part for name, part in found if part}


# --------------------------------------------------------------------------------- writing

_WIDTH = 82
Line = tuple[str, str]


@dataclass(slots=True)
class _Writing:
    """A reference on its way into a file: what is left of it, and what is lost."""

    dossier: Dossier
    options: WriteOptions
    left: dict[str, Value]
    custom: dict[str, Any]
    losses: dict[str, Severity] = field(default_factory=dict)

    def take(self, variable: str) -> str:
        value = self.left.pop(variable, "")
        return clean(value) if isinstance(value, str) else ""

    def strings(self, name: str) -> list[str]:
        """A custom value that is a text or a list of them."""
        value = self.custom.get(name)
        texts = value if isinstance(value, list) else [value]
        strings = [clean(text) for text in texts if isinstance(text, str)]
        if not texts or len(strings) < len(texts):
            return []
        del self.custom[name]
        return strings

    def objects(self, name: str) -> list[dict[str, str]]:
        """A custom value that is a list of objects made of texts."""
        value = self.custom.get(name)
        if not isinstance(value, list) or not all(map(_is_texts, value)):
            return []
        return list(self.custom.pop(name))

    def note(self, message: str) -> None:
        self.losses.setdefault(message, Severity.INFO)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def write(
    dossiers: Iterable[Dossier], stream: TextIO, options: WriteOptions
) -> Iterator[Diagnostic]:
    """Write records with a blank line between two."""
    between = ""
    for dossier in dossiers:
        reference = dossier.reference
        writing = _Writing(dossier, options, dict(reference.variables), dict(reference.custom))
        stream.write(between + "".join(_wrapped(tag, text) for tag, text in _lines(writing)))
        between = "\n"
        for message, severity in writing.losses.items():
            yield loss(dossier.key, message, severity)


def _wrapped(tag: str, text: str) -> str:
    """A value, wrapped as PubMed wraps it; a blank in front of what goes on."""
    lines = [text]
    if len(text) > _WIDTH:
        lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"{tag:4}- " + "\n      ".join(lines) + "\n"


def _lines(writing: _Writing) -> list[Line]:
    lines = [line for part in _PARTS for line in part(writing)]
    lines += [(tag, text) for tag, variable in TEXTS.items() if (text := writing.take(variable))]
    for tag, name in CUSTOM.items():
        lines += [(tag, text) for text in writing.strings(name)[:1]]
    kept = list(_kept(writing))
    place = {tag: number for number, tag in enumerate(ORDER)}
    # Names keep their order: all of their tags have one place
    place |= dict.fromkeys(("AU", "CN"), place["FAU"]) | {"ED": place["FED"]}
    pmid = [("PMID", writing.take("PMID"))]
    known = sorted((line for line in lines if line[1]), key=lambda line: place[line[0]])
    for variable in writing.left:
        writing.losses[f"nbib has no field for '{variable}'"] = Severity.WARNING
    for name in writing.custom:
        writing.losses[f"nbib has no field for '{name}' (custom)"] = Severity.WARNING
    if writing.dossier.key:
        writing.note("nbib has no field for the citation key")
    return [*pmid, *known, *kept]


_KEPT = re.compile(r"nbib:([A-Z]{2,4})(?: \[(\w+)\])?")


def _kept(writing: _Writing) -> Iterator[Line]:
    """What the reader had no variable for, in its own tags."""
    for name in list(writing.custom):
        found = _KEPT.fullmatch(name)
        if not found or found[1] == "PMID":
            continue
        for text in writing.strings(name):
            yield found[1], f"{text} [{found[2]}]" if found[2] else text


def _titles_lines(writing: _Writing) -> Iterator[Line]:
    """NLM ends a title with a full stop."""
    kind = writing.dossier.reference.type
    title, original = (_stopped(writing.take(name)) for name in ("title", "original-title"))
    yield "TT", original
    if kind == "book":
        yield "BTI", title.removesuffix(".")
    elif title and _is_translated(writing.dossier.reference):
        yield "TI", f"[{title.removesuffix('.')}]."
    else:
        yield "TI", title
    if kind == "chapter":
        yield "BTI", writing.take("container-title")


def _stopped(title: str) -> str:
    return title if not title or title[-1] in ".?!" else f"{title}."


_ENGLISH = ("", "en", "eng", "english")


def _is_translated(reference: Reference) -> bool:
    """NLM translates titles into English and puts the translation in brackets."""
    language = reference.text("language").lower().partition("-")[0]
    return bool(reference.text("original-title")) or language not in _ENGLISH


def _identifier_lines(writing: _Writing) -> Iterator[Line]:
    doi = writing.take("DOI")
    yield "PMC", writing.take("PMCID")
    yield "AID", f"{doi} [doi]" if doi else ""
    yield "LID", f"{doi} [doi]" if doi else ""
    for text in writing.strings("pii")[:1]:
        yield "AID", f"{text} [pii]"
    for text in writing.strings("bookshelf-id")[:1]:
        yield "AID", f"{text} [bookaccession]"
        if writing.dossier.reference.text("URL").endswith(f"/books/{text}/"):
            writing.take("URL")
    linking = writing.strings("issn-l")[:1]
    for number in writing.take("ISSN").split():
        yield "IS", number
    for number in linking:
        yield "IS", f"{number} (Linking)"


def _people_lines(writing: _Writing) -> Iterator[Line]:
    for variable, full, short in (("author", "FAU", "AU"), ("editor", "FED", "ED")):
        value = writing.left.pop(variable, ())
        for name in value if isinstance(value, tuple) else ():
            text = clean(_full_text(name))
            group = bool(name.literal) and full == "FAU"
            if name == ET_AL:
                writing.note("nbib cannot say that a list of names was cut")
            elif group:
                yield "CN", text
            else:
                yield full, text
                yield short, clean(_short_text(name))
            if name != ET_AL and not group and _full_name(text) != name:
                writing.note("a name is read back as another one: a particle, a suffix")


def _full_text(name: Name) -> str:
    if name.literal:
        return name.literal
    bare = undotted(name.given)
    given = name.given if bare == name.given else name.given.replace(".", "")
    given = " ".join(part for part in (given, name.suffix) if part)
    return ", ".join(part for part in (name.surname.replace(",", ""), given) if part)


def _short_text(name: Name) -> str:
    """`Muster AB`: the first letters of the given names."""
    initials = "".join(word[:1] for word in re.split(r"[\s.-]+", name.given))
    return " ".join(part for part in (name.surname, initials, name.suffix) if part) or name.literal


def _issue_lines(writing: _Writing) -> Iterator[Line]:
    yield "VI", writing.take("volume")
    yield "IP", writing.take("issue")
    yield "PG", writing.take("page")
    if writing.dossier.reference.type != "article-journal":
        yield "PL", writing.take("publisher-place")


def _date_lines(writing: _Writing) -> Iterator[Line]:
    issued = writing.left.pop("issued", None)
    if isinstance(issued, Date):
        text = nlm_date(issued)
        if Date.parse(text) != issued:
            writing.note("a date is read back as another one: circa, a season")
        yield "DP", text
    online = writing.dossier.reference.date("available-date")
    if online and len(online.start) == 3 and not online.end:
        del writing.left["available-date"]
        yield "DEP", online.to_edtf().replace("-", "").rstrip("~")
    for text in writing.strings("date-revised")[:1]:
        yield "LR", text.replace("-", "")


def nlm_date(date: Date) -> str:
    """A date as NLM prints it.

    >>> nlm_date(Date((2013, 9, 11))), nlm_date(Date((1998, 12), (1999, 1)))
    ('2013 Sep 11', '1998 Dec-1999 Jan')
    >>> nlm_date(Date((1979, 8, 30), (1979, 9, 6))), nlm_date(Date((2015, 21)))
    ('1979 Aug 30-Sep 6', '2015 Spring')
    """
    if not date.start:
        return clean(date.literal)
    same = 1 if date.end and date.end[0] == date.start[0] and len(date.end) > 1 else 0
    if same and len(date.end) == len(date.start) == 3 and date.end[1] == date.start[1]:
        same = 2
    end = " ".join(_printed(date.end)[same:])
    return " ".join(_printed(date.start)) + (f"-{end}" if end else "")


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NAMED = {**SEASONS, **QUARTERS, 23: "Fall", **dict(enumerate(_MONTHS, 1))}


def _printed(parts: tuple[int, ...]) -> list[str]:
    return [f"{part:04d}" if n == 0 else _NAMED[part] if n == 1 else str(part)
            for n, part in enumerate(parts)]  # fmt: skip


def _subject_lines(writing: _Writing) -> Iterator[Line]:
    headings = writing.strings("mesh")
    covered = {text.split("/")[0].lstrip("*") for text in headings}
    writing.take("keyword")
    for text in headings:
        yield "MH", text
    for word in dict.fromkeys((*writing.dossier.reference.keywords, *writing.dossier.tags)):
        if word not in covered:
            yield "OT", clean(word)


def _kind_lines(writing: _Writing) -> Iterator[Line]:
    """Publication types; one at least, as in PubMed."""
    kind = writing.dossier.reference.type
    types = writing.strings("publication-types")
    if kind in _PUBLICATION_TYPES and _PUBLICATION_TYPES[kind] not in types:
        types.append(_PUBLICATION_TYPES[kind])
    if writing.dossier.reference.text("status") == "retracted":
        writing.take("status")
        types += [_RETRACTED] if _RETRACTED not in types else []
    if kind not in (*_PUBLICATION_TYPES, "article-journal"):
        writing.losses[f"nbib has no type '{kind}', written as article"] = Severity.WARNING
    for text in types or ["Journal Article"]:
        yield "PT", text
    language = writing.take("language")
    for code in filter(None, language.split(", ")):
        yield "LA", _LANGUAGE_CODES.get(code, code)


def _linked_lines(writing: _Writing) -> Iterator[Line]:
    for link in writing.objects("corrections"):
        text = link.get("source", "")
        if pmid := link.get("pmid"):
            text = f"{text}. PMID: {pmid}" if text else f"PMID: {pmid}"
        tag = _CORRECTION_TAGS.get(link.get("type", ""))
        if not tag or link.get("note"):
            writing.note("nbib has no field for a part of 'corrections' (custom)")
        yield tag or "CIN", clean(text) if tag else ""
    for grant in writing.objects("grants"):
        yield "GR", clean("/".join(grant[name] for name in _GRANT if grant.get(name)))


def _note_lines(writing: _Writing) -> Iterator[Line]:
    """Notes and annotations are general notes, which only some programs read."""
    value = writing.left.pop("note", "")
    for line in str(value).split("\n"):
        yield "GN", clean(line)
    annote = writing.take("annote")
    for text in filter(None, [annote, *annotation_texts(writing.dossier, writing.options)]):
        writing.note("an annotation is written as general note (GN) and read back as 'note'")
        yield "GN", clean(text)


_PARTS: tuple[Callable[[_Writing], Iterator[Line]], ...] = (
    _titles_lines,
    _identifier_lines,
    _people_lines,
    _issue_lines,
    _date_lines,
    _subject_lines,
    _kind_lines,
    _linked_lines,
    _note_lines,
)
