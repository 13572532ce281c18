"""Webhooks."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.domain.webhooks import EVENT_TYPES
from app.models import User, WebhookEndpoint
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_endpoint(db: Session, *, owner: User | None = None, **facts: Any) -> WebhookEndpoint:
    """Save an enabled endpoint that asks for everything."""
    owner = owner or make_user(db, moderation_role="admin")
    defaults: dict[str, Any] = {
        "name": "Our shop",
        "url": "https://shop.example/hooks",
        "events": list(EVENT_TYPES),
        "salt": "salt",
        "created_at": MONDAY_MORNING,
    }
    endpoint = WebhookEndpoint(owner_id=owner.id, **{**defaults, **facts})
    db.add(endpoint)
    db.commit()
    return endpoint
