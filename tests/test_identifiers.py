"""Identifiers in the spellings people paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refbase import identifiers as ids


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15390328", "15390328"),
        (" PMID: 15390328 ", "15390328"),
        ("pmid15390328", "15390328"),
        ("https://pubmed.ncbi.nlm.nih.gov/15390328/", "15390328"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/15390328", "15390328"),
        ("0015", "15"),
        ("0", None),
        ("-1", None),
        ("1234567890", None),
        ("15390328a", None),
        ("1539032٨", None),
        ("PMC2424842", None),
        ("", None),
    ],
)
def test_pmid(text: str, value: str | None) -> None:
    assert ids.pmid(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PMC2424842", "PMC2424842"),
        ("PMCID: PMC2424842", "PMC2424842"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2424842/", "PMC2424842"),
        ("PMC7900001.1", "PMC7900001"),
        ("2424842", None),
        ("PMC242484٢", None),
        ("PMC", None),
    ],
)
def test_pmcid(text: str, value: str | None) -> None:
    assert ids.pmcid(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10.1016/0378-5122(79)90015-x", "10.1016/0378-5122(79)90015-x"),
        ("https://doi.org/10.5555/a%3Cb", "10.5555/a<b"),
        ("DOI:10.5555/A", "10.5555/A"),
        ("http://dx.doi.org/10.5555/a", "10.5555/a"),
        ("10.103/a", None),
        ("10.5555/", None),
        ("10.555٥/a", None),
        ("10.5555/a b", None),
    ],
)
def test_doi(text: str, value: str | None) -> None:
    assert ids.doi(text) == value


def test_issn_and_isbn_by_their_check_digit() -> None:
    assert ids.issn("0016-5085") == "0016-5085"
    assert ids.issn("0016-5086") is None
    assert ids.issn("2434-561x") == "2434-561X"
    assert ids.isbn("ISBN 978-0-7817-1952-0") == "9780781719520"
    assert ids.isbn("0-8044-2957-X") == "080442957X"
    assert ids.isbn("978-0-7817-1952-1") is None
    assert ids.issn("٠٠١٦-٥٠٨٥") is None
    assert ids.isbn("٩٧٨-0-7817-1952-0") is None
    assert ids.isbn("978-0-7817-1952-٠") is None
    assert ids.isbn("0-8044-295٧-X") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4585729", ("PMID", "4585729")),
        ("PMC2424842", ("PMCID", "PMC2424842")),
        ("https://doi.org/10.5555/a", ("DOI", "10.5555/a")),
        ("0016-5085", ("ISSN", "0016-5085")),
        ("00165085", ("PMID", "165085")),
        ("9780781719520", ("ISBN", "9780781719520")),
        ("Gut 1986; 87-90.", None),
    ],
)
def test_a_pasted_text_is_recognised(text: str, found: tuple[str, str] | None) -> None:
    assert ids.recognise(text) == found


@given(st.text())
def test_any_text_is_an_identifier_or_is_not(text: str) -> None:
    for scheme in ids.SCHEMES.values():
        value = scheme.parse(text)
        assert value is None or scheme.parse(value) == value


def test_a_very_long_text_is_no_identifier_and_told_so_at_once() -> None:
    assert ids.pmid("pubmed/" * 100_000 + "x") is None
    assert ids.pmcid("/" * 100_000 + "PMC1x") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("http://orcid.org/0000-0002-1694-233X", "0000-0002-1694-233X"),
        (" 000000021694233x ", "0000-0002-1694-233X"),
        ("0000-0002-1825-0098", None),
        ("0000-0002-1825-009", None),
        ("0000-0002-1825-009\u0667", None),
        ("", None),
    ],
)
def test_orcid(text: str, value: str | None) -> None:
    assert ids.orcid(text) == value
