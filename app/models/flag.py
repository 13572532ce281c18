"""Flags: members point staff to what needs a look."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, exactly_one, instant, maybe_instant, one_of, together
from app.models.user import User

FLAG_REASONS = ("spam", "rude", "off_topic", "personal_data", "not_an_answer", "other")


class Flag(SQLModel, table=True):
    """A member's flag on a post or comment, and what a moderator decided."""

    __table_args__ = (
        exactly_one("post_id", "comment_id"),
        UniqueConstraint("author_id", "post_id"),
        UniqueConstraint("author_id", "comment_id"),
        one_of("reason", *FLAG_REASONS),
        one_of("decision", "", "helpful", "declined"),
        together("decided_at", "decided_by_id"),
        Index(
            "ix_flag_open", "id", sqlite_where=text("decision = ''"), postgresql_where=text("decision = ''")
        ),
        Index("ix_flag_post_id", "post_id"),
        Index("ix_flag_comment_id", "comment_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", ondelete="CASCADE")
    comment_id: int | None = Field(default=None, foreign_key="comment.id", ondelete="CASCADE")
    author_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    reason: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)
    created_at: datetime = instant()
    decision: str = Field(default="", max_length=10)
    decided_at: datetime | None = maybe_instant()
    decided_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")

    author: User = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Flag.author_id"})
