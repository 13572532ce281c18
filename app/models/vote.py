"""Votes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import instant


class Vote(SQLModel, table=True):
    """A member's vote on a post: one a member a post."""

    __table_args__ = (
        UniqueConstraint("post_id", "user_id"),
        CheckConstraint("value IN (-1, 1)", name="value_is_up_or_down"),
        Index("ix_vote_user_id_cast_at", "user_id", "cast_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    value: int
    cast_at: datetime = instant()
