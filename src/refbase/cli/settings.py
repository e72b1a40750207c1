"""What the user has settled: the database, who they are to NCBI, how keys are made.

An option on the command line goes before an environment variable, that before `config.toml`
in the user's configuration folder (`REFBASE_CONFIG` names another file).
"""

from __future__ import annotations

import getpass
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from refbase.citekeys import PATTERN, check_pattern
from refbase.errors import FileError
from refbase.text import clean

DATABASE = "refbase.db"

# The environment variable of each setting. NCBI's own tools use NCBI_API_KEY too.
VARIABLES = {
    "email": "REFBASE_EMAIL",
    "api_key": "NCBI_API_KEY",
    "db": "REFBASE_DB",
    "citation_key_pattern": "REFBASE_CITATION_KEY_PATTERN",
    "style": "REFBASE_STYLE",
    "person": "REFBASE_PERSON",
}
SECRET = frozenset({"api_key"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and who set it: an environment variable, a file, or `default`."""

    value: str
    origin: str


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration file is, or would be."""
    if path := environ.get("REFBASE_CONFIG"):
        return Path(path)
    import platformdirs

    return Path(platformdirs.user_config_dir("refbase"), "config.toml")


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Setting]:
    """Every setting, with its origin."""
    written = _written(config_file(environ))
    found: dict[str, Setting] = {}
    for key, variable in VARIABLES.items():
        if environ.get(variable):
            found[key] = Setting(environ[variable], variable)
        elif key in written:
            found[key] = Setting(written[key], str(config_file(environ)))
        else:
            found[key] = _default(key)
    check_pattern(found["citation_key_pattern"].value)
    return found


def database(environ: Mapping[str, str] = os.environ) -> str:
    """The database to use where none is named: a path or an SQLAlchemy URL."""
    return load(environ)["db"].value


def person(environ: Mapping[str, str] = os.environ) -> str:
    """Whose word it is when somebody edits, annotates or decides: the setting `person`, else the
    name under which they are logged in."""
    return clean(load(environ)["person"].value) or _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"  # a container whose user has no name


def _default(key: str) -> Setting:
    if key == "citation_key_pattern":
        return Setting(PATTERN, "default")
    if key != "db":
        return Setting("", "default")
    if Path(DATABASE).exists():
        return Setting(DATABASE, "this folder")
    import platformdirs

    return Setting(str(Path(platformdirs.user_data_dir("refbase"), DATABASE)), "default")


def _written(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as stream:
            content = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except OSError as fault:
        raise FileError(f"{path}: cannot be read: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise FileError(f"{path}: is not TOML: {fault}") from fault
    for key, value in content.items():
        if key not in VARIABLES or not isinstance(value, str):
            known = ", ".join(VARIABLES)
            raise FileError(f"{path}: '{key}' is not a setting, or not text", f"known: {known}")
    return content
