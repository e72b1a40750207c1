"""Reading RIS: the habits of EndNote, Zotero, Mendeley, PubMed and the databases.

What a tag means depends on the type of the record (see `refbase.formats.ris.tables`). What has
no meaning for a reference is kept as custom value `ris:XX`, and written again by the writer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from refbase import extra, identifiers
from refbase.errors import Diagnostic, Span
from refbase.formats.base import CUT, Input, Reader, shortened, standard_numbers, tell_retraction
from refbase.formats.ris.blocks import Block, blocks
from refbase.formats.ris.tables import CSL_TYPES, SAME_AS, readings
from refbase.model import Dossier, Entry, Parsed, Reference, Report, Value
from refbase.text import clean, unescaped
from refbase.values import ET_AL, Date, Name, possible
from refbase.vocab import VARIABLES, Kind

_Numbered = tuple[Block, int, Span]


def _cut(source: Input) -> Iterator[_Numbered | Parsed]:
    """The records of a file. One ends at its `ER`, or where the next one begins: that is told,
    and so is text that stands in none of them."""
    position = 0
    for block in blocks(source):
        span = source.span(block.line, block.end_line)
        if block.values:
            position += 1
            yield block, position, span
        else:
            where = f"lines {block.line}-{block.end_line}"
            text = f"{where} stand in no record: '{shortened(block.raw)}'"
            yield Parsed(None, block.raw, span, (Diagnostic("outside-record", text, span),))


# --------------------------------------------------------------------------------- a record


@dataclass(slots=True)
class _Record:
    """What is left of the fields of a record while its reference is made of them."""

    values: dict[str, list[str]]
    report: Report
    tidy: bool = False
    taken: list[str] = field(default_factory=list)

    def first(self, tag: str) -> str:
        texts = self.values.get(tag)
        return texts[0] if texts else ""

    def pop(self, tag: str) -> str:
        """The first value of a tag, which is taken."""
        texts = self.values[tag]
        if len(texts) > 1:
            text = texts.pop(0)
        else:
            (text,) = texts
            del self.values[tag]
        self.taken.append(text)
        return text

    def cleaned(self, text: str) -> str:
        return text if self.tidy else clean(text)

    def unescaped(self, text: str) -> str:
        """Text as Zotero reads and writes it, and as the pages of publishers copy it: HTML."""
        return text if self.tidy and "&" not in text else _unescaped(text)

    def left(self) -> dict[str, str | list[str]]:
        """What nobody took, as custom values. What repeats a taken value says nothing new."""
        kept: dict[str, str | list[str]] = {}
        taken = set(self.taken) if self.values else ()
        for tag, texts in self.values.items():
            new = [text for text in texts if text and text not in taken]
            if new:
                kept[f"ris:{tag}"] = new[0] if len(new) == 1 else new
        return kept


def _parsed(numbered: _Numbered) -> Parsed:
    block, position, span = numbered
    found: list[Diagnostic] = []
    record = _Record(
        block.values, lambda code, text: found.append(Diagnostic(code, text, span)), block.tidy
    )
    if not block.ended:
        record.report(
            "missing-end", "the record has no 'ER'; it ends with the next one or the file"
        )
    dossier = _dossier(record, position)
    return Parsed(dossier, block.raw, span, tuple(found))


read = Reader(_cut, _parsed)


def _dossier(record: _Record, position: int) -> Dossier:
    ris_type = _type(record)
    variables: dict[str, Value] = {}
    key = _key(record)
    for variable, read_value, tags in _readers(ris_type, tuple(record.values)):
        for tag in tags:
            if tag in record.values:
                if value := read_value(record, tag):
                    variables[variable] = value
                break
    _tell_identifiers_apart(variables)
    tell_retraction(variables)
    if "PMID" not in variables and "M2" not in record.values:
        variables |= {"PMID": pmid} if (pmid := _marked_pmid(record)) else {}
    annotation = _annotation(record) if "N1" in record.values else ""
    if note := _note(record, variables):
        variables["note"] = note
    kind = CSL_TYPES.get(SAME_AS.get(ris_type, ris_type), "document")
    reference, named = extra.take(Reference(kind, variables, record.left()))
    entries = (Entry(position=position, annotation=annotation),) if annotation else ()
    return Dossier(reference, named or key, entries)


def _type(record: _Record) -> str:
    if "TY" not in record.values:
        record.report("missing-type", "the record has no 'TY'; read as 'document'")
        return "GEN"
    ris_type = record.first("TY").upper()
    if ris_type in CSL_TYPES or ris_type in SAME_AS:
        record.pop("TY")
        return ris_type
    record.report("unknown-type", f"RIS has no type '{shortened(ris_type)}'; read as 'document'")
    return "GEN"


def _key(record: _Record) -> str:
    """The citation key. A number (EndNote's, Mendeley's) or an address is none, and kept."""
    key = record.cleaned(record.first("ID"))
    if not key or key.isdigit() or "://" in key:
        return ""
    record.pop("ID")
    return key


# ---------------------------------------------------------------------------------- values


_Reader = Callable[["_Record", str], Value | None]


@lru_cache(maxsize=1024)
def _readers(ris_type: str, there: tuple[str, ...]) -> list[tuple[str, _Reader, list[str]]]:
    """What may be read from a record with these tags: a variable, how, and its tags, best first.
    The records of a file have few different sets of tags."""
    found = []
    for variable, tags in readings(ris_type).items():
        if known := [tag for tag in tags if tag in there]:
            default = _names if VARIABLES[variable] is Kind.NAMES else _text
            found.append((variable, _READERS.get(variable, default), known))
    return found


def _text(record: _Record, tag: str) -> Value:
    text = record.pop(tag)
    return text if record.tidy and "&" not in text else _unescaped(text)


def _lines_of(record: _Record, tag: str) -> list[str]:
    """The lines of all values of a tag, which are taken."""
    values = record.values.pop(tag)
    if record.tidy and "&" not in "".join(values):
        return values
    return [_unescaped(line) for value in values for line in value.split("\n")]


def _unescaped(text: str) -> str:
    return clean(unescaped(text))


def _raw_text(record: _Record, tag: str) -> Value:
    return record.cleaned(record.pop(tag))


def _url(record: _Record, tag: str) -> Value | None:
    """In an address `&copy=` is no copyright sign. `PM:1` is how a PMID was written once."""
    if record.first(tag).startswith("PM:"):
        return None
    address, *more = record.pop(tag).split("\n")
    if more:
        record.values[tag] = [*more, *record.values.get(tag, ())]
    return clean(address.replace("&lt;", "<").replace("&amp;", "&"))


def _names(record: _Record, tag: str) -> Value:
    texts = _lines_of(record, tag)
    if plain := _plain_names(texts):
        return plain
    people = tuple([_name(text, record.report) for text in texts if text])
    if ET_AL in people:
        return (*(name for name in people if name != ET_AL), ET_AL)
    return people


def _plain_names(texts: list[str]) -> tuple[Name, ...]:
    """The names, if each is `Family, Given` and no more; else none. They must be clean."""
    joined = "|".join(texts)
    if joined.count(",") != len(texts) or " ," in joined:
        return ()
    names = []
    for text in texts:
        family, comma, given = text.partition(", ")
        if not comma or not family[:1].isupper():
            return ()
        names.append(Name(family, given))
    return tuple(names)


_NLM = re.compile(r"(?:[^\s,]+ ){1,3}[A-Z]{1,3}(?: (?:Jr|Sr|2nd|3rd|II|III))?")
_COUNTRIES = ("UK", "US", "USA", "EU")


def _name(text: str, report: Report) -> Name:
    """`Family, Given, Suffix`, or a body: it ends in a comma or has none; `,,` is a comma of it."""
    if text.lower() in CUT:
        return ET_AL
    if text.endswith(",") or ",," in text:
        return Name(literal=text.removesuffix(",").replace(",,", ",").strip() or text)
    if "," in text:
        return Name.from_inverted(text)
    if _NLM.fullmatch(text) and not text.endswith(_COUNTRIES):
        report("odd-name", f"'{shortened(text)}' has no comma; read as surname and initials")
        return Name.from_nlm(text)
    return Name(literal=text)


_SLASHED = re.compile(r"(\d{4})/(\d{0,2})(?:/(\d{0,2})(?:/(.*))?)?")


def _date(text: str) -> Date:
    """`2015/06/03/`, `2015/06//`, `2015///Spring`, and what `Date.parse` knows.

    >>> _date("2015/6/3/").start, _date("2015///Spring").start, _date("2015").start
    ((2015, 6, 3), (2015, 21), (2015,))
    """
    return _short_date(text) if len(text) < 40 else Date.parse(text)


@lru_cache(maxsize=4096)
def _short_date(text: str) -> Date:
    found = _SLASHED.fullmatch(text)
    if not found:
        return Date.parse(text)
    year, month, day, other = found.groups()
    if other and not month:
        return Date.parse(f"{year} {other}")
    given = [part for part in (year, month, day) if part]
    numbers = tuple(map(int, given))
    if possible(numbers):
        return Date(numbers)
    return Date.parse("-".join(part.zfill(2) for part in given))


def _issued(record: _Record, tag: str) -> Value | None:
    """The year stands in PY or Y1, more of it in DA, with the year or without."""
    more = record.cleaned(record.first("DA"))
    if tag == "DA":
        record.pop(tag)
        return _date(more) if more else None
    text = record.cleaned(record.pop(tag))
    if not text:
        return None
    date = _date(text)
    if not date.start:
        record.report("bad-date", f"'{shortened(text)}' is no year")
    elif more and (fuller := _fuller(date, more)):
        record.pop("DA")
        return fuller if len(fuller.start) >= len(date.start) else date
    return date


def _fuller(date: Date, more: str) -> Date | None:
    """The date that begins in the same year and says more of it."""
    for candidate in (more, f"{date.year:04d} {more}"):
        fuller = _date(candidate)
        if date.year and fuller.year == date.year:
            return fuller
    return None


def _other_date(record: _Record, tag: str) -> Value | None:
    text = clean(record.first(tag))
    date = _date(text) if text else None
    if date and date.start:
        record.pop(tag)
        return date
    return None


def _page(record: _Record, tag: str) -> Value | None:
    """First and last page; EndNote writes both into SP."""
    first, last = [
        record.unescaped(record.pop(side)) if side in record.values else "" for side in ("SP", "EP")
    ]
    if not (first and last) or last == first or "-" in first or "–" in first:
        return first or last
    return f"{first}-{last}"


def _number_of_pages(record: _Record, tag: str) -> Value | None:
    """The pages of a whole, unless an EP says that these are the first and the last."""
    return None if "EP" in record.values or tag == "EP" else _text(record, tag)


def _keyword(record: _Record, tag: str) -> Value:
    """A keyword each; EndNote writes all but the first as lines without a tag."""
    return "; ".join(filter(None, dict.fromkeys(_lines_of(record, tag))))


def _doi(record: _Record, tag: str) -> Value | None:
    text = record.unescaped(record.first(tag))
    if doi := identifiers.doi(text):
        record.pop(tag)
        return doi
    if text and tag != "M3":
        record.report("bad-identifier", f"'{shortened(text)}' is no DOI")
    return None


def _pmid(record: _Record, tag: str) -> Value | None:
    """AN is a PMID if the database is PubMed, or if nobody says which one it is."""
    database = record.first("DB").lower()
    number = record.first(tag)
    if database and not any(name in database for name in ("pubmed", "medline", "nlm")):
        return None
    return record.pop(tag) if re.fullmatch(r"[1-9][0-9]{0,7}", number) else None


def _pmcid(record: _Record, tag: str) -> Value | None:
    pmcid = identifiers.pmcid(record.first(tag))
    if pmcid:
        record.pop(tag)
    return pmcid


def _standard_numbers(record: _Record, tag: str) -> Value:
    """Several stand apart by a blank, as in CSL; EndNote says of each what it is the number of."""
    text = record.unescaped(" ".join(record.values.pop(tag)))
    # Most often one number, of which nothing is said
    return text if _BARE_NUMBER.fullmatch(text) else standard_numbers([text])


_BARE_NUMBER = re.compile(r"[\dX-]+")


def _tell_identifiers_apart(variables: dict[str, Value]) -> None:
    """SN is ISSN or ISBN by the type, but a book in a series may have the ISSN of that."""
    for variable, other, shortest in (("ISSN", "ISBN", 10), ("ISBN", "ISSN", 8)):
        said = variables.get(variable)
        if not isinstance(said, str) or not shortest <= len(said) < _LONG:
            continue
        if _is_number(said, other):
            variables[other] = variables.pop(variable)
            return


@lru_cache(maxsize=4096)
def _is_number(text: str, scheme: str) -> bool:
    """Whether the text is an ISSN, or an ISBN. A library has few journals."""
    return identifiers.SCHEMES[scheme].parse(text) is not None


_READERS: dict[str, _Reader] = {
    "abstract": _raw_text,
    "accessed": _other_date,
    "annote": lambda record, tag: None,
    "available-date": _other_date,
    "DOI": _doi,
    "ISBN": _standard_numbers,
    "ISSN": _standard_numbers,
    "issued": _issued,
    "keyword": _keyword,
    "note": lambda record, tag: None,
    "number-of-pages": _number_of_pages,
    "page": _page,
    "PMCID": _pmcid,
    "PMID": _pmid,
    "URL": _url,
}

# ----------------------------------------------------------------------------------- notes

_LONG = 200
_MARKED = re.compile(r"(?:PMID:\s*|PM:)([1-9][0-9]{0,8})|([1-9][0-9]{0,8})\s*\[pmid\]")
_NUMBER = re.compile(r"([1-9][0-9]{0,7})")


def _marked_pmid(record: _Record) -> str:
    """A PMID where PubMed's own RIS and others put it. C2 holds a PMCID, or so JabRef, this."""
    for tag, form in (("N1", _MARKED), ("U1", _MARKED), ("UR", _MARKED), ("C2", _NUMBER)):
        if found := form.fullmatch(record.first(tag)):
            record.pop(tag)
            return str(next(filter(None, found.groups())))
    return ""


def _annotation(record: _Record) -> str:
    """The notes, a blank line between two."""
    return "\n\n".join(filter(None, map(_note_text, record.values.pop("N1", ()))))


_BLOCK_TAG = re.compile(r"</?(?:p|div)(?: [^<>]*)?>|<br ?/?>")
_HTML = {"strong": "b", "em": "i"}
_STYLE = re.compile(r"(</?)(strong|em)(?: [^<>]*)?>")


def _note_text(text: str) -> str:
    """A note, which Zotero writes as HTML."""
    if text.startswith(("<p", "<div")):
        text = _STYLE.sub(lambda found: f"{found[1]}{_HTML[found[2]]}>", text)
        text = _BLOCK_TAG.sub("\n", text)
    lines = (_unescaped(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _note(record: _Record, variables: dict[str, Value]) -> str:
    """Lines of Extra from M2, and behind them what is a note whatever it looks like. The
    specification has the first page in M2, which is no note."""
    if "M2" not in record.values and "RN" not in record.values:
        return ""
    page = str(variables.get("page", ""))
    lines = [record.unescaped(text) for text in record.values.pop("M2", ())]
    lines = [line for line in lines if line and not (line.isdigit() and page.startswith(line))]
    notes = [record.unescaped(text) for text in record.values.pop("RN", ())]
    return extra.compose(lines, "\n".join(notes)) if any(notes) else "\n".join(lines)
