"""Webhooks: where events are sent, what was sent, and how each try went."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, index_where, instant, maybe_instant, one_of, together
from app.models.user import User

DISABLED_REASONS = ("by_staff", "gone", "failing")
DELIVERY_STATES = ("waiting", "delivered", "failed")


class WebhookEndpoint(SQLModel, table=True):
    """An address of somebody else's that is told of events. Its secrets are derived from salts, never stored."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        one_of("disabled_reason", "", *DISABLED_REASONS),
        CheckConstraint("(disabled_at IS NULL) = (disabled_reason = '')", name="disabled_says_why"),
        together("previous_salt", "previous_until"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=60)
    url: str = Field(max_length=500)
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    salt: str = Field(max_length=64)
    previous_salt: str | None = Field(default=None, max_length=64)
    previous_until: datetime | None = maybe_instant()
    owner_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    created_at: datetime = instant()
    failing_since: datetime | None = maybe_instant()
    disabled_at: datetime | None = maybe_instant()
    disabled_reason: str = Field(default="", max_length=10)

    owner: User | None = Relationship(sa_relationship_kwargs=RAISE)

    @property
    def is_enabled(self) -> bool:
        """Whether events are sent to it."""
        return self.disabled_at is None


class WebhookDelivery(SQLModel, table=True):
    """An event on its way to an endpoint. `message_id` is the same over all tries, and when sent again by hand.

    `due_at` is when the next try comes; a waiting one without it is held until its endpoint is enabled.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id", "type"),
        one_of("state", *DELIVERY_STATES),
        index_where("ix_webhook_delivery_due", "due_at", "id", where="state = 'waiting'"),
        Index("ix_webhook_delivery_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_created_at", "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    endpoint_id: int = Field(foreign_key="webhook_endpoint.id", ondelete="CASCADE")
    event_id: int | None = Field(
        default=None, sa_type=BigInteger
    )  # of the outbox, without a key; none for a test
    type: str = Field(max_length=40)
    message_id: str = Field(max_length=40, unique=True)
    happened_at: datetime = instant()
    data: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = instant()
    state: str = Field(default="waiting", max_length=10)
    due_at: datetime | None = maybe_instant()
    tries: int = Field(default=0)  # since it was made or sent again by hand
    ended_at: datetime | None = maybe_instant()


class WebhookAttempt(SQLModel, table=True):
    """One try to deliver: the answer's status, or why there was none."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id", "delivery_id"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="webhook_delivery.id", ondelete="CASCADE")
    at: datetime = instant()
    status: int | None = Field(default=None)
    took_ms: int = Field(default=0)
    error: str = Field(default="", max_length=200)
