"""Undo: what was done is taken back, in reverse order byte for byte, in another with a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, select

from made import WORDS, entry, read_in, work
from refbase import edits, store
from refbase.errors import UsageError
from refbase.model import Dossier, Record, Reference, Source
from refbase.store import DeskPlan, Filter, Store
from refbase.store.attach import Told
from refbase.store.query import Target
from refbase.store.tables import JOB, Row

pytest_plugins = ["stores"]

# What was asked and answered, the log, and what the index knows of it: they only go on
GROWING = {"changeset", "change", "fetch", "fetched", "job", "job_item", "indexed"}


def tables(of: Store) -> dict[str, list[Any]]:
    """Every row of every table that an undo brings back; `version` counts on whatever is done."""
    with of._database.read() as connection:
        return {
            table.name: [
                {name: value for name, value in row._mapping.items() if name != "version"}
                for row in connection.execute(select(table).order_by(table.c.id))
            ]
            for table in Row.metadata.sorted_tables
            if table.name not in GROWING
        }


def refused(of: Store, number: int) -> str:
    with pytest.raises(UsageError) as caught:
        of.undo(number)
    assert caught.value.hint
    return caught.value.message


# --------------------------------------------------------------------- any sequence of work

KEYS = ["alpha1991first", "bravo1992second", "charlie1993third", "delta1994fourth"]
LISTS = ["Examples", "Others"]
LISTED = [
    Dossier(work(n), entries=tuple(entry(f"note {n}", name=name) for name in LISTS[: 1 + n % 2]))
    for n in range(1, 5)
]
STEPS = (
    "import edit tag annotate list unlist move merge enrich review review dedupe dedupe undo undo"
).split()


def said(draw: Random) -> Dossier:
    """A work as some file has it: corrected, listed here or there, or so that it becomes a twin."""
    number, known = draw.randint(1, 5), {"volume": draw.choice(["", "7"])}
    if draw.random() < 0.4:
        known = {"PMID": "", "title": f"{WORDS[number]} exampel"}
    note = draw.choice(["one", "two"])
    listed = (entry(note, name=draw.choice(LISTS)),) if draw.random() < 0.7 else ()
    return Dossier(work(number, **known), "", listed, (note,))


class Desk:
    """Somebody who works at a database, one step after the other."""

    def __init__(self, opened: Store) -> None:
        self.store = opened
        self.state = 0

    def do(self, step: str, draw: Random) -> int:
        """The number of the change set; 0 for what makes no sense here, and changes nothing."""
        try:
            return int(getattr(self, f"_{step}")(draw))
        except UsageError:
            return 0

    def _import(self, draw: Random) -> int:
        self.state += 1
        items = [said(draw) for _ in range(draw.randint(1, 4))]
        plan = read_in(self.store, *items, name=f"{draw.choice('xyz')}.txt", state=self.state)
        return self._last() if plan.changes else 0

    def _edit(self, draw: Random) -> int:
        what = draw.choice(["volume=", "volume=9", "title=New", "PMID=", "type=book", "key=new"])
        return self._apply(self.store.plan_edit(self._key(draw), edits.parse([what]), "ann"))

    def _tag(self, draw: Random) -> int:
        add, remove = draw.choice([(["a"], []), (["one"], ["b"]), ([], ["one"]), ([], ["a"])])
        keys = [self._key(draw), self._key(draw)]
        return self._apply(self.store.plan_tag(keys, add, remove, "ann"))

    def _annotate(self, draw: Random) -> int:
        asked = self._key(draw), draw.choice(["", *LISTS]), draw.choice(["a", "b", ""])
        return self._apply(self.store.plan_annotate(*asked, "ann"))

    def _list(self, draw: Random) -> int:
        name = draw.choice([*LISTS, "New"])
        return self._apply(self.store.plan_list(name, [self._key(draw)], "ann"))

    def _unlist(self, draw: Random) -> int:
        return self._apply(self.store.plan_unlist(draw.choice(LISTS), self._key(draw), "ann"))

    def _move(self, draw: Random) -> int:
        asked = draw.choice(LISTS), self._key(draw), draw.randint(0, 5)
        return self._apply(self.store.plan_move(*asked, "ann"))

    def _merge(self, draw: Random) -> int:
        return self._apply(self.store.plan_merge([self._key(draw), self._key(draw)], "ann"))

    def _enrich(self, draw: Random) -> int:
        """What PubMed says of some works: here and there another volume, or another title."""
        job = self.store.jobs.start("enrich", {}, [])
        self.state += 1
        told = [self._record(target, draw) for target in self.store.jobs.targets(Filter())]
        self.store.attach(job, [one for one in told if draw.random() < 0.5])
        self.store.jobs.finish(job, "some of them")
        return self.store.jobs.change_set(job)

    def _record(self, target: Target, draw: Random) -> Told:
        known = dict(target.reference.variables) | {"DOI": f"10.5555/{draw.randint(1, 3)}"}
        known |= draw.choice([{}, {"volume": "70"}, {"title": "Nothing alike"}])
        time = f"2026-02-01T00:{self.state:02}:00+00:00"
        source = Source("pubmed", "PubMed", str(known.get("PMID", "none")), time=time)
        return Told(target.id, Record(source, Reference("article-journal", known)))

    def _review(self, draw: Random) -> int:
        asked = self.store.conflicts()
        if not asked:
            return 0
        return self.store.decide([draw.choice(asked).id], draw.random() < 0.5, "ann")

    def _dedupe(self, draw: Random) -> int:
        return self.store.settle(self.store.plan_dedupe(), "ann").number

    def _undo(self, draw: Random) -> int:
        """One of the last few, whatever it was."""
        return self.store.undo(max(self._last() - draw.randint(0, 3), 1)).number

    def _key(self, draw: Random) -> str:
        return draw.choice([dossier.key for dossier in self.store.dossiers()] or KEYS)

    def _apply(self, plan: DeskPlan) -> int:
        return self.store.apply(plan)

    def _last(self) -> int:
        found = self.store.events(limit=1)
        return found[0].number if found else 0


def work_and_undo(opened: Store, seed: int, length: int) -> Counter[str]:
    """Work at random, take all of it back, and do it again; what was done, counted."""
    draw, desk, done = Random(seed), Desk(opened), Counter[str]()
    states = []
    read_in(opened, *LISTED, name="begin.txt")
    for step in (draw.choice(STEPS) for _ in range(length)):
        before = tables(opened)
        number = desk.do(step, draw)
        assert opened.check() == [], step
        if number:
            states.append((number, before))
            done[step] += 1
        else:
            assert tables(opened) == before
    after = tables(opened)
    undos = []
    for number, before in reversed(states):
        undos.append(opened.undo(number).number)
        assert tables(opened) == before
        assert opened.check() == []
    for number in reversed(undos):
        opened.undo(number)
        assert opened.check() == []
    assert tables(opened) == after
    return done


def test_whatever_is_done_can_be_undone_and_done_again(tmp_path: Path) -> None:
    done = Counter[str]()
    for seed in range(10):
        with store.open(tmp_path / f"{seed}.db", create=True) as opened:
            done += work_and_undo(opened, seed, length=16)
    assert set(done) == set(STEPS), done


@pytest.mark.parametrize("seed", [100, 101])
def test_and_on_both_databases(empty: Store, seed: int) -> None:
    assert work_and_undo(empty, seed, length=10)


# ------------------------------------------------------------------------ in which order

FIRST, SECOND = KEYS[:2]


def edit(of: Store, key: str, said: str) -> int:
    return of.apply(of.plan_edit(key, edits.parse([said]), "ann"))


def keys(of: Store) -> list[str]:
    return [dossier.key for dossier in of.dossiers()]


def test_without_a_number_it_goes_further_back_each_time(empty: Store) -> None:
    read_in(empty, work(1))
    edit(empty, FIRST, "volume=8")
    edit(empty, FIRST, "volume=9")
    assert [empty.undo().undoes for _ in range(3)] == [3, 2, 1]
    with pytest.raises(UsageError, match="nothing to undo"):
        empty.undo()


def test_what_was_done_is_told(empty: Store) -> None:
    read_in(empty, *LISTED)
    done = empty.undo()
    assert (done.number, done.undoes, done.kind) == (2, 1, "import")
    assert {name: count for name, count in done.removed.items() if count} == {
        "entry": 6, "bibliography": 2, "record": 4, "source": 1, "reference": 4,
    }  # fmt: skip


def test_a_dry_run_tells_the_same_and_changes_nothing(empty: Store) -> None:
    read_in(empty, *LISTED)
    before = tables(empty), len(empty.events())
    told = empty.undo(dry_run=True)
    assert (tables(empty), len(empty.events())) == before
    assert empty.check() == []
    assert empty.undo() == told


def test_an_undo_can_be_undone_any_number_of_times(empty: Store) -> None:
    read_in(empty, *LISTED)
    there = tables(empty)
    empty.undo()
    gone = tables(empty)
    for number in range(2, 7):
        empty.undo(number)
        assert tables(empty) == (gone if number % 2 else there)
    assert refused(empty, 2).startswith("2 is undone already, by ")


def test_an_earlier_edit_is_undone_and_a_later_one_stands(empty: Store) -> None:
    read_in(empty, work(1))
    edit(empty, FIRST, "volume=8")
    edit(empty, FIRST, "title=New")
    edit(empty, FIRST, "volume=9")
    empty.undo(2)
    assert empty.get(FIRST).reference.text("volume") == "9"
    empty.undo(4)
    found = empty.get(FIRST).reference
    assert (found.text("volume"), found.title) == ("1", "New")


def test_an_import_can_go_while_another_file_tells_of_the_work(empty: Store) -> None:
    read_in(empty, Dossier(work(1), entries=(entry("x"),)))
    read_in(empty, Dossier(work(1, volume="7"), entries=(entry("y", name="Others"),)), name="y.txt")
    empty.undo(1)
    found = empty.get(FIRST)
    assert (found.reference, [one.annotation for one in found.entries]) == (
        work(1, volume="7"),
        ["y"],
    )
    assert empty.check() == []
    empty.undo(2)
    assert keys(empty) == []
    assert empty.check() == []


def test_a_bibliography_stays_while_others_list_something_in_it(empty: Store) -> None:
    read_in(empty, Dossier(work(1), entries=(entry("x"),)))
    read_in(empty, Dossier(work(2), entries=(entry("y"),)), name="y.txt")
    empty.undo(1)
    assert [(one.name, one.entries) for one in empty.bibliographies()] == [("Examples", 1)]


@pytest.mark.parametrize("later", ["edit", "annotate", "tag", "unlist", "merge", "list"])
def test_what_hangs_on_it_stands_in_the_way_and_is_named(empty: Store, later: str) -> None:
    read_in(empty, *LISTED)
    plans = {
        "edit": lambda: empty.plan_edit(FIRST, edits.parse(["volume=9"]), "ann"),
        "annotate": lambda: empty.plan_annotate(FIRST, "Others", "new", "ann"),
        "tag": lambda: empty.plan_tag([FIRST], ["x"], [], "ann"),
        "unlist": lambda: empty.plan_unlist("Others", FIRST, "ann"),
        "merge": lambda: empty.plan_merge([FIRST, SECOND], "ann"),
        "list": lambda: empty.plan_list("New", [FIRST], "ann"),
    }
    empty.apply(plans[later]())
    before = tables(empty)
    assert f"2 ({later} " in refused(empty, 1)
    assert tables(empty) == before
    empty.undo(2)
    empty.undo(1)
    assert keys(empty) == []


def test_what_was_undone_does_not_stand_in_the_way(empty: Store) -> None:
    read_in(empty, *LISTED)
    edit(empty, FIRST, "volume=9")
    empty.apply(empty.plan_tag([FIRST], ["x"], [], "ann"))
    empty.undo(2)
    assert "3 (tag" in (told := refused(empty, 1))
    assert "2 (edit" not in told


def test_a_change_of_a_file_is_undone_whole(empty: Store) -> None:
    read_in(empty, *LISTED)
    before = tables(empty)
    changed = Dossier(work(1, volume="7"), entries=(entry("better"), entry("n", name="Others")))
    read_in(empty, changed, *LISTED[1:], state=2)
    assert empty.get(FIRST).entries[0].annotation == "better"
    assert "2 (import x.txt" in refused(empty, 1)
    empty.undo(2)
    assert tables(empty) == before


def test_what_took_its_place_stands_in_the_way_of_its_return(empty: Store) -> None:
    read_in(empty, *LISTED)
    empty.undo(1)
    read_in(empty, *LISTED, state=2)
    assert "3 (import x.txt" in refused(empty, 2)
    empty.undo(3)
    empty.undo(2)
    assert keys(empty) == KEYS


def test_a_merge_is_undone_after_its_reference_was_edited(empty: Store) -> None:
    read_in(empty, *LISTED)
    before = {key: empty.get(key) for key in (FIRST, SECOND)}
    empty.apply(empty.plan_merge([FIRST, SECOND], "ann"))
    edit(empty, FIRST, "volume=9")
    empty.undo(2)
    assert empty.get(SECOND) == before[SECOND]
    assert empty.get(FIRST).reference.text("volume") == "9"
    assert empty.check() == []


def test_a_job_is_not_resumed_when_it_was_undone(empty: Store) -> None:
    read_in(empty, work(1))
    with empty._database.write() as connection:
        row = {"kind": "enrich", "state": "done", "options": "", "started": "1", "ended": "2"}
        connection.execute(insert(JOB).values(row | {"changeset_id": 1}))
    states = []
    for number in (1, 2, 3):
        empty.undo(number)
        with empty._database.read() as connection:
            states.append(connection.scalar(select(JOB.c.state)))
    assert states == ["undone", "done", "undone"]


def test_a_number_that_is_none_is_a_usage_error(empty: Store) -> None:
    assert "no change set 7" in refused(empty, 7)
    assert "no change set 9" in refused(empty, 10**20 - 1)


def test_it_works_after_the_database_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with store.open(path, create=True) as opened:
        read_in(opened, *LISTED)
        before = tables(opened)
        edit(opened, FIRST, "volume=9")
    with store.open(path) as opened:
        opened.undo()
        assert tables(opened) == before
