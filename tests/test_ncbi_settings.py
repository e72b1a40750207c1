"""Where the client is led, whom it tells what, and how it is set up."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from asking import KEY, asking, records, server
from ncbi import article
from refbase.errors import AnswerError, RefbaseError, ServiceError, UsageError
from refbase.ncbi import Client, client, idconv, transport
from refbase.ncbi.answers import Question, Refusal, Verdict
from refbase.ncbi.throttle import Throttle
from refbase.ncbi.transport import EUTILS

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
