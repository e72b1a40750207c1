"""The way from one schema to the next, with Alembic: one file a revision in `versions/`.

A new one: change `refbase.store.tables`, write `versions/NNNN_what.py`, add its number to
`tables.REVISIONS`. A test holds the three together, on both databases.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the schema up to date, within the transaction of the connection."""
    command.upgrade(config(connection), "head")


def config(connection: Connection | None = None) -> Config:
    found = Config(attributes={"connection": connection})
    found.set_main_option("script_location", "refbase.store:migrations")
    return found
