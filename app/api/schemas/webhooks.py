"""Webhook endpoints and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.schemas.base import In, Listing, Out, Site, Text
from app.domain import webhooks
from app.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


class Webhook(Out):
    """An endpoint that is told what happens. Its secret is told by `PUT /webhooks/{id}/secret` only."""

    id: int
    name: str
    endpoint_url: str = Field(description="Where messages are sent.")
    events: list[str]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str = Field(
        description="by_staff, gone (it answered 410), failing; empty while it is on."
    )
    url: str = Field(description="Its page at the desk.")

    @classmethod
    def of(cls, row: WebhookEndpoint, site: Site) -> Webhook:
        """Write down an endpoint."""
        return cls(
            id=row.id or 0,
            name=row.name,
            endpoint_url=row.url,
            events=row.events,
            created_at=row.created_at,
            failing_since=row.failing_since,
            disabled_at=row.disabled_at,
            disabled_reason=row.disabled_reason,
            url=f"{site.base}/desk/webhooks/{row.id}",
        )


class WebhookList(Listing[Webhook]):
    """All endpoints."""


class NewWebhook(In):
    """An endpoint to add."""

    name: Text = Field(min_length=1, max_length=60)
    endpoint_url: Text = Field(min_length=1, max_length=500, examples=["https://shop.example.com/hooks"])
    events: list[str] = Field(
        min_length=1, max_length=50, description=f"Some of: {', '.join(webhooks.EVENT_TYPES)}."
    )


class WebhookChange(In):
    """An edit of an endpoint; what is left out stays as it is."""

    name: Text = Field("", max_length=60)
    endpoint_url: Text = Field("", max_length=500)
    events: list[str] = Field(default_factory=list, max_length=50)


class WebhookSecret(Out):
    """A new secret. It is never told again; the one before signs, too, until `previous_until`."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
    previous_until: datetime | None


class DeliveryAttempt(Out):
    """One try to deliver."""

    at: datetime
    status: int | None = Field(description="Of the answer; null when there was none.")
    took_ms: int
    error: str


class Delivery(Out):
    """A message on its way to an endpoint, or that ended."""

    id: int
    message_id: str = Field(description="The header webhook-id: the same over all tries.")
    type: str
    state: str = Field(description="waiting, delivered or failed")
    happened_at: datetime
    due_at: datetime | None = Field(description="When the next try comes.")
    data: dict[str, Any]
    attempts: list[DeliveryAttempt]

    @classmethod
    def of(cls, row: WebhookDelivery, attempts: Sequence[WebhookAttempt]) -> Delivery:
        """Write down a delivery."""
        return cls(
            id=row.id or 0,
            message_id=row.message_id,
            type=row.type,
            state=row.state,
            happened_at=row.happened_at,
            due_at=row.due_at,
            data={name: value for name, value in row.data.items() if name != "path"},
            attempts=[
                DeliveryAttempt(at=one.at, status=one.status, took_ms=one.took_ms, error=one.error)
                for one in attempts
            ],
        )


class DeliveryList(Listing[Delivery]):
    """Deliveries of the last 30 days."""


class Replay(In):
    """What to send again: one delivery, or those that were made from `since` up to before `until`."""

    delivery_id: int | None = Field(None, ge=1, le=2_147_483_647)
    since: datetime | None = None
    until: datetime | None = None
    only_failed: bool = Field(default=True, description="Of a time: leave out what was delivered.")


class Replayed(Out):
    """How many messages are sent again."""

    count: int
