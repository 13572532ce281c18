"""What staff set up for their own work: saved views of the queue, and macros."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant


class SavedView(SQLModel, table=True):
    """Filters, columns and sorting of the queue under a name; its owner's, and for others when shared."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=60)
    is_shared: bool = Field(default=False)
    filters: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    columns: list[str] = Field(default_factory=list, sa_type=JSON)
    sort: str = Field(default="due", max_length=20)
    position: int = Field(default=0)
    created_at: datetime = instant()


class Macro(SQLModel, table=True):
    """Actions that staff do at one stroke, in order: [{"do": "reply", "text": "…"}, {"do": "snooze", …}].

    Without a team it is for all; `version` grows with each change.
    """

    __table_args__ = (Index("ix_macro_team_id", "team_id"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80, unique=True)
    team_id: int | None = Field(default=None, foreign_key="team.id", ondelete="SET NULL")
    actions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    version: int = Field(default=1)
    created_at: datetime = instant()
    created_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    changed_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()
