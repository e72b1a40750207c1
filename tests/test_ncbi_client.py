"""The client of NCBI against the stand-in: real HTTP on this machine, and all that goes wrong.

The numbers are those of the facts that were collected about NCBI before the client was written.
"""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asking import ALL, KEY, MANN, PEOPLE, asking, records, server
from ncbi import FAULTS, Server, every
from ncbi.faults import TRANSIENT
from refbase.errors import AnswerError, ServiceError, UsageError
from refbase.ncbi import Client, answers, ecitmatch, eutils, idconv, transport
from refbase.ncbi.answers import Answer, Question
from refbase.ncbi.throttle import Throttle

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
