"""A new delivery."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.outbox import Recorded
from app.models import WebhookDelivery, WebhookEndpoint


def new_delivery(
    endpoint: WebhookEndpoint, *, kind: str, data: Mapping[str, Any], event: Recorded | None, now: datetime
) -> WebhookDelivery:
    """Return a delivery that is due at once; without an event it is a test."""
    return WebhookDelivery(
        endpoint_id=endpoint.id or 0,
        event_id=event.id if event else None,
        type=kind,
        message_id=f"msg_{secrets.token_urlsafe(20)}",
        happened_at=event.at if event else now,
        data=dict(data),
        created_at=now,
        due_at=now,
    )
