"""Printed citations: the forms that chapters and reference lists really have, one by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging import assert_well_read, real_citations
from refbase.citation import Citation, parse
from refbase.citation.bylines import read as read_byline
from refbase.citation.titles import split
from refbase.model import Reference
from refbase.values import ET_AL, Name


def fields(reference: Reference) -> str:
    """The imprint in one line: year, volume (issue) pages."""
    issued = reference.date()
    issue = f"({reference.text('issue')})" if reference.text("issue") else ""
    date = issued.to_edtf() if issued else "-"
    return f"{date} {reference.text('volume') or '-'}{issue} {reference.text('page') or '-'}"


# Imprint as printed behind "Doe J. An example. Example J", and what it says.
IMPRINTS = {
    " 1973; 1: 66-70.": "1973 1 66-70",
    ". 2004;24(1):150-4.": "2004 24(1) 150-4",
    " 2007; 25:1401-9.": "2007 25 1401-9",
    " 2012;10: 61-8.": "2012 10 61-8",
    " 2014 21: 174-83.": "2014 21 174-83",
    " 2006: 118: e676-e681.": "2006 118 e676-e681",
    " 1955; 2; 1122-3.": "1955 2 1122-3",
    " 1986; 87-90.": "1986 - 87-90",
    " 2006;(2): CD003328.": "2006 -(2) CD003328",
    " 2015; 2015: 168905.": "2015 2015 168905",
    " 2016; 2016.": "2016 2016 -",
    " 1998; Unknown: 13-18.": "1998 Unknown 13-18",
    "1989; 4: 5.": "1989 4 5",
    "(Berl) 2007; 4: 5.": "2007 4 5",
    " 1972; 48 (Suppl 5): 37-40.": "1972 48(Suppl 5) 37-40",
    " 1978; 41 Suppl 2: 137-52.": "1978 41(Suppl 2) 137-52",
    ". 2014;8 Suppl(3):S47-57.": "2014 8(3 Suppl) S47-57",
    " 1987; 34: (Suppl 3): 16-27.": "1987 34(Suppl 3) 16-27",
    " 2001; 62(5 Pt 2 Suppl): 898-903": "2001 62(5 Pt 2 Suppl) 898-903",
    ". 2001;83-A:15-24.": "2001 83-A 15-24",
    " 2015; 148: 1340-1352.e7.": "2015 148 1340-1352.e7",
    " 2015; 148: 1340-52. e7.": "2015 148 1340-52. e7",
    " 2011; 35: 848.": "2011 35 848",
    " 2004; 1: 1422, 1425-6.": "2004 1 1422, 1425-6",
    " 2007; 11: 563-75, vi-vii.": "2007 11 563-75, vi-vii",
    " 2003; 6:xxii.": "2003 6 xxii",
    ". 2003; 2: 240S–247S.": "2003 2 240S–247S",
    " 2016; 19. pii: pyv126.": "2016 19 pyv126",
    ". 2016;19(4):pyv126. pii.": "2016 19(4) pyv126",
    ". 2013 Sep 11. [Epub ahead of print].": "2013-09-11 - -",
    " 2016 Jan 14:1-4.": "2016-01-14 - 1-4",
    ". 1998 May;50 Suppl 5(5):S39-45.": "1998-05 50(5 Suppl 5) S39-45",
    ". 1992; p. 457-472.": "1992 - 457-472",
    ". 201;100(12):3679-86.": "201 100(12) 3679-86",
}


@pytest.mark.parametrize("imprint", IMPRINTS)
def test_imprints(imprint: str) -> None:
    found = parse(f"Doe J. An example of 1990; more: 12. Example J{imprint}")
    assert fields(found.reference) == IMPRINTS[imprint]
    assert found.reference.title == "An example of 1990; more: 12"
    assert found.reference.container_title.removesuffix("(Berl)") == "Example J"
    assert found.reference.type == "article-journal"
    assert [code for code, _ in found.problems] == (["bad-date"] if "201;" in imprint else [])


# What stands behind the pages, and the variable it is.
TAILS = {
    "French.": ("language", "fr"),
    "[French].": ("language", "fr"),
    "English, Spanish.": ("language", "en, es"),
    "doi: 10.5555/(sici)1-2(76)90041-3.": ("DOI", "10.5555/(sici)1-2(76)90041-3"),
    "https://doi.org/10.5555/example.1": ("DOI", "10.5555/example.1"),
    "PMID: 10216414": ("PMID", "10216414"),
    "10427794": ("PMID", "10427794"),
    "pii: 26913742": ("PMID", "26913742"),
    "PubMed Central PMCID: PMC27146.": ("PMCID", "PMC27146"),
    "Available from: http://example.org/x-1 doi: 10.5555/x": ("URL", "http://example.org/x-1"),
    "Epub 2012/01/18.": ("available-date", "2012-01-18"),
    "Not in PubMed": ("note", "Not in PubMed"),
    "discussion 1022.": ("note", "discussion 1022"),
    "Erratum in: Example J 2005; 39: 1.": ("note", "Erratum in: Example J 2005; 39: 1"),
    "[Abstract]": ("note", "Abstract"),
}


@pytest.mark.parametrize("tail", TAILS)
def test_what_stands_behind_the_pages(tail: str) -> None:
    found = parse(f"Doe J. An example. Example J 1999; 199: 118-9. {tail}")
    variable, value = TAILS[tail]
    said = found.reference.variables[variable]
    assert (said if isinstance(said, str) else found.reference.date(variable).to_edtf()) == value
    assert fields(found.reference) == "1999 199 118-9"
    assert found.problems == ()


def test_identifiers_are_taken_out_of_the_citation_and_nothing_else() -> None:
    text = "Doe J. An example. Example J 1999; 1: 2-3. French. PMID: 123456. doi: 10.5555/x"
    assert parse(text).text == "Doe J. An example. Example J 1999; 1: 2-3. French."


def test_words_that_no_rule_understands_stay_as_a_note() -> None:
    found = parse("Doe J. An example. Example J 1999; 1: 2-3. Printed on silk.")
    assert found.reference.text("note") == "Printed on silk"
    assert found.problems == (("unread-text", "not understood: 'Printed on silk'"),)


BYLINES = {
    "From A, Heltberg A. T.": "From, A.; Heltberg, A.",
    "van der Ploeg RJ, vd Burg W, d'Emden M. T.": "van der Ploeg, R. J.; vd Burg, W.; d'Emden, M.",
    "Davern TJ 2nd, Cluxton RJ Jr. T.": "Davern, T. J., 2nd; Cluxton, R. J., Jr",
    "Larrey D, Ripault M-P, Spuls PhI. T.": "Larrey, D.; Ripault, M.-P.; Spuls, PhI",
    "Dapas F, Martinez L, et al. T.": "Dapas, F.; Martinez, L.; et al.",
    "Dapas F, et al; T G Group. T.": "Dapas, F.; T G Group; et al.",
    "Dapas F, et al., Example Study Group. T.": "Dapas, F.; Example Study Group; et al.",
    "Dapas F, et al. The Example Group. T. J": "Dapas, F.; The Example Group; et al.",
    "Koch DG; and the Example Network (EN). T.": "Koch, D. G.; Example Network (EN)",
    "Koch DG; Club A (CA); Example Networks. T.": "Koch, D. G.; Club A (CA); Example Networks",
    "Squires RH, Pediatric Study Group. T.": "Squires, R. H.; Pediatric Study Group",
    "Skaehill, PA. T.": "Skaehill, P. A.",
    "Olosová, Lásová, Zaoral T. T.": "Olosová; Lásová; Zaoral, T.",
    "Shi L and Tu BP. T.": "Shi, L.; Tu, B. P.",
    "Paret Masana A, Urrutia de Diego A. T.": "Paret Masana, A.; Urrutia de Diego, A.",
    "Example Thoracic Society. T of x. J": "Example Thoracic Society",
    "Antifungal drugs. Example Lett": "",
    "Baclofen, tizanidine and vitamin E. Example": "",
    "[Damage by A, B]. Example": "",
}


@pytest.mark.parametrize("text", BYLINES)
def test_bylines(text: str) -> None:
    assert "; ".join(n.inverted for n in read_byline(text).names) == BYLINES[text]


TITLES = {
    "One. Two U.S. three. Example J": ("One. Two U.S. three", "Example J"),
    "Made in the U.S. Example J.": ("Made in the U.S.", "Example J"),
    "Is it? Example J": ("Is it?", "Example J"),
    "[One. Two] Example Rev (Berl)": ("[One. Two]", "Example Rev (Berl)"),
    "[One.]. Example Rev": ("[One.]", "Example Rev"),
    "One vs. two of them. Lancet": ("One vs. two of them", "Lancet"),
    "One. Proc. Natl. Acad. Sci.": ("One", "Proc. Natl. Acad. Sci"),
    "One in man. J. Biol. Chem.": ("One in man", "J. Biol. Chem"),
    "Membranes. Phys. Rev E": ("Membranes", "Phys. Rev E"),
    "One. Virchows Arch [1]": ("One", "Virchows Arch [1]"),
    "Damage seen in the Lancet": ("Damage seen in the", "Lancet"),
}


@pytest.mark.parametrize("text", TITLES)
def test_titles(text: str) -> None:
    assert split(text)[:2] == TITLES[text]


def test_a_title_that_looks_like_a_name() -> None:
    reference = parse("Hepatitis B. Lancet 2010; 1: 2-3.").reference
    assert (reference.title, reference.container_title) == ("Hepatitis B", "Lancet")
    assert reference.authors == ()


def test_the_year_behind_the_names() -> None:
    found = parse(
        "Doe J, Roe R et al. (1984a) One? Another. J Gen 65(1): 241-5. doi:10.5555/1999.1."
    )
    assert fields(found.reference) == "1984 65(1) 241-5"
    assert found.reference.title == "One? Another"
    assert found.reference.authors == (Name.from_nlm("Doe J"), Name.from_nlm("Roe R"), ET_AL)
    assert found.reference.text("year-suffix") == "a"
    assert found.reference.doi == "10.5555/1999.1"


def test_a_journal_with_a_colon_is_no_book() -> None:
    found = parse("Doe J. One. Proteins: Structure, Function. 2003;50(3):437-450.").reference
    assert (found.type, found.container_title) == (
        "article-journal",
        "Proteins: Structure, Function",
    )


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert isinstance(parse(text), Citation)


@given(st.text("Aa. ,;:()[]?0129-–dnI", max_size=120))
def test_every_character_of_a_citation_is_kept(text: str) -> None:
    """Whatever is misread, the citation text has all that is no identifier."""
    found = parse(text)
    kept = len(re.sub(r"\s", "", found.text))
    assert kept <= len(re.sub(r"\s", "", text))
    if not {"PMID", "DOI", "PMCID"} & found.reference.variables.keys():
        assert found.problems or kept == len(re.sub(r"\s", "", text))


# ------------------------------------------------------------------------------ real ones


@pytest.mark.corpora
def test_real_citations_in_five_styles(corpora: Path, tmp_path: Path) -> None:
    found = [parse(printed).reference for printed in real_citations(corpora)]
    assert_well_read(found, corpora, tmp_path)


@pytest.mark.parametrize("surname", ["de-la-Cruz-Ramírez", "deLemos", "vanHeerden", "diPace"])
def test_a_particle_tied_to_a_surname_in_lower_case_begins_a_name(surname: str) -> None:
    found = parse(f"{surname} MD, Foureau DM. An example. Example J 2014; 34: 194-204.")
    assert [name.nlm for name in found.reference.authors] == [f"{surname} MD", "Foureau DM"]
    assert found.reference.title == "An example"
