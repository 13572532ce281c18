"""SLA policies: which questions must be answered how fast."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import index_where, instant, maybe_instant


class SlaPolicy(SQLModel, table=True):
    """A policy's place in the order; what it says stands in its versions. The first enabled match wins."""

    __tablename__ = "sla_policy"
    __table_args__ = (
        Index("ix_sla_policy_position", "position", "id"),
        index_where("ix_sla_policy_catch_all", "is_catch_all", where="is_catch_all", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80, unique=True)
    position: int = Field(default=0)
    is_enabled: bool = Field(default=True)
    is_catch_all: bool = Field(default=False)
    version: int = Field(default=1)  # the newest one
    created_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()


class SlaPolicyVersion(SQLModel, table=True):
    """What a policy says from `created_at` on. Never changed.

    `matches` filters: {"products": [ids], "tags": [names], "priorities": […], "ranks": […]}; a product
    covers those below it; a missing or empty list means any. `targets` is
    {"normal": {"first_response": 240, "next_reply": 480, "resolution": 2880}, …} in minutes of the
    calendar, for each priority; a missing metric has no clock. `pauses` is {"resolution":
    ["waiting_customer"], …}. `warnings` is {"percent": [50, 75], "minutes_before": [15]};
    `breach_percents` says how far over the target levels 2 and 3 come: [50, 100].
    """

    __tablename__ = "sla_policy_version"
    __table_args__ = (UniqueConstraint("policy_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    policy_id: int = Field(foreign_key="sla_policy.id", ondelete="RESTRICT")
    version: int
    matches: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    calendar_id: int | None = Field(
        default=None, foreign_key="calendar.id", ondelete="RESTRICT"
    )  # missing: round the clock
    targets: dict[str, dict[str, int]] = Field(default_factory=dict, sa_type=JSON)
    pauses: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    warnings: dict[str, list[int]] = Field(default_factory=dict, sa_type=JSON)
    breach_percents: list[int] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = instant()
    created_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
