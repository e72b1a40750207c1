"""The log of changes: rows that go, change sets in several transactions, references rebuilt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from made import read_in, work
from refbase import store
from refbase.model import Source
from refbase.store.engine import open_database
from refbase.store.log import ChangeSet
from refbase.store.rows import source_row
from refbase.store.tables import CHANGE, RECORD, REFERENCE, SOURCE, TAG

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]


def test_a_change_set_removes_rows_and_keeps_them_in_the_log(fresh: Fresh) -> None:
    database = open_database(fresh(), create=True)
    with database.write() as connection:
        log = ChangeSet(connection, "import", "two tags")
        number = log.insert(REFERENCE, [reference_values("a")])[0]
        tags = log.insert(TAG, [{"reference_id": number, "name": name} for name in ("x", "y")])
    with database.write() as connection:
        log = ChangeSet(connection, "tag", "one less")
        log.delete(TAG, tags[:1])
        assert connection.scalars(select(TAG.c.name)).all() == ["y"]
        last = connection.execute(select(CHANGE).order_by(CHANGE.c.id.desc())).first()
    assert last is not None
    assert (last.subject, last.subject_id, last.reference_id) == ("tag", tags[0], number)
    assert (last.before, last.after) == (f'{{"name":"x","reference_id":{number}}}', None)
    database.close()


def test_a_change_set_is_continued_in_another_transaction(fresh: Fresh) -> None:
    database = open_database(fresh(), create=True)
    with database.write() as connection:
        first = ChangeSet(connection, "enrich", "in two parts")
        first.insert(REFERENCE, [reference_values("a")])
    with database.write() as connection:
        second = ChangeSet(connection, number=first.id)
        second.insert(REFERENCE, [reference_values("b")])
        sets = connection.scalars(select(CHANGE.c.changeset_id)).all()
    assert sets == [first.id, first.id]
    database.close()


def test_a_reference_is_rebuilt_from_its_records(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1))
    database = open_database(url)
    with database.write() as connection:
        log = ChangeSet(connection, "edit", "a person says otherwise")
        record = connection.execute(select(RECORD)).one()
        person = log.insert(SOURCE, [source_row(Source("person", "editor", "1"))])[0]
        said = {"csl": '{"title":"Other","type":"document"}', "entries": "", "raw": "", "line": 0}
        values = {"source_id": person, "reference_id": record.reference_id, **said}
        log.insert(RECORD, [values])
        assert log.rebuild([record.reference_id]) == [record.reference_id]
        assert log.rebuild([record.reference_id]) == []
    database.close()
    with store.open(url) as opened:
        assert [d.reference.title for d in opened.dossiers()] == ["Other"]
        assert opened.check() == []


def reference_values(key: str) -> dict[str, object]:
    texts = dict.fromkeys(
        ("csl", "title", "container_title", "pmid", "pmcid", "doi", "fingerprint"), ""
    )
    number: dict[str, object] = {"year": None, "merged_into": None, "version": 1}
    csl = {"type": "book", "csl": '{"type":"book"}'}
    return {"key": key, "key_folded": key, **texts, **csl, **number}
