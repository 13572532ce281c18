"""keep former handles and find names.

Revision ID: 0003
Revises: 0002
Created: 2026-11-23 00:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "former_handle",
        sa.Column("handle_key", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_former_handle_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handle_key", name=op.f("pk_former_handle")),
    )
    op.create_index(op.f("ix_former_handle_user_id"), "former_handle", ["user_id"], unique=False)
    op.create_index(
        "ix_users_display_name",
        "users",
        ["display_name"],
        unique=False,
        postgresql_ops={"display_name": "text_pattern_ops"},
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_users_display_name", table_name="users")
    op.drop_table("former_handle")
