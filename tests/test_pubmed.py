"""The parser of PubMed's records: each fact that was measured is a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from refbase import formats
from refbase.model import Reference
from refbase.pubmed import reference
from refbase.values import ET_AL, Date, Name

ENGLISH = "<Language>eng</Language>"
GERMAN = "<Language>ger</Language>"


def record(
    article: str = "",
    citation: str = "",
    ids: str = "",
    issue: str = "",
    model: str = "Print",
    data: str = "",
) -> str:
    """A made-up PubmedArticle around what a test is about."""
    return f"""<PubmedArticle>
      <MedlineCitation Status="MEDLINE"><PMID Version="1">99000001</PMID>
        <Article PubModel="{model}"><Journal><JournalIssue>{issue}</JournalIssue></Journal>
          {article}</Article>{citation}</MedlineCitation>
      <PubmedData>{data}<ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>"""


def read(xml: str, report: list[tuple[str, str]] | None = None) -> Reference:
    """The reference; unless the test takes the problems, there must be none."""
    found: list[tuple[str, str]] = []
    made = reference(ElementTree.fromstring(xml), lambda code, text: found.append((code, text)))
    if report is None:
        assert found == []
    else:
        report += found
    return made


def title(text: str, language: str = ENGLISH, vernacular: str = "") -> Reference:
    own = f"<VernacularTitle>{vernacular}</VernacularTitle>" if vernacular else ""
    return read(record(f"<ArticleTitle>{text}</ArticleTitle>{own}{language}"))


def authors(text: str, report: list[tuple[str, str]] | None = None, complete: str = "Y") -> Any:
    made = read(
        record(f'<AuthorList CompleteYN="{complete}">{text}</AuthorList>'),
        [] if report is None else report,
    )
    return made.authors


def person(family: str, fore: str = "", initials: str = "", more: str = "") -> str:
    parts = {"LastName": family, "ForeName": fore, "Initials": initials}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    return f'<Author ValidYN="Y">{inner}{more}</Author>'


# ---------------------------------------------------------------------------- 42: markup


def test_42_inline_markup_stays_as_rich_text_and_white_space_collapses() -> None:
    made = title(
        "Effects of <i>E. coli</i>\n  on CO<sub>2</sub>, 10<sup>3</sup> <b>x</b> <u>y</u>."
    )
    assert made.title == ("Effects of <i>E. coli</i> on CO<sub>2</sub>, 10<sup>3</sup> <b>x</b> y")


def test_42_mathml_becomes_text_with_its_scripts() -> None:
    math = """<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML">
      <mml:msup> <mml:mi>Ca</mml:mi> <mml:mrow><mml:mn>2</mml:mn><mml:mo>+</mml:mo></mml:mrow>
      </mml:msup></mml:math>"""
    assert title(f"Signals of {math} ions.").title == "Signals of Ca<sup>2+</sup> ions"


def test_42_no_text_behind_markup_is_lost_in_an_abstract() -> None:
    abstract = (
        "<Abstract><AbstractText>T<sub>opt</sub> and <i>x</i> rise.</AbstractText></Abstract>"
    )
    made = read(record(abstract))
    assert made.text("abstract") == "T<sub>opt</sub> and <i>x</i> rise."


def test_42_a_formula_that_stands_apart_belongs_to_the_abstract() -> None:
    formula = "<DispFormula>a<sup>2</sup></DispFormula>"
    abstract = f"<Abstract><AbstractText>It is {formula} then.</AbstractText></Abstract>"
    assert read(record(abstract)).text("abstract") == "It is a<sup>2</sup> then."


# ---------------------------------------------------------------------------- 43: titles


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("An example.", "An example"),
        ("Is it one?", "Is it one?"),
        ("No final stop", "No final stop"),
        ("Two stops..", "Two stops."),
        ("The question is ...", "The question is ..."),
        ("Reply to Example et al.", "Reply to Example et al."),
        ("Hepatitis in the U.S.", "Hepatitis in the U.S."),
        ("On <i>Example.</i>", "On <i>Example</i>"),
    ],
)
def test_43_one_final_full_stop_is_not_part_of_the_title(printed: str, expected: str) -> None:
    assert title(printed).title == expected


def test_43_a_translated_title_loses_its_brackets_and_the_original_is_kept() -> None:
    made = title("[An example].", GERMAN, "Ein Beispiel.")
    assert (made.title, made.text("original-title")) == ("An example", "Ein Beispiel")


def test_43_brackets_go_by_language_alone_too() -> None:
    assert title("[An example].", GERMAN).title == "An example"


def test_43_brackets_of_an_english_title_stay() -> None:
    assert title("[Example in brackets].").title == "[Example in brackets]"


@pytest.mark.parametrize("text", ["[14C]amino acid formation", "[A] and [B]"])
def test_43_brackets_around_a_part_of_a_title_stay(text: str) -> None:
    assert title(f"{text}.", GERMAN).title == text


@pytest.mark.parametrize("text", ["", "[Not Available].", "Not Available."])
def test_43_the_original_stands_in_for_a_title_that_is_not_there(text: str) -> None:
    made = title(text, GERMAN, "Ein Beispiel.")
    assert (made.title, made.text("original-title")) == ("Ein Beispiel", "")


def test_43_neither_title_is_there() -> None:
    assert "title" not in title("").variables


# ----------------------------------------------------------------------- 44, 45: dates


def dated(text: str, **more: str) -> Reference:
    return read(record(issue=f"<PubDate>{text}</PubDate>", **more))


@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("1979 Jan-Feb", "1979-01/1979-02"),
        ("1979 Apr 14-21", "1979-04-14/1979-04-21"),
        ("1998 Dec-1999 Jan", "1998-12/1999-01"),
        ("1979-1980", "1979/1980"),
        ("1979-1980 Fall-Winter", "1979-23/1980-24"),
        ("1979-1980 Fall", "1979-23/1980-23"),
        ("2021 3rd Quarter", "2021-35"),
        ("2021 Apr-Jun 01", "2021-04/2021-06-01"),
        ("1979 Aug 30-Sep 6", "1979-08-30/1979-09-06"),
        ("1979 Nov-1980 May", "1979-11/1980-05"),
        ("2019", "2019"),
        ("2018 May - Jun", "2018-05/2018-06"),
        ("1979 Spring-Summer", "1979-21/1979-22"),
        ("1999 Dec 30-2000 Jan 5", "1999-12-30/2000-01-05"),
    ],
)
def test_44_medline_dates(printed: str, edtf: str) -> None:
    issued = dated(f"<MedlineDate>{printed}</MedlineDate>").date()
    assert issued
    assert issued.to_edtf() == edtf


@pytest.mark.parametrize(
    ("parts", "edtf"),
    [
        ("<Year>2021</Year><Month>Jun</Month><Day>02</Day>", "2021-06-02"),
        ("<Year>2021</Year><Month>06</Month>", "2021-06"),
        ("<Year>2021</Year><Season>Autumn</Season>", "2021-23"),
        ("<Year>2021</Year>", "2021"),
    ],
)
def test_44_dates_in_parts(parts: str, edtf: str) -> None:
    issued = dated(parts).date()
    assert issued
    assert issued.to_edtf() == edtf


def test_44_of_a_date_that_no_rule_knows_the_year_counts_and_the_text_is_kept() -> None:
    problems: list[tuple[str, str]] = []
    xml = record(issue="<PubDate><MedlineDate>1979 Whitsun</MedlineDate></PubDate>")
    made = read(xml, problems)
    assert made.date() == Date((1979,))
    assert made.custom["medline-date"] == "1979 Whitsun"
    assert [code for code, _ in problems] == ["bad-date"]


ONLINE = (
    '<ArticleDate DateType="Electronic"><Year>2020</Year><Month>12</Month><Day>18</Day>'
    "</ArticleDate>"
)
ISSUE = "<Year>2021</Year><Month>Jan</Month>"


@pytest.mark.parametrize("model", ["Print", "Print-Electronic"])
def test_45_what_is_printed_is_cited_by_the_date_of_its_issue(model: str) -> None:
    made = dated(ISSUE, article=ONLINE, model=model)
    assert (made.date(), made.date("available-date")) == (Date((2021, 1)), Date((2020, 12, 18)))


@pytest.mark.parametrize("model", ["Electronic", "Electronic-Print", "Electronic-eCollection"])
def test_45_what_is_electronic_is_cited_by_the_date_of_the_article(model: str) -> None:
    made = dated(ISSUE, article=ONLINE, model=model)
    assert (made.date(), made.date("available-date")) == (Date((2020, 12, 18)), None)
    assert made.custom["issue-date"] == "2021-01"


def test_45_one_date_that_says_less_than_the_other_is_no_second_date() -> None:
    made = dated("<Year>2020</Year>", article=ONLINE, model="Electronic")
    assert "issue-date" not in made.custom
    assert dated(ISSUE, model="Electronic").date() == Date((2021, 1))


# ----------------------------------------------------------------------- 46, 47: pages


def pages(text: str, location: str = "") -> Reference:
    return read(record(f"<Pagination>{text}</Pagination>{location}"))


def test_46_pages_stay_as_printed_and_the_parts_stand_in() -> None:
    both = "<StartPage>1340</StartPage><EndPage>1352</EndPage>"
    printed = "<MedlinePgn>1340-52.e7</MedlinePgn>"
    assert pages(both + printed).text("page") == "1340-52.e7"
    assert pages(both).text("page") == "1340-1352"
    assert pages("<StartPage>e12</StartPage>").text("page") == "e12"
    assert pages("<MedlinePgn>780-779</MedlinePgn>").text("page") == "780-779"


def pii(text: str, valid: str = "Y") -> str:
    return f'<ELocationID EIdType="pii" ValidYN="{valid}">{text}</ELocationID>'


@pytest.mark.parametrize("number", ["e229391", "2004284", "fmaa133"])
def test_47_an_article_number_stands_in_for_pages(number: str) -> None:
    made = pages("", pii(number))
    assert (made.text("page"), "pii" in made.custom) == (number, False)


@pytest.mark.parametrize("number", ["S0140-6736(20)30183-5", "337/aug21_2/a1190", "x.119.tt0819"])
def test_47_a_pii_is_no_article_number(number: str) -> None:
    made = pages("", pii(number))
    assert (made.text("page"), made.custom["pii"]) == ("", number)


def test_47_pages_go_first_and_an_invalid_pii_counts_for_nothing() -> None:
    assert pages("<MedlinePgn>7</MedlinePgn>", pii("e1")).text("page") == "7"
    assert "page" not in pages("", pii("e1", valid="N")).variables


# ----------------------------------------------------------------- 48, 49: identifiers


def doi(listed: str = "", located: str = "", valid: str = "Y") -> str:
    return read(
        record(
            f'<ELocationID EIdType="doi" ValidYN="{valid}">{located}</ELocationID>',
            ids=f'<ArticleId IdType="doi">{listed}</ArticleId>' if listed else "",
        )
    ).doi


def test_48_the_doi_is_that_of_the_list_else_that_of_the_location() -> None:
    assert doi("10.5555/a", "10.5555/b") == "10.5555/a"
    assert doi(located="10.5555/b") == "10.5555/b"
    assert doi(located="10.5555/b", valid="N") == ""
    assert doi("10.5555/0378-5122(79)90015-x") == "10.5555/0378-5122(79)90015-x"
    assert doi("10.5555/1(1979)2:3&lt;4::AID&gt;3.0.CO;2-V") == (
        "10.5555/1(1979)2:3<4::AID>3.0.CO;2-V"
    )


def test_48_a_malformed_doi_is_kept_but_not_as_one() -> None:
    problems: list[tuple[str, str]] = []
    made = read(record(ids='<ArticleId IdType="doi">10.5/x</ArticleId>'), problems)
    assert (made.doi, made.custom["DOI"], problems[0][0]) == ("", "10.5/x", "bad-identifier")


def test_49_identifiers_of_cited_works_do_not_leak() -> None:
    cited = """<ReferenceList><Reference><ArticleIdList>
      <ArticleId IdType="pubmed">99000009</ArticleId><ArticleId IdType="pmcid">9000009</ArticleId>
      <ArticleId IdType="doi">10.5555/cited</ArticleId></ArticleIdList></Reference>
      </ReferenceList>"""
    made = read(record(data=cited, ids='<ArticleId IdType="pmc">PMC9000001.1</ArticleId>'))
    assert (made.pmid, made.pmcid, made.doi) == ("99000001", "PMC9000001", "")


# -------------------------------------------------------------------- 50, 51: authors


def test_50_names_keep_their_order_and_prefer_the_given_name() -> None:
    group = "<Author><CollectiveName>Example <i>Study</i> Group</CollectiveName></Author>"
    assert authors(
        person("van der Ploeg", "Rutger Jan", "RJ") + group + person("Example", "R J", "RJ")
    ) == (
        Name(family="Ploeg", given="Rutger Jan", particle="van der"),
        Name(literal="Example Study Group"),
        Name(family="Example", given="R. J."),
    )


def test_50_initials_stand_in_for_the_given_name() -> None:
    assert authors(person("Example", "", "AB"))[0].given == "A. B."


def test_50_initials_that_do_not_follow_from_the_given_name_are_kept() -> None:
    xml = record(f"<AuthorList>{person('Example', 'Iu Sh', 'IuSh')}</AuthorList>")
    assert read(xml).custom["initials"] == [{"author": "Example, Iu Sh", "initials": "IuSh"}]


def test_50_a_group_in_the_place_of_a_surname_stays_whole() -> None:
    problems: list[tuple[str, str]] = []
    names = authors(person("E-Xample Investigators") + person("Mononym"), problems)
    assert names == (Name(literal="E-Xample Investigators"), Name(family="Mononym"))
    assert [code for code, _ in problems] == ["odd-name"]


@pytest.mark.parametrize("suffix", ["Jr", "Sr", "2nd", "3rd", "4th"])
def test_50_a_generation_is_a_suffix(suffix: str) -> None:
    assert authors(person("Example", "A", "A", f"<Suffix>{suffix}</Suffix>"))[0].suffix == suffix


@pytest.mark.parametrize(("suffix", "told"), [(" ", 0), ("PhD", 1), (", MPH", 1)])
def test_50_a_degree_is_none(suffix: str, told: int) -> None:
    problems: list[tuple[str, str]] = []
    [name] = authors(person("Example", "A", "A", f"<Suffix>{suffix}</Suffix>"), problems)
    assert (name.suffix, len(problems)) == ("", told)


def test_50_a_list_that_was_cut_ends_in_et_al() -> None:
    assert authors(person("Example", "A", "A"), complete="N")[-1] == ET_AL
    assert authors("", complete="N") == ()


def test_50_superseded_spellings_are_left_out() -> None:
    old = '<Author ValidYN="N"><LastName>Exmaple</LastName></Author>'
    assert authors(old + person("Example")) == (Name(family="Example"),)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://orcid.org/0000-0002-1825-0097",
        "http://orcid.org/0000-0002-1825-0097",
        "0000-0002-1825-0097",
        "0000000218250097",
        "orcid.org/0000-0002-1825-0097",
    ],
)
def test_51_spellings_of_an_orcid(spelling: str) -> None:
    number = f'<Identifier Source="ORCID">{spelling}</Identifier>'
    xml = record(f"<AuthorList>{person('Example', 'Ann', 'A', number)}</AuthorList>")
    assert read(xml).custom["orcid"] == [{"author": "Example, Ann", "orcid": "0000-0002-1825-0097"}]


@pytest.mark.parametrize(
    "spelling", ["0000-0002-1825-0098", "000٠-0002-1825-0097", "0000-0002-1825-009", "none"]
)
def test_51_a_malformed_orcid_is_told_and_left_out(spelling: str) -> None:
    problems: list[tuple[str, str]] = []
    number = f'<Identifier Source="ORCID">{spelling}</Identifier>'
    xml = record(f"<AuthorList>{person('Example', 'Ann', 'A', number)}</AuthorList>")
    assert "orcid" not in read(xml, problems).custom
    assert problems == [("bad-identifier", f"'{spelling}' is no ORCID; left out")]


# --------------------------------------------------------------- 52, 53, 54: the journal


def test_52_the_journal_in_full_short_and_by_number() -> None:
    xml = """<PubmedArticle><MedlineCitation><Article><Journal>
      <ISSN IssnType="Electronic">0016-5085</ISSN><Title>Journal of examples : official.</Title>
      <ISOAbbreviation>J. Exam.</ISOAbbreviation></Journal></Article><MedlineJournalInfo>
      <MedlineTA>J Exam</MedlineTA><NlmUniqueID>9900001R</NlmUniqueID>
      <ISSNLinking>0028-4793</ISSNLinking></MedlineJournalInfo></MedlineCitation></PubmedArticle>"""
    made = read(xml)
    assert made.variables == {
        "container-title": "Journal of examples : official.",
        "container-title-short": "J Exam",
        "ISSN": "0016-5085",
    }
    assert made.custom == {"issn-l": "0028-4793", "nlm-journal-id": "9900001R"}


def test_52_the_abbreviation_of_ISO_stands_in_for_that_of_NLM() -> None:
    journal = "<Journal><ISOAbbreviation>J. Exam.</ISOAbbreviation></Journal>"
    article = f"<MedlineCitation><Article>{journal}</Article></MedlineCitation>"
    made = read(f"<PubmedArticle>{article}</PubmedArticle>")
    assert (made.text("container-title"), made.text("container-title-short")) == (
        "J. Exam.",
        "J. Exam.",
    )


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("48 Suppl", "48 Suppl"),
        ("Spec No", "Spec No"),
        ("ahead-of-print", ""),
        ("PP", ""),
        ("undefined", ""),
        ("Forthcoming", ""),
        ("9_suppl", "9 suppl"),
    ],
)
def test_53_placeholders_are_no_volume_and_no_issue(volume: str, expected: str) -> None:
    made = read(record(issue=f"<Volume>{volume}</Volume><Issue>{volume}</Issue>"))
    assert (made.text("volume"), made.text("issue")) == (expected, expected)


def test_54_what_tells_whether_the_record_will_change_is_kept() -> None:
    revised = "<DateRevised><Year>2021</Year><Month>06</Month><Day>07</Day></DateRevised>"
    made = read(
        record(citation=revised, data="<PublicationStatus>aheadofprint</PublicationStatus>")
    )
    assert made.custom == {
        "pubmed-status": "MEDLINE",
        "publication-status": "aheadofprint",
        "date-revised": "2021-06-07",
    }


# ------------------------------------------------------------------ 55: corrections


def kinds(*uis: str) -> str:
    inner = "".join(f'<PublicationType UI="{ui}">Type {ui}</PublicationType>' for ui in uis)
    return f"<PublicationTypeList>{inner}</PublicationTypeList>"


def corrected(kind: str, pmid: str = "<PMID>99000002</PMID>") -> str:
    return (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}">'
        f"<RefSource>J Exam. 2021;1:2</RefSource>{pmid}</CommentsCorrections>"
        "</CommentsCorrectionsList>"
    )


def test_55_retracted_is_what_the_type_or_the_link_says() -> None:
    assert read(record(kinds("D016441"))).text("status") == "retracted"
    made = read(record(citation=corrected("RetractionIn", pmid="")))
    assert made.text("status") == "retracted"
    assert made.custom["corrections"] == [{"type": "RetractionIn", "source": "J Exam. 2021;1:2"}]


def test_55_the_notice_of_a_retraction_is_not_retracted_whatever_its_title() -> None:
    words = "<ArticleTitle>Retracted: an example.</ArticleTitle>"
    made = read(record(words + kinds("D016440"), corrected("RetractionOf")))
    assert "status" not in made.variables
    assert made.custom["corrections"][0]["pmid"] == "99000002"


def test_55_what_an_article_cites_is_no_correction() -> None:
    assert "corrections" not in read(record(citation=corrected("Cites"))).custom


def test_preprints_and_newspapers_are_types_of_their_own() -> None:
    assert read(record(kinds("D016428"))).type == "article-journal"
    assert read(record(kinds("D016428", "D000076942"))).type == "article"
    assert read(record(kinds("D018431"))).type == "article-newspaper"
    assert read(record(kinds("D016454"))).custom["publication-types"] == ["Type D016454"]


# ------------------------------------------------- 57, 58, 59: abstracts and subjects


def test_57_the_sections_of_an_abstract_keep_their_labels() -> None:
    abstract = """<Abstract><AbstractText Label="AIM">To show.</AbstractText>
      <AbstractText Label="UNLABELLED">Shown.</AbstractText>
      <CopyrightInformation>© Example.</CopyrightInformation></Abstract>"""
    made = read(record(abstract))
    assert made.text("abstract") == "AIM: To show.\nShown."
    assert made.custom["copyright"] == "© Example."


def test_57_an_old_abstract_says_that_it_was_cut() -> None:
    cut = "Shown. (ABSTRACT TRUNCATED AT 250 WORDS)"
    abstract = f"<Abstract><AbstractText>{cut}</AbstractText></Abstract>"
    assert read(record(abstract)).text("abstract") == cut


def test_57_other_abstracts_are_kept_apart() -> None:
    other = """<OtherAbstract Type="Publisher" Language="dut"><AbstractText>Een voorbeeld.
      </AbstractText></OtherAbstract>"""
    assert read(record(citation=other)).custom["other-abstracts"] == [
        {"type": "Publisher", "language": "nl", "text": "Een voorbeeld."}
    ]


def test_58_headings_and_keywords_are_keywords_and_the_headings_are_kept_in_full() -> None:
    subjects = """<MeshHeadingList><MeshHeading>
        <DescriptorName MajorTopicYN="N">Liver</DescriptorName>
        <QualifierName MajorTopicYN="Y">drug effects</QualifierName></MeshHeading>
      <MeshHeading><DescriptorName MajorTopicYN="Y">Hepatitis, Example</DescriptorName>
      </MeshHeading></MeshHeadingList>
      <KeywordList Owner="NOTNLM"><Keyword>CO<sub>2</sub>; gas</Keyword><Keyword>Liver</Keyword>
      </KeywordList>"""
    made = read(record(citation=subjects))
    assert made.keywords == ("Liver", "Hepatitis, Example", "CO<sub>2</sub>, gas")
    assert made.custom["mesh"] == ["Liver/*drug effects", "*Hepatitis, Example"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("&amp;#945;-glucosidase", "α-glucosidase"),
        ("A &amp;amp; B", "A & B"),
        ("B --&gt; K*gamma", "B --> K*gamma"),
        ("R&amp;D and AT&amp;T; example", "R&D and AT&T; example"),
    ],
)
def test_59_what_was_escaped_twice_is_unescaped_twice(written: str, expected: str) -> None:
    assert title(written).title == expected


def test_languages_have_two_letters_where_there_are_two() -> None:
    both = "<Language>eng</Language><Language>fre</Language>"
    assert title("x", both).text("language") == "en, fr"
    assert title("x", "<Language>und</Language>").text("language") == ""
    assert title("x", "<Language>mul</Language>").text("language") == "mul"


def test_grants_are_kept() -> None:
    grant = """<GrantList><Grant><GrantID>X01</GrantID><Acronym>EX</Acronym>
      <Agency>Example Agency</Agency><Country>Example</Country></Grant></GrantList>"""
    assert read(record(grant)).custom["grants"] == [
        {"id": "X01", "agency": "Example Agency", "country": "Example"}
    ]


# ------------------------------------------------------------------------- 60: books


def book(chapter: str = "", more: str = "") -> Reference:
    return read(f"""<PubmedBookArticle><BookDocument><PMID Version="1">99000003</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK990001</ArticleId></ArticleIdList>
      <Book><Publisher><PublisherName>Example Press</PublisherName>
        <PublisherLocation>Exampletown</PublisherLocation></Publisher>
        <BookTitle book="example">Handbook of <i>Examples</i></BookTitle>
        <PubDate><Year>2012</Year></PubDate>
        <AuthorList Type="editors">{person("Editor", "Ed", "E")}</AuthorList>
        <AuthorList Type="authors">{person("Author", "Al", "A")}</AuthorList>
        <Isbn>9780781719520</Isbn><Edition>2nd</Edition><Medium>Internet</Medium></Book>
      {chapter}<Language>eng</Language>{more}</BookDocument>
      <PubmedBookData><ArticleIdList><ArticleId IdType="pubmed">99000003</ArticleId>
      </ArticleIdList></PubmedBookData></PubmedBookArticle>""")


def test_60_a_chapter_of_a_book() -> None:
    chapter = f"""<ArticleTitle book="example" part="x">Exampline</ArticleTitle>
      <AuthorList Type="authors">{person("Writer", "Wanda", "W")}</AuthorList>"""
    date = "<ContributionDate><Year>2017</Year><Month>4</Month></ContributionDate>"
    made = book(chapter, date)
    assert made.type == "chapter"
    assert made.variables == {
        "PMID": "99000003",
        "URL": "https://www.ncbi.nlm.nih.gov/books/NBK990001/",
        "container-title": "Handbook of <i>Examples</i>",
        "title": "Exampline",
        "language": "en",
        "editor": (Name("Editor", "Ed"),),
        "container-author": (Name("Author", "Al"),),
        "author": (Name("Writer", "Wanda"),),
        "publisher": "Example Press",
        "publisher-place": "Exampletown",
        "ISBN": "9780781719520",
        "edition": "2nd",
        "medium": "Internet",
        "issued": Date((2017, 4)),
    }
    assert made.custom == {"bookshelf-id": "NBK990001"}


def test_60_a_whole_book() -> None:
    made = book()
    assert (made.type, made.title, made.container_title) == (
        "book",
        "Handbook of <i>Examples</i>",
        "",
    )
    assert made.authors == (Name("Author", "Al"),)
    assert made.date() == Date((2012,))


# ----------------------------------------------------------------- real records


@pytest.fixture(scope="module")
def real(corpora: Path) -> dict[str, Reference]:
    path = corpora / "pubmed" / "features.xml"
    if not path.is_file():
        pytest.skip("no PubMed records in the folder")
    with path.open("rb") as stream:
        read_in = list(formats.read(stream, path.name, formats.get("pubmed-xml")))
    assert sum(one.dossier is not None for one in read_in) == 282
    return {one.dossier.reference.pmid: one.dossier.reference for one in read_in if one.dossier}


def index(corpora: Path, *features: str) -> set[str]:
    said = json.loads((corpora / "pubmed" / "features-index.json").read_text())
    return {pmid for feature in features for pmid in said[feature]}


def test_56_of_the_versions_of_a_real_record_the_highest_stays(
    real: dict[str, Reference],
) -> None:
    assert real["30271887"].custom["pmid-version"] == "4"


def test_real_records_are_whole(real: dict[str, Reference]) -> None:
    for pmid, made in real.items():
        assert made.pmid == pmid
        assert made.title, pmid
        assert made.year, pmid
        assert made.text("container-title-short"), pmid
        assert not made.title.startswith("[") or made.text("language") == "en", pmid
        assert "medline-date" not in made.custom, pmid


def test_real_retractions(real: dict[str, Reference], corpora: Path) -> None:
    retracted = {pmid for pmid, made in real.items() if made.text("status") == "retracted"}
    assert retracted == index(corpora, "CC_RetractionIn", "PT_Retracted_Publication")


@pytest.mark.parametrize(
    ("pmid", "variable", "expected"),
    [
        ("30271887", "title-starts", "Stage 2 Registered Report"),
        ("31808390", "title-starts", "Study on the Interaction of 1,5-diaryl Pyrrole Derivatives"),
        ("423580", "title", "The question is ..."),
        ("34092203", "title-starts", "Theoricae novae planetarum Georgii Peurbachii dans"),
        ("34095083", "title-ends", "Cytochrome bc<sub>1</sub> Complex"),
        ("405266", "original-title", "Cetoacidósis diabética"),
        ("34097092", "title", "Mitteilungen der DGN"),
        ("18719013", "DOI", "10.1136/bmj.a1190"),
        ("23852273", "PMCID", "PMC3706072"),
        ("405752", "page", "780-779"),
        ("34086962", "page", "fmaa133"),
        ("33793396", "issue", ""),
        ("400677", "volume", "7 Suppl 6"),
    ],
)
def test_real_values(real: dict[str, Reference], pmid: str, variable: str, expected: str) -> None:
    name, _, how = variable.partition("-") if variable.startswith("title-") else (variable, "", "")
    text = real[pmid].text(name)
    seen = text[: len(expected)] if how == "starts" else text[-len(expected) :] if how else text
    assert seen == expected


def test_real_dates_to_cite(real: dict[str, Reference], corpora: Path) -> None:
    for pmid in index(corpora, "ArticleDate_year_ne_PubDate_year"):
        online = real[pmid].date("available-date")
        assert online
        assert online.year != real[pmid].year


def test_real_lists_that_were_cut(real: dict[str, Reference], corpora: Path) -> None:
    cut = {pmid for pmid, made in real.items() if made.authors[-1:] == (ET_AL,)}
    assert cut >= index(corpora, "AuthorList_CompleteYN_N")
    assert len(real["11909345"].authors) >= 500
