"""remind askers and list what was removed.

Revision ID: 0005
Revises: 0004
Created: 2026-11-23 00:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("question", "answer", "comment")
REMOVED = sa.text("removed_at IS NOT NULL")
DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "answer_reminder",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_reminder_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_answer_reminder")),
    )
    op.create_index(
        "ix_answer_reminder_due_at", "answer_reminder", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )
    for table in TABLES:
        op.create_index(
            f"ix_{table}_removed", table, ["removed_at", "id"], sqlite_where=REMOVED, postgresql_where=REMOVED
        )


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_removed", table_name=table)
    op.drop_table("answer_reminder")
