"""Opening a database, and the two kinds of transaction on it; every fault becomes a StoreError.

SQLite (a path) and PostgreSQL (a URL) are the same from here on. What differs is in this
module alone: how a connection is made, how a writer keeps others out, what its faults say.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from refbase.errors import Diagnostic, Severity, Span, StoreError
from refbase.store import fulltext
from refbase.store.tables import CHANGESET, REVISIONS

WAIT = float(os.environ.get("REFBASE_BUSY_SECONDS") or 5)
"""Seconds to wait for another writer before giving up."""

# SQLite has one writer by nature
_LOCK = (
    "SET LOCAL lock_timeout = '{wait:.0f}ms'",
    f"LOCK TABLE {CHANGESET.name} IN SHARE ROW EXCLUSIVE MODE",
)
_CONNECT = 10
_INIT = "`refbase init` makes one"
_LOCKED = ("is locked by another program", "try again when the other one has finished")
_FULL = ("cannot be written: the disk is full", "nothing was changed; make room and try again")
_READ_ONLY = ("cannot be written: it is read-only", "nothing was changed; check its permissions")
_DAMAGED = ("is damaged", "restore the last backup; `refbase doctor` tells more")
_NOT_ONE = ("is not a database", f"name another with --db, or {_INIT}")
_NO_OPEN = ("cannot be opened", "check its path and its permissions")
_NO_IO = ("could not be read or written", "the disk may be full or failing; nothing was changed")
_NO_RIGHT = ("refuses what was asked", "the user named in the URL lacks a permission")

# What the databases' own codes mean to people. SQLite: the primary result code.
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _NO_OPEN,
    sqlite3.SQLITE_CANTOPEN: _NO_OPEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _NOT_ONE,
    sqlite3.SQLITE_IOERR: _NO_IO,
}
# PostgreSQL: SQLSTATE, or its class.
_POSTGRES = {
    "55P03": _LOCKED,
    "40": _LOCKED,
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _NO_RIGHT,
    "42P01": _DAMAGED,
    "42703": _DAMAGED,
    "58": _NO_IO,
    "XX": _DAMAGED,
}
_UNREACHABLE = ("cannot be reached", "check host, port, name, user and password of the URL")


class Database:
    """An open database of the schema of today: `read()` and `write()` give connections."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database, whatever others write meanwhile."""
        with told(self.name), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that keeps other writers out from its beginning; any exception undoes
        all of it."""
        with told(self.name), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT * 1000:.0f}ms'"))
                    connection.execute(
                        text(f"LOCK TABLE {CHANGESET.name} IN SHARE ROW EXCLUSIVE MODE")
                    )
                yield connection
                fulltext.follow(connection)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the database open for many short transactions: SQLite writes everything back and
        tidies up whenever the last connection is closed."""
        with told(self.name), self.engine.connect():
            yield

    def damage(self, connection: Connection) -> Iterator[Diagnostic]:
        """What SQLite finds wrong with its file; PostgreSQL looks after itself."""
        if not self.is_sqlite:
            return
        for (found,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if found != "ok":
                yield Diagnostic("damaged", found, Span(self.name), Severity.ERROR)
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            message = f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there"
            yield Diagnostic("damaged", message, Span(self.name), Severity.ERROR)

    def close(self) -> None:
        self.engine.dispose()


def open_database(target: str | Path, create: bool = False) -> Database:
    """The database at a path or a URL, its schema checked; made or brought up to date if asked."""
    url = _url(target)
    name = _name(url)
    if url.get_backend_name() == "sqlite":
        _check_path(Path(url.database or ""), create)
    with told(name), ExitStack() as undo:
        engine = _engine(url, create)
        undo.callback(engine.dispose)
        _check_schema(engine, name, create)
        undo.pop_all()
    return Database(engine, name)


# ----------------------------------------------------------------------------- the address


def _url(target: str | Path) -> URL:
    text = str(target)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    scheme, _, rest = text.partition("://")
    try:
        # SQLAlchemy's own default is a driver that we do not use
        driver = "postgresql+psycopg" if scheme in ("postgres", "postgresql") else scheme
        url = make_url(f"{driver}://{rest}")
        backend = url.drivername.partition("+")[0]
    except (ArgumentError, ValueError):
        backend = ""  # without the fault, which quotes the text and a password in it
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(
            f"'{scheme}://...' is not a database that refbase can use",
            "a path, or postgresql+psycopg://user@host/name",
        )
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory would be lost at once", "name a file")
    return url


def _name(url: URL) -> str:
    """The database as messages name it: without a password, wherever the URL has it."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(query={}).render_as_string(hide_password=True)


def _check_path(path: Path, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path}: is a folder, not a database", "name a file in it")
    if path.exists():
        return
    if not create:
        raise StoreError(f"{path}: there is no database", _INIT)
    if not path.parent.is_dir():
        raise StoreError(f"{path}: there is no folder {path.parent}", "make the folder first")


# -------------------------------------------------------------------------- the connection


def _engine(url: URL, create: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "").absolute()
        engine = create_engine(url, creator=lambda: _connect(path, create), poolclass=NullPool)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        return create_engine(url, connect_args={"connect_timeout": _CONNECT})
    except ImportError as fault:
        raise StoreError(
            "PostgreSQL needs the package psycopg", "pip install 'refbase[postgres]'"
        ) from fault
    except NoSuchModuleError as fault:
        raise StoreError(
            f"'{url.drivername}' is not a driver", "postgresql+psycopg is the one that we test"
        ) from fault


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: found out later, it would have to start over."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connect(path: Path, create: bool) -> sqlite3.Connection:
    """A connection whose transactions begin where we say so, never where the driver thinks."""
    try:
        connection = _sqlite(f"{path.as_uri()}?mode={'rwc' if create else 'rw'}")
    except sqlite3.OperationalError:
        # A database in WAL mode wants to write files beside it even to read. Where it cannot,
        # in a read-only folder, and no writer has left anything unfinished, nobody can change it.
        if not path.exists() or path.with_name(path.name + "-wal").exists():
            raise
        connection = _sqlite(f"{path.as_uri()}?mode=ro&immutable=1")
    connection.execute("PRAGMA page_size = 8192")  # of a new file: a third smaller
    return connection


def _sqlite(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False
    )
    with ExitStack() as undo:
        undo.callback(connection.close)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA schema_version")  # opens the file, and so finds its faults
        undo.pop_all()
    return connection


# ------------------------------------------------------------------------------ the schema

_USED = {
    "sqlite": "SELECT 1 FROM sqlite_master",
    "postgresql": (
        "SELECT 1 FROM information_schema.tables"
        " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    ),
}
_KNOWN = {
    "sqlite": (
        "SELECT 1 FROM sqlite_master a JOIN sqlite_master b"
        " ON a.name = 'alembic_version' AND b.name = 'changeset'"
    ),
    # Not to_regclass: it answers from a cache, and may not know what was just committed
    "postgresql": (
        "SELECT 1 FROM pg_tables a JOIN pg_tables b USING (schemaname)"
        " WHERE a.tablename = 'alembic_version' AND b.tablename = 'changeset'"
        " AND schemaname = ANY (current_schemas(false))"
    ),
}


def _check_schema(engine: Engine, name: str, create: bool) -> None:
    revision = _revision(engine)
    if revision == REVISIONS[-1]:
        return
    if revision and revision not in REVISIONS:
        raise StoreError(
            f"{name}: was written by a newer refbase (its schema is {revision})",
            "pip install --upgrade refbase",
        )
    if revision and not create:
        raise StoreError(
            f"{name}: was written by an older refbase", "`refbase init` brings it up to date"
        )
    if not create:
        raise StoreError(f"{name}: is not a refbase database", _INIT)
    _make_schema(engine, name)


def _make_schema(engine: Engine, name: str) -> None:
    """All revisions that are missing, in one transaction; a second process waits for the first."""
    from refbase.store import migrations  # loads Alembic, which only this needs

    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        with connection.execution_options(writes=True).begin():
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('refbase'))"))
            used = text(_USED[connection.dialect.name])
            if not _revision_of(connection) and connection.execute(used).first():
                raise StoreError(
                    f"{name}: is a database of another program", "name an empty one, or a new file"
                )
            migrations.upgrade(connection)
            fulltext.follow(connection)
        if sqlite:
            # Readers need not wait for a writer then. Not every file system can do it.
            with suppress(sqlite3.OperationalError):
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA journal_mode = WAL")


def _revision(engine: Engine) -> str:
    with engine.connect() as connection:
        return _revision_of(connection)


def _revision_of(connection: Connection) -> str:
    """The revision of the schema; empty where there is none of ours: many a program has a table
    `alembic_version`."""
    if not connection.execute(text(_KNOWN[connection.dialect.name])).first():
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


# ------------------------------------------------------------------------------ the faults


@contextmanager
def told(name: str) -> Iterator[None]:
    """Faults of the database itself as a StoreError that says what to do. Faults of the program
    (a wrong statement, a broken constraint) stay what they are."""
    try:
        yield
    except DBAPIError as fault:
        found = _explain(fault)
        if not found:
            raise
        what, hint, detail = found
        raise StoreError(f"{name}: {what}{detail}", hint) from None


def _explain(fault: DBAPIError) -> tuple[str, str, str] | None:
    cause: Any = fault.orig
    if isinstance(cause, sqlite3.Error):
        # Text that is no UTF-8 has no code; a table that is gone has only the general one
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        gone = str(cause).startswith("no such")
        known = _DAMAGED if gone else _SQLITE.get(code & 0xFF)
        return (*known, "") if known else None
    state = getattr(cause, "sqlstate", None) or ""
    known = _POSTGRES.get(state) or _POSTGRES.get(state[:2])
    if known:
        return (*known, "")
    if not state or state[:2] in ("08", "28", "3D", "57"):
        return (*_UNREACHABLE, f" ({str(cause).splitlines()[-1].strip()})")
    return None
