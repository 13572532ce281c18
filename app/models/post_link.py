"""Links between posts that came in with an import."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant, one_of


class PostLink(SQLModel, table=True):
    """That one post names another, or was closed as its duplicate; a question can have several originals."""

    __tablename__ = "post_link"
    __table_args__ = (one_of("kind", "linked", "duplicate"),)

    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE", primary_key=True)
    related_id: int = Field(foreign_key="post.id", ondelete="CASCADE", primary_key=True, index=True)
    kind: str = Field(max_length=10, primary_key=True)
    created_at: datetime = instant()
