"""What can go wrong, and how it is told.

Faults in the *input* are values: a `Diagnostic` says where, how bad, and why, and reading
goes on. Faults of the *outside world* (no file, no database, no network) raise:

    RefbaseError                 exit 1
    ├── AnswerError              exit 1   NCBI did not answer one request; others may go on
    ├── LossError                exit 1   --strict, and something could not be carried
    ├── UsageError               exit 2   the request makes no sense
    ├── FileError                exit 3   a file could not be read or written
    │   └── FormatError          exit 3   its format is unknown, or it is not of that format
    ├── ServiceError             exit 4   NCBI is unreachable
    └── StoreError               exit 5   the database is missing, locked, damaged or too new
        └── StaleError           exit 5   somebody else changed meanwhile what this is about

Every error carries a message for people and, where one can be given, a hint what to do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, NamedTuple


class Severity(StrEnum):
    """How bad a finding is: an `error` lost a record, a `warning` may have, `info` did not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


# Tuples, as a large file makes millions of them
class Span(NamedTuple):
    """Where in which file something was read. Lines count from 1; 0 means the whole file."""

    file: str = ""
    line: int = 0
    end_line: int = 0

    def __str__(self) -> str:
        name = self.file or "-"
        return f"{name}:{self.line}" if self.line else name


class Diagnostic(NamedTuple):
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
    "annotation-conflict": (
        "A file and the database both changed the text of an entry. The database's one stays."
    ),
    "bad-date": "A date that no rule understands. It is kept as it is written.",
    "bad-entry": (
        "An entry of a BibTeX file that is broken. Its text is kept, the next one is read."
    ),
    "bad-gzip": "A compressed file is damaged. What came before the damage is read.",
    "bad-identifier": (
        "A PMID, PMCID, DOI, ISBN or ISSN that cannot be one. It is kept, but not as an identifier."
    ),
    "bad-json": "What stands here is no JSON, or not the JSON object that should. It is not read.",
    "bad-row": "A row with too few or too many cells, or with an open quotation mark.",
    "bad-value": "A value of the wrong kind. It is kept as a custom value.",
    "bad-xml": "Markup that is damaged, or no record of its format. What can be read is kept.",
    "changed-key": "A citation key holds characters that no key may hold; others are written.",
    "citation-not-understood": (
        "A printed citation in which no journal, book or chapter was recognised. Its text is kept."
    ),
    "comment": "Text that belongs to no reference: a comment, or what stands between two entries.",
    "conflicting-identifier": (
        "A link and the text beside it name different identifiers. The link is believed."
    ),
    "control-characters": "Characters that no text holds (NUL and the like) were taken out.",
    "damaged": "The database file is damaged, or holds a link that leads nowhere.",
    "doubtful-match": (
        "What an identifier led to does not look like the work that was cited. It is not believed."
    ),
    "duplicate-key": "Two references have one citation key; the later one gets a number.",
    "entry-not-in-file": "An entry that the file no longer lists. It is kept.",
    "identifier-conflict": (
        "An identifier of a reference that looks like another work. Both are kept apart."
    ),
    "key-not-used": "A work that is here already under another citation key, which stays.",
    "left-out": "A reference of which the format can write nothing; the file is without it.",
    "link-without-number": "A link to PubMed or PMC whose number was lost in copying the page.",
    "missing-blank": "Two words or a bracket are glued together. The text stays as it is.",
    "missing-column": "A table lacks columns that it could have. They are read as empty.",
    "missing-comma": "Between two fields no comma stands, or something else is out of place.",
    "missing-end": "A record without its last line (ER). It ends where the next one begins.",
    "missing-full-stop": (
        "No full stop stands between title and journal. They are told apart by their capitals."
    ),
    "missing-type": "A record that does not say of what type it is. It is read as a document.",
    "no-parent": (
        "An entry takes fields from another one (crossref, xdata) that is not in the file."
    ),
    "no-references": "No reference was found in the file.",
    "no-title": "Title and journal of a citation could not be told apart. Its text is kept.",
    "no-volume": (
        "A citation names a year, but neither volume nor page. What was read as its journal may "
        "be none."
    ),
    "not-answered": (
        "NCBI did not answer what was asked of this reference. Others may have been answered."
    ),
    "not-in-pubmed": "PubMed does not know this PMID, or does not any more.",
    "not-indexed": "A reference in the database that the full-text index holds otherwise.",
    "not-rebuilt": "A reference in the database that is not what its records make of it.",
    "not-utf-8": "Bytes that are not UTF-8 were read as Windows-1252 (Latin-1).",
    "not-written": "The format has no place for this; the file is without it.",
    "odd-name": "A name in a list of authors lacks initials, or has stray ones.",
    "outside-record": "Text that stands in front of a record or between two. It is not read.",
    "repeated-field": (
        "A field that stands in an entry more than once. The first one counts; all are kept."
    ),
    "split-annotation": (
        "The first words of an annotation stand in front of the links. They are put together again."
    ),
    "superseded": (
        "A record stands in a file in several versions. The newest is read; an older one too, if"
        " it stood far in front of it."
    ),
    "too-long": "A name, tag or citation key of more than 500 characters. It was cut, or left out.",
    "truncated": "The file ends in the middle of a record. What came before is read.",
    "unknown-macro": "A LaTeX macro that is not known. It stays in the text as it is written.",
    "unknown-string": "An abbreviation (@string) that the file does not explain. Its name is kept.",
    "unknown-type": "A type of reference that the format does not have. It is read as a document.",
    "unread-text": "Words of a printed citation that no rule understood. They are kept as a note.",
    "withdrawn": "PubMed has taken a citation back. Nothing is deleted here.",
}


class RefbaseError(Exception):
    """The root of everything refbase raises on purpose."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class AnswerError(RefbaseError):
    """One request to NCBI failed for good: the service is there, and others may go on.

    `asked` holds what was asked for: PMIDs, citations, or a search.
    """

    def __init__(self, message: str, hint: str = "", asked: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.asked = asked


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
    """NCBI cannot be reached, refuses us, or answers nothing but nonsense: stop, keep what is."""

    exit_code = 4


class StoreError(RefbaseError):
    """The database is missing, locked, read-only, damaged, or newer than this program."""

    exit_code = 5


class StaleError(StoreError):
    """Somebody else changed what a plan was made from. Nothing was written; look again."""
