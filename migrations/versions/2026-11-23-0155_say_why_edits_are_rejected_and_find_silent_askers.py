"""say why edits are rejected and find silent askers.

Revision ID: 0006
Revises: 0005
Created: 2026-11-23 01:55:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNDECIDED = sa.text(
    "removed_at IS NULL AND accepted_answer_id IS NULL AND closed_at IS NULL "
    "AND locked_at IS NULL AND answer_count > 0"
)
ACCEPTED = sa.text("accepted_answer_id IS NOT NULL")

NAME_DECISIONS = """
UPDATE notification SET kind = COALESCE((
    SELECT 'edit_' || suggested_edit.decision FROM suggested_edit
    WHERE suggested_edit.post_id = notification.post_id
      AND suggested_edit.author_id = notification.user_id
      AND suggested_edit.decision <> ''
    ORDER BY suggested_edit.id DESC LIMIT 1
), 'edit_approved')
WHERE kind = 'edit_decided'
"""
"""One kind of news becomes three; a member with several decisions on one post gets the last for all."""


def upgrade() -> None:
    """Bring the schema here."""
    op.add_column(
        "suggested_edit", sa.Column("reason", sa.String(length=500), nullable=False, server_default="")
    )
    op.create_index(
        "ix_question_undecided",
        "question",
        ["created_at", "id"],
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    )
    op.drop_index("ix_question_accepted_answer_id", table_name="question")
    op.create_index(
        "ix_question_accepted_answer_id",
        "question",
        ["accepted_answer_id"],
        sqlite_where=ACCEPTED,
        postgresql_where=ACCEPTED,
    )
    op.execute(NAME_DECISIONS)
    op.execute("UPDATE notification_choice SET kind = 'edit_approved' WHERE kind = 'edit_decided'")


def downgrade() -> None:
    """Take it back."""
    op.execute("UPDATE notification SET kind = 'edit_decided' WHERE kind LIKE 'edit!_%' ESCAPE '!'")
    op.execute("DELETE FROM notification_choice WHERE kind IN ('edit_rejected', 'edit_outdated')")
    op.execute("UPDATE notification_choice SET kind = 'edit_decided' WHERE kind = 'edit_approved'")
    op.drop_index("ix_question_accepted_answer_id", table_name="question")
    op.create_index("ix_question_accepted_answer_id", "question", ["accepted_answer_id"])
    op.drop_index("ix_question_undecided", table_name="question")
    op.drop_column("suggested_edit", "reason")
