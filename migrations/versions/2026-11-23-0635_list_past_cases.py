"""list past cases.

Revision ID: 0015
Revises: 0014
Created: 2026-11-23 06:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PAST = sa.text("state IN ('resolved', 'closed', 'cancelled')")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_index(
        "ix_escalation_past",
        "escalation",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=_PAST,
        postgresql_where=_PAST,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_escalation_past", table_name="escalation", sqlite_where=_PAST, postgresql_where=_PAST)
