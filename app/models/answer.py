"""Answers."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Relationship

from app.models.base import RAISE, maybe_instant, removal_is_known, together
from app.models.post import PostFacts
from app.models.question import Question
from app.models.user import User


class Answer(PostFacts, table=True):
    """An answer; `wilson` is the lower bound that "best" sorts by."""

    __table_args__ = (
        removal_is_known(),
        together("official_at", "official_by_id"),
        Index("ix_answer_question_id_created_at", "question_id", "created_at"),
        Index(
            "ix_answer_author_newest",
            "author_id",
            "created_at",
            "id",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(
            "ix_answer_removed",
            "removed_at",
            "id",
            sqlite_where=text("removed_at IS NOT NULL"),
            postgresql_where=text("removed_at IS NOT NULL"),
        ),
    )

    id: int = Field(foreign_key="post.id", ondelete="CASCADE", primary_key=True)
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    wilson: float = Field(default=0.0)
    by_staff: bool = Field(default=False)  # the author answered for the company at the time
    official_at: datetime | None = maybe_instant()
    official_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")

    author: User = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Answer.author_id"})
    question: Question = Relationship(
        sa_relationship_kwargs={**RAISE, "foreign_keys": "Answer.question_id", "viewonly": True}
    )

    @property
    def kind(self) -> str:
        """ "answer", as in the post table."""
        return "answer"

    @property
    def is_official(self) -> bool:
        """Whether it is the company's position."""
        return self.official_at is not None
