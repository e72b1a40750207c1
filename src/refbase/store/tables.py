"""The tables of the database, all of them; docs/architecture/store.md says why they are so.

SQLModel declares them; reading and writing go through the tables at the end of this file and
SQLAlchemy Core, a thousand rows at a time, because one object a row is thirty times as slow.
Rows never leave this package: what comes out is `refbase.model`.

JSON stands in text columns, canonical (see `refbase.store.rows`), so that both databases hold
the same bytes. A text that is not known is empty, never NULL: one way to say it, one to ask.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, MetaData, String, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

REVISIONS = ("0001", "0002", "0003")
"""Every schema there has been, oldest first: the revisions in `migrations/versions`. It stands
here too because looking it up there means to load Alembic, which takes longer than an export."""

# PostgreSQL sorts text by its locale, SQLite by code point; the order of an export is one.
_SORTED = String().with_variant(String(collation="C"), "postgresql")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """What all tables share. The store gives the numbers itself (see `refbase.store.log`): one
    is never given twice, for the log speaks of rows by their number even when they are gone."""

    # Validators are never used, and building them doubles what this module costs to import
    model_config = {"defer_build": True}
    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)


def _id() -> Any:
    return Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


def _text() -> Any:
    return Field(default="", sa_type=Text)


class SourceRow(Row, table=True):
    """A state of a source: a file that was changed and read again has a second row."""

    __tablename__ = "source"
    __table_args__ = (Index(None, "kind", "location"),)

    id: int = _id()
    kind: str
    name: str
    location: str = ""
    checksum: str = ""
    format: str = ""
    time: str = ""


class ReferenceRow(Row, table=True):
    """A reference as computed from its records; everything but `key` can be made again.

    `key_folded` is the key without case, as BibTeX compares keys. The identifiers are looked up
    by, and not unique: one PMID is printed on two letters. `merged_into` makes the row a
    redirect, always to a reference that is none itself. `version` counts the changes, for
    whoever edits what somebody else may edit too.
    """

    __tablename__ = "reference"

    id: int = _id()
    key: str
    key_folded: str = Field(sa_type=_SORTED, unique=True)
    type: str
    csl: str = _text()
    title: str = _text()
    container_title: str = _text()
    year: int | None = Field(default=None, index=True)
    pmid: str = Field(default="", index=True)
    pmcid: str = Field(default="", index=True)
    doi: str = Field(default="", index=True)
    fingerprint: str = Field(default="", index=True)
    merged_into: int | None = Field(default=None, foreign_key="reference.id", index=True)
    version: int = 1


class RecordRow(Row, table=True):
    """What one state of a source says of one reference. Never changed; `entries` is what it
    says of the reference's place in bibliographies, to tell later who changed an annotation."""

    __tablename__ = "record"

    id: int = _id()
    source_id: int = Field(foreign_key="source.id", index=True)
    reference_id: int = Field(foreign_key="reference.id", index=True)
    csl: str = _text()
    entries: str = _text()
    raw: str = _text()
    line: int = 0


class BibliographyRow(Row, table=True):
    __tablename__ = "bibliography"

    id: int = _id()
    name: str = Field(sa_type=_SORTED, unique=True)


class EntryRow(Row, table=True):
    """A reference as one bibliography lists it; the same one may be listed twice.

    `file_position` is the place the file gave it: while it equals `position` everywhere, nobody
    has moved anything, and the order of the file is followed when it is read again.
    """

    __tablename__ = "entry"
    __table_args__ = (Index(None, "bibliography_id", "position"),)

    id: int = _id()
    bibliography_id: int = Field(foreign_key="bibliography.id")
    reference_id: int = Field(foreign_key="reference.id", index=True)
    record_id: int | None = Field(default=None, foreign_key="record.id", index=True)
    position: int = 0
    file_position: int = 0
    citation: str = _text()
    annotation: str = _text()


class TagRow(Row, table=True):
    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("reference_id", "name"),)

    id: int = _id()
    reference_id: int = Field(foreign_key="reference.id")
    name: str = Field(sa_type=_SORTED, index=True)


class ChangesetRow(Row, table=True):
    """One thing that was done: an import, later an edit, a merge, an enrichment, an undo."""

    __tablename__ = "changeset"

    id: int = _id()
    time: str
    kind: str
    summary: str = _text()
    undoes: int | None = Field(default=None, foreign_key="changeset.id", index=True)


class ChangeRow(Row, table=True):
    """One row that was made (`before` is NULL), changed, or removed (`after` is NULL).

    `reference_id` is the reference that it concerns, for the history of one reference.
    """

    __tablename__ = "change"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: int = _id()
    changeset_id: int = Field(foreign_key="changeset.id", index=True)
    subject: str
    subject_id: int
    reference_id: int | None = Field(default=None, index=True)
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)


class FetchRow(Row, table=True):
    """An answer of NCBI, word for word, compressed; kept before anything else is done with it.

    Not part of any change set: what was asked and answered stays true whatever is undone.
    `asked` is the JSON of what was asked, without key and address.
    """

    __tablename__ = "fetch"

    id: int = Field(primary_key=True)
    time: str
    endpoint: str
    asked: str = _text()
    body: bytes = Field(default=b"", sa_type=LargeBinary)


class FetchedRow(Row, table=True):
    """Which answer tells of an identifier (`PMID:123`), also if it tells that there is none."""

    __tablename__ = "fetched"

    id: int = Field(primary_key=True)
    fetch_id: int = Field(foreign_key="fetch.id", index=True)
    identifier: str = Field(index=True)


class JobRow(Row, table=True):
    """Work that may take long and goes on where it was interrupted. All that it changes is one
    change set; `state` is `running`, `done` or `undone`."""

    __tablename__ = "job"

    id: int = Field(primary_key=True)
    kind: str
    state: str
    options: str = _text()
    started: str
    ended: str = ""
    changeset_id: int | None = Field(default=None, foreign_key="changeset.id", index=True)


class JobItemRow(Row, table=True):
    """One reference of a job. `reference_id` is no link: jobs are history, and outlive it."""

    __tablename__ = "job_item"
    __table_args__ = (UniqueConstraint("job_id", "reference_id"), Index(None, "job_id", "state"))

    id: int = Field(primary_key=True)
    job_id: int = Field(foreign_key="job.id")
    reference_id: int
    state: str
    detail: str = _text()


class ConflictRow(Row, table=True):
    """What a person must look at: sources that disagree, or a match that is doubtful.

    `kind` is `variable` (`subject` names it), `match` (what an identifier leads to looks like
    another work), `candidate` (found by a search) or `duplicate` (`subject` is the number of
    another reference). `old` and `new` are JSON. The same question, which is what `mark` is
    made of, is never asked twice: it is open as long as it has no decision.
    """

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("reference_id", "kind", "mark"),)

    id: int = _id()
    reference_id: int = Field(foreign_key="reference.id")
    kind: str
    subject: str
    mark: str
    old: str = _text()
    new: str = _text()
    reason: str = _text()
    source: str = _text()
    fetch_id: int | None = Field(default=None, foreign_key="fetch.id", index=True)


class DecisionRow(Row, table=True):
    """A person's answer to a conflict: `accept` or `reject`."""

    __tablename__ = "decision"

    id: int = _id()
    conflict_id: int = Field(foreign_key="conflict.id", unique=True)
    answer: str
    person: str
    time: str


class IndexedRow(Row, table=True):
    """One row: the last change that the full-text index knows of (see `refbase.store.fulltext`).
    The index itself, `search`, is of another kind in each database, and made by the migration."""

    __tablename__ = "indexed"

    id: int = _id()
    change_id: int


def _table(row: type[Row]) -> Table:
    return Row.metadata.tables[str(row.__tablename__)]


SOURCE = _table(SourceRow)
REFERENCE = _table(ReferenceRow)
RECORD = _table(RecordRow)
BIBLIOGRAPHY = _table(BibliographyRow)
ENTRY = _table(EntryRow)
TAG = _table(TagRow)
CHANGESET = _table(ChangesetRow)
CHANGE = _table(ChangeRow)
FETCH = _table(FetchRow)
FETCHED = _table(FetchedRow)
JOB = _table(JobRow)
JOB_ITEM = _table(JobItemRow)
CONFLICT = _table(ConflictRow)
DECISION = _table(DecisionRow)
INDEXED = _table(IndexedRow)
