"""say whose answer is accepted.

Revision ID: 0014
Revises: 0013
Created: 2026-11-23 06:05:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SOLVED = sa.text("removed_at IS NULL AND accepted_answer_id IS NOT NULL")


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column("question", sa.Column("accepted_author_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE question SET accepted_author_id = "
        "(SELECT answer.author_id FROM answer WHERE answer.id = question.accepted_answer_id) "
        "WHERE accepted_answer_id IS NOT NULL"
    )
    op.create_index(
        "ix_question_expertise",
        "question",
        ["accepted_author_id", "product_id"],
        unique=False,
        sqlite_where=_SOLVED,
        postgresql_where=_SOLVED,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index(
        "ix_question_expertise", table_name="question", sqlite_where=_SOLVED, postgresql_where=_SOLVED
    )
    op.drop_column("question", "accepted_author_id")
