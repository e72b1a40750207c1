"""What a format cannot hold: what is bookkeeping, what is a loss, and honest counts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from program import Program
from refbase import files, formats
from refbase.errors import Severity
from refbase.formats.base import BOOKKEEPING, custom_severity
from refbase.model import Dossier, Reference

WRITERS = [fmt.name for fmt in formats.FORMATS if fmt.writer]

# Two records as PubMed hands them out, made up
ORDINARY = b"""\
PMID- 99000001
OWN - NLM
STAT- MEDLINE
LR  - 20200102
IS  - 0016-5085 (Print)
VI  - 5
IP  - 6
DP  - 1977
TI  - An example of examples.
PG  - 398-404
FAU - Doe, Jane A
AU  - Doe JA
LA  - eng
PT  - Journal Article
TA  - J Examples
JT  - Journal of examples
JID - 0000001
MH  - Examples/*methods
PST - ppublish
SO  - J Examples. 1977;5(6):398-404.
"""
WITH_GRANT = ORDINARY + b"GR  - EX-000001/EX/NIH HHS/United States\n"


def losses(name: str, reference: Reference) -> list[tuple[str, Severity]]:
    found = formats.write([Dossier(reference, "x")], io.StringIO(), formats.get(name))
    return [(loss.message, loss.severity) for loss in found]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("custom", ["nlm-journal-id", "grants", "shelf"])
def test_every_writer_takes_the_severity_from_the_one_table(name: str, custom: str) -> None:
    reference = Reference("book", {"title": "Example", "PMID": "1"}, {custom: ["x"]})
    told = [severity for message, severity in losses(name, reference) if f"'{custom}'" in message]
    assert set(told) <= {custom_severity(custom)}
    assert (custom in BOOKKEEPING) == (custom_severity(custom) is Severity.INFO)
    if name not in ("csl-json", "jsonl", "ids", "nbib"):
        assert told, "a silent loss"


@pytest.mark.parametrize("to", ["ris", "bibtex", "biblatex", "endnote-xml", "csl-json"])
def test_strict_lets_an_ordinary_record_of_pubmed_pass(refbase: Program, to: str) -> None:
    run = refbase("convert", "-", "out", "--from", "nbib", "--to", to, "--strict", stdin=ORDINARY)
    assert (run.code, (refbase.folder / "out").exists()) == (0, True), run.err


@pytest.mark.parametrize("to", ["ris", "bibtex", "biblatex", "endnote-xml"])
def test_strict_fails_where_something_is_missed(refbase: Program, to: str) -> None:
    run = refbase("convert", "-", "out", "--from", "nbib", "--to", to, "--strict", stdin=WITH_GRANT)
    assert run.code == 1
    assert "'grants'" in run.err
    assert not (refbase.folder / "out").exists()


@pytest.mark.corpora
def test_most_real_records_of_pubmed_pass_strictly_as_ris(corpora: Path) -> None:
    """197 of 282 records that were picked for what is odd in them; the others have an erratum,
    a retraction, a grant, an ORCID or an abstract in another language, which RIS cannot hold."""
    path = corpora / "pubmed" / "features.xml"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    passed = 0
    for dossier in (parsed.dossier for parsed in files.read(path) if parsed.dossier):
        told = list(formats.write([dossier], io.StringIO(), formats.get("ris")))
        severe = [loss for loss in told if loss.severity is not Severity.INFO]
        missed = ("corrections", "grants", "orcid", "other-abstracts", "issue-date", "DOI")
        assert all(any(f"'{name}'" in loss.message for name in missed) for loss in severe)
        passed += not severe
    assert passed >= 197


# ------------------------------------------------------------------------------ counts

THREE = b"""[
 {"id": "a", "type": "book", "title": "With a number", "PMID": "99000001"},
 {"id": "b", "type": "book", "title": "Without one"},
 {"id": "c", "type": "book", "abstract": "Neither a number nor a title", "DOI": "10.5555/x"}
]"""


@pytest.mark.parametrize(
    ("to", "count", "left_out"), [("ids", "2 references", "b"), ("livertox", "3 references", "")]
)
def test_what_is_left_out_is_not_counted(
    refbase: Program, to: str, count: str, left_out: str
) -> None:
    run = refbase("convert", "-", "out", "--from", "csl-json", "--to", to, stdin=THREE)
    assert run.code == 0
    assert f"{count} written to out" in run.err
    assert ("[left-out]" in run.err) == bool(left_out)
    assert f"({left_out})" in run.err or not left_out


def test_strict_fails_where_a_reference_is_left_out(refbase: Program) -> None:
    run = refbase(
        "convert", "-", "out", "--from", "csl-json", "--to", "ids", "--strict", stdin=THREE
    )
    assert run.code == 1
    assert "[left-out]" in run.err


def test_an_export_counts_what_was_written(refbase: Program) -> None:
    (refbase.folder / "three.json").write_bytes(THREE)
    assert refbase("--db", "x.db", "import", "three.json").code == 0
    run = refbase("--db", "x.db", "export", "--format", "ids")
    assert len(run.out.splitlines()) == 2
    assert "2 references written" in run.err
