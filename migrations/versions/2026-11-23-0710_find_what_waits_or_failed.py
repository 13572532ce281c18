"""find what waits or failed.

Revision ID: 0017
Revises: 0016
Created: 2026-11-23 07:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_suggested_edit_waiting", "suggested_edit", sa.text("decision = ''")),
    ("ix_job_buried", "job", sa.text("buried_at IS NOT NULL")),
    ("ix_outgoing_email_failed", "outgoing_email", sa.text("failed_at IS NOT NULL")),
)


def upgrade() -> None:
    """Bring the schema here."""
    for name, table, where in _INDEXES:
        op.create_index(name, table, ["id"], unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take it back."""
    for name, table, where in _INDEXES:
        op.drop_index(name, table_name=table, sqlite_where=where, postgresql_where=where)
