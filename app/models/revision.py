"""Revisions of posts, and edits suggested by members who may not yet edit alone."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant, maybe_instant, one_of, together
from app.models.user import User


class RevisionText(SQLModel):
    """What a revision holds; title, tags and environment only for questions."""

    title: str | None = Field(default=None, max_length=300)
    body: str
    tags: list[str] | None = Field(default=None, sa_type=JSON)
    environment: dict[str, str] | None = Field(default=None, sa_type=JSON)
    summary: str = Field(default="", max_length=300)


class Revision(RevisionText, table=True):
    """The text of a post as it stood from `created_at`; number 1 is what was first posted."""

    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE")
    number: int
    editor_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    restores: int | None = Field(default=None)  # number of the revision that a rollback brought back
    created_at: datetime = instant()

    editor: User | None = Relationship(sa_relationship_kwargs=RAISE)


class SuggestedEdit(RevisionText, table=True):
    """An edit that waits for someone who may decide; it was made against revision `base`."""

    __tablename__ = "suggested_edit"
    __table_args__ = (
        one_of("decision", "", "approved", "rejected", "outdated"),
        together("decided_at", "decided_by_id"),
        Index(
            "ix_suggested_edit_open",
            "post_id",
            unique=True,
            sqlite_where=text("decision = ''"),
            postgresql_where=text("decision = ''"),
        ),
        Index(
            "ix_suggested_edit_waiting",
            "id",
            sqlite_where=text("decision = ''"),
            postgresql_where=text("decision = ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE")
    base: int
    author_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: datetime = instant()
    decision: str = Field(default="", max_length=10)
    decided_at: datetime | None = maybe_instant()
    decided_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")
    reason: str = Field(default="", max_length=500)  # why it was rejected, for who suggested it

    author: User = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "SuggestedEdit.author_id"})
