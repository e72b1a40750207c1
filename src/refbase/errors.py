"""What can go wrong, and how it is told.

Faults in the *input* are values: a `Diagnostic` says where, how bad, and why, and reading
goes on. Faults of the *outside world* (no file, no database, no network) raise:

    RefbaseError                 exit 1
    ├── LossError                exit 1   --strict, and something could not be carried
    ├── UsageError               exit 2   the request makes no sense
    ├── FileError                exit 3   a file could not be read or written
    │   └── FormatError          exit 3   its format is unknown, or it is not of that format
    ├── ServiceError             exit 4   NCBI is unreachable
    └── StoreError               exit 5   the database is missing, locked, damaged or too new

Every error carries a message for people and, where one can be given, a hint what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Severity(StrEnum):
    """How bad a finding is: an `error` lost a record, a `warning` may have, `info` did not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Span:
    """Where in which file something was read. Lines count from 1; 0 means the whole file."""

    file: str = ""
    line: int = 0
    end_line: int = 0

    def __str__(self) -> str:
        name = self.file or "-"
        return f"{name}:{self.line}" if self.line else name


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about one place, for people and for programs.

    >>> print(Diagnostic("bad-identifier", "PMID 'abc' is not a number", Span("a.csv", 7)))
    a.csv:7: warning: PMID 'abc' is not a number [bad-identifier]
    """

    code: str
    message: str
    span: Span = Span()
    severity: Severity = Severity.WARNING

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}: {self.message} [{self.code}]"


# What each diagnostic code means. The table in docs/diagnostics.md is held equal to this one,
# and a test holds this one equal to the codes that the program uses.
CODES: dict[str, str] = {
    "bad-date": "A date that no rule understands. It is kept as it is written.",
    "bad-identifier": (
        "A PMID, PMCID, DOI, ISBN or ISSN that cannot be one. It is kept, but not as an identifier."
    ),
    "bad-value": "A value of the wrong kind. It is kept as a custom value.",
    "control-characters": "Characters that no text holds (NUL and the like) were taken out.",
    "not-utf-8": "Bytes that are not UTF-8 were read as Windows-1252 (Latin-1).",
}


class RefbaseError(Exception):
    """The root of everything refbase raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class LossError(RefbaseError):
    """With `--strict`: the format cannot hold everything, or a record was not understood."""


class UsageError(RefbaseError):
    """The request makes no sense: an unknown option value, two options that exclude each other."""

    exit_code = 2


class FileError(RefbaseError):
    """A file could not be read or written: missing, a directory, no permission, a full disk."""

    exit_code = 3


class FormatError(FileError):
    """The format of a file is unknown, or the file is not of the format it should be of."""


class ServiceError(RefbaseError):
    """A service that was asked (NCBI) cannot be reached, or answers nonsense."""

    exit_code = 4


class StoreError(RefbaseError):
    """The database is missing, locked, read-only, damaged, or newer than this program."""

    exit_code = 5
