"""count searches and keep synonyms.

Revision ID: 0004
Revises: 0003
Created: 2026-11-23 00:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "search_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("query_key", sa.String(length=120), nullable=False),
        sa.Column("query", sa.String(length=120), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("without_results", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "query_key", name=op.f("pk_search_count")),
    )
    op.create_table(
        "synonym_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_synonym_group_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_group")),
    )
    op.create_index(op.f("ix_synonym_group_by_id"), "synonym_group", ["by_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_synonym_group_by_id"), table_name="synonym_group")
    op.drop_table("synonym_group")
    op.drop_table("search_count")
