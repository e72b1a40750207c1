"""What the tests share: the folder of real files outside the project, if there is one."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from program import SEED, Program

# How fast an example is made says something of the machine, and nothing of refbase
settings.register_profile(
    "refbase", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("refbase")

# A shell lets what runs in the background ignore Ctrl-C, and so do the programs that tests start
signal.signal(signal.SIGINT, signal.default_int_handler)


# NCBI is played on loopback, where no proxy is to be asked
os.environ["NO_PROXY"] = "*"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpora", type=Path, help="folder of real files to run against")
    parser.addoption("--slow", action="store_true", help="run what takes minutes, too")
    parser.addoption("--update", action="store_true", help="rewrite the expected files")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: --slow"))


@pytest.fixture(scope="session")
def corpora(request: pytest.FixtureRequest) -> Path:
    """The folder given by --corpora; the test is skipped where it was not given."""
    folder = request.config.getoption("--corpora")
    if folder is None:
        pytest.skip("no --corpora folder given")
    if not folder.is_dir():
        pytest.skip(f"--corpora {folder} is not there")
    return folder.resolve()


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture
def refbase(tmp_path: Path) -> Program:
    """The program in an empty folder; its database will be ./refbase.db."""
    return Program(tmp_path)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = Program(tmp_path_factory.mktemp("demo"))
    run = program("--db", "refbase.db", "import", SEED)
    assert run.code == 0, run.err
    return program.database


@pytest.fixture
def demo(refbase: Program, demo_database: Path) -> Program:
    """The program in a folder whose refbase.db holds the seed."""
    shutil.copy(demo_database, refbase.database)
    return refbase
