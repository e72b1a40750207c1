"""Opening a database, its schema, its two transactions, and every way in which it can fail."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text

from made import contents, parsed, read_in, source, work
from refbase import store
from refbase.errors import StoreError
from refbase.store import Store, engine, migrations
from refbase.store.engine import open_database
from refbase.store.tables import BIBLIOGRAPHY, REVISIONS, Row

if TYPE_CHECKING:
    from stores import Fresh

pytest_plugins = ["stores"]

OPEN_FILES = Path("/proc/self/fd")


# ------------------------------------------------------------------------------ the schema


def test_migrations_make_the_tables_of_the_models(fresh: Fresh) -> None:
    database = open_database(fresh(), create=True)
    with database.read() as connection:
        options = {"include_name": lambda name, kind, _: not str(name).startswith("search")}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Row.metadata)
    database.close()
    assert differences == []


def test_the_revisions_are_those_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)


def test_migrations_can_be_taken_back(fresh: Fresh) -> None:
    from alembic import command

    database = open_database(fresh(), create=True)
    with (
        database.engine.begin() as connection
    ):  # nothing is left that a full-text index could follow
        command.downgrade(migrations.config(connection), "base")
        left = connection.execute(text(engine._USED[connection.dialect.name])).scalars().all()
    database.close()
    assert len(left) <= 2  # Alembic's own table, and in SQLite its index


def test_opening_again_finds_what_was_written(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as first:
        read_in(first, work(1))
    with store.open(url) as second:
        assert [d.reference for d in second.dossiers()] == [work(1)]


def test_a_store_closes_its_connections(tmp_path: Path) -> None:
    with store.open(tmp_path / "x.db", create=True) as opened:
        read_in(opened, work(1))
    assert [path.name for path in tmp_path.iterdir()] == ["x.db"]


def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    database = open_database(tmp_path / "x.db", create=True)
    with database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "page_size")
        }
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": engine.WAIT * 1000,
        "page_size": 8192,
    }


def test_reading_loads_no_alembic(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    store.open(path, create=True).close()
    script = f"""
        import sys, refbase.store
        with refbase.store.open({str(path)!r}) as opened:
            list(opened.dossiers())
        print([name for name in sys.modules if name.startswith(("alembic", "psycopg"))])
    """
    assert python(script).stdout == "[]\n"


# -------------------------------------------------------------------------- what is not there


def refused(target: str | Path, create: bool = False) -> StoreError:
    with pytest.raises(StoreError) as caught:
        store.open(target, create)
    assert caught.value.hint
    assert caught.value.exit_code == 5
    return caught.value


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert "no database" in refused(tmp_path / "x.db").message
    assert list(tmp_path.iterdir()) == []


def test_a_folder(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path).message
    assert "folder" in refused(tmp_path, create=True).message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no folder" in refused(tmp_path / "a" / "x.db", create=True).message


def test_an_empty_file_becomes_a_database_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    assert "not a refbase database" in refused(path).message
    assert path.stat().st_size == 0
    store.open(path, create=True).close()
    store.open(path).close()


@pytest.mark.parametrize("create", [False, True])
def test_not_a_database(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "x.db"
    path.write_text("This is a text, and long enough for a page of a database.\n" * 100)
    before = path.read_bytes()
    assert "is not a database" in refused(path, create).message
    assert path.read_bytes() == before


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="the system does not list open files")
def test_what_cannot_be_opened_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"This is no database at all." * 100)
    fault = refused(path)
    # Through its traceback it still holds what nobody closed
    assert fault.__traceback__
    assert str(path) not in [os.path.realpath(name) for name in OPEN_FILES.iterdir()]


def test_a_refused_database_keeps_no_session_of_the_server(postgres: str) -> None:
    from stores import new_schema

    url = new_schema(postgres)
    fault = refused(f"{url}&application_name=refused")
    assert fault.__traceback__
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'refused'"
    asking = engine._engine(engine._url(url), create=False)
    until = time.monotonic() + 10  # the server may take a moment to notice
    with asking.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while (left := connection.execute(text(sessions)).scalar()) and time.monotonic() < until:
            time.sleep(0.05)
    asking.dispose()
    assert left == 0


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as other:
        # Many programs use Alembic
        other.execute("CREATE TABLE alembic_version (version_num)")
        other.execute("INSERT INTO alembic_version VALUES ('0001')")
    other.close()
    assert "not a refbase database" in refused(path).message
    assert "another program" in refused(path, create=True).message


def test_a_schema_of_another_program(postgres: str) -> None:
    from stores import new_schema

    url = new_schema(postgres)
    made = engine._engine(engine._url(url), create=False)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (x integer)"))
    made.dispose()
    assert "not a refbase database" in refused(url).message
    assert "another program" in refused(url, create=True).message


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_a_newer_version(fresh: Fresh, create: bool) -> None:
    url = fresh()
    set_revision(url, "9999")
    assert "newer refbase" in refused(url, create).message


def test_a_database_of_an_older_version(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    url = fresh()
    set_revision(url, "0000")
    monkeypatch.setattr(engine, "REVISIONS", ("0000", *REVISIONS))
    assert "older refbase" in refused(url).message
    upgraded = []
    monkeypatch.setattr(migrations, "upgrade", upgraded.append)
    store.open(url, create=True).close()
    assert len(upgraded) == 1


def set_revision(url: str, revision: str) -> None:
    database = open_database(url, create=True)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    database.close()


@pytest.mark.parametrize(
    "url", ["oracle://u:secretword@h/n", "mysql+x://h/n", "postgresql+x://h/n"]
)
def test_a_kind_of_database_that_we_do_not_use(url: str) -> None:
    fault = refused(url)
    assert url.split(":")[0] in fault.message
    assert "secretword" not in fault.message + fault.hint


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "postgresql://h:port/n", "x://"]
)
def test_an_address_that_is_none(url: str) -> None:
    refused(url, create=True)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:secretword@127.0.0.1:9/none",
        "postgres://user@127.0.0.1:9/none?password=secretword",
        "postgresql://user:secret%20word@127.0.0.1:9/none",
    ],
)
def test_postgresql_that_is_not_there_and_no_password_in_the_message(url: str) -> None:
    pytest.importorskip("psycopg")
    fault = refused(url)
    assert "127.0.0.1" in fault.message
    assert "cannot be reached" in fault.message
    assert "secret" not in str(fault) + fault.hint
    assert fault.__cause__ is None


def test_a_database_that_the_server_does_not_have(postgres: str) -> None:
    fault = refused(postgres.replace("/postgres?", "/nowhere?"))
    assert 'database "nowhere" does not exist' in fault.message


def test_without_psycopg(tmp_path: Path) -> None:
    script = """
        import sys
        sys.modules["psycopg"] = None
        import refbase.store
        try:
            refbase.store.open("postgresql://127.0.0.1/none")
        except refbase.errors.StoreError as fault:
            print(fault, fault.hint)
    """
    assert "pip install 'refbase[postgres]'" in python(script).stdout


# ---------------------------------------------------------------------------------- writing


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_exception_undoes_the_whole_transaction(fresh: Fresh, kind: type[BaseException]) -> None:
    database = open_database(fresh(), create=True)

    def fail() -> None:
        with database.write() as connection:
            connection.execute(insert(BIBLIOGRAPHY), {"id": 1, "name": "Example"})
            raise kind

    with pytest.raises(kind):
        fail()
    with database.read() as connection:
        assert connection.execute(select(BIBLIOGRAPHY)).all() == []
    database.close()


def test_a_second_writer_waits_and_then_gives_up(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 0.05)
    url = fresh()
    first = open_database(url, create=True)
    with store.open(url) as second, first.write():
        plan = second.plan_import(parsed([work(1)]), source())
        with pytest.raises(StoreError, match="locked") as caught:
            second.apply(plan)
        assert caught.value.hint
        assert contents(second) == []  # readers need not wait
    first.close()


def test_a_reader_sees_one_state(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as reader, store.open(url) as writer:
        read_in(writer, work(1), work(2))
        reading = reader.dossiers()
        first = next(reading)
        read_in(writer, work(1, title="Another title"), work(3), state=2)
        assert [first.reference, *(d.reference for d in reading)] == [work(1), work(2)]
        assert len(list(reader.dossiers())) == 3


def test_two_programs_make_one_database_at_once(fresh: Fresh) -> None:
    url = fresh()
    script = f"import refbase.store; refbase.store.open({url!r}, create=True).close()"
    both = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    with store.open(url) as opened:
        assert opened.check() == []


def test_a_program_that_is_killed_leaves_the_database_as_it_was(fresh: Fresh) -> None:
    url = fresh()
    with store.open(url, create=True) as opened:
        read_in(opened, work(1))
        before = contents(opened)
    killed = python(
        f"""
        import os, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import refbase.store
        from refbase.store import apply
        from made import read_in, work

        # Half of it is written when the blow falls
        apply._write_entries = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        with refbase.store.open({url!r}) as opened:
            read_in(opened, work(2), work(3), name="y.txt")
        """
    )
    assert killed.returncode == -signal.SIGKILL
    with store.open(url) as opened:
        assert contents(opened) == before
        assert opened.check() == []
        read_in(opened, work(2), work(3), name="y.txt")


def test_a_full_disk_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """As the kernel tells it: no file may grow over its limit."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "x.db"
    with store.open(path, create=True) as opened:
        read_in(opened, work(1))
        before = contents(opened)
    limit = path.stat().st_size + 100_000
    script = f"""
        import resource, signal, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import refbase.store
        from refbase.errors import StoreError
        from made import read_in, work

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        with refbase.store.open({str(path)!r}) as opened:
            try:
                read_in(opened, *(work(n, abstract="x" * 500_000) for n in range(2, 9)))
            except StoreError as fault:
                print(fault.hint)
    """
    assert resource
    assert "nothing was changed" in python(script).stdout
    with store.open(path) as opened:
        assert contents(opened) == before
        assert opened.check() == []


def test_a_database_that_may_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite tells it: its own limit on pages stands for a disk without room."""
    with store.open(tmp_path / "x.db", create=True) as opened:
        connect = engine._sqlite

        def limited(uri: str) -> sqlite3.Connection:
            connection = connect(uri)
            connection.execute("PRAGMA max_page_count = 1")
            return connection

        monkeypatch.setattr(engine, "_sqlite", limited)
        with pytest.raises(StoreError, match="the disk is full"):
            read_in(opened, work(1, abstract="x" * 500_000))
        assert contents(opened) == []


# ------------------------------------------------------------------------ read-only, damaged


def as_anybody(script: str) -> subprocess.CompletedProcess[str]:
    """Run as somebody whom file permissions concern."""
    if os.geteuid() != 0:
        return python(script)
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv to be somebody else")
    rights = "-dac_override,-dac_read_search"
    return python(script, "setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}")


@pytest.mark.parametrize("folder", [0o555, 0o755], ids=["folder too", "file only"])
def test_a_read_only_file_is_read_and_not_written(tmp_path: Path, folder: int) -> None:
    path = tmp_path / "folder" / "x.db"
    path.parent.mkdir()
    with store.open(path, create=True) as opened:
        read_in(opened, work(1))
    path.chmod(0o444)
    path.parent.chmod(folder)
    script = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import refbase.store
        from refbase.errors import StoreError
        from made import read_in, work

        for create in (False, True):
            with refbase.store.open({str(path)!r}, create) as opened:
                print(len(list(opened.dossiers())), opened.check())
                try:
                    read_in(opened, work(2))
                except StoreError as fault:
                    print(fault)
    """
    run = as_anybody(script)
    path.parent.chmod(0o755)
    refusal = f"{path}: cannot be written: it is read-only"
    assert run.stdout.splitlines() == ["1 []", refusal] * 2, run.stderr


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with store.open(path, create=True) as opened:
        read_in(opened, *(work(n, abstract="x" * 9000) for n in range(1, 9)))
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 8192):
        if b"x" * 999 in content[page * 8192 : (page + 1) * 8192]:
            content[page * 8192 : page * 8192 + 100] = b"\xff" * 100
    path.write_bytes(content)
    with store.open(path) as opened:
        with pytest.raises(StoreError, match="is damaged"):
            contents(opened)
        with pytest.raises(StoreError, match="is damaged"):
            opened.get("alpha1991first")


def test_a_table_that_is_gone(fresh: Fresh) -> None:
    database = open_database(fresh(), create=True)
    with database.write() as connection:
        connection.execute(text("DROP TABLE tag"))
    opened = Store(database)
    with pytest.raises(StoreError, match="is damaged"):
        opened.counts()
    opened.close()


def test_a_reference_that_is_no_json(fresh: Fresh) -> None:
    with store.open(fresh(), create=True) as opened:
        read_in(opened, work(1))
        with opened._database.write() as connection:
            connection.execute(text("UPDATE reference SET csl = '{'"))
        with pytest.raises(StoreError, match="damaged"):
            contents(opened)


def python(script: str, *before: str) -> subprocess.CompletedProcess[str]:
    """A script in a process of its own."""
    return subprocess.run(
        [*before, sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
    )
