"""Business calendars: when a team is open."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import index_where, instant, maybe_instant


class Calendar(SQLModel, table=True):
    """A calendar's name; what it says stands in its versions. One is the default and stays."""

    __table_args__ = (index_where("ix_calendar_default", "is_default", where="is_default", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80, unique=True)
    is_default: bool = Field(default=False)
    version: int = Field(default=1)  # the newest one
    created_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()


class CalendarVersion(SQLModel, table=True):
    """What a calendar says from `created_at` on. Never changed: clocks remember which one they ran by.

    `windows` is a list of {"day": 0 (Monday) to 6, "opens": "08:00", "closes": "12:00"}; a window
    whose `closes` is not after its `opens` ends on the next day ("24:00" is midnight).
    `holidays` is a list of {"date": "2026-12-25", "name": "…", "windows": [{"opens", "closes"}]}.
    """

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("calendar_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    calendar_id: int = Field(foreign_key="calendar.id", ondelete="RESTRICT")
    version: int
    timezone: str = Field(max_length=60)
    windows: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    holidays: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = instant()
    created_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
