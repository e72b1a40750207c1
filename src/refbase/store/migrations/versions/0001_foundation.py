"""Sources, records, references, bibliographies, entries, tags, and the log of changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _create(
        "source",
        *(_text(name) for name in ("kind", "name", "location", "checksum", "format", "time")),
        index=(("kind", "location"),),
    )
    _create(
        "reference",
        _text("key"),
        _text("key_folded", SORTED),
        _text("type"),
        _text("csl", sa.Text()),
        _text("title", sa.Text()),
        _text("container_title", sa.Text()),
        sa.Column("year", sa.Integer()),
        *(_text(name) for name in ("pmid", "pmcid", "doi", "fingerprint")),
        _link("merged_into", "reference"),
        _number("version"),
        unique=("key_folded",),
        index=(("year",), ("pmid",), ("pmcid",), ("doi",), ("fingerprint",), ("merged_into",)),
    )
    _create(
        "record",
        _link("source_id", "source", nullable=False),
        _link("reference_id", "reference", nullable=False),
        *(_text(name, sa.Text()) for name in ("csl", "entries", "raw")),
        _number("line"),
        index=(("source_id",), ("reference_id",)),
    )
    _create("bibliography", _text("name", SORTED), unique=("name",))
    _create(
        "entry",
        _link("bibliography_id", "bibliography", nullable=False),
        _link("reference_id", "reference", nullable=False),
        _link("record_id", "record"),
        _number("position"),
        _number("file_position"),
        *(_text(name, sa.Text()) for name in ("citation", "annotation")),
        index=(("bibliography_id", "position"), ("reference_id",), ("record_id",)),
    )
    _create(
        "tag",
        _link("reference_id", "reference", nullable=False),
        _text("name", SORTED),
        unique=("reference_id", "name"),
        index=(("name",),),
    )
    _create(
        "changeset",
        _text("time"),
        _text("kind"),
        _text("summary", sa.Text()),
        _link("undoes", "changeset"),
        index=(("undoes",),),
    )
    _create(
        "change",
        _link("changeset_id", "changeset", nullable=False),
        _text("subject"),
        _number("subject_id"),
        sa.Column("reference_id", sa.Integer()),
        *(sa.Column(name, sa.Text()) for name in ("before", "after")),
        index=(("changeset_id",), ("reference_id",), ("subject", "subject_id")),
    )


def downgrade() -> None:
    for name in "change changeset tag entry bibliography record reference source".split():
        op.drop_table(name)


def _create(
    table: str,
    *columns: sa.Column[Any],
    unique: tuple[str, ...] = (),
    index: tuple[tuple[str, ...], ...] = (),
) -> None:
    constraints: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"))
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *columns,
        *constraints,
        *(_foreign_key(table, column) for column in columns if "to" in column.info),
    )
    for names in index:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, list(names))


def _text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.String(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _link(name: str, to: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable, info={"to": to})


def _foreign_key(table: str, column: sa.Column[Any]) -> sa.ForeignKeyConstraint:
    to = f"{column.info['to']}.id"
    return sa.ForeignKeyConstraint([column.name], [to], name=f"fk_{table}_{column.name}")
