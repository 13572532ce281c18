"""Comments under questions and answers."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, Relationship

from app.models.base import RAISE, Removable, instant, maybe_instant, removal_is_known
from app.models.user import User


class Comment(Removable, table=True):
    """A remark under a post. `question_id` is its thread."""

    __table_args__ = (
        removal_is_known(),
        Index("ix_comment_question_id_id", "question_id", "id"),
        Index("ix_comment_post_id_id", "post_id", "id"),
        Index("ix_comment_author_id_created_at_id", "author_id", "created_at", "id"),
        Index(
            "ix_comment_removed",
            "removed_at",
            "id",
            sqlite_where=text("removed_at IS NOT NULL"),
            postgresql_where=text("removed_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE")
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    author_id: int = Field(foreign_key="users.id", ondelete="RESTRICT")
    body: str = Field(max_length=1500)
    body_html: str
    score: int = Field(default=0)  # moved in with imported comments
    created_at: datetime = instant()
    edited_at: datetime | None = maybe_instant()

    author: User = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Comment.author_id"})
