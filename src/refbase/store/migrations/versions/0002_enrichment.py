"""Answers of NCBI, jobs and their items, conflicts and decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "fetch",
        _serial(),
        _text("time"),
        _text("endpoint"),
        _text("asked", sa.Text()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fetch"),
    )
    op.create_table(
        "fetched",
        _serial(),
        _number("fetch_id"),
        _text("identifier"),
        sa.PrimaryKeyConstraint("id", name="pk_fetched"),
        sa.ForeignKeyConstraint(["fetch_id"], ["fetch.id"], name="fk_fetched_fetch_id"),
    )
    op.create_table(
        "job",
        _serial(),
        _text("kind"),
        _text("state"),
        _text("options", sa.Text()),
        _text("started"),
        _text("ended"),
        sa.Column("changeset_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(["changeset_id"], ["changeset.id"], name="fk_job_changeset_id"),
    )
    op.create_table(
        "job_item",
        _serial(),
        _number("job_id"),
        _number("reference_id"),
        _text("state"),
        _text("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_job_item"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_item_job_id"),
        sa.UniqueConstraint("job_id", "reference_id", name="uq_job_item_job_id_reference_id"),
    )
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        _number("reference_id"),
        *(_text(name) for name in ("kind", "subject", "mark")),
        *(_text(name, sa.Text()) for name in ("old", "new", "reason", "source")),
        sa.Column("fetch_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_conflict"),
        sa.ForeignKeyConstraint(
            ["reference_id"], ["reference.id"], name="fk_conflict_reference_id"
        ),
        sa.ForeignKeyConstraint(["fetch_id"], ["fetch.id"], name="fk_conflict_fetch_id"),
        sa.UniqueConstraint(
            "reference_id", "kind", "mark", name="uq_conflict_reference_id_kind_mark"
        ),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        _number("conflict_id"),
        *(_text(name) for name in ("answer", "person", "time")),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.ForeignKeyConstraint(["conflict_id"], ["conflict.id"], name="fk_decision_conflict_id"),
        sa.UniqueConstraint("conflict_id", name="uq_decision_conflict_id"),
    )
    for table, names in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)


_INDEXES = (
    ("fetched", ["fetch_id"]),
    ("fetched", ["identifier"]),
    ("job", ["changeset_id"]),
    ("job_item", ["job_id", "state"]),
    ("conflict", ["fetch_id"]),
)


def downgrade() -> None:
    for name in "decision conflict job_item job fetched fetch".split():
        op.drop_table(name)


def _serial() -> sa.Column[int]:
    """A number that the database gives: no change set refers to these rows."""
    return sa.Column("id", sa.Integer(), nullable=False, autoincrement=True)


def _text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> sa.Column[str]:
    return sa.Column(name, kind or sa.String(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)
