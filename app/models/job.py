"""Work that follows from events."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant

_OPEN = "done_at IS NULL AND buried_at IS NULL"
_BURIED = "buried_at IS NOT NULL"


class Job(SQLModel, table=True):
    """One consumer's work on one event, so that a failing one never repeats another's. Buried after too many tries."""

    __table_args__ = (
        UniqueConstraint("event_id", "consumer"),
        Index("ix_job_buried", "id", sqlite_where=text(_BURIED), postgresql_where=text(_BURIED)),
        Index("ix_job_due", "run_at", "id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="outbox_event.id", ondelete="CASCADE")
    consumer: str = Field(max_length=60)
    run_at: datetime = instant()
    attempts: int = Field(default=0)
    last_error: str = Field(default="", max_length=500)
    done_at: datetime | None = maybe_instant()
    buried_at: datetime | None = maybe_instant()
