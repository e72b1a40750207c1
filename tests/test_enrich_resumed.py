"""An enriching that is interrupted ends as if it had not been."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from enriching import FIRST, QUICK, connect, contents, enrich, known, resume, serving, states
from made import read_in, work
from ncbi import every
from refbase import store
from refbase.enrich import Asking, Run
from refbase.errors import (
    ServiceError,
    StoreError,
)
from refbase.model import Reference
from refbase.store import Filter, Store

pytest_plugins = ["stores"]


# ----------------------------------------------------------------- interrupted, and resumed


def bulk(number: int) -> tuple[list[Reference], list[bytes]]:
    """Many references, and what PubMed knows of them: three in a hundred are somebody else's."""
    references, records = [], []
    for place in range(number):
        pmid = str(500000 + place)
        said = {"title": f"Example number {place}", "page": str(place + 1), "PMID": pmid}
        references.append(work(1, **said))
        title = f"Example number {place}." if place % 33 else "Somebody else's."
        volume = "1" if place % 20 else "2"
        authors = ["Alpha AB"] if place % 33 else ["Nobody N"]
        fields = {"title": title, "page": str(place + 1), "volume": volume, "authors": authors}
        if place % 50 != 49:
            records.append(known(1, pmid=pmid, doi=f"10.5555/{place}", **fields))
    return references, records


def end_state(of: Store) -> tuple[Any, ...]:
    """All that an enrichment leaves behind, without the times and the names of its answers."""
    references = [(d.key, d.reference.to_csl(), len(d.records)) for d in of.dossiers(records=True)]
    questions = sorted((c.key, c.kind, c.subject, str(c.new)) for c in of.conflicts())
    return references, questions


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, ...]]:
    path = tmp_path_factory.mktemp("undisturbed") / "x.db"
    references, records = bulk(500)
    with store.open(path, create=True) as opened, serving(*records) as server:
        read_in(opened, *references)
        enrich(opened, server)
        assert server.count("efetch") == 3
        yield end_state(opened)


def test_with_a_fault_on_every_third_request_it_ends_the_same(
    empty: Store, undisturbed: tuple[Any, ...]
) -> None:
    references, records = bulk(500)
    read_in(empty, *references)
    with serving(*records, faults=every(3, QUICK)) as server:
        enrich(empty, server)
    assert end_state(empty) == undisturbed


def test_a_service_that_goes_away_leaves_what_was_done(
    empty: Store, undisturbed: tuple[Any, ...]
) -> None:
    references, records = bulk(500)
    read_in(empty, *references)
    gone: list[str] = []
    with serving(*records, faults=iter(lambda: "403" if gone else "", None)) as server:
        with Asking(empty, connect(server, rate=1)) as asking:
            run = Run(empty, asking)
            outcomes = run.begin(empty.jobs.targets(Filter()))
            next(outcomes)
            gone.append("from now on")
            with pytest.raises(ServiceError):
                list(outcomes)
        assert "updated" in {one.state for one in empty.jobs.outcomes(run.job)}
    with serving(*records) as server:
        resume(empty, server)
    assert empty.jobs.last_answer() == 3, "nothing was asked twice"
    assert empty.jobs.unfinished("enrich") is None
    assert end_state(empty) == undisturbed
    assert len([event for event in empty.events() if event.kind == "enrich"]) == 1


def test_a_run_that_was_undone_meanwhile_does_not_go_on(empty: Store) -> None:
    references, records = bulk(250)
    read_in(empty, *references)
    before = contents(empty)
    with serving(*records) as server, Asking(empty, connect(server, rate=1)) as asking:
        outcomes = Run(empty, asking).begin(empty.jobs.targets(Filter()))
        next(outcomes)
        empty.undo()
        with pytest.raises(StoreError, match="undone"):
            list(outcomes)
    assert contents(empty) == before
    assert empty.jobs.unfinished("enrich") is None
    assert empty.check() == []


def test_what_vanishes_meanwhile_is_passed_over(empty: Store) -> None:
    read_in(empty, work(1))
    read_in(empty, work(2), name="y.txt")
    with serving(known(1), known(2)) as server, Asking(empty, connect(server)) as asking:
        run = Run(empty, asking)
        wanted = empty.jobs.targets(Filter())
        empty.undo()
        list(run.begin(wanted))
        ended = [one.state for one in empty.jobs.outcomes(run.job)]
    assert sorted(ended) == ["gone", "updated"]


def test_merged_meanwhile_it_goes_to_where_it_is_now(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    with serving(known(1)) as server, Asking(empty, connect(server)) as asking:
        run = Run(empty, asking)
        wanted = empty.jobs.targets(Filter(keys=(FIRST,)))
        empty.apply(empty.plan_merge(["bravo1992second", FIRST], "curator"))
        outcomes = list(run.begin(wanted))
        ended = [one.state for one in empty.jobs.outcomes(run.job)]
    assert [one.key for one in outcomes] == ["bravo1992second"]
    assert ended == ["updated"] or ended == ["doubtful"]


def test_what_fails_for_good_is_said_and_asked_again_next_time(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    with serving(known(1), known(2), faults=["414"] * 3) as server:
        assert states(enrich(empty, server)) == {"failed": 2}
        assert empty.jobs.unfinished("enrich") is None
        assert states(enrich(empty, server)) == {"updated": 2}
