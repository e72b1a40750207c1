"""Run by Alembic, which hands it the connection that `migrations.upgrade` was given."""

from __future__ import annotations

from alembic import context

from refbase.store.tables import Row

if hasattr(context, "config"):  # not where pytest imports it to look for examples
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Row.metadata,
        # SQLite cannot change a column; Alembic then copies the table
        render_as_batch=True,
        transactional_ddl=True,
    )
    context.run_migrations()
