"""tell staff of cases.

Revision ID: 0011
Revises: 0010
Created: 2026-11-23 03:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("escalation_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_notification_escalation_id"),
            "escalation",
            ["escalation_id"],
            ["id"],
            ondelete="CASCADE",
        )
        table.create_index(op.f("ix_notification_escalation_id"), ["escalation_id"])


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("notification") as table:
        table.drop_index(op.f("ix_notification_escalation_id"))
        table.drop_constraint(op.f("fk_notification_escalation_id"), type_="foreignkey")
        table.drop_column("escalation_id")
