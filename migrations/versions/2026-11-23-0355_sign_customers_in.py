"""sign customers in.

Revision ID: 0012
Revises: 0011
Created: 2026-11-23 03:55:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "identity_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("start_url", sa.String(length=500), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_site"),
        sa.UniqueConstraint("issuer", name="uq_identity_site_issuer"),
    )
    op.create_table(
        "identity_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("retired_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["identity_site.id"], name="fk_identity_key_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identity_key"),
        sa.UniqueConstraint("kid", name="uq_identity_key_kid"),
    )
    op.create_index("ix_identity_key_site_id", "identity_key", ["site_id"])
    op.create_table(
        "signed_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["identity_site.id"], name="fk_signed_identity_site_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_signed_identity_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signed_identity"),
        sa.UniqueConstraint("site_id", "subject", name="uq_signed_identity_site_id_subject"),
    )
    op.create_index("ix_signed_identity_user_id", "signed_identity", ["user_id"])
    op.create_table(
        "used_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("jti", sa.String(length=200), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["identity_site.id"], name="fk_used_token_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_used_token"),
        sa.UniqueConstraint("site_id", "jti", name="uq_used_token_site_id_jti"),
    )
    op.create_index("ix_used_token_expires_at", "used_token", ["expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("used_token")
    op.drop_table("signed_identity")
    op.drop_table("identity_key")
    op.drop_table("identity_site")
