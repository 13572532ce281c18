"""keep links and counts of imports.

Revision ID: 0002
Revises: 0001
Created: 2026-11-23 00:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "import_count",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("file", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('taken', 'adapted', 'left_out')", name=op.f("ck_import_count_outcome_is_known")
        ),
        sa.PrimaryKeyConstraint("source", "file", "outcome", "reason", name=op.f("pk_import_count")),
    )
    op.create_table(
        "post_link",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("related_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('linked', 'duplicate')", name=op.f("ck_post_link_kind_is_known")),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_link_post_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["related_id"], ["post.id"], name=op.f("fk_post_link_related_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "related_id", "kind", name=op.f("pk_post_link")),
    )
    with op.batch_alter_table("post_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_link_related_id"), ["related_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("post_link")
    op.drop_table("import_count")
