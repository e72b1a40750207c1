"""Enrichment through the stand-in for NCBI: real HTTP on this machine, both databases."""

from __future__ import annotations

from typing import Any

import pytest

from enriching import FIRST, QUICK, contents, enrich, known, serving, states
from made import entry, read_in, work
from ncbi import Server, every
from refbase import edits, store
from refbase.errors import (
    UsageError,
)
from refbase.model import Dossier, Reference
from refbase.store import Store
from refbase.values import Name

pytest_plugins = ["stores"]


def test_references_are_completed_and_everything_else_stays(empty: Store) -> None:
    read_in(empty, *(Dossier(work(n), entries=(entry(f"note {n}"),)) for n in (1, 2, 3)))
    with serving(known(1), known(2), known(3)) as server:
        assert states(enrich(empty, server)) == {"updated": 3}
        assert server.count("efetch") == 1
    first = empty.get(FIRST)
    assert first.reference.doi == "10.5555/example.1"
    assert first.reference.title == work(1).title
    assert first.entries == (entry("note 1", 1),)
    assert [record.source.kind for record in first.records] == ["file", "pubmed"]
    assert first.records[1].source.location == "PMID:900001"
    assert empty.check() == []


def test_what_was_answered_is_not_asked_again(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    with serving(known(1)) as server:
        first = enrich(empty, server)
        again = enrich(empty, server)
        assert server.count("efetch") == 1
    assert states(first) == {"updated": 1, "not found": 1}
    assert states(again) == {"unchanged": 1, "not found": 1}
    assert len(empty.get(FIRST).records) == 2


def test_stored_answers_are_replayed_without_the_network(empty: Store, fresh: Any) -> None:
    read_in(empty, work(1))
    with serving(known(1)) as server:
        enrich(empty, server)
    kept = empty.jobs.answer(empty.jobs.last_answer())
    assert kept.body.startswith(b"<?xml")
    assert b"10.5555/example.1" in kept.body
    with store.open(fresh(), create=True) as other:
        read_in(other, work(1), work(2))
        other.jobs.keep(kept, ["PMID:900001"])
        assert states(enrich(other, None)) == {"updated": 1, "not asked": 1}
        assert other.get(FIRST).reference == empty.get(FIRST).reference


def test_asked_afresh_what_is_new_is_taken(empty: Store) -> None:
    read_in(empty, work(1))
    with serving(known(1)) as server:
        enrich(empty, server)
        assert states(enrich(empty, server, refresh=True)) == {"unchanged": 1}
        assert len(empty.get(FIRST).records) == 2
    with serving(known(1, doi="10.5555/corrected")) as server:
        assert states(enrich(empty, server, refresh=True)) == {"updated": 1}
        assert server.count("efetch") == 1
    assert empty.get(FIRST).reference.doi == "10.5555/corrected"


def test_the_whole_run_is_one_change_set_and_can_be_undone(empty: Store) -> None:
    read_in(empty, *(work(n) for n in range(1, 6)))
    before = contents(empty)
    with serving(*(known(n, volume="99") for n in range(1, 6))) as server:
        enrich(empty, server)
    assert len(empty.conflicts()) == 5
    [event] = [event for event in empty.events() if event.kind == "enrich"]
    assert event.summary == "5 references: 5 updated"
    empty.undo(event.number)
    assert contents(empty) == before
    assert empty.conflicts() == []
    assert empty.check() == []
    assert states(enrich(empty, None)) == {"updated": 5}


# ------------------------------------------------------------------------------ people


def test_an_edited_title_survives_three_enrichments(empty: Store) -> None:
    read_in(empty, work(1))
    words = edits.Statement({"title": "As the curator wants it"}, ("volume",))
    empty.apply(empty.plan_edit(FIRST, words, "curator"))
    for number in range(3):
        with serving(known(1, title=f"Reworded {number}. First example.")) as server:
            enrich(empty, server, refresh=True)
    reference = empty.get(FIRST).reference
    assert (reference.title, reference.text("volume")) == ("As the curator wants it", "")


def test_the_list_of_authors_that_was_cut_becomes_whole(empty: Store) -> None:
    printed = Reference(
        "article-journal",
        {**work(1).variables, "author": (Name.from_nlm("Alpha AB"), Name(literal="et al."))},
    )
    read_in(empty, printed)
    with serving(known(1, authors=["Alpha AB", "Bravo CD", "Charlie EF"])) as server:
        enrich(empty, server)
    assert [name.family for name in contents(empty)[0].authors] == ["Alpha", "Bravo", "Charlie"]


# ------------------------------------------------------------------------------ doubts


def test_the_record_of_another_work_is_not_believed(empty: Store) -> None:
    read_in(empty, work(1))
    before = empty.get(FIRST)
    other = known(1, title="Quite another thing.", authors=["Nobody N"], page="9", volume="77")
    with serving(other) as server:
        outcome = enrich(empty, server)[FIRST]
        assert states(enrich(empty, server)) == {"doubtful": 1}
    assert outcome.state == "doubtful"
    assert "different author" in outcome.detail
    assert empty.get(FIRST) == before
    [conflict] = empty.conflicts()
    assert (conflict.kind, conflict.subject) == ("match", "PMID:900001")
    assert conflict.new["title"] == "Quite another thing"


def test_digits_lost_numbers_swapped_and_one_pmid_on_two_letters(empty: Store) -> None:
    lost = work(1, PMID="90000")  # 900001 was meant
    swapped = [work(2, PMID="900003"), work(3, PMID="900002")]
    letter = {"title": "Example and ketoconazole", "PMID": "900004", "page": "1058-9"}
    letters = [
        work(4, **letter),
        Reference("article-journal", {**work(4, **letter).variables, "author": (SECOND,)}),
    ]
    read_in(empty, lost, *swapped, *letters)
    pubmed = [known(n) for n in (1, 2, 3)]
    pubmed.append(known(9, pmid="90000"))
    pubmed.append(known(4, title="Example and ketoconazole.", page="1058-9"))
    with serving(*pubmed) as server:
        outcomes = enrich(empty, server)
    assert states(outcomes) == {"doubtful": 4, "updated": 1}
    assert [key for key, one in outcomes.items() if one.state == "updated"] == ["delta1994example"]


SECOND = Name.from_nlm("Firebrace DAJ")


def test_accepting_a_doubtful_match_attaches_it_and_rejecting_is_remembered(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    other = {"title": "Quite another thing.", "authors": ["Nobody N"]}
    with serving(known(1, **other), known(2, **other)) as server:
        enrich(empty, server)
        first, second = (one.id for one in empty.conflicts())
        taken = empty.decide([first], True, "curator")
        empty.decide([second], False, "curator")
        assert empty.conflicts() == []
        assert empty.get(FIRST).reference.doi == "10.5555/example.1"
        assert empty.get("bravo1992second").reference == work(2)
        assert states(enrich(empty, server, refresh=True)) == {"unchanged": 1, "rejected": 1}
    assert empty.check() == []
    empty.undo(taken)
    assert [one.id for one in empty.conflicts()] == [first]
    assert empty.get(FIRST).reference.doi == ""


def test_a_pmid_alone_is_filled_in(empty: Store) -> None:
    read_in(empty, Reference("document", {"PMID": "900001"}))
    with serving(known(1)) as server:
        assert list(states(enrich(empty, server))) == ["updated"]
    [reference] = contents(empty)
    assert (reference.type, reference.title, reference.year) == (
        "article-journal", "First example", 1991,
    )  # fmt: skip


def test_what_is_no_pmid_is_never_sent(empty: Store) -> None:
    read_in(empty, work(1, PMID="-1"))
    with serving(known(1)) as server:
        assert states(enrich(empty, server)) == {"invalid": 1}
        assert server.asked == []


# ------------------------------------------------------------------------- without a PMID


def ended(of: Store, server: Server) -> list[str]:
    outcomes = enrich(of, server)
    return [outcomes[key].state for key in sorted(outcomes)]


def test_a_pmcid_leads_to_the_pmid(empty: Store) -> None:
    read_in(empty, work(1, PMID="", PMCID="PMC77"))
    with serving(known(1, pmcid="PMC77")) as server:
        assert ended(empty, server) == ["updated"]
        assert [asked.endpoint for asked in server.asked] == ["idconv", "efetch"]
    [reference] = contents(empty)
    assert (reference.pmid, reference.doi) == ("900001", "10.5555/example.1")


def test_a_doi_that_is_not_in_pmc_is_searched_for(empty: Store) -> None:
    read_in(empty, work(1, PMID="", DOI="10.5555/EXAMPLE.1"))
    with serving(known(1)) as server:
        assert ended(empty, server) == ["updated"]
        assert [asked.endpoint for asked in server.asked] == ["idconv", "esearch", "efetch"]
    assert contents(empty)[0].pmid == "900001"


def test_the_doi_of_another_work_is_doubtful(empty: Store) -> None:
    read_in(empty, work(1, PMID="", DOI="10.5555/example.2"))
    with serving(known(2)) as server:
        assert ended(empty, server) == ["doubtful"]
    [conflict] = empty.conflicts()
    assert (conflict.kind, conflict.subject) == ("match", "PMID:900002")
    empty.decide([conflict.id], False, "curator")
    with serving(known(2)) as server:
        assert ended(empty, server) == ["rejected"]
        assert server.asked == []


def test_a_printed_citation_is_found_when_all_of_it_agrees(empty: Store) -> None:
    read_in(empty, work(1, PMID=""), work(2, PMID=""))
    with serving(known(1), known(3)) as server:
        assert ended(empty, server) == ["updated", "not found"]
        assert server.count("ecitmatch") == 1
        assert ended(empty, server) == ["unchanged", "not found"]
        assert server.count("ecitmatch") == 1, "what was answered is not asked again"
    assert contents(empty)[0].pmid == "900001"


def test_ecitmatch_is_not_believed_when_it_names_another_paper(empty: Store) -> None:
    read_in(empty, work(1, PMID=""))
    other = known(1, title="Quite another thing.", authors=["Nobody N"], year="1971")
    with serving(other) as server:
        assert ended(empty, server) == ["not found"]
    assert empty.conflicts() == []


def test_a_title_that_is_found_elsewhere_is_offered(empty: Store) -> None:
    title = "Effects of many examples on single cases"
    read_in(empty, work(1, PMID="", title=title, page="7", volume="9"))
    with serving(known(1, title=f"{title}.")) as server:
        assert ended(empty, server) == ["doubtful"]
        assert [asked.endpoint for asked in server.asked] == ["ecitmatch", "esearch", "efetch"]
    [conflict] = empty.conflicts()
    assert (conflict.kind, conflict.subject) == ("candidate", "PMID:900001")
    number = empty.decide([conflict.id], True, "curator")
    reference = contents(empty)[0]
    assert (reference.pmid, reference.doi) == ("900001", "10.5555/example.1")
    assert [one.subject for one in empty.conflicts()] == ["volume"]
    with serving(known(1, title=f"{title}.")) as server:
        assert ended(empty, server) == ["unchanged"]
        assert server.asked == []
    empty.undo(number)
    assert [one.id for one in empty.conflicts()] == [conflict.id]
    assert contents(empty)[0].pmid == ""
    assert empty.check() == []


def test_several_candidates_are_compared_and_the_right_one_is_taken(empty: Store) -> None:
    read_in(empty, work(1, PMID=""))
    twin = known(1, pmid="900009", title="Quite another letter.", authors=["Nobody N"])
    with serving(twin, known(1)) as server:
        assert ended(empty, server) == ["updated"]
    assert contents(empty)[0].pmid == "900001"


def test_books_are_left_alone_and_so_is_what_a_person_says_has_no_pmid(empty: Store) -> None:
    read_in(empty, Reference("chapter", work(1, PMID="").variables), work(2, PMID=""))
    words = edits.Statement({}, ("PMID",))
    empty.apply(empty.plan_edit("bravo1992second", words, "curator"))
    with serving(known(1), known(2)) as server:
        assert ended(empty, server) == ["left alone", "left alone"]
    assert [reference.pmid for reference in contents(empty)] == ["", ""]


def test_looking_for_pmids_with_faults_ends_the_same(empty: Store) -> None:
    read_in(empty, *(work(n, PMID="") for n in range(1, 6)), work(6, PMID="", PMCID="PMC77"))
    records = [known(n) for n in range(1, 5)], known(6, pmcid="PMC77")
    with serving(*records[0], records[1], faults=every(3, QUICK)) as server:
        assert ended(empty, server) == [*["updated"] * 4, "not found", "updated"]


# ---------------------------------------------------------------------------- conflicts


def test_a_conflict_is_asked_once_and_the_answer_stands(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    with serving(known(1, volume="99"), known(2, volume="98")) as server:
        enrich(empty, server)
        assert empty.get(FIRST).reference.text("volume") == "1"
        first, second = empty.conflicts()
        assert (first.subject, first.old, first.new) == ("volume", "1", "99")
        assert first.key == FIRST
        empty.decide([first.id], True, "curator")
        empty.decide([second.id], False, "curator")
        enrich(empty, server)
        enrich(empty, server, refresh=True)
    assert empty.conflicts() == []
    assert empty.get(FIRST).reference.text("volume") == "99"
    assert empty.get("bravo1992second").reference.text("volume") == "2"
    assert empty.check() == []


def test_an_answer_can_be_taken_back(empty: Store) -> None:
    read_in(empty, work(1), work(2))
    with serving(known(1, year="1995"), known(2, year="1995")) as server:
        enrich(empty, server)
    both = [one.id for one in empty.conflicts()]
    number = empty.decide(both, True, "curator")
    assert [reference.year for reference in contents(empty)] == [1995, 1995]
    assert empty.conflicts() == []
    empty.undo(number)
    assert [one.id for one in empty.conflicts()] == both
    assert [reference.year for reference in contents(empty)] == [1991, 1992]


def test_a_question_that_settled_itself_is_none(empty: Store) -> None:
    read_in(empty, work(1))
    with serving(known(1, volume="99")) as server:
        enrich(empty, server)
    assert len(empty.conflicts()) == 1
    empty.apply(empty.plan_edit(FIRST, edits.Statement({"volume": "7"}), "curator"))
    assert empty.conflicts() == []


def test_another_pmid_settles_a_doubtful_match(empty: Store) -> None:
    read_in(empty, work(1, PMID="900002"))
    with serving(known(1), known(2)) as server:
        assert states(enrich(empty, server)) == {"doubtful": 1}
        assert len(empty.conflicts()) == 1
        empty.apply(empty.plan_edit(FIRST, edits.Statement({"PMID": "900001"}), "curator"))
        assert empty.conflicts() == []
        assert states(enrich(empty, server)) == {"updated": 1}


def test_nobody_answers_what_nobody_asked(empty: Store) -> None:
    read_in(empty, work(1))
    with pytest.raises(UsageError, match="no open question 7"):
        empty.decide([7], True, "curator")
