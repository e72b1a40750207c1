"""What the tests share: the folder of real files outside the project, if there is one."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpora", type=Path, help="folder of real files to run against")
    parser.addoption("--update", action="store_true", help="rewrite the expected files")


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
