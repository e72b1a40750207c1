"""A record of PubMed, as XML, and the reference that it describes.

One parser for files and for the answers of NCBI: give it a `PubmedArticle` or a
`PubmedBookArticle` that an XML library has parsed (lxml or the standard library). It reads by
anchored paths only: the identifiers in an article's list of references are not its own.

What CSL has no variable for is kept in `custom`; docs/formats/pubmed-xml.md lists it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from refbase.identifiers import SCHEMES
from refbase.model import Reference, Report, Value, ignore
from refbase.text import clean, plain
from refbase.values import ET_AL, Date, Name, dotted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    Parts = dict[str, list[Element]]


def reference(element: Element, report: Report = ignore) -> Reference:
    """The reference that a `PubmedArticle` or `PubmedBookArticle` describes.

    `report` is told of what was not understood. An element that describes nothing gives a
    reference without variables. Comments must not be in the tree (`remove_comments` of lxml).

    >>> from xml.etree.ElementTree import fromstring
    >>> article = "<Article><ArticleTitle>Effects of CO<sub>2</sub>.</ArticleTitle></Article>"
    >>> citation = f"<MedlineCitation><PMID>1</PMID>{article}</MedlineCitation>"
    >>> work = reference(fromstring(f"<PubmedArticle>{citation}</PubmedArticle>"))
    >>> work.pmid, work.title
    ('1', 'Effects of CO<sub>2</sub>')
    """
    draft = _Draft(report)
    parts = _parts(element)
    if element.tag == "PubmedBookArticle":
        _book_article(draft, parts)
    else:
        _article(draft, parts)
    return Reference(draft.type, draft.variables, draft.custom)


class _Draft:
    """A reference in the making. What is empty is not stored."""

    def __init__(self, report: Report) -> None:
        self.type = "article-journal"
        self.variables: dict[str, Value] = {}
        self.custom: dict[str, Any] = {}
        self.report = report

    def say(self, variable: str, value: Value | None) -> None:
        if value:
            self.variables[variable] = value

    def keep(self, name: str, value: Any) -> None:
        if value:
            self.custom[name] = value

    def identify(self, variable: str, elements: Iterable[Element]) -> None:
        """Store the first identifier of its kind; report and keep what cannot be one."""
        for element in elements:
            text = _leaf(element)
            value = SCHEMES[variable].parse(text)
            if value:
                self.variables[variable] = value
                return
            if text:
                self.report("bad-identifier", f"'{text}' is no {variable}; kept as a custom value")
                self.custom[variable] = text


# ------------------------------------------------------------------------------ articles

# Preprints and newspapers by the UI of the publication type. PubMed's "Review" is none in the
# sense of CSL, which is one of a book or of a film.
_TYPES = {"D000076942": "article", "D018431": "article-newspaper"}
_RETRACTED = "D016441"
# What publishers send as volume or issue until there is one
NO_NUMBER = re.compile(
    r"(?:(?:epub|online|publish(?:ed)?)[ -])?ahead[ -]of[ -](?:print|publication)"
    r"|pp|undefined|forthcoming|in press|online first",
    re.I,
)
ARTICLE_NUMBER = re.compile(r"[A-Za-z]{0,5}\d{1,7}")


def _article(draft: _Draft, parts: Parts) -> None:
    citation = _parts(_one(parts, "MedlineCitation"))
    data = _parts(_one(parts, "PubmedData"))
    article = _parts(_one(citation, "Article"))
    journal = _parts(_one(article, "Journal"))
    issue = _parts(_one(journal, "JournalIssue"))
    draft.identify("PMID", citation.get("PMID", ()))
    _article_ids(draft, _one(data, "ArticleIdList"), article.get("ELocationID", ()))
    _titles(draft, article)
    draft.say("author", _contributors(draft, _one(article, "AuthorList")))
    _journal(draft, journal, _parts(_one(citation, "MedlineJournalInfo")))
    draft.say("volume", _number(_one(issue, "Volume")))
    draft.say("issue", _number(_one(issue, "Issue")))
    _pages(draft, article)
    _dates(draft, _one(citation, "Article"), article, _one(issue, "PubDate"))
    _abstract(draft, article, citation)
    _keywords(draft, citation)
    _kinds(draft, _children(_one(article, "PublicationTypeList")))
    _corrections(draft, _children(_one(citation, "CommentsCorrectionsList")))
    _grants(draft, _children(_one(article, "GrantList")))
    _state(draft, parts, citation, data)


def _article_ids(draft: _Draft, ids: Element | None, locations: Iterable[Element]) -> None:
    """DOI and PMCID. Half of the old records have the DOI only in the list of identifiers, a
    few only as location; the list goes first where they differ."""
    listed: dict[str, list[Element]] = {}
    for element in _children(ids):
        listed.setdefault(element.get("IdType", ""), []).append(element)
    located = [e for e in locations if e.get("EIdType") == "doi" and e.get("ValidYN") != "N"]
    draft.identify("DOI", [*listed.get("doi", ()), *located])
    draft.identify("PMCID", listed.get("pmc", ()))


def _journal(draft: _Draft, journal: Parts, info: Parts) -> None:
    """NLM prints MedlineTA. The ISSN is that of the cited medium; ISSN-L and the NLM's own
    number say which journal it is."""
    short = _leaf(_one(info, "MedlineTA")) or _leaf(_one(journal, "ISOAbbreviation"))
    draft.say("container-title", _rich(_one(journal, "Title")) or short)
    draft.say("container-title-short", short)
    draft.identify("ISSN", journal.get("ISSN", ()))
    draft.keep("issn-l", _leaf(_one(info, "ISSNLinking")))
    draft.keep("nlm-journal-id", _leaf(_one(info, "NlmUniqueID")))


def _number(element: Element | None) -> str:
    """Volume or issue; empty where a publisher only says that there is none yet."""
    text = _leaf(element).replace("_", " ")
    return "" if NO_NUMBER.fullmatch(text) else text


def _pages(draft: _Draft, article: Parts) -> None:
    """The pages as printed, else the publisher's article number if it looks like one."""
    said = _parts(_one(article, "Pagination"))
    first, last = _leaf(_one(said, "StartPage")), _leaf(_one(said, "EndPage"))
    whole = f"{first}-{last}" if last and last != first else first
    page = _leaf(_one(said, "MedlinePgn")) or whole
    items = (
        _leaf(e)
        for e in article.get("ELocationID", ())
        if e.get("EIdType") == "pii" and e.get("ValidYN") != "N"
    )
    pii = next(items, "")
    if not page and ARTICLE_NUMBER.fullmatch(pii):
        page = pii
    draft.say("page", page)
    draft.keep("pii", pii if pii != page else "")


def _kinds(draft: _Draft, elements: list[Element]) -> None:
    """Publication types. Their UIs count: NLM renames them, and titles only seem to tell."""
    for element in elements:
        draft.type = _TYPES.get(element.get("UI", ""), draft.type)
    if any(element.get("UI") == _RETRACTED for element in elements):
        draft.say("status", "retracted")
    draft.keep("publication-types", [text for element in elements if (text := _leaf(element))])


def _corrections(draft: _Draft, elements: list[Element]) -> None:
    """Retraction, erratum, comment and the like. What the article cites is not among them."""
    kept = []
    for element in elements:
        kind = element.get("RefType", "")
        if kind == "RetractionIn":
            draft.say("status", "retracted")
        if kind != "Cites":
            said = _parts(element)
            link = {
                "type": kind,
                "source": _text(_one(said, "RefSource")),
                "pmid": _leaf(_one(said, "PMID")),
                "note": _text(_one(said, "Note")),
            }
            kept.append({name: text for name, text in link.items() if text})
    draft.keep("corrections", kept)


def _grants(draft: _Draft, elements: list[Element]) -> None:
    names = {"GrantID": "id", "Agency": "agency", "Country": "country"}
    draft.keep(
        "grants",
        [{names[e.tag]: _text(e) for e in grant if e.tag in names} for grant in elements],
    )


def _state(draft: _Draft, parts: Parts, citation: Parts, data: Parts) -> None:
    """What tells whether the record will change again."""
    for element in parts.get("MedlineCitation", ()):
        draft.keep("pubmed-status", element.get("Status"))
    for element in citation.get("PMID", ()):
        version = element.get("Version", "1")
        draft.keep("pmid-version", version if version != "1" else "")
    draft.keep("publication-status", _leaf(_one(data, "PublicationStatus")))
    revised = _date(draft, _one(citation, "DateRevised"))
    draft.keep("date-revised", revised.to_edtf() if revised else "")


# --------------------------------------------------------------------------------- books


def _book_article(draft: _Draft, parts: Parts) -> None:
    """A book of the Bookshelf, or a chapter of one (LiverTox, StatPearls, GeneReviews)."""
    document = _parts(_one(parts, "BookDocument"))
    book = _parts(_one(document, "Book"))
    draft.type = "chapter" if _text(_one(document, "ArticleTitle")) else "book"
    draft.identify("PMID", document.get("PMID", ()))
    _article_ids(draft, _one(document, "ArticleIdList"), book.get("ELocationID", ()))
    _accession(draft, _one(document, "ArticleIdList"))
    whole = trimmed(_rich(_one(book, "BookTitle")))
    if draft.type == "chapter":
        _titles(draft, document)
        draft.say("container-title", whole)
    else:
        _languages(draft, document)
        draft.say("title", whole)
    _book_contributors(draft, document, book)
    _imprint(draft, book)
    _pages(draft, document)
    said = [_one(document, "ContributionDate"), _one(book, "PubDate"), _one(book, "BeginningDate")]
    dates = [date for date in (_date(draft, element) for element in said) if date]
    draft.say("issued", dates[0] if dates else None)
    _abstract(draft, document, {})
    _keywords(draft, document)
    _kinds(draft, document.get("PublicationType", []))
    _grants(draft, _children(_one(document, "GrantList")))
    revised = _date(draft, _one(document, "DateRevised"))
    draft.keep("date-revised", revised.to_edtf() if revised else "")


def _accession(draft: _Draft, ids: Element | None) -> None:
    for element in _children(ids):
        if element.get("IdType") == "bookaccession":
            number = _text(element)
            draft.keep("bookshelf-id", number)
            draft.say("URL", f"https://www.ncbi.nlm.nih.gov/books/{number}/")


def _book_contributors(draft: _Draft, document: Parts, book: Parts) -> None:
    """Who wrote the chapter, who the book, and who edited it."""
    roles = {"authors": "container-author" if draft.type == "chapter" else "author"}
    for lists, known in ((book, roles), (document, {"authors": "author"})):
        for element in lists.get("AuthorList", ()):
            kind = element.get("Type", "authors")
            role = "editor" if kind == "editors" else known["authors"]
            draft.say(role, _contributors(draft, element))


def _imprint(draft: _Draft, book: Parts) -> None:
    publisher = _parts(_one(book, "Publisher"))
    draft.say("publisher", _text(_one(publisher, "PublisherName")))
    draft.say("publisher-place", _text(_one(publisher, "PublisherLocation")))
    draft.identify("ISBN", book.get("Isbn", ()))
    for variable, name in (
        ("edition", "Edition"),
        ("volume", "Volume"),
        ("volume-title", "VolumeTitle"),
        ("collection-title", "CollectionTitle"),
        ("medium", "Medium"),
        ("number", "ReportNumber"),
    ):
        draft.say(variable, _rich(_one(book, name)))


# -------------------------------------------------------------------------------- titles

# ISO 639-1 for NLM's codes (ISO 639-2/B); any other code stays as it is.
LANGUAGES = dict(
    pair.split(":")
    for pair in """
    afr:af alb:sq ara:ar arm:hy aze:az baq:eu bel:be ben:bn bos:bs bul:bg cat:ca chi:zh cze:cs
    dan:da dut:nl eng:en est:et fin:fi fre:fr geo:ka ger:de glg:gl gre:el heb:he hin:hi hrv:hr
    hun:hu ice:is ind:id ita:it jpn:ja kaz:kk kor:ko lat:la lav:lv lit:lt mac:mk may:ms nor:no
    per:fa pol:pl por:pt rum:ro rus:ru slo:sk slv:sl spa:es srp:sr swe:sv tha:th tur:tr ukr:uk
    urd:ur uzb:uz vie:vi wel:cy
    """.split()
)
_NO_LANGUAGE = ("und", "")
_NO_TITLE = "not available"
# Three full stops are the author's; the one of an abbreviation is not NLM's alone.
_FINAL_STOP = re.compile(r"(?<!\.\.)(?<!\bet al)\.((?:</\w+>)*)$")
_ABBREVIATION = re.compile(r"(?:\b[A-Z]\.){2,}$")


def _languages(draft: _Draft, article: Parts) -> list[str]:
    codes = [_leaf(element) for element in article.get("Language", ())]
    known = [LANGUAGES.get(code, code) for code in codes if code not in _NO_LANGUAGE]
    draft.say("language", ", ".join(known))
    return codes


def _titles(draft: _Draft, article: Parts) -> None:
    """NLM puts the translation of a title in brackets; an English title may have its own."""
    title = trimmed(_rich(_one(article, "ArticleTitle")))
    original = trimmed(_rich(_one(article, "VernacularTitle")))
    codes = _languages(draft, article)
    if original or any(code != "eng" for code in codes) or title.lower() == f"[{_NO_TITLE}]":
        title = unbracketed(title)
    if title.lower() == _NO_TITLE:
        title = ""
    draft.say("title", title or original)
    draft.say("original-title", original if title and title != original else "")


def trimmed(title: str) -> str:
    """A title without the full stop that NLM puts behind it."""
    return title if _ABBREVIATION.search(title) else _FINAL_STOP.sub(r"\1", title)


def unbracketed(title: str) -> str:
    """A title without the brackets around all of it."""
    if not (title.startswith("[") and title.endswith("]")):
        return title
    depth = 0
    for place, character in enumerate(title):
        depth += (character == "[") - (character == "]")
        if not depth and place < len(title) - 1:
            return title
    return title if depth else trimmed(title[1:-1].strip())


# -------------------------------------------------------------------------- contributors

_GENERATIONS = frozenset("jr sr ii iii iv 2nd 3rd 4th 5th 6th".split())
_WORDS = re.compile(r"[\s\-‐.]+")


def _contributors(draft: _Draft, authors: Element | None) -> tuple[Name, ...]:
    """The contributors in their order; `ET_AL` stands last where NLM or the source cut the list.

    Spellings that a correction took back (`ValidYN="N"`) are left out.
    """
    names: list[Name] = []
    for element in _children(authors):
        name = _contributor(draft, element) if element.get("ValidYN") != "N" else None
        if name:
            names.append(name)
    if names and authors is not None and authors.get("CompleteYN") == "N":
        names.append(ET_AL)
    return tuple(names)


_NAME_PARTS = frozenset(("LastName", "ForeName", "Initials", "Suffix"))


def _contributor(draft: _Draft, author: Element) -> Name | None:
    said: dict[str, str] = {}
    numbers = []
    for child in author:
        if child.tag in _NAME_PARTS:
            said[child.tag] = _leaf(child)
        elif child.tag == "CollectiveName":
            group = _text(child)
            return Name(literal=group) if group else None
        elif child.tag == "Identifier" and child.get("Source") == "ORCID":
            numbers.append(_orcid(draft, _leaf(child)))
    family, fore = said.get("LastName", ""), said.get("ForeName", "")
    initials = said.get("Initials", "")
    if not family:
        return Name(literal=fore or initials) if fore or initials else None
    if not (fore or initials) and " " in family:
        draft.report("odd-name", f"'{family}' stands as a surname, without given name; kept whole")
        return Name(literal=family)
    only_initials = not fore or (initials.isupper() and fore.replace(" ", "") == initials)
    given = dotted(initials) if only_initials else fore
    name = Name.person(family, given, _generation(draft, family, said.get("Suffix", "")))
    if fore and initials and initials != fore[0] and initials != _initials(fore):
        _list(draft, "initials", name, initials)
    for number in filter(None, numbers):
        _list(draft, "orcid", name, number)
    return name


def _initials(given: str) -> str:
    return "".join(word[:1] for word in _WORDS.split(given))


def _list(draft: _Draft, what: str, name: Name, value: str) -> None:
    """Keep what a name cannot hold: an ORCID, initials that do not follow from the given name."""
    draft.custom.setdefault(what, []).append({"author": name.inverted, what: value})


def _generation(draft: _Draft, family: str, suffix: str) -> str:
    """MEDLINE's generations; publishers put degrees into the same place."""
    if not suffix or suffix.rstrip(".").lower() in _GENERATIONS:
        return suffix
    draft.report("odd-name", f"'{suffix}' behind '{family}' is no generation; left out")
    return ""


def _orcid(draft: _Draft, text: str) -> str:
    """An ORCID in its one spelling, if its check digit (ISO 7064, MOD 11-2) is right."""
    digits = re.sub(r"(?i)^(?:https?://)?(?:www\.)?(?:orcid\.org)?/*|[\s\-]", "", text).upper()
    if re.fullmatch(r"\d{15}[\dX]", digits):
        total = 0
        for digit in digits[:-1]:
            total = (total + int(digit)) * 2
        if "0123456789X"[(12 - total % 11) % 11] == digits[-1]:
            return "-".join(digits[place : place + 4] for place in range(0, 16, 4))
    draft.report("bad-identifier", f"'{text}' is no ORCID; left out")
    return ""


# --------------------------------------------------------------------------------- dates


def _dates(draft: _Draft, element: Element | None, article: Parts, printed: Element | None) -> None:
    """The date to cite is the publisher's main one, and the model of publication says which:
    that of the issue, or for what is published online first of all, that of the article.

    Source: NLM, Structure of journal citations; PubMed's own citations do the same.
    """
    issue = _date(draft, printed)
    dates = article.get("ArticleDate", [])
    dates = [e for e in dates if e.get("DateType", "Electronic") == "Electronic"] or dates
    online = _date(draft, dates[0]) if dates else None
    model = element.get("PubModel", "") if element is not None else ""
    if model.startswith("Electronic") and online:
        draft.say("issued", online)
        if issue and issue.start != online.start[: len(issue.start)]:
            draft.keep("issue-date", issue.to_edtf())
        return
    draft.say("issued", issue or online)
    draft.say("available-date", online if issue and online != issue else None)


def _date(draft: _Draft, element: Element | None) -> Date | None:
    if element is None:
        return None
    said = {child.tag: (child.text or "").strip() for child in element}
    parts = (said.get(name, "") for name in ("Year", "Month", "Day", "Season", "MedlineDate"))
    date, text = _read_date(*parts)
    if text:
        draft.report("bad-date", f"the date '{text}' is not understood; only its year is")
        draft.keep("medline-date", text)
    return date


@lru_cache(maxsize=4096)
def _read_date(
    year: str, month: str, day: str, season: str, printed: str
) -> tuple[Date | None, str]:
    """The date, and its text where no more than the year of it was understood."""
    if month.isdigit():
        text = "-".join((year, month.zfill(2), day.zfill(2)) if day else (year, month.zfill(2)))
    else:
        text = printed or " ".join(filter(None, (year, month or season, day)))
    date = Date.parse(text)
    if date.start or not text:
        return (date if text else None), ""
    found = re.match(r"\d{4}(?!\d)", text)
    return (Date((int(found[0]),)) if found else date), text


# ----------------------------------------------------------------- abstracts and subjects


def _abstract(draft: _Draft, article: Parts, citation: Parts) -> None:
    """The sections of the abstract, a line each, with their labels; other abstracts apart."""
    own = _parts(_one(article, "Abstract"))
    draft.say("abstract", _sections(own))
    draft.keep("copyright", _text(_one(own, "CopyrightInformation")))
    others = []
    for element in citation.get("OtherAbstract", ()):
        language = element.get("Language", "")
        kept = {
            "type": element.get("Type", ""),
            "language": LANGUAGES.get(language, language),
            "text": _sections(_parts(element)),
        }
        others.append({name: text for name, text in kept.items() if text})
    draft.keep("other-abstracts", others)


def _sections(abstract: Parts) -> str:
    sections = []
    for element in abstract.get("AbstractText", ()):
        label, text = clean(element.get("Label", "")), _rich(element)
        if text:
            labelled = label and label != "UNLABELLED"
            sections.append(f"{label}: {text}" if labelled else text)
    return "\n".join(sections)


def _keywords(draft: _Draft, citation: Parts) -> None:
    """MeSH descriptors and authors' keywords are both `keyword`; the headings in full, with
    their qualifiers and `*` for a major topic as MEDLINE prints them, are kept apart."""
    headings, words = [], []
    for heading in _children(_one(citation, "MeshHeadingList")):
        terms = [(_leaf(term), term.get("MajorTopicYN") == "Y") for term in heading]
        if terms and terms[0][0]:
            words.append(terms[0][0])
            headings.append("/".join(f"*{text}" if major else text for text, major in terms))
    for keywords in citation.get("KeywordList", ()):
        words += [_rich(element) for element in keywords]
    # `; ` separates keywords
    listed = (word.replace(";", ",").rstrip(", ") for word in words)
    draft.say("keyword", "; ".join(word for word in dict.fromkeys(listed) if word))
    draft.keep("mesh", headings)


# ----------------------------------------------------------------------------------- XML

_MARKUP = frozenset(("i", "b", "sup", "sub"))
_SCRIPTS = {"msup": ("sup",), "msub": ("sub",), "msubsup": ("sub", "sup")}
_NOT_SHOWN = frozenset(("annotation", "annotation-xml"))
# Where NLM got `&amp;#945;` from a publisher, `&#945;` was meant; `AT&T` never is.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", re.I)


def _children(element: Element | None) -> list[Element]:
    return list(element) if element is not None else []


def _parts(element: Element | None) -> Parts:
    """The children of an element by their names."""
    found: Parts = {}
    if element is not None:
        for child in element:
            found.setdefault(child.tag, []).append(child)
    return found


def _one(parts: Parts, name: str) -> Element | None:
    found = parts.get(name)
    return found[0] if found else None


def _text(element: Element | None) -> str:
    """The text of an element without its markup."""
    return plain(_rich(element))


def _rich(element: Element | None) -> str:
    """The content of an element as rich text; formulas become text with its super- and
    subscripts."""
    if element is None:
        return ""
    return _cleaned("".join(_inline(element)) if len(element) else element.text or "")


def _leaf(element: Element | None) -> str:
    """The text of an element that has no markup, as nearly all of them."""
    text = element.text if element is not None else None
    if not text or (text.isascii() and text.isalnum()):
        return text or ""
    return _cleaned(text)


def _cleaned(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return clean(text)


def _inline(element: Element) -> Iterable[str]:
    yield element.text or ""
    for child in element:
        name = child.tag
        if name.endswith("}math") or name == "math":
            yield _formula(child)
        elif inner := "".join(_inline(child)):
            yield f"<{name}>{inner}</{name}>" if name in _MARKUP else inner
        yield child.tail or ""


def _formula(element: Element) -> str:
    """MathML as text. Blanks between its elements only lay out the file."""
    name = element.tag.rpartition("}")[2]
    if name in _NOT_SHOWN:
        return ""
    parts = [_formula(child) for child in element]
    scripts = _SCRIPTS.get(name, ())
    if scripts and len(parts) == len(scripts) + 1:
        marked = zip(scripts, parts[1:], strict=True)
        return parts[0] + "".join(f"<{tag}>{part}</{tag}>" for tag, part in marked if part)
    if name == "mfrac":
        return "/".join(parts)
    own = element.text or ""
    return (own if name == "mtext" else own.strip()) + "".join(parts)
