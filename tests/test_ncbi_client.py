"""The client of NCBI against the stand-in: real HTTP on this machine, and all that goes wrong.

The numbers are those of the facts that were collected about NCBI before the client was written.
"""

from __future__ import annotations

import logging
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ncbi import FAULTS, Server, article, every
from ncbi.faults import TRANSIENT
from refbase.errors import AnswerError, RefbaseError, ServiceError, UsageError
from refbase.model import Reference
from refbase.ncbi import Client, answers, client, ecitmatch, eutils, idconv, transport
from refbase.ncbi.answers import Answer, Question, Refusal, Verdict
from refbase.ncbi.throttle import Throttle
from refbase.ncbi.transport import EUTILS

MANN = Reference("article-journal", {"container-title": "J Examples", "page": "1"})
KEY = "made-up-key-0123456789"
PEOPLE = [article(str(n), f"Example {n}.") for n in range(1, 41)]
ALL = [str(n) for n in range(1, 41)]


def asking(server: Server, api_key: str = "", **options: float) -> Client:
    """A client that waits milliseconds where others wait seconds."""
    chosen = {"first_wait": 0.001, "timeout": 5.0, "deadline": 60.0, **options}
    return Client(
        "someone@example.org",
        api_key,
        eutils_url=server.url,
        idconv_url=server.idconv_url,
        throttle=Throttle(500),
        **chosen,
    )


def server(*faults: str, records: list[bytes] = PEOPLE, **options: object) -> Server:
    return Server(*records, faults=faults, rate=0, **options)  # type: ignore[arg-type]


def records(answer: Answer) -> list[str]:
    return list(eutils.parse(answer).records)


# ----------------------------------------------------------------- what is sent (3, 13, 16)


def test_identifiers_key_and_address_travel_in_the_body_of_a_post() -> None:
    with server(api_key=KEY) as ncbi, asking(ncbi, KEY) as asked:
        assert records(asked.efetch(["1", "2"])) == ["1", "2"]
        [request] = ncbi.asked
    assert (request.method, request.url) == ("POST", "/entrez/eutils/efetch.fcgi")
    assert request.fields == {
        "db": ["pubmed"],
        "retmode": ["xml"],
        "retmax": ["2"],
        "id": ["1,2"],
        "tool": ["refbase"],
        "email": ["someone@example.org"],
        "api_key": [KEY],
    }


def test_every_endpoint_is_told_who_asks() -> None:
    questions = [
        eutils.esearch("Example"),
        ecitmatch.ecitmatch({}),
        idconv.idconv(["PMC1"]),
        eutils.efetch(["1"]),
    ]
    with server("", "empty", "", "") as ncbi, asking(ncbi) as asked:
        for question in questions:
            try:
                asked.ask(question)
            except AnswerError:
                assert question.endpoint == "ecitmatch"
        assert {request.endpoint for request in ncbi.asked} == {q.endpoint for q in questions}
        for request in ncbi.asked:
            assert request.text("tool") == "refbase"
            assert request.text("email") == "someone@example.org"


def test_a_client_without_an_email_address_is_refused() -> None:
    with pytest.raises(UsageError, match="e-mail"):
        Client("")


@pytest.mark.parametrize("pmid", ["-1", "0", "01", "1.5", "1234567890", "PMC1", "", " 1"])
def test_what_is_no_pmid_is_never_sent(pmid: str) -> None:
    """19: PubMed makes another PMID of it, and answers with somebody else's paper."""
    with pytest.raises(UsageError, match="no PMID"):
        eutils.efetch(["1", pmid])


def test_ten_thousand_pmids_make_fifty_requests() -> None:
    batches = list(eutils.batches(str(n) for n in range(1, 10_001)))
    assert len(batches) == 50
    assert {len(batch) for batch in batches} == {200}


# ----------------------------------------------------------------- what comes back (9, 24)


def test_an_answer_is_kept_word_for_word_with_what_was_asked() -> None:
    with server() as ncbi, asking(ncbi) as asked:
        answer = asked.efetch(["2", "1", "999"])
        url = ncbi.url
    assert answer.endpoint == "efetch"
    assert answer.asked == ("2", "1", "999")
    assert answer.url == f"{url}efetch.fcgi"
    assert answer.time.endswith("+00:00")
    assert PEOPLE[0] in answer.body
    assert answer.body.endswith(b"</PubmedArticleSet>")


def test_counts_that_are_none_are_not_believed() -> None:
    nonsense = {"X-RateLimit-Limit": "9" * 5000, "X-RateLimit-Remaining": "-1"}
    with server() as ncbi, asking(ncbi) as asked:
        efetch = ncbi.services.efetch
        ncbi.services.table["efetch"] = lambda request: replace(efetch(request), headers=nonsense)
        assert records(asked.efetch(["1"])) == ["1"]
        assert asked.rate == 500


def test_packed_answers_are_unpacked() -> None:
    with server() as ncbi, asking(ncbi) as asked:
        assert records(asked.efetch(ALL)) == ALL


def test_no_dtd_is_fetched() -> None:
    """25: the DTD that an answer names changes every year; nobody needs it."""
    with server() as ncbi:
        named = f'<!DOCTYPE PubmedArticleSet SYSTEM "{ncbi.url}efetch.fcgi">'.encode()
        body = named + b"<PubmedArticleSet>" + PEOPLE[0] + b"</PubmedArticleSet>"
        question = eutils.efetch(["1"])
        question.accept(body)
        assert records(Answer("efetch", ("1",), body)) == ["1"]
        assert ncbi.asked == []


def test_no_dtd_is_read_from_a_disk(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text("<!ENTITY example 'of the disk'>")
    named = f'<!DOCTYPE PubmedArticleSet SYSTEM "{(tmp_path / "x.dtd").as_uri()}">'.encode()
    root = answers.xml(named + b"<PubmedArticleSet/>", "PubmedArticleSet")
    assert root.getroottree().docinfo.externalDTD is None


# ----------------------------------------------------------------- what passes (10-12, 22-24)


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_passes_is_asked_for_again(fault: str) -> None:
    with server(fault) as ncbi, asking(ncbi) as asked:
        assert records(asked.efetch(ALL)) == ALL
        assert ncbi.count("efetch") == 2


@pytest.mark.parametrize("fault", ["raw-newline", "load-balancer", "html", "empty", "half"])
def test_a_search_that_fails_behind_a_status_of_200_is_asked_for_again(fault: str) -> None:
    """23: NCBI breaks lines inside the strings of its JSON."""
    with server(fault) as ncbi, asking(ncbi) as asked:
        assert eutils.found(asked.ask(eutils.esearch("7[pmid]"))).pmids == ("7",)
        assert ncbi.count("esearch") == 2


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"slow", "silent"}))
def test_nothing_but_an_answer_counts_as_one_however_often_it_comes(fault: str) -> None:
    with server(*[fault] * 20) as ncbi, asking(ncbi, deadline=0.5) as asked:
        with pytest.raises((AnswerError, ServiceError)) as raised:
            asked.efetch(ALL)
        assert raised.value.message


@pytest.mark.parametrize("fault", ["no-ids", "empty-id", "history", "414"])
def test_what_no_repetition_changes_is_asked_once(fault: str) -> None:
    with server(fault) as ncbi, asking(ncbi) as asked:
        with pytest.raises(AnswerError) as raised:
            asked.efetch(["1"])
        assert ncbi.count("efetch") == 1
        assert raised.value.asked == ("1",)
        assert raised.value.exit_code == 1


@pytest.mark.parametrize("fault", ["403", "invalid-key"])
def test_a_refusal_of_us_altogether_ends_everything(fault: str) -> None:
    """15: an invalid key is a status of 400 whose body repeats the key."""
    with server(fault, api_key=KEY) as ncbi, asking(ncbi, KEY) as asked:
        with pytest.raises(ServiceError) as raised:
            asked.efetch(["1"])
        assert ncbi.count("efetch") == 1
        assert raised.value.exit_code == 4
        assert "NCBI_API_KEY" in raised.value.hint


def test_a_server_that_asks_to_wait_longer_than_the_deadline_is_given_up() -> None:
    with server(*["503-retry-after"] * 9) as ncbi, asking(ncbi, deadline=0.5) as asked:
        with pytest.raises(AnswerError):
            asked.efetch(["1"])
        assert ncbi.count("efetch") == 1


def test_retry_after_holds_up_all_who_share_the_limit() -> None:
    throttle = Throttle(500)
    with server("429-retry-after") as ncbi:
        asked = Client(
            "someone@example.org", eutils_url=ncbi.url, throttle=throttle, first_wait=0.001
        )
        asked.efetch(["1"])
        first, second = (request.time for request in ncbi.asked)
        assert second - first >= 1


def test_a_server_that_is_silent_or_sends_a_byte_now_and_then_is_not_waited_for() -> None:
    for fault in ("silent", "slow"):
        with server(fault) as ncbi, asking(ncbi, timeout=0.3) as asked:
            assert records(asked.efetch(["1"])) == ["1"]
            assert ncbi.count("efetch") == 2


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LARGEST", 1000)
    with server() as ncbi, asking(ncbi) as asked, pytest.raises(AnswerError, match="more than"):
        asked.efetch(ALL)


# ----------------------------------------------------------------- one failed, or all


def test_nobody_there_is_said_soon_and_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Client(
        "someone@example.org",
        eutils_url=f"http://127.0.0.1:{port}/",
        throttle=Throttle(500),
        first_wait=0.001,
    )
    with nobody, pytest.raises(ServiceError) as raised:
        nobody.efetch(["1"])
    assert raised.value.message == "NCBI cannot be reached: connection refused (4 tries)"
    assert raised.value.exit_code == 4


def test_an_address_that_is_none_of_ncbi_is_said_to_be_wrong() -> None:
    with server() as ncbi:
        url = ncbi.url.replace("/entrez/eutils/", "/elsewhere/")
        wrong = Client("someone@example.org", eutils_url=url, throttle=Throttle(500))
        with wrong, pytest.raises(ServiceError, match="404") as raised:
            wrong.efetch(["1"])
    assert "REFBASE_NCBI_URL" in raised.value.hint


def test_three_requests_that_fail_in_a_row_mean_that_the_service_is_gone() -> None:
    with server(*["502"] * 99) as ncbi, asking(ncbi, deadline=0.05) as asked:
        for _ in range(2):
            with pytest.raises(AnswerError):
                asked.efetch(["1"])
        with pytest.raises(ServiceError):
            asked.efetch(["1"])


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if "_answer_into" in thread.name:
            thread.join()


def spoil(ncbi: Server, pmids: set[str], fault: str = "502") -> None:
    """From now on NCBI fails whenever one of these is among what is asked for."""
    efetch = ncbi.services.efetch
    ncbi.services.table["efetch"] = lambda request: (
        FAULTS[fault](efetch(request), request) if pmids & set(request.ids) else efetch(request)
    )


@pytest.mark.parametrize("fault", ["502", "half", "empty-id", "414"])
@pytest.mark.parametrize("pmid", ["1", "13", "20", "40"])
def test_one_record_that_cannot_be_had_costs_nothing_but_itself(fault: str, pmid: str) -> None:
    with server() as ncbi, asking(ncbi) as asked:
        spoil(ncbi, {pmid}, fault)
        results = list(asked.fetch_many(eutils.batches(ALL, 20)))
    failed = [result for result in results if isinstance(result, AnswerError)]
    assert [fault.asked for fault in failed] == [(pmid,)]
    found = [pmid for r in results if isinstance(r, Answer) for pmid in records(r)]
    assert sorted(found, key=int) == [other for other in ALL if other != pmid]


def test_where_no_half_is_answered_the_question_is_not_taken_to_pieces() -> None:
    with server() as ncbi, asking(ncbi) as asked:
        spoil(ncbi, {"1", "40"}, "empty-id")
        [result] = asked.fetch_many([ALL])
        assert isinstance(result, AnswerError)
        assert result.asked == tuple(ALL)
        assert ncbi.count("efetch") == 3


def test_a_question_that_cannot_be_halved_fails_as_a_whole() -> None:
    with server("empty-id") as ncbi, asking(ncbi) as asked:
        [result] = asked.ask_many([ecitmatch.ecitmatch({"a": MANN, "b": MANN})])
    assert isinstance(result, AnswerError)
    assert result.asked == ("a", "b")


def test_an_accident_of_our_own_is_not_taken_for_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda told: seen.append(told.exc_type))

    def broken(body: bytes) -> None:
        raise ZeroDivisionError

    with server() as ncbi, asking(ncbi) as asked:
        results = asked.ask_many([Question("efetch", ("1",), {"id": "1"}, broken)])
        with pytest.raises(ServiceError, match="not ended"):
            next(results)
        wait_for_threads()
    assert seen == [ZeroDivisionError]


def test_when_the_service_goes_what_was_answered_is_handed_on_first() -> None:
    found: list[str] = []

    def take(results: Iterator[Answer | AnswerError]) -> None:
        for result in results:
            assert isinstance(result, Answer)
            found.extend(records(result))

    with server(*["", "", ""], *["403"] * 99) as ncbi, asking(ncbi) as asked:
        with pytest.raises(ServiceError):
            take(asked.fetch_many(eutils.batches(ALL, 1)))
        assert len(found) == 3
        # Nobody goes on asking a service that refuses us
        assert ncbi.count("efetch") < 40


def test_with_a_fault_on_every_third_request_all_comes_in_the_end() -> None:
    faulty = Server(*PEOPLE, faults=every(3), rate=0)
    with faulty as ncbi, asking(ncbi) as asked:
        results = list(asked.fetch_many(eutils.batches(ALL, 2)))
    found = [pmid for result in results if isinstance(result, Answer) for pmid in records(result)]
    assert sorted(found, key=int) == ALL


def test_requests_in_flight_hide_how_long_each_takes() -> None:
    with server(latency=0.3) as ncbi, asking(ncbi) as asked:
        list(asked.fetch_many(eutils.batches(ALL, 2)))
        assert ncbi.most_in_flight > 5


def departures(file: Path) -> list[bool]:
    """Whether each request was taken for one that arrives late."""
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT sent - time >= ? FROM slot", (transport.CONNECTING,))
    late = [bool(late) for (late,) in rows]
    connection.close()
    return late


def test_a_new_connection_is_given_time_until_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[list[bool]] = []
    leaves = Throttle.leaves

    def told(self: Throttle, slot: int) -> None:
        before.append(departures(tmp_path / "ncbi.db"))
        leaves(self, slot)

    monkeypatch.setattr(transport, "CONNECTING", 100.0)
    monkeypatch.setattr(Throttle, "leaves", told)
    with server() as ncbi:
        throttle = Throttle(50, tmp_path / "ncbi.db")
        with Client("someone@example.org", eutils_url=ncbi.url, throttle=throttle) as asked:
            for _ in range(3):
                asked.efetch(["1"])
    assert before == [[True]]
    assert departures(tmp_path / "ncbi.db") == [False, False, False]


def test_no_more_is_asked_than_somebody_waits_for() -> None:
    taken = 0

    def batches() -> Iterator[list[str]]:
        nonlocal taken
        for pmid in ALL:
            taken += 1
            yield [pmid]

    with server() as ncbi:
        slow = Client("someone@example.org", eutils_url=ncbi.url, throttle=Throttle(2))
        with slow:
            results = slow.fetch_many(batches())
            next(results)
            results.close()
            assert taken <= 5


def test_who_leaves_early_leaves_nothing_behind_that_fails() -> None:
    """Requests that were under way come back to a client that is closed."""
    with server(latency=0.3) as ncbi:
        with asking(ncbi) as asked:
            results = asked.fetch_many([pmid] for pmid in ALL)
            next(results)
            results.close()
        while ncbi.in_flight:
            time.sleep(0.05)
    wait_for_threads()


def test_ctrl_c_does_not_wait_for_a_silent_server(tmp_path: Path) -> None:
    with server("silent") as ncbi:
        script = f"""
from refbase.ncbi import Client
with Client("someone@example.org", eutils_url={ncbi.url!r}, timeout=300) as client:
    try:
        list(client.fetch_many([["1"]]))
    except KeyboardInterrupt:
        raise SystemExit(130)
"""
        run = subprocess.Popen([sys.executable, "-c", script])
        while not ncbi.asked:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=30) == 130


# ----------------------------------------------------------------- redirections (1)


def test_a_service_that_moved_is_followed_and_a_post_stays_one() -> None:
    with server(api_key=KEY) as new, server(moved_to=new.url) as old:
        with asking(old, KEY) as asked:
            answer = asked.efetch(["1"])
        assert records(answer) == ["1"]
        assert [request.method for request in (*old.asked, *new.asked)] == ["POST", "POST"]
        assert new.asked[0].text("api_key") == KEY
        assert answer.url == f"{new.url}efetch.fcgi"


def test_the_key_does_not_follow_to_another_host() -> None:
    with server() as new:
        other = new.url.replace("127.0.0.1", "localhost")
        with server(moved_to=other, api_key=KEY) as old, asking(old, KEY) as asked:
            assert records(asked.efetch(["1"])) == ["1"]
            assert old.asked[0].text("api_key") == KEY
        assert "api_key" not in new.asked[0].fields


def test_a_service_that_sends_us_round_in_circles_is_left() -> None:
    with server() as ncbi, asking(ncbi) as asked:
        ncbi.moved_to = ncbi.url
        with pytest.raises(ServiceError, match="redirected too often"):
            asked.efetch(["1"])
        assert len(ncbi.asked) == 5


def test_nobody_leads_us_away_from_encryption() -> None:
    with pytest.raises(Refusal, match="away from encryption"):
        transport._redirected("https://eutils.ncbi.nlm.nih.gov/x", "http://example.org/?q=secret")
    assert transport._redirected("http://example.org/a", "https://example.org/b").startswith(
        "https"
    )


@pytest.mark.parametrize("location", ["ftp://example.org/", "http://[bad", "https:///x", "file:/x"])
def test_nobody_leads_us_nowhere(location: str) -> None:
    with pytest.raises(Refusal, match="nowhere"):
        transport._redirected("http://example.org/", location)


def test_the_key_is_sent_in_the_clear_to_this_machine_only() -> None:
    assert transport._may_see_key(EUTILS, EUTILS)
    assert transport._may_see_key("http://127.0.0.1:8123/", "http://127.0.0.1:8123/")
    assert not transport._may_see_key("http://mirror.example.org/", "http://mirror.example.org/")


def test_the_old_address_of_the_converter_leads_to_the_new_one() -> None:
    """1: clients that did not follow read a web page and found nothing."""
    people = [article("11", pmcid="PMC12", doi="10.5555/example.1")]
    with server(records=people) as ncbi:
        old = ncbi.idconv_url.replace("/tools/idconv/api/v1/articles/", "/pmc/utils/idconv/v1.0/")
        with Client("a@example.org", idconv_url=old, throttle=Throttle(500)) as asked:
            found = idconv.parse(asked.ask(idconv.idconv(["PMC12"]))).found
    assert found["PMC12"]["PMID"] == "11"


# ----------------------------------------------------------------- secrets (10, 15, 16)


@pytest.mark.parametrize("fault", ["invalid-key", "429", "load-balancer", "rate-in-200", "reset"])
def test_neither_key_nor_address_is_told_to_anybody(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with server(*[fault] * 30, api_key=KEY) as ncbi, asking(ncbi, KEY, deadline=3) as asked:
        with pytest.raises(RefbaseError) as raised:
            asked.efetch(["1"])
        told = [
            caplog.text,
            repr(asked),
            repr(raised.value),
            raised.value.hint,
            "".join(traceback.format_exception(raised.value)),
        ]
    assert KEY not in "".join(told)
    assert "203.0.113.7" not in "".join(told)


def test_a_message_that_repeats_the_key_is_told_without_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(body: bytes) -> None:
        raise Refusal(f"your key {KEY} is bad", Verdict.NEVER)

    question = Question("efetch", ("1",), {"id": "1"}, refuse)
    with server(api_key=KEY) as ncbi, asking(ncbi, KEY) as asked:
        with pytest.raises(AnswerError) as raised:
            asked.ask(question)
        assert KEY not in caplog.text
    assert "your key ... is bad" in raised.value.message


def test_an_address_with_a_password_in_it_is_told_without_it() -> None:
    assert (
        transport.public("http://me:secret@example.org:80/x?api_key=1") == "http://example.org:80/x"
    )


def test_the_stand_in_refuses_a_key_in_an_address() -> None:
    import requests

    with server(api_key=KEY) as ncbi:
        refused = requests.get(f"{ncbi.url}efetch.fcgi?db=pubmed&id=1&api_key={KEY}", timeout=5)
    assert refused.status_code == 400


# ----------------------------------------------------------------- settings


def test_reading_stored_answers_again_does_not_load_what_talks_to_the_network() -> None:
    script = "import sys; from refbase.ncbi import eutils; print('requests' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert run.stdout.strip() == b"False"


def test_the_environment_points_the_program_at_another_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with server() as ncbi:
        environment = {**ncbi.environment, "REFBASE_NCBI_RATE": "200"}
        with Client.configured("a@example.org", environ=environment) as asked:
            assert asked.rate == 200
            assert records(asked.efetch(["3"])) == ["3"]


@pytest.mark.parametrize(
    ("wished", "url", "with_key", "rate"),
    [
        ("", EUTILS, False, 3),
        ("", EUTILS, True, 10),
        ("50", EUTILS, False, 3),
        ("1", EUTILS, False, 1),
        ("50", "http://127.0.0.1:8123/", False, 50),
        ("", "http://127.0.0.1:8123/", False, 3),
    ],
)
def test_the_rate_is_ncbis_unless_the_server_is_another(
    wished: str, url: str, with_key: bool, rate: float
) -> None:
    environment = {"REFBASE_NCBI_RATE": wished, "REFBASE_NCBI_URL": url}
    assert client.allowed_rate(KEY if with_key else "", environment) == rate


@pytest.mark.parametrize("wished", ["fast", "0", "-1", "nan", "1e9"])
def test_a_rate_that_is_none_is_refused(wished: str) -> None:
    with pytest.raises(UsageError, match="REFBASE_NCBI_RATE"):
        client.allowed_rate(environ={"REFBASE_NCBI_RATE": wished})


def test_a_password_in_an_address_that_is_none_is_not_told() -> None:
    with pytest.raises(UsageError) as raised:
        Client("a@example.org", eutils_url="htp://me:secret@example.org/")
    assert "secret" not in raised.value.message


def test_an_address_that_is_none_is_refused() -> None:
    for url in ("eutils", "ftp://example.org/", "http:///x", "http://[bad", ""):
        with pytest.raises(UsageError, match="address"):
            Client("a@example.org", eutils_url=url)
