"""E-mail waiting to be sent, written in the transaction that causes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant

_WAITING = "sent_at IS NULL AND failed_at IS NULL"
_FAILED = "failed_at IS NOT NULL"


class OutgoingEmail(SQLModel, table=True):
    """One e-mail: a template and what it needs. `message_id` stays the same over tries."""

    __tablename__ = "outgoing_email"
    __table_args__ = (
        Index(
            "ix_outgoing_email_due",
            "try_at",
            "id",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index("ix_outgoing_email_failed", "id", sqlite_where=text(_FAILED), postgresql_where=text(_FAILED)),
    )

    id: int | None = Field(default=None, primary_key=True)
    message_id: str = Field(max_length=200, unique=True)
    user_id: int | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE", index=True)
    to_address: str = Field(max_length=254)
    template: str = Field(max_length=40)
    context: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = instant()
    try_at: datetime = instant()
    attempts: int = Field(default=0)
    last_error: str = Field(default="", max_length=500)
    sent_at: datetime | None = maybe_instant()
    failed_at: datetime | None = maybe_instant()
