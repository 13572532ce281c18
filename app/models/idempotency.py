"""Answers of the API that are kept, so that a request sent twice is carried out once."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import instant


class StoredAnswer(SQLModel, table=True):
    """What was answered to a member's request with an Idempotency-Key, written in the transaction of its effect."""

    __tablename__ = "stored_answer"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)  # of the request: another one may not have the same key
    status: int
    headers: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    body: str
    created_at: datetime = instant(index=True)
