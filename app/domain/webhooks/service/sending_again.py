"""Sending by hand: a test, one delivery again, or all of a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import update
from sqlmodel import Session, col

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import audit
from app.domain.webhooks.making import new_delivery
from app.domain.webhooks.service.endpoints import locked
from app.domain.webhooks.table import TEST
from app.models import User, WebhookDelivery, WebhookEndpoint


@dataclass(frozen=True)
class SendAgain:
    """Deliveries of a time, from `since` up to before `until`: those that failed, or all that ended."""

    since: datetime
    until: datetime
    only_failed: bool = True


@atomic
def send_test(db: Session, *, endpoint_id: int, by: User, now: datetime) -> WebhookDelivery:
    """Send a message of the type "webhook.test", also to an endpoint that is off."""
    endpoint = locked(db, endpoint_id, by=by)
    row = new_delivery(endpoint, kind=TEST, data={"endpoint_id": endpoint.id}, event=None, now=now)
    db.add(row)
    db.flush()
    audit.record(db, by=by, action="webhook.test", subject=endpoint, now=now)
    return row


@atomic
def replay(db: Session, *, endpoint_id: int, delivery_id: int, by: User, now: datetime) -> WebhookDelivery:
    """Send a delivery again at once, with the same id and content. Raises NotFound, Conflict."""
    endpoint = _switched_on(db, endpoint_id, by=by)
    row = db.get(WebhookDelivery, delivery_id, with_for_update=LOCK, populate_existing=True)
    if row is None or row.endpoint_id != endpoint_id:
        raise NotFound
    row.state, row.due_at, row.tries, row.ended_at = "waiting", now, 0, None
    db.add(row)
    after = {"delivery": row.message_id}
    audit.record(db, by=by, action="webhook.replay", subject=endpoint, after=after, now=now)
    return row


@atomic
def replay_range(db: Session, *, endpoint_id: int, wanted: SendAgain, by: User, now: datetime) -> int:
    """Send again what ended in a time; return how many. Raises NotFound, Conflict, Invalid."""
    endpoint = _switched_on(db, endpoint_id, by=by)
    if wanted.since >= wanted.until:
        raise Invalid("until", _("The end must come after the beginning."))
    states = ("failed",) if wanted.only_failed else ("failed", "delivered")
    result = db.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint_id,
            col(WebhookDelivery.created_at) >= wanted.since,
            col(WebhookDelivery.created_at) < wanted.until,
            col(WebhookDelivery.state).in_(states),
        )
        .values(state="waiting", due_at=now, tries=0, ended_at=None)
    )
    count = int(cast(Any, result).rowcount)
    after = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat(), "count": count}
    audit.record(db, by=by, action="webhook.replay", subject=endpoint, after=after, now=now)
    return count


def _switched_on(db: Session, endpoint_id: int, *, by: User) -> WebhookEndpoint:
    endpoint = locked(db, endpoint_id, by=by)
    if not endpoint.is_enabled:
        raise Conflict(_("Switch the endpoint on first."))
    return endpoint
