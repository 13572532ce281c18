"""sort the queue.

Revision ID: 0008
Revises: 0007
Created: 2026-11-23 03:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_WORK = sa.text("state NOT IN ('resolved', 'closed', 'cancelled')")

INDEXES = {
    "ix_escalation_opened": ["opened_at", "id"],
    "ix_escalation_priority_due": ["priority", "next_due_at", "id"],
}


def upgrade() -> None:
    """Bring the schema here."""
    for name, columns in INDEXES.items():
        op.create_index(name, "escalation", columns, sqlite_where=AT_WORK, postgresql_where=AT_WORK)


def downgrade() -> None:
    """Take it back."""
    for name in INDEXES:
        op.drop_index(name, table_name="escalation")
