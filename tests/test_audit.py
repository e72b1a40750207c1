"""What an editor is told to look at, and what they are not bothered with."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from made import entry, read_in, source, work
from program import ROOT, SEED, Program
from refbase import store
from refbase.audit import CHECKS, Audit, Finding, report
from refbase.errors import Severity
from refbase.merge import resolve
from refbase.model import Dossier, Record, Reference, Source
from refbase.values import ET_AL, Date, Name

PUBMED = Source("pubmed", "PubMed", "pubmed:900001", time="2026-02-01T00:00:00+00:00")
PERSON = Source("person", "editor", "edit 1", time="2026-03-01T00:00:00+00:00")


def authors(*names: str) -> tuple[Name, ...]:
    return tuple(ET_AL if name == "et al" else Name.from_nlm(name) for name in names)


def dossier(
    printed: Reference, known: Reference | None = None, person: Reference | None = None, **more: Any
) -> Dossier:
    records = [Record(source(), printed, "", 7)]
    if known:
        records.append(Record(PUBMED, known))
    if person:
        records.append(Record(PERSON, person))
    return Dossier(resolve(records), "key", records=tuple(records), **more)


def told(*dossiers: Dossier) -> list[Finding]:
    audit = Audit(2026)
    return [*(one for d in dossiers for one in audit.of(d)), *audit.rest()]


def codes(*dossiers: Dossier) -> list[str]:
    return [finding.code for finding in told(*dossiers)]


def differing(reference: Reference, **variables: Any) -> Reference:
    named = {name.replace("_", "-"): value for name, value in variables.items()}
    kept = {**reference.variables, **named}
    return replace(reference, variables={k: v for k, v in kept.items() if v is not None})


def test_a_good_reference_is_left_in_peace() -> None:
    assert codes(dossier(work(1), work(1), entries=(entry("Good."),))) == []


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"title": "Another example"}, "title-differs"),
        ({"volume": "99"}, "volume-differs"),
        ({"issued": Date((1995,))}, "issued-differs"),
        ({"page": "900-909"}, "page-differs"),
        ({"container_title": "Quarterly of Nothing"}, "container-title-differs"),
        ({"author": authors("Omega AB")}, "author-differs"),
        ({"author": authors("Alpha AB", "Omega Z")}, "author-differs"),
    ],
)
def test_what_pubmed_says_otherwise(variables: dict[str, Any], code: str) -> None:
    [found] = told(dossier(work(1), differing(work(1), **variables)))
    assert (found.code, found.severity) == (code, Severity.WARNING)
    assert found.source == "PubMed, 2026-02-01"
    assert found.printed
    assert found.known
    assert f"'{found.printed}'" in found.message
    assert f"'{found.known}'" in found.message
    assert found.message.startswith("x.txt, line 7 prints")


@pytest.mark.parametrize(
    "variables",
    [
        {"title": "<i>First</i> Example."},
        {"page": "100-9"},
        {"container_title": "Journal of Examples"},
        {"issued": Date((1991, 5))},
        {"author": (Name("Älpha", "Ann B."),)},
        {"author": (Name("Alpha", "A."),)},
        {"volume": None},
    ],
)
def test_other_words_for_the_same_are_no_difference(variables: dict[str, Any]) -> None:
    assert codes(dossier(work(1), differing(work(1), **variables))) == []


def test_a_cut_list_is_compared_as_far_as_it_goes() -> None:
    printed = differing(work(1), author=authors("Alpha AB", "Bravo C", "et al"))
    full = differing(work(1), author=authors("Alpha AB", "Bravo C", "Charlie D"))
    assert codes(dossier(printed, full)) == ["cut-names"]
    other = differing(work(1), author=authors("Alpha AB", "Omega C", "Charlie D"))
    assert codes(dossier(printed, other)) == ["author-differs", "cut-names"]


def test_what_a_person_settled_is_not_asked_again() -> None:
    corrected = Reference("document", {"volume": "1"})
    assert codes(dossier(work(1), differing(work(1), volume="99"), corrected)) == []
    absent = Reference("document", {}, {"absent": ["volume"]})
    assert codes(dossier(work(1), differing(work(1), volume="99"), absent)) == []


def test_without_an_answer_of_pubmed_nothing_is_called_wrong() -> None:
    audit = Audit(2026)
    assert audit.of(dossier(work(1))) == []
    assert (audit.unchecked, audit.compared) == (["key"], [])


def test_every_variable_is_told_to_agree_to_differ_or_to_be_unknown() -> None:
    audit = Audit(2026)
    audit.of(dossier(work(1), differing(work(1), volume="99", page=None)))
    verdicts = {one.variable: one.verdict for one in audit.compared}
    assert verdicts["title"] == "agree"
    assert verdicts["volume"] == "differ"
    assert verdicts["page"] == verdicts["DOI"] == "unknown"


def test_identifiers_that_contradict() -> None:
    printed = differing(work(1), DOI="10.5555/a", PMCID="PMC900001")
    known = differing(work(1), DOI="10.5555/b", PMCID="PMC900002")
    assert codes(dossier(printed, known)) == ["identifier-differs"] * 2
    assert codes(dossier(printed, differing(work(1), DOI="10.5555/A", PMCID="PMC900001"))) == []


def test_an_article_in_pmc_that_is_not_linked() -> None:
    [found] = told(dossier(work(1), differing(work(1), PMCID="PMC900002")))
    assert found.code == "pmc-not-linked"
    assert "https://pmc.ncbi.nlm.nih.gov/articles/PMC900002/" in found.message


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("RetractionIn", "retracted"),
        ("ExpressionOfConcernIn", "concern"),
        ("ErratumIn", "corrected"),
        ("CorrectedandRepublishedIn", "corrected"),
        ("PartialRetractionIn", "retracted"),
        ("RetractedandRepublishedIn", "retracted"),
        ("UpdateIn", "updated"),
        ("CommentIn", ""),
    ],
)
def test_notices_with_the_way_to_them(kind: str, code: str) -> None:
    link = {"type": kind, "source": "J Examples. 2000;1:1", "pmid": "900009"}
    known = replace(work(1), custom={"corrections": [link]})
    found = told(dossier(work(1), known))
    assert [one.code for one in found] == ([code] if code else [])
    assert all("J Examples. 2000;1:1" in one.message for one in found)
    assert all("https://pubmed.ncbi.nlm.nih.gov/900009/" in one.message for one in found)


def test_a_retraction_without_a_notice_and_one_with_it_is_told_once() -> None:
    retracted = differing(work(1), status="retracted")
    assert codes(dossier(work(1), retracted)) == ["retracted"]
    linked = replace(retracted, custom={"corrections": [{"type": "RetractionIn", "pmid": "1"}]})
    assert codes(dossier(work(1), linked)) == ["retracted"]


@pytest.mark.parametrize(
    ("variables", "code", "mended"),
    [
        ({"title": "AN EXAMPLE ALL IN CAPITALS"}, "capitals", None),
        ({"title": "Caf\u00c3\u00a9 as an example"}, "mojibake", "Café as an example"),
        ({"title": "The example\u00e2\u20ac\u2122s title"}, "mojibake", "The example’s title"),
        ({"title": "A lost \ufffd letter"}, "mojibake", None),
        ({"title": "Salt &amp; examples"}, "html-entity", "Salt & examples"),
        ({"title": "An <i>example"}, "unclosed-markup", "An example"),
        ({"abstract": "Up</sub> <i>and</i> down"}, "unclosed-markup", "Up <i>and</i> down"),
        ({"abstract": "<i>One</i> and <i>another"}, "unclosed-markup", None),
        ({"issued": Date((19,))}, "unlikely-year", None),
        ({"issued": Date((2031,))}, "unlikely-year", None),
        ({"page": None}, "missing-pages", None),
        ({"volume": None}, "missing-volume", None),
        ({"PMID": "0"}, "malformed-identifier", None),
        ({"PMCID": "PMCabc"}, "malformed-identifier", None),
        ({"DOI": "doi.org"}, "malformed-identifier", None),
        ({"ISSN": "1234-5678"}, "malformed-identifier", None),
    ],
)
def test_slips(variables: dict[str, Any], code: str, mended: str | None) -> None:
    [found] = told(dossier(differing(work(1), **variables)))
    assert found.code == code
    remedy = found.remedy.values if found.remedy else {}
    assert list(remedy.values()) == ([mended] if mended else [])


@pytest.mark.parametrize(
    "variables",
    [
        {"title": "DNA"},
        {"title": "SÃO PAULO, Â and â – ³ as such"},
        {"title": "p<0.05 and a < b & c"},
        {"title": "<i>Example</i> <sup>2</sup>"},
        {"ISSN": "0016-5085 (Print), 1528-0012"},
        {"page": None, "number": "e12"},
        {"volume": None, "issue": "3"},
    ],
)
def test_what_only_looks_like_a_slip(variables: dict[str, Any]) -> None:
    assert codes(dossier(differing(work(1), **variables))) == []


def test_capitals_are_mended_by_pubmed() -> None:
    printed = differing(work(1), title="AN EXAMPLE ALL IN CAPITALS")
    known = differing(work(1), title="An example all in capitals")
    [found] = told(dossier(printed, known))
    assert found.remedy
    assert found.remedy.values == {"title": "An example all in capitals"}


def test_entries_without_annotation_and_listed_twice() -> None:
    twice = (entry("One.", 1), entry("", 2))
    found = told(dossier(work(1), entries=twice))
    assert [(one.code, one.bibliography) for one in found] == [
        ("listed-twice", "Examples"),
        ("no-annotation", "Examples"),
    ]


def test_one_work_under_two_keys_in_one_list() -> None:
    one = dossier(work(1), entries=(entry("One."),))
    assert codes(one, replace(one, key="other")) == ["listed-twice"]
    elsewhere = replace(one, key="other", entries=(entry("One.", name="Second"),))
    assert codes(one, elsewhere) == []


def test_one_identifier_on_two_works() -> None:
    other = replace(dossier(differing(work(2), PMID=work(1).pmid)), key="other")
    [found] = told(dossier(work(1)), other)
    assert (found.code, found.key, found.severity) == ("shared-identifier", "other", Severity.ERROR)
    assert "'key'" in found.message


# ------------------------------------------------------------------------------ the pages


def test_the_page_lists_every_code() -> None:
    text = (ROOT / "docs/check.md").read_text()
    rows = [
        f"| `{code}` | {severity} | {meaning} |" for code, (severity, meaning) in CHECKS.items()
    ]
    assert list(CHECKS) == sorted(CHECKS)
    assert re.findall(r"(?m)^\| `[a-z-]+` \| \w+ \| .*\|$", text) == rows


def test_reports_show_what_is_stored_as_text() -> None:
    evil = differing(work(1), title="<script>alert(1)</script> [x](javascript:y) &amp;")
    audit = Audit(2026)
    found = [*audit.of(dossier(evil, work(1))), *audit.rest()]
    assert "title-differs" in {one.code for one in found}
    page = report.page("Check of <b>", audit, found)
    assert "<script" not in page
    assert "of <b>" not in page
    assert "&lt;script&gt;" in page
    text = report.markdown("Check of <b>", audit, found)
    assert "<script" not in text
    assert r"\[x\](javascript:y)" in text


# ------------------------------------------------------------------------------ the command


@pytest.fixture
def checked(refbase: Program) -> Program:
    with store.open(refbase.database, create=True) as opened:
        read_in(
            opened,
            Dossier(differing(work(1), title="Salt &amp; examples"), "salt", (entry("Good."),)),
            Dossier(differing(work(2), PMCID="PMCabc"), "pmc", (entry("", 2),)),
        )
    return refbase


def test_findings_as_text(checked: Program) -> None:
    run = checked("check")
    assert run.code == 0
    assert run.out.splitlines() == [
        "pmc: error: PMCID 'PMCabc' is malformed [malformed-identifier]",
        "pmc in Examples: info: no. 2 has no annotation [no-annotation]",
        "salt: warning: title has '&amp;' in it [html-entity]",
    ]
    assert run.err.startswith("2 references checked: 1 error, 1 warning, 1 info; 2 not compared")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "error"], 1),
        (["--fail-on", "error", "--only", "html-entity"], 0),
        (["--fail-on", "warning", "--only", "html-entity"], 1),
        (["--only", "nothing"], 2),
        (["--report", "x.txt"], 2),
    ],
)
def test_exit_codes(checked: Program, arguments: list[str], code: int) -> None:
    assert checked("check", *arguments).code == code


def test_findings_as_json_and_for_github(checked: Program) -> None:
    found = json.loads(checked("check", "--json").out)
    assert found["checked"] == 2
    assert found["not_compared"] == ["pmc", "salt"]
    assert [one["code"] for one in found["findings"]] == [
        "malformed-identifier",
        "no-annotation",
        "html-entity",
    ]
    lines = checked("check", "--format", "github").out.splitlines()
    assert lines[0] == "::error ::pmc: PMCID 'PMCabc' is malformed [malformed-identifier]"


def test_what_can_be_mended_is_shown_then_done_then_undone(checked: Program) -> None:
    shown = checked("check", "--fix")
    assert "+ Salt & examples" in shown.err
    assert "&amp;" in checked("show", "salt").out
    done = checked("check", "--apply")
    assert done.code == 0, done.err
    assert "Salt & examples" in checked("show", "salt").out
    assert "html-entity" not in checked("check").out
    assert checked("undo").code == 0
    assert "html-entity" in checked("check").out


def test_a_report_in_a_file(checked: Program) -> None:
    for name in ("report.md", "report.html"):
        assert checked("check", "--report", name).code == 0
        assert "malformed-identifier" in (checked.folder / name).read_text()


def test_the_seed_is_clean(refbase: Program) -> None:
    assert refbase("--db", "x.db", "import", SEED).code == 0
    run = refbase("--db", "x.db", "check", "--fail-on", "info")
    assert (run.code, run.out) == (0, "")


def test_the_real_chapters_hold_these_and_no_false_alarms(refbase: Program, corpora: Path) -> None:
    """Looked at one by one: what is listed here is so in the chapters."""
    chapters = sorted((corpora / "livertox").glob("*.txt"))
    refbase("--db", "x.db", "-q", "import", *chapters)
    found = json.loads(refbase("--db", "x.db", "check", "--json").out)["findings"]
    counts = {code: sum(one["code"] == code for one in found) for code in CHECKS}
    assert {code: count for code, count in counts.items() if count} == {
        "listed-twice": 4,
        "missing-pages": 5,
        "missing-volume": 4,
        "no-annotation": 18,
        "shared-identifier": 1,
    }
