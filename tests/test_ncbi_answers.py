"""Whether a body is an answer, and what is read in one: pure, without a network.

The numbers are those of the facts that were collected about NCBI before the client was written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncbi import article, load
from ncbi.endpoints import Services
from ncbi.replies import Asked
from refbase.errors import AnswerError, ServiceError, UsageError
from refbase.model import Reference
from refbase.ncbi import ecitmatch, eutils, idconv
from refbase.ncbi.answers import Answer, Question, Refusal, Verdict, judge
from refbase.ncbi.ecitmatch import Match, Outcome
from refbase.ncbi.retries import LONGEST_WAIT, Patience, retry_after
from refbase.values import ET_AL, Date, Name


def replied(ncbi: Services, question: Question) -> Answer:
    """What the stand-in answers, without HTTP."""
    fields = {name: [text] for name, text in question.fields.items()}
    asked = Asked(question.endpoint, "POST", fields, 0)
    body = ncbi.table[question.endpoint](asked).body
    question.accept(body)
    return Answer(question.endpoint, question.asked, body)


def standin(*records: bytes) -> Services:
    return Services(load(records))


# ----------------------------------------------------------------------- is it an answer?

ACCEPT: dict[str, Callable[[bytes], object]] = {
    "efetch": eutils.efetch(["1"]).accept,
    "esearch": eutils.esearch("x").accept,
    "ecitmatch": ecitmatch.ecitmatch({}).accept,
    "idconv": idconv.idconv(["PMC1"]).accept,
}


@pytest.mark.parametrize("endpoint", ACCEPT)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"<html><head><title>Sorry</title></head></html>",
        b"<!DOCTYPE html><html><p>Sorry</html>",
        b'<?xml version="1.0"?>\n<!DOCTYPE eLinkResult PUBLIC "x" "y">\n',
        b'{"error":"/lbsm/eutils_lb -> Neg"}',
        b'{"error":"API rate limit exceeded","api-key":"203.0.113.7"}',
        b"<eFetchResult><ERROR>Search Backend failed</ERROR></eFetchResult>",
        b"{",
        b"[" * 100_000,
        b"null",
        b"\xff\xfe\x00",
        b"<PubmedArticleSet>",
    ],
)
def test_what_is_no_answer_is_refused_and_asked_for_again(endpoint: str, body: bytes) -> None:
    """11, 22: errors come with status 200."""
    with pytest.raises(Refusal) as refused:
        ACCEPT[endpoint](body)
    assert refused.value.verdict in (Verdict.AGAIN, Verdict.BUSY)
    assert "203.0.113.7" not in refused.value.message


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_body_whatever_is_worse_than_refused(body: bytes) -> None:
    for accept in ACCEPT.values():
        with suppress(Refusal):
            accept(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "esearchresult idlist count errorlist phrasesnotfound records pmid doi"
                " requested-id status error message".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_accepted_can_be_read(value: object) -> None:
    for endpoint, parse in (("esearch", eutils.found), ("idconv", idconv.parse)):
        body = json.dumps(value).encode()
        with suppress(Refusal):
            ACCEPT[endpoint](body)
            parse(Answer(endpoint, ("PMC1",), body))


def test_an_empty_set_is_an_answer() -> None:
    """17: all PMIDs unknown. Where XML is asked for, zero bytes are none."""
    body = b'<?xml version="1.0" ?>\n<PubmedArticleSet></PubmedArticleSet>'
    ACCEPT["efetch"](body)
    fetched = eutils.parse(Answer("efetch", ("1", "2"), body))
    assert fetched.missing == ("1", "2")
    assert not fetched.records
    assert not fetched.diagnostics


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("Unable to obtain query #1", Verdict.NEVER),
        ("ID list is empty! Possibly it has no correct IDs.", Verdict.NEVER),
        ("Supplied id parameter is empty.", Verdict.NEVER),
        ("Invalid uid x at position= 24", Verdict.NEVER),
        ("Search Backend failed: Database is not supported: pubmed", Verdict.AGAIN),
        ("Couldn't resolve #exLinkSrv2, the address table is empty.", Verdict.AGAIN),
        ("API rate limit exceeded", Verdict.BUSY),
        ("API key invalid", Verdict.GONE),
    ],
)
def test_the_words_of_an_error_tell_whether_it_passes(message: str, verdict: Verdict) -> None:
    bodies = [
        f"<eFetchResult>\n<ERROR>{message}</ERROR></eFetchResult>",
        json.dumps({"error": message}),
        json.dumps({"esearchresult": {"ERROR": message}}),
    ]
    for body in bodies:
        with pytest.raises(Refusal) as refused:
            ACCEPT["efetch" if body.startswith("<") else "esearch"](body.encode())
        assert refused.value.verdict is verdict
        assert message in refused.value.message


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (429, b'{"error":"API rate limit exceeded"}', Verdict.BUSY),
        (500, b"<html>", Verdict.AGAIN),
        (502, b"", Verdict.AGAIN),
        (503, b"", Verdict.AGAIN),
        (408, b"", Verdict.AGAIN),
        (400, b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>", Verdict.NEVER),
        (400, b'{"error":"API key invalid","api-key":"made-up"}', Verdict.GONE),
        (404, b'{"status":"error","message":"ID%20type%20mismatch"}', Verdict.NEVER),
        (404, b"<html>", Verdict.GONE),
        (403, b"", Verdict.GONE),
        (414, b"<html>", Verdict.NEVER),
        (204, b"", Verdict.NEVER),
    ],
)
def test_a_status_tells_what_to_do(status: int, body: bytes, verdict: Verdict) -> None:
    with pytest.raises(Refusal) as refused:
        judge(status, body)
    assert refused.value.verdict is verdict
    assert str(status) in refused.value.message


def test_what_the_converter_says_in_percents_is_told_in_words() -> None:
    """39: its messages are encoded like addresses."""
    with pytest.raises(Refusal, match="ID type mismatch"):
        judge(404, b'{"status":"error","message":"ID%20type%20mismatch"}')


# ------------------------------------------------------------- the collected failures


def manifest(corpora: Path) -> list[tuple[str, int, bytes]]:
    folder = corpora / "ncbi"
    rows = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text().splitlines()[1:]]
    return [(name, int(status), (folder / name).read_bytes()) for name, status, _ in rows]


GOOD = {
    "recorded/047_efetch_200_EMPTY.xml": "efetch",
    "recorded/efetch_pubmed_empty_set.xml": "efetch",
    "recorded/citmatch_found.txt": "ecitmatch",
    "recorded/citmatch_mixed.txt": "ecitmatch",
    "recorded/citmatch_single.txt": "ecitmatch",
    "attested/ecitmatch_ambiguous_count.txt": "ecitmatch",
    "attested/ecitmatch_ambiguous_with_candidates.txt": "ecitmatch",
    "attested/idconv_v1_new_shape.json": "idconv",
    "recorded/006_idconv_200_ERR.json": "idconv",
}


def accepted(accept: Callable[[bytes], object], status: int, body: bytes) -> None:
    judge(status, body)
    accept(body)


def test_of_the_collected_answers_those_that_are_none_are_refused(corpora: Path) -> None:
    seen = 0
    for name, status, body in manifest(corpora):
        for endpoint, accept in ACCEPT.items():
            if GOOD.get(name) == endpoint:
                accepted(accept, status, body)
                seen += 1
                continue
            with pytest.raises(Refusal) as refused:
                accepted(accept, status, body)
            assert refused.value.message, name
            assert "203.0.113.7" not in refused.value.message
    assert seen == len(GOOD)


def test_the_collected_citations_are_read(corpora: Path) -> None:
    """31-33."""
    lines = {name: body for name, _, body in manifest(corpora) if GOOD.get(name) == "ecitmatch"}

    def outcomes(name: str) -> list[tuple[Outcome, tuple[str, ...]]]:
        # The keys of these recordings are words; ours are numbers
        body = lines[name]
        numbered = b"\n".join(
            b"|".join((*line.split(b"|")[:5], str(number).encode(), line.split(b"|")[6]))
            for number, line in enumerate(body.splitlines(), 1)
        )
        asked = tuple(str(n) for n in range(len(body.splitlines())))
        matches = ecitmatch.parse(Answer("ecitmatch", asked, numbered))
        return [(match.outcome, match.pmids) for match in matches.values()]

    assert outcomes("recorded/citmatch_mixed.txt") == [
        (Outcome.FOUND, ("2014248",)),
        (Outcome.NOT_FOUND, ()),
        (Outcome.FOUND, ("31978945",)),
    ]
    assert outcomes("attested/ecitmatch_ambiguous_with_candidates.txt") == [
        (Outcome.AMBIGUOUS, ("33057196", "32076266", "32025019"))
    ]
    assert outcomes("attested/ecitmatch_ambiguous_count.txt") == [(Outcome.AMBIGUOUS, ())]


def test_the_collected_conversions_are_read(corpora: Path) -> None:
    """38, 39: PMIDs are numbers in the new service; what is not in PMC is an error there."""
    body = (corpora / "ncbi/attested/idconv_v1_new_shape.json").read_bytes()
    converted = idconv.parse(Answer("idconv", ("30985717", "12599237", "1"), body))
    assert converted.found["30985717"] == {
        "PMID": "30985717",
        "PMCID": "PMC6485760",
        "DOI": "10.1097/MD.0000000000015207",
    }
    assert converted.not_in_pmc == ("12599237",)
    assert converted.unanswered == ("1",)
    body = (corpora / "ncbi/recorded/006_idconv_200_ERR.json").read_bytes()
    old = idconv.parse(Answer("idconv", ("10.1371/JOURNAL.pone.0000030x",), body))
    assert old.not_in_pmc == ("10.1371/JOURNAL.pone.0000030x",)


def test_real_records_are_read_from_an_answer(corpora: Path) -> None:
    server = standin(*[(corpora / "pubmed/features.xml").read_bytes()])
    pmids = tuple(server.records)
    fetched = eutils.parse(replied(server, eutils.efetch(pmids)))
    assert tuple(fetched.records) == pmids
    assert fetched.missing == fetched.unasked == fetched.diagnostics == ()


# ----------------------------------------------------------------------- records (17-21)


def test_records_are_told_apart_by_their_pmid_and_never_by_their_place() -> None:
    """21: the stand-in answers in an order of its own."""
    server = standin(*(article(str(n), f"Example {n}.") for n in range(1, 9)))
    answer = replied(server, eutils.efetch(["3", "8", "1"]))
    assert answer.body.index(b"Example 8") < answer.body.index(b"Example 3")
    references = eutils.parse(answer).references
    titles = {pmid: reference.title for pmid, reference in references.items()}
    assert titles == {"3": "Example 3", "8": "Example 8", "1": "Example 1"}
    assert list(titles) == ["3", "8", "1"]


def test_what_pubmed_does_not_know_is_missing_and_costs_nothing_else() -> None:
    """17, 20: it is left out without a word."""
    fetched = eutils.parse(
        replied(standin(article("1"), article("3")), eutils.efetch(["1", "2", "3"]))
    )
    assert list(fetched.records) == ["1", "3"]
    assert fetched.missing == ("2",)


def test_what_was_not_asked_for_is_no_answer() -> None:
    """19: `-1` was answered with PMID 1."""
    body = b"<PubmedArticleSet>" + article("1") + article("2") + b"</PubmedArticleSet>"
    fetched = eutils.parse(Answer("efetch", ("2", "3"), body))
    assert list(fetched.records) == ["2"]
    assert fetched.missing == ("3",)
    assert fetched.unasked == ("1",)


def test_a_record_keeps_the_text_that_it_was_read_from() -> None:
    [parsed] = eutils.parse(replied(standin(article("1")), eutils.efetch(["1"]))).records.values()
    assert parsed.raw == article("1").decode()


def test_a_record_that_cannot_be_read_costs_itself_and_is_told() -> None:
    empty = b"<PubmedArticle><MedlineCitation></MedlineCitation></PubmedArticle>"
    body = b"<PubmedArticleSet>" + empty + article("2") + b"</PubmedArticleSet>"
    fetched = eutils.parse(Answer("efetch", ("1", "2"), body))
    assert list(fetched.records) == ["2"]
    assert fetched.missing == ("1",)
    assert [diagnostic.code for diagnostic in fetched.diagnostics] == ["bad-xml"]


def test_of_two_versions_of_one_pmid_the_higher_is_taken() -> None:
    """56."""
    higher = article("1", "Second.").replace(b'Version="1"', b'Version="2"')
    for records in (article("1", "First.") + higher, higher + article("1", "First.")):
        body = b"<PubmedArticleSet>" + records + b"</PubmedArticleSet>"
        fetched = eutils.parse(Answer("efetch", ("1",), body))
        assert fetched.references["1"].title == "Second"


# ----------------------------------------------------------------------- searching (6, 36)


def test_a_search_tells_pmids_and_their_number() -> None:
    server = standin(
        *(article(str(n), "Example.", doi=f"10.5555/example.{n}") for n in range(1, 30))
    )
    search = eutils.found(replied(server, eutils.esearch("Example[Title]", limit=5)))
    assert search.pmids == ("29", "28", "27", "26", "25")
    assert search.count == 29
    assert search.warnings == ()
    search = eutils.found(replied(server, eutils.esearch("10.5555/example.7[doi]")))
    assert search.pmids == ("7",)


def test_a_search_for_something_else_than_was_asked_says_so() -> None:
    """A phrase that PubMed does not know is left out, and the rest finds too much."""
    server = standin(article("1", "Example."))
    search = eutils.found(replied(server, eutils.esearch('Example[Title] AND "no such"[Title]')))
    assert search.pmids == ("1",)
    assert search.warnings == ("not found: no such[Title]",)
    nothing = eutils.found(replied(server, eutils.esearch('"no such"[Title]')))
    assert nothing.pmids == ()
    assert "No items found." in nothing.warnings


def test_no_search_asks_for_more_than_pubmed_serves() -> None:
    """6: 9,999, whatever the documentation says."""
    assert eutils.esearch("x", limit=100_000).fields["retmax"] == "9999"


# ----------------------------------------------------------------------- citations (31-35)

MANN = Reference(
    "article-journal",
    {
        "author": (Name("Example", "A. B."), Name("Other", "C.")),
        "container-title-short": "J. Ex. A",
        "issued": Date((2001,)),
        "volume": "12",
        "page": "345-50",
    },
)


def test_a_citation_is_sent_as_ecitmatch_wants_it() -> None:
    question = ecitmatch.ecitmatch({"a|b": MANN, "c": MANN})
    assert question.fields["bdata"] == (
        "J Ex A|2001|12|345|example ab|1|\rJ Ex A|2001|12|345|example ab|2|"
    )
    assert question.asked == ("a|b", "c")


@pytest.mark.parametrize(
    ("variables", "askable"),
    [
        ({}, True),
        ({"volume": ""}, True),
        ({"page": ""}, False),
        ({"container-title-short": ""}, False),
        ({"volume": "", "issued": ""}, False),
    ],
)
def test_too_little_is_not_asked(variables: dict[str, str], askable: bool) -> None:
    """35: an author or a volume alone never matches."""
    known = {**MANN.variables, **variables}
    work = Reference("article-journal", {name: value for name, value in known.items() if value})
    assert ecitmatch.can_ask(work) is askable


def test_no_text_of_a_citation_can_make_another_line() -> None:
    wild = Reference(
        "article-journal",
        {"container-title": "A|B\rC\n<i>D</i>", "page": "1", "author": (Name(literal="G|H"),)},
    )
    [line] = ecitmatch.ecitmatch({"x": wild}).fields["bdata"].splitlines()
    assert line == "A B C D|||1||1|"
    cut = Reference("article-journal", {"author": (ET_AL,)})
    assert ecitmatch.ecitmatch({"x": cut}).fields["bdata"] == "|||||1|"


def test_what_became_of_a_citation_is_told_by_its_number() -> None:
    """32, 33: lines are left out, and stand in any order."""
    body = (
        b"j|2001|1|1|x|4|AMBIGUOUS 33,44\n"
        b"j|2001|1|1|x|2|NOT_FOUND;INVALID_JOURNAL\n"
        b"j|2001|1|1|x|5|AMBIGUOUS (7 citations)\n"
        b"j|2001|1|1|x|1|11\n"
        b"j|2001|1|1|x|9|99\n"
        b"j|2001|1|1|x|6|12\n"
        b"j|2001|1|1|x|6|13\n"
    )
    matches = ecitmatch.parse(Answer("ecitmatch", tuple("abcdef"), body))
    assert matches == {
        "a": Match(Outcome.FOUND, ("11",)),
        "b": Match(Outcome.NOT_FOUND, (), "INVALID_JOURNAL"),
        "c": Match(Outcome.UNANSWERED),
        "d": Match(Outcome.AMBIGUOUS, ("33", "44"), "33,44"),
        "e": Match(Outcome.AMBIGUOUS, (), "(7 citations)"),
        "f": Match(Outcome.UNANSWERED),
    }


def test_the_stand_in_overlooks_a_wrong_author_as_ncbi_does() -> None:
    """34: so whoever is told a PMID has to compare."""
    server = standin(
        article("7", journal="J Ex A", volume="12", page="345-350", authors=["Different XY"])
    )
    matches = ecitmatch.parse(replied(server, ecitmatch.ecitmatch({"a": MANN})))
    assert matches["a"].pmids == ("7",)


# ----------------------------------------------------------------------- converting (37-40)


def test_what_is_not_in_pmc_may_exist_all_the_same() -> None:
    server = standin(
        article("1", pmcid="PMC11", doi="10.5555/Example.1"), article("2", doi="10.5555/example.2")
    )
    question = idconv.idconv(["10.5555/EXAMPLE.1", "10.5555/example.2"])
    converted = idconv.parse(replied(server, question))
    assert converted.found["10.5555/EXAMPLE.1"]["PMID"] == "1"
    assert converted.not_in_pmc == ("10.5555/example.2",)
    assert converted.unanswered == ()


@pytest.mark.parametrize(
    "values", [["PMC1", "1"], ["PMC1", "10.5555/x"], ["x"], [], ["10.5555/a,b"], ["pmc1"]]
)
def test_a_mixture_is_not_sent(values: list[str]) -> None:
    """37: one of another kind spoils the whole request."""
    with pytest.raises(UsageError):
        idconv.idconv(values)


def test_batches_are_of_one_kind_and_short_enough_for_an_address() -> None:
    dois = [f"10.5555/example.with.a.long.name.{n}" for n in range(300)]
    numbers = [f"PMC{n}" for n in range(1, 300)]
    batches = list(idconv.batches([*dois, *numbers]))
    assert [value for batch in batches for value in batch] == [*dois, *numbers]
    for batch in batches:
        assert len(batch) <= idconv.BATCH
        assert len(",".join(batch)) <= 2000
        idconv.idconv(batch)


# ----------------------------------------------------------------------- patience


def test_waiting_grows_and_is_scattered_and_bounded() -> None:
    patience = Patience(10_000, 1.0)
    waits = [patience.wait(Refusal("x", Verdict.LOST), 0) for _ in range(11)]
    for tries, wait in enumerate(waits):
        most = min(2**tries, LONGEST_WAIT)
        assert most / 2 <= wait <= most
    with pytest.raises(ServiceError, match="12 tries"):
        patience.wait(Refusal("x", Verdict.LOST), 0)


def test_what_ncbi_asks_for_is_waited_at_least() -> None:
    assert Patience(100).wait(Refusal("x", Verdict.BUSY, 7.0), 0) >= 7


def test_nothing_is_tried_beyond_the_deadline() -> None:
    patience = Patience(10)
    patience.wait(Refusal("x"), 3)
    with pytest.raises(AnswerError):
        patience.wait(Refusal("x"), 7)


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict.AGAIN, AnswerError),
        (Verdict.NEVER, AnswerError),
        (Verdict.BUSY, ServiceError),
        (Verdict.LOST, ServiceError),
        (Verdict.GONE, ServiceError),
    ],
)
def test_one_failed_or_all_is_told_apart(verdict: Verdict, error: type[Exception]) -> None:
    with pytest.raises(error):
        Patience(0).wait(Refusal("x", verdict, 1.0), 0)


@given(st.text())
def test_no_retry_after_whatever_brings_us_down(text: str) -> None:
    seconds = retry_after(text, 0.0)
    assert seconds is None or seconds >= 0


# ----------------------------------------------------------------------- hostile answers

ENTITIES = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "%s">]>' % (b"b" * 999)


@pytest.mark.parametrize("entity", [b"&a;", b"&b;"])
def test_no_entity_is_resolved_whatever_an_answer_defines(entity: bytes) -> None:
    record = article("1", "Example X.").replace(b"Example X", b"Example " + entity)
    body = ENTITIES + b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>"
    with suppress(Refusal):
        ACCEPT["efetch"](body)
        for reference in eutils.parse(Answer("efetch", ("1",), body)).references.values():
            assert len(reference.title) < 50
            assert "root" not in reference.title


def test_an_answer_that_is_nested_too_deeply_is_refused() -> None:
    depth = 100_000
    for body in (b"<a>" * depth + b"</a>" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        for accept in ACCEPT.values():
            with pytest.raises(Refusal):
                accept(body)
