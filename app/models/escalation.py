"""Escalations: questions that the crowd left to staff."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, index_where, instant, maybe_instant, one_of, together
from app.models.question import Question
from app.models.team import Team
from app.models.user import User

ESCALATION_STATES = (
    "queued",
    "claimed",
    "snoozed",
    "waiting_customer",
    "waiting_internal",
    "resolved",
    "closed",
    "cancelled",
)
PRIORITIES = ("low", "normal", "high", "urgent")
ENTRY_REASONS = (
    "unanswered",
    "asker_waiting",
    "not_helpful",
    "acceptance_withdrawn",
    "many_affected",
    "trusted_request",
    "by_staff",
    "by_api",
)

_OPEN = "state NOT IN ('closed', 'cancelled')"
_PAST = "state IN ('resolved', 'closed', 'cancelled')"
_AT_WORK = "state NOT IN ('resolved', 'closed', 'cancelled')"


class Escalation(SQLModel, table=True):
    """A question in the hands of staff: one open case a question.

    `next_due_at` is when the earliest of its running clocks is due, and `next_metric` which one that
    is; lists sort by it. `level` is how far the case has been carried up: 0, or 1 to 3 after a breach.
    """

    __table_args__ = (
        one_of("state", *ESCALATION_STATES),
        one_of("priority", *PRIORITIES),
        one_of("resolved_by", "", "staff", "community", "silent"),
        together("next_due_at", "next_metric"),
        index_where("ix_escalation_open_question", "question_id", where=_OPEN, unique=True),
        Index("ix_escalation_question_id", "question_id"),
        index_where("ix_escalation_due", "next_due_at", "id", where=_AT_WORK),
        index_where("ix_escalation_state_due", "state", "next_due_at", "id", where=_AT_WORK),
        index_where("ix_escalation_owner_due", "owner_id", "next_due_at", "id", where=_AT_WORK),
        index_where("ix_escalation_team_due", "team_id", "next_due_at", "id", where=_AT_WORK),
        index_where("ix_escalation_snoozed", "snoozed_until", where="state = 'snoozed'"),
        index_where(
            "ix_escalation_waiting", "state_since", where="state IN ('waiting_customer', 'waiting_internal')"
        ),
        index_where("ix_escalation_untouched", "touched_at", where="state = 'claimed'"),
        index_where("ix_escalation_resolved", "resolved_at", "id", where="state = 'resolved'"),
        Index("ix_escalation_opened_at", "opened_at", "id"),
        index_where("ix_escalation_opened", "opened_at", "id", where=_AT_WORK),
        index_where("ix_escalation_priority_due", "priority", "next_due_at", "id", where=_AT_WORK),
        index_where("ix_escalation_past", "opened_at", "id", where=_PAST),
    )

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    previous_id: int | None = Field(default=None, foreign_key="escalation.id", ondelete="SET NULL")
    state: str = Field(default="queued", max_length=20)
    state_since: datetime = instant()
    priority: str = Field(default="normal", max_length=10)
    team_id: int | None = Field(default=None, foreign_key="team.id", ondelete="SET NULL")
    owner_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    policy_version_id: int = Field(foreign_key="sla_policy_version.id", ondelete="RESTRICT")
    level: int = Field(default=0)
    next_due_at: datetime | None = maybe_instant()
    next_metric: str | None = Field(default=None, max_length=20)
    opened_at: datetime = instant()
    touched_at: datetime = instant()  # the last act of its owner, or the assignment
    snoozed_until: datetime | None = maybe_instant()
    resolved_at: datetime | None = maybe_instant()
    resolved_by: str = Field(default="", max_length=10)
    resolved_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    ended_at: datetime | None = maybe_instant()  # closed or cancelled
    reopen_count: int = Field(default=0)
    external_references: list[str] = Field(default_factory=list, sa_type=JSON)

    question: Question = Relationship(sa_relationship_kwargs=RAISE)
    team: Team | None = Relationship(sa_relationship_kwargs=RAISE)
    owner: User | None = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Escalation.owner_id"})

    @property
    def is_ended(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in ("closed", "cancelled")

    @property
    def is_at_work(self) -> bool:
        """Whether staff still owe something."""
        return self.state not in ("resolved", "closed", "cancelled")


class EscalationReason(SQLModel, table=True):
    """Why a question came, or would have come again, to staff."""

    __tablename__ = "escalation_reason"
    __table_args__ = (
        one_of("code", *ENTRY_REASONS),
        Index("ix_escalation_reason_escalation_id", "escalation_id"),
        index_where("ix_escalation_reason_by", "by_id", "code", "at", where="by_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    escalation_id: int = Field(foreign_key="escalation.id", ondelete="CASCADE")
    code: str = Field(max_length=24)
    detail: str = Field(default="", max_length=500)
    by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    at: datetime = instant()


class EscalationEvent(SQLModel, table=True):
    """A line of a case's timeline, for staff only. Append-only."""

    __tablename__ = "escalation_event"
    __table_args__ = (Index("ix_escalation_event_escalation_id", "escalation_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    escalation_id: int = Field(foreign_key="escalation.id", ondelete="CASCADE")
    kind: str = Field(max_length=30)
    by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = instant()

    by: User | None = Relationship(sa_relationship_kwargs=RAISE)


class EscalationNote(SQLModel, table=True):
    """What staff write for one another on a case. Never leaves the desk."""

    __tablename__ = "escalation_note"
    __table_args__ = (Index("ix_escalation_note_escalation_id", "escalation_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    escalation_id: int = Field(foreign_key="escalation.id", ondelete="CASCADE")
    author_id: int = Field(foreign_key="users.id", ondelete="RESTRICT")
    body: str = Field(max_length=30_000)
    body_html: str
    created_at: datetime = instant()
    edited_at: datetime | None = maybe_instant()
    removed_at: datetime | None = maybe_instant()

    author: User = Relationship(sa_relationship_kwargs=RAISE)


class EscalationPresence(SQLModel, table=True):
    """Who has a case open now, and whether they are replying. Old rows mean nothing and are forgotten."""

    __tablename__ = "escalation_presence"
    __table_args__ = (
        one_of("doing", "viewing", "replying"),
        Index("ix_escalation_presence_seen_at", "seen_at"),
    )

    escalation_id: int = Field(foreign_key="escalation.id", ondelete="CASCADE", primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    doing: str = Field(default="viewing", max_length=10)
    seen_at: datetime = instant()
