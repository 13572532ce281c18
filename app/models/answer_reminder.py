"""Reminders to askers who have not said whether an answer helped."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.models.base import maybe_instant


class AnswerReminder(SQLModel, table=True):
    """When to remind the asker of a question next (missing: not any more), and how often it was done."""

    __tablename__ = "answer_reminder"
    __table_args__ = (
        Index(
            "ix_answer_reminder_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    due_at: datetime | None = maybe_instant()
    sent_count: int = Field(default=0)
