"""What members follow."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import exactly_one, instant


class Follow(SQLModel, table=True):
    """A member follows a question, a tag, a product or another member."""

    __table_args__ = (
        exactly_one("question_id", "tag_id", "product_id", "member_id"),
        UniqueConstraint("user_id", "question_id"),
        UniqueConstraint("user_id", "tag_id"),
        UniqueConstraint("user_id", "product_id"),
        UniqueConstraint("user_id", "member_id"),
        Index("ix_follow_question_id", "question_id"),
        Index("ix_follow_tag_id", "tag_id"),
        Index("ix_follow_product_id", "product_id"),
        Index("ix_follow_member_id", "member_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    question_id: int | None = Field(default=None, foreign_key="question.id", ondelete="CASCADE")
    tag_id: int | None = Field(default=None, foreign_key="tag.id", ondelete="CASCADE")
    product_id: int | None = Field(default=None, foreign_key="product.id", ondelete="CASCADE")
    member_id: int | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE")
    created_at: datetime = instant()
