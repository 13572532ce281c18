"""Uploaded images and log files."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import instant


class Attachment(SQLModel, table=True):
    """A member's upload of a file; the bytes lie in the uploads folder under their hash."""

    __table_args__ = (
        UniqueConstraint("author_id", "sha256"),
        Index("ix_attachment_sha256", "sha256"),
        Index("ix_attachment_created_at", "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    sha256: str = Field(max_length=64)  # of the bytes as kept, after re-encoding
    extension: str = Field(max_length=5)
    name: str = Field(max_length=120)
    content_type: str = Field(max_length=60)
    size: int
    width: int | None = Field(default=None)
    height: int | None = Field(default=None)
    created_at: datetime = instant()


class PostAttachment(SQLModel, table=True):
    """That a post shows an upload: what no post shows is purged."""

    __tablename__ = "post_attachment"

    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE", primary_key=True)
    sha256: str = Field(max_length=64, primary_key=True, index=True)
