"""The services of the stand-in: what each answers to what it is asked, odd manners included."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote

from .records import Record, folded
from .replies import XML, Asked, Reply, error, in_json

Records = Mapping[str, Record]
_SET = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)
_MOST_FOUND = 9999


def article_set(records: list[Record]) -> Reply:
    body = b"\n".join(record.xml for record in records)
    head = f'<?xml version="1.0" ?>\n{_SET}\n<PubmedArticleSet>\n'.encode()
    return Reply(head + body + b"\n</PubmedArticleSet>")


class Services:
    """The endpoints over one set of records; it remembers what was posted to its history."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._history: dict[str, list[str]] = {}
        self._numbers = itertools.count(1)
        self.table: dict[str, Callable[[Asked], Reply]] = {
            "efetch": self.efetch,
            "esearch": self.esearch,
            "esummary": self.esummary,
            "epost": self.epost,
            "elink": self.elink,
            "ecitmatch": self.ecitmatch,
            "idconv": self.idconv,
        }

    def efetch(self, asked: Asked) -> Reply:
        """Unknown PMIDs are left out without a word; the order is the server's own."""
        if web := asked.text("WebEnv"):
            posted = self._history.get(f"{web} {asked.text('query_key')}")
            if posted is None:
                return error("eEfetchResult", f"Unable to obtain query #{asked.text('query_key')}")
            pmids = posted
        else:
            if not any(asked.ids):
                return error("eFetchResult", "Supplied id parameter is empty.")
            pmids = _reinterpreted(asked.ids)
        if not pmids:
            message = "ID list is empty! Possibly it has no correct IDs."
            return error("eFetchResult", message, status=400)
        start = int(asked.text("retstart") or 0)
        most = int(asked.text("retmax") or _MOST_FOUND + 1)
        chosen = [
            self.records[pmid] for pmid in pmids[start : start + most] if pmid in self.records
        ]
        return article_set(sorted(chosen, key=lambda record: int(record.pmid), reverse=True))

    def esearch(self, asked: Asked) -> Reply:
        term = asked.text("term").strip()
        if not term:
            return self._told(asked, "Empty term and query_key - nothing todo")
        start = int(asked.text("retstart") or 0)
        if start >= _MOST_FOUND:
            # The line break inside the message makes the JSON invalid; NCBI's does too
            return self._told(asked, "Search Backend failed: Exception:\n'retstart' is too large")
        found, lost = _search(self.records, term)
        most = min(int(asked.text("retmax") or 20), _MOST_FOUND - start)
        if asked.text("retmode") == "json":
            return _found_json(term, found, found[start : start + most], lost)
        return _found_xml(term, found, found[start : start + most], lost)

    def _told(self, asked: Asked, message: str) -> Reply:
        if asked.text("retmode") != "json":
            return error("eSearchResult", message)
        head = '{"header":{"type":"esearch","version":"0.3"},"esearchresult":{"ERROR":"'
        return Reply(f'{head}{message}"}}}}'.encode(), "application/json; charset=UTF-8")

    def esummary(self, asked: Asked) -> Reply:
        """One malformed id spoils the whole; an unknown one is said to be unknown."""
        if not any(asked.ids):
            return error("eSummaryResult", "Neither query_key nor id specified")
        wrong = [(i, text) for i, text in enumerate(asked.ids) if not text.isdecimal()]
        if wrong:
            return error(
                "eSummaryResult", *(f"Invalid uid {text} at position= {i}" for i, text in wrong)
            )
        if asked.text("retmode") != "json":
            return error("eSummaryResult", "this stand-in answers in JSON only")
        if len(asked.ids) > 500:
            told = "Too many UIDs in request. Maximum number of UIDs is 500 for JSON format output."
            return in_json({"header": _header("esummary"), "esummaryresult": [told]})
        result: dict[str, object] = {"uids": asked.ids}
        for pmid in asked.ids:
            record = self.records.get(pmid)
            result[pmid] = _summary(record) if record else _unknown(pmid)
        return in_json({"header": _header("esummary"), "result": result})

    def epost(self, asked: Asked) -> Reply:
        if asked.text("db") != "pubmed":
            return error("ePostResult", f"Invalid db name specified: {escape(asked.text('db'))}")
        pmids = _reinterpreted(asked.ids)
        if not pmids:
            return error("ePostResult", "Empty ID list; Nothing to store", "Some IDs are invalid")
        web, key = f"MADE_UP_{next(self._numbers)}", "1"
        self._history[f"{web} {key}"] = pmids
        body = f"<ePostResult><QueryKey>{key}</QueryKey><WebEnv>{web}</WebEnv></ePostResult>"
        return Reply(f"{XML}{body}".encode())

    def elink(self, asked: Asked) -> Reply:
        """An article outside PMC has links to those in PMC that cite it, and no other."""
        sets = []
        for pmid in asked.ids:
            record = self.records.get(pmid)
            links = [{"dbto": "pmc", "linkname": "pubmed_pmc_refs", "links": ["9999999"]}]
            if record and record.pmcid:
                own = {"dbto": "pmc", "linkname": "pubmed_pmc", "links": [record.pmcid[3:]]}
                links.insert(0, own)
            sets.append({"dbfrom": "pubmed", "ids": [pmid], "linksetdbs": links})
        return in_json({"header": _header("elink"), "linksets": sets})

    def ecitmatch(self, asked: Asked) -> Reply:
        """Citations to PMIDs. It believes journal, volume and page, and is not put off by a wrong
        author or year."""
        lines = asked.text("bdata").replace("\r", "\n").splitlines()
        body = "".join(f"{line}{self._citation(line)}\n" for line in lines if line.strip())
        return Reply(body.encode(), "text/plain; charset=UTF-8")

    def _citation(self, line: str) -> str:
        journal, year, volume, page, author, *_ = [folded(part) for part in line.split("|")] + [
            ""
        ] * 6
        if not any(journal in record.journals for record in self.records.values()):
            return "NOT_FOUND;INVALID_JOURNAL"
        found = [
            record
            for record in self.records.values()
            if journal in record.journals and _cited(record, year, volume, page, author)
        ]
        if len(found) > 3:
            return f"AMBIGUOUS ({len(found)} citations)"
        if len(found) > 1:
            return "AMBIGUOUS " + ",".join(record.pmid for record in found)
        return found[0].pmid if found else "NOT_FOUND"

    def idconv(self, asked: Asked) -> Reply:
        """It knows articles in PMC and no others; identifiers must be of one kind."""
        ids = [text for text in asked.text("ids").split(",") if text]
        kinds = {_kind(text) for text in ids}
        if asked.text("idtype"):
            kinds.add(asked.text("idtype"))
        if len(kinds) > 1 or len(ids) > 200:
            wrong = f"ID type '{asked.text('idtype')}' mismatch for '{','.join(ids[:1])}'"
            return in_json(
                {"status": "error", "message": quote(wrong)}, 404 if len(ids) < 2 else 400
            )
        known = {
            getattr(record, name).lower(): record
            for record in self.records.values()
            if record.pmcid
            for name in ("pmid", "pmcid", "doi")
        }
        records = [_converted(text, known.get(text.lower())) for text in ids]
        return in_json({"status": "ok", "request": {"ids": ids}, "records": records})


def _header(kind: str) -> dict[str, str]:
    return {"type": kind, "version": "0.3"}


def _reinterpreted(ids: list[str]) -> list[str]:
    """What NCBI makes of ids: -1 is 1, 007 is 7, twice is once, and what is none is left out."""
    numbers = (re.fullmatch(r"\s*-?0*([1-9]\d*)\s*", text) for text in ids)
    return list(dict.fromkeys(number[1] for number in numbers if number))


def _cited(record: Record, year: str, volume: str, page: str, author: str) -> bool:
    if page:
        return page == record.page and volume in ("", record.volume)
    same = (volume in ("", record.volume), author in ("", *record.authors[:1]))
    return all(same) and year == record.year and bool(volume and author)


def _converted(text: str, record: Record | None) -> dict[str, object]:
    if record is None:
        told = {"status": "error", "errmsg": "Identifier not found in PMC"}
        return {_kind(text): int(text) if text.isdecimal() else text, "requested-id": text, **told}
    found = {"pmcid": record.pmcid, "pmid": int(record.pmid), "doi": record.doi}
    return {**{name: value for name, value in found.items() if value}, "requested-id": text}


def _kind(text: str) -> str:
    if text.isdecimal():
        return "pmid"
    return "pmcid" if text.upper().startswith("PMC") else "doi"


def _summary(record: Record) -> dict[str, object]:
    ids = (("pubmed", record.pmid), ("doi", record.doi), ("pmc", record.pmcid))
    return {
        "uid": record.pmid,
        "title": record.title,
        "authors": [{"name": name, "authtype": "Author"} for name in record.authors],
        "volume": record.volume,
        "pages": record.page,
        "articleids": [{"idtype": kind, "value": value} for kind, value in ids if value],
    }


def _unknown(pmid: str) -> dict[str, object]:
    return {"uid": pmid, "error": "cannot get document summary"}


# ------------------------------------------------------------------------------ searching

_TERM = re.compile(
    r'\s*(?:AND\s+)?(?:"([^"]+)"|([^\s\[]+(?:\s+(?!AND\b)[^\s\["]+)*))\s*(?:\[(\w+)\])?'
)
_FIELDS: dict[str, Callable[[Record, str], bool]] = {
    "uid": lambda record, text: record.pmid == text,
    "pmid": lambda record, text: record.pmid == text,
    "doi": lambda record, text: record.doi == text,
    "aid": lambda record, text: record.doi == text,
    "title": lambda record, text: text in record.title,
    "ti": lambda record, text: text in record.title,
    "au": lambda record, text: any(name.startswith(text) for name in record.authors),
    "1au": lambda record, text: any(name.startswith(text) for name in record.authors[:1]),
    "ta": lambda record, text: text in record.journals,
    "journal": lambda record, text: text in record.journals,
    "dp": lambda record, text: record.year == text,
    "vi": lambda record, text: record.volume == text,
    "pg": lambda record, text: record.page == text,
    "": lambda record, text: text in " ".join((record.title, *record.authors)),
}


def _search(records: Records, term: str) -> tuple[list[str], list[str]]:
    """The PMIDs of a search, newest first, and the phrases that it left out, not knowing them."""
    found, lost = set(records), []
    for quoted, bare, field in _TERM.findall(term):
        test = _FIELDS.get(field.lower(), _FIELDS[""])
        text = folded(quoted or bare)
        hits = {pmid for pmid, record in records.items() if test(record, text)}
        if hits:
            found &= hits
        else:
            lost.append(f"{quoted or bare}[{field}]" if field else quoted or bare)
    known = found if len(lost) < len(_TERM.findall(term)) else set()
    return sorted(known, key=int, reverse=True), lost


def _found_json(term: str, found: list[str], shown: list[str], lost: list[str]) -> Reply:
    result: dict[str, object] = {
        "count": str(len(found)),
        "retmax": str(len(shown)),
        "idlist": shown,
        "querytranslation": term,
    }
    if lost:
        result["errorlist"] = {"phrasesnotfound": lost, "fieldsnotfound": []}
        nothing = [] if found else ["No items found."]
        result["warninglist"] = {"phrasesignored": [], "outputmessages": nothing}
    return in_json({"header": _header("esearch"), "esearchresult": result})


def _found_xml(term: str, found: list[str], shown: list[str], lost: list[str]) -> Reply:
    ids = "".join(f"<Id>{pmid}</Id>" for pmid in shown)
    wrong = "".join(f"<PhraseNotFound>{escape(text)}</PhraseNotFound>" for text in lost)
    body = (
        f"<eSearchResult><Count>{len(found)}</Count><IdList>{ids}</IdList>"
        f"<QueryTranslation>{escape(term)}</QueryTranslation>"
        + (f"<ErrorList>{wrong}</ErrorList>" if lost else "")
    )
    return Reply(f"{XML}{body}</eSearchResult>".encode())
