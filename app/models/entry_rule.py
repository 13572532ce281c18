"""What brings questions to staff: the rules, from when on, and what is being watched."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import index_where, instant, maybe_instant, one_of
from app.models.escalation import ENTRY_REASONS


class EntryRule(SQLModel, table=True):
    """A rule as set for a product and those below it, or (without product) for all; absent: the default.

    `amount` is business minutes (unanswered, asker_waiting), people (many_affected) or requests a day
    (trusted_request); missing where the rule has none.
    """

    __tablename__ = "entry_rule"
    __table_args__ = (
        one_of("code", *ENTRY_REASONS),
        index_where(
            "ix_entry_rule_of_product", "product_id", "code", where="product_id IS NOT NULL", unique=True
        ),
        index_where("ix_entry_rule_of_all", "code", where="product_id IS NULL", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", ondelete="CASCADE")
    code: str = Field(max_length=24)
    is_enabled: bool = Field(default=True)
    amount: int | None = Field(default=None)
    changed_at: datetime = instant()
    changed_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")


class EntryStart(SQLModel, table=True):
    """The day from which rules count, for a product and those below it, or (without product) for all.

    Questions asked before it come to staff only by hand or when a backlog is taken in on purpose.
    """

    __tablename__ = "entry_start"
    __table_args__ = (
        index_where("ix_entry_start_of_product", "product_id", where="product_id IS NOT NULL", unique=True),
        index_where("ix_entry_start_of_all", "starts_at", where="product_id IS NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    product_id: int | None = Field(default=None, foreign_key="product.id", ondelete="CASCADE")
    starts_at: datetime = instant()
    changed_at: datetime = instant()
    changed_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")


class EntryWatch(SQLModel, table=True):
    """When a rule of time will bring a question to staff, unless something happens before."""

    __tablename__ = "entry_watch"
    __table_args__ = (Index("ix_entry_watch_due_at", "due_at", "question_id"),)

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    code: str = Field(max_length=24, primary_key=True)
    since: datetime = instant()  # from when it counts: asked, or the asker's last word
    due_at: datetime = instant()


class AnswerPromise(SQLModel, table=True):
    """What the public is told about a question that waits for the company.

    `due_at` is when somebody will have looked at it; missing while paused for the asker's reply.
    """

    __tablename__ = "answer_promise"
    __table_args__ = (one_of("state", "open", "paused", "met"),)

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    state: str = Field(default="open", max_length=10)
    due_at: datetime | None = maybe_instant()
    changed_at: datetime = instant()
