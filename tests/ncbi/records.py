"""The PubMed of the stand-in: records of PubMed XML, and what can be searched in them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lxml import etree

from refbase import files
from refbase.model import Reference
from refbase.values import ET_AL, Name, undotted

_RECORD = re.compile(rb"(?s)<(Pubmed(?:Book)?Article)\b(?!Set).*?</\1>")


@dataclass(frozen=True)
class Record:
    """One record: its XML word for word, and its fields, in lower case and without dots."""

    pmid: str
    xml: bytes
    title: str
    journals: frozenset[str]
    year: str
    volume: str
    page: str
    authors: tuple[str, ...]
    doi: str
    pmcid: str


def load(sources: Iterable[Path | bytes]) -> dict[str, Record]:
    """The records of files, `.gz` too, or of pieces of XML, by PMID."""
    found: dict[str, Record] = {}
    for source in sources:
        data = source.read_bytes() if isinstance(source, Path) else source
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        for match in _RECORD.finditer(data):
            record = _record(match[0])
            found[record.pmid] = record
    return found


def _record(xml: bytes) -> Record:
    tree = etree.fromstring(xml)

    def first(*paths: str) -> str:
        return next((folded(text) for path in paths for text in _texts(tree, path)), "")

    journal = "MedlineCitation/Article/Journal"
    journals = (f"{journal}/Title", f"{journal}/ISOAbbreviation", "*/MedlineJournalInfo/MedlineTA")
    ids = "PubmedData/ArticleIdList/ArticleId"
    pages = first("MedlineCitation/Article/Pagination/MedlinePgn", "//StartPage")
    authors = (
        folded(f"{author.findtext('LastName', '')} {author.findtext('Initials', '')}")
        for author in tree.iterfind("MedlineCitation/Article/AuthorList/Author")
    )
    return Record(
        pmid=first("MedlineCitation/PMID", "BookDocument/PMID"),
        xml=xml,
        title=first("MedlineCitation/Article/ArticleTitle", "BookDocument/ArticleTitle"),
        journals=frozenset(folded(text) for path in journals for text in _texts(tree, path)),
        year=first(f"{journal}/JournalIssue/PubDate/Year", f"{journal}//MedlineDate")[:4],
        volume=first(f"{journal}/JournalIssue/Volume"),
        page=pages.split("-")[0],
        authors=tuple(authors),
        doi=first(f"{ids}[@IdType='doi']", "//ELocationID[@EIdType='doi']"),
        pmcid=first(f"{ids}[@IdType='pmc']").upper(),
    )


def _texts(tree: etree._Element, path: str) -> Iterable[str]:
    return ("".join(element.itertext()) for element in tree.xpath(path))


def folded(text: str) -> str:
    return " ".join(text.lower().replace(".", "" if "/" not in text else ".").split())


def article(
    pmid: str,
    title: str = "An example.",
    journal: str = "J Examples",
    year: str = "2001",
    volume: str = "",
    issue: str = "",
    page: str = "",
    authors: Iterable[str] = ("Example AB",),
    complete: bool = True,
    doi: str = "",
    pmcid: str = "",
    note: str = "",
    status: str = "MEDLINE",
) -> bytes:
    """A record in PubMed XML; authors are written as `Family Initials`, groups as `{Group}`."""
    ids = "".join(
        _tag("ArticleId", text, f' IdType="{kind}"')
        for kind, text in (("pubmed", pmid), ("doi", doi), ("pmc", pmcid))
    )
    names = "".join(map(_author, authors))
    note = _tag("GeneralNote", note, ' Owner="NLM"')
    return f"""<PubmedArticle>
<MedlineCitation Status="{status}"><PMID Version="1">{pmid}</PMID><Article PubModel="Print">
<Journal><JournalIssue CitedMedium="Print">{_tag("Volume", volume)}{_tag("Issue", issue)}
<PubDate>{_tag("Year", year)}</PubDate></JournalIssue>{_tag("Title", journal)}</Journal>
<ArticleTitle>{title}</ArticleTitle>
<Pagination>{_tag("MedlinePgn", page)}</Pagination>
<AuthorList CompleteYN="{"Y" if complete else "N"}">{names}</AuthorList></Article>
<MedlineJournalInfo>{_tag("MedlineTA", journal)}</MedlineJournalInfo>{note}</MedlineCitation>
<PubmedData><ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>""".encode()


def _author(name: str) -> str:
    if name.startswith("{"):
        return f"<Author>{_tag('CollectiveName', name.strip('{}'))}</Author>"
    family, _, initials = name.rpartition(" ")
    return f"<Author>{_tag('LastName', family)}{_tag('Initials', initials)}</Author>"


def _tag(name: str, text: str, rest: str = "") -> str:
    return f"<{name}{rest}>{escape(text)}</{name}>" if text else ""


NOTE = "Composed from a printed citation; this is no record of PubMed."


def from_citations(path: Path, dois: bool = False) -> list[bytes]:
    """Records made of the citations of a file that refbase reads, of those that have a PMID.

    They say what is printed and nothing else, and that they were composed. With `dois` each
    also gets a DOI under 10.5555, which belongs to nobody, so that there is something to learn.
    """
    works = [parsed.dossier.reference for parsed in files.read(path) if parsed.dossier]
    return [_composed(work, f"10.5555/{work.pmid}" if dois else "") for work in works if work.pmid]


def _composed(work: Reference, doi: str) -> bytes:
    return article(
        work.pmid,
        title=escape(work.title) + ("" if work.title.endswith(("?", "!")) else "."),
        journal=work.text("container-title-short") or work.container_title,
        year=str(work.year or ""),
        volume=work.text("volume"),
        issue=work.text("issue"),
        page=work.text("page"),
        authors=[_name(name) for name in work.authors if name != ET_AL],
        complete=ET_AL not in work.authors,
        doi=work.doi or doi,
        pmcid=work.pmcid,
        note=NOTE,
        status="",
    )


def _name(name: Name) -> str:
    return f"{{{name.literal}}}" if name.literal else f"{name.surname} {undotted(name.given)}"
