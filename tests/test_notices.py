"""Retracted, in doubt, corrected, updated: told by PubMed's links, exported, shown."""

from __future__ import annotations

import io
import json

import pytest

from ncbi import Server, article
from program import Program
from refbase import formats, pubmed
from refbase.formats.base import keyword_list
from refbase.model import Dossier, Reference
from refbase.notices import notices


def record(*links: str, kind: str = "", ids: str = "") -> Reference:
    from lxml import etree

    corrections = "".join(
        f'<CommentsCorrections RefType="{link}"><RefSource>J Ex. 2002;9:1</RefSource>'
        f"<PMID>77</PMID></CommentsCorrections>"
        for link in links
    )
    types = f'<PublicationTypeList><PublicationType UI="{kind}">Any words</PublicationType>'
    xml = (
        "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Retracted: an"
        f" example.</ArticleTitle>{types if kind else '<PublicationTypeList>'}"
        "</PublicationTypeList></Article><CommentsCorrectionsList>"
        f"{corrections}</CommentsCorrectionsList></MedlineCitation><PubmedData><ArticleIdList>"
        f"{ids}</ArticleIdList></PubmedData></PubmedArticle>"
    )
    return pubmed.reference(etree.fromstring(xml))


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("RetractionIn", "retracted"),
        ("RetractedandRepublishedIn", "retracted"),
        ("ExpressionOfConcernIn", "concern"),
        ("ErratumIn", "corrected"),
        ("CorrectedandRepublishedIn", "corrected"),
        ("UpdateIn", "updated"),
    ],
)
def test_a_link_to_a_notice_is_told_with_the_way_to_it(link: str, kind: str) -> None:
    [notice] = notices(record(link))
    assert (notice.kind, notice.source, notice.pmid) == (kind, "J Ex. 2002;9:1", "77")
    assert str(notice).endswith("J Ex. 2002;9:1 (https://pubmed.ncbi.nlm.nih.gov/77/)")


@pytest.mark.parametrize("link", ["RetractionOf", "ErratumFor", "CommentIn", "UpdateOf", "Cites"])
def test_the_notice_itself_and_comments_are_no_fate(link: str) -> None:
    assert notices(record(link)) == []


def test_the_type_of_publication_counts_by_its_number_and_the_title_not_at_all() -> None:
    assert [str(notice) for notice in notices(record(kind="D016441"))] == ["Retracted Publication"]
    assert notices(record(kind="D016440")) == [], "the notice"
    assert notices(record()) == [], "a title that begins with Retracted"


def test_notices_are_keywords_of_every_export() -> None:
    words = keyword_list(Dossier(record("ErratumIn", "RetractionIn", kind="D016441"), "x"))
    assert words == [
        "Retracted Publication",
        "Retraction in: J Ex. 2002,9:1 (https://pubmed.ncbi.nlm.nih.gov/77/)",
        "Erratum in: J Ex. 2002,9:1 (https://pubmed.ncbi.nlm.nih.gov/77/)",
    ]


@pytest.mark.parametrize("name", ["bibtex", "biblatex", "ris", "endnote-xml"])
def test_exports_say_what_became_of_a_work(name: str) -> None:
    stream = io.StringIO()
    dossier = Dossier(record("ErratumIn", "RetractionIn", kind="D016441"), "x")
    list(formats.write([dossier], stream, formats.get(name)))
    assert "Retracted Publication" in stream.getvalue()
    assert "Erratum in: J Ex. 2002,9:1" in stream.getvalue()


def test_the_number_of_a_manuscript_is_kept() -> None:
    ids = '<ArticleId IdType="mid">NIHMS12345</ArticleId>'
    assert record(ids=ids).custom["nihms"] == "NIHMS12345"


def test_it_is_shown_wherever_the_reference_is(demo: Program) -> None:
    plain = article("4154834", volume="8", page="1-14", year="1974", journal="Drugs", title=TITLE,
                    authors=["Brogden RN", "Speight TM", "Avery GS"])  # fmt: skip
    link = (
        b'<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Ex.'
        b" 1999;1:1</RefSource><PMID>77</PMID></CommentsCorrections></CommentsCorrectionsList>"
    )
    marked = plain.replace(b"</MedlineCitation>", link + b"</MedlineCitation>")
    with Server(marked, rate=0) as server:
        environment = {"REFBASE_EMAIL": "someone@example.org"}
        run = demo("enrich", "brogden1974baclofen", **server.environment, **environment)
    assert run.code == 0, run.err
    assert "[RETRACTED] Baclofen: a preliminary" in demo("list", "--year", "1974").out
    [row] = [
        row
        for row in json.loads(demo("list", "--year", "1974", "--json").out)
        if row["key"] == "brogden1974baclofen"
    ]
    assert row["notices"][0]["pmid"] == "77"
    shown = demo("show", "brogden1974baclofen").out
    assert "RETRACTED             Retraction in: J Ex. 1999;1:1" in shown
    for name in ("bibtex", "ris", "csl-json"):
        told = demo("export", "brogden1974baclofen", "--format", name).out
        assert "retracted" in told.lower()
    assert "no mention" in shown or "annotation" in shown, "the annotation is untouched"


TITLE = (
    "Baclofen: a preliminary report of its pharmacological properties and therapeutic efficacy in"
    " spasticity."
)
