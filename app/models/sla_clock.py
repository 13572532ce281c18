"""SLA clocks: how long staff have, in the time of a calendar."""

from datetime import datetime, timedelta

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import index_where, instant, maybe_instant, one_of, span

METRICS = ("first_response", "next_reply", "resolution")
CLOCK_STATES = ("running", "paused", "satisfied", "breached", "cancelled")


class SlaClock(SQLModel, table=True):
    """One clock of an escalation: the replay of its events, kept for lists and sweeps.

    `consumed` is what had run when `counted_at` was, by the calendar version of that time; from then
    on the clock runs by `calendar_version_id` (missing: round the clock). A breached clock goes on
    running for the levels above, until it is met (`ended_at`).
    `next_step_at` is when the worker must look at it again: a warning, the breach, a level.
    A case has many clocks of the metric "next_reply", one for each wait of the customer.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        one_of("metric", *METRICS),
        one_of("state", *CLOCK_STATES),
        Index("ix_sla_clock_escalation_id", "escalation_id", "id"),
        index_where("ix_sla_clock_next_step", "next_step_at", "id", where="next_step_at IS NOT NULL"),
        index_where(
            "ix_sla_clock_unended",
            "escalation_id",
            "metric",
            where="ended_at IS NULL",
            unique=True,
        ),
        Index("ix_sla_clock_policy_version_started", "policy_version_id", "started_at"),
        index_where("ix_sla_clock_calendar_version", "calendar_version_id", where="ended_at IS NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    escalation_id: int = Field(foreign_key="escalation.id", ondelete="CASCADE")
    metric: str = Field(max_length=20)
    policy_version_id: int = Field(foreign_key="sla_policy_version.id", ondelete="RESTRICT")
    calendar_version_id: int | None = Field(
        default=None, foreign_key="calendar_version.id", ondelete="RESTRICT"
    )
    target: timedelta = span()
    state: str = Field(default="running", max_length=10)
    started_at: datetime = instant()
    consumed: timedelta = span()
    counted_at: datetime = instant()
    due_at: datetime | None = maybe_instant()  # missing while paused
    breached_at: datetime | None = maybe_instant()
    ended_at: datetime | None = maybe_instant()  # satisfied or cancelled
    next_step_at: datetime | None = maybe_instant()


class ClockEvent(SQLModel, table=True):
    """What happened to a clock. Append-only; replaying a clock's events gives the clock."""

    __tablename__ = "clock_event"
    __table_args__ = (
        one_of("kind", "start", "pause", "resume", "warn", "breach", "satisfy", "change", "cancel", "reopen"),
        Index("ix_clock_event_clock_id", "clock_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    clock_id: int = Field(foreign_key="sla_clock.id", ondelete="CASCADE")
    kind: str = Field(max_length=10)
    at: datetime = instant()
    reason: str = Field(default="", max_length=40)  # the state that pauses it, the step that warns
    target: timedelta | None = span(None)  # of start and change
    calendar_version_id: int | None = Field(
        default=None, foreign_key="calendar_version.id", ondelete="RESTRICT"
    )  # of start and change
    policy_version_id: int | None = Field(
        default=None, foreign_key="sla_policy_version.id", ondelete="RESTRICT"
    )  # of start and change


class ClockStep(SQLModel, table=True):
    """A step that was taken: the row is the guard that none is taken twice, whatever crashes."""

    __tablename__ = "clock_step"
    __table_args__ = (UniqueConstraint("clock_id", "step"),)

    id: int | None = Field(default=None, primary_key=True)
    clock_id: int = Field(foreign_key="sla_clock.id", ondelete="CASCADE")
    step: str = Field(max_length=30)  # "warn 50 %", "warn 15 min", "breach", "level 2", "level 3 2026-11-24"
    at: datetime = instant()
