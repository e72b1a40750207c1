"""The full-text index; whatever is there already is indexed by the transaction that ends this."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search USING fts5 ("
        "title, contributors, container, abstract, annotations, identifiers, keywords,"
        " tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2 3 4')",
    ),
    "postgresql": (
        "CREATE TABLE search (reference_id integer PRIMARY KEY, vector tsvector NOT NULL)",
        "CREATE INDEX ix_search_vector ON search USING gin (vector)",
    ),
}


def upgrade() -> None:
    for statement in _SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    indexed = op.create_table(
        "indexed",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_indexed"),
    )
    op.bulk_insert(indexed, [{"id": 1, "change_id": 0}])


def downgrade() -> None:
    op.drop_table("indexed")
    op.drop_table("search")
