"""The outbox: what happened, written in the transaction in which it happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant


class OutboxEvent(SQLModel, table=True):
    """An event, by ids only. It is the activity trail, the source of jobs, and the index's change feed.

    `xid` is the writing transaction on PostgreSQL (0 on SQLite, which has one writer): the feed is
    read in the order (xid, id) and only below the oldest running transaction, because ids alone
    can become visible out of order.
    """

    __tablename__ = "outbox_event"
    __table_args__ = (
        Index("ix_outbox_event_xid_id", "xid", "id"),
        Index(
            "ix_outbox_event_unrelayed",
            "id",
            sqlite_where=text("relayed_at IS NULL"),
            postgresql_where=text("relayed_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},  # an id is never used again, even after a purge
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    xid: int = Field(default=0, sa_type=BigInteger)
    name: str = Field(max_length=40)
    payload: dict[str, Any] = Field(sa_type=JSON)
    actor_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    question_id: int | None = Field(default=None, index=True)  # no key: history outlives its subject
    created_at: datetime = instant()
    relayed_at: datetime | None = maybe_instant()
