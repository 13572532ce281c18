"""Sending what waits. As with mail, it happens outside any transaction.

`claim` takes deliveries for LEASE in a short transaction, `finish` writes the outcome in another. A
worker that dies in between leaves the lease to run out: the message goes out again under the same
id, by which receivers drop the copy.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.core.clock import SKEW
from app.core.db import LOCK, atomic
from app.domain import mail
from app.domain.webhooks.queries import IS_WAITING, is_due, valid_salts
from app.domain.webhooks.service.endpoints import disable
from app.models import User, WebhookAttempt, WebhookDelivery, WebhookEndpoint

LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)
GONE = 410
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""What the specification proposes: ten tries in a little more than three days."""
JITTER = 0.2
PER_ENDPOINT = 2


@dataclass(frozen=True)
class Outgoing:
    """A delivery that this worker alone may send now."""

    id: int
    endpoint_id: int
    url: str
    message_id: str
    type: str
    happened_at: datetime
    data: dict[str, Any]
    salts: Sequence[str]
    was_failing: bool


@dataclass(frozen=True)
class Attempt:
    """How a try went: the answer's status, or why there was none."""

    took_ms: int
    status: int | None = None
    error: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300


@atomic
def claim(
    db: Session, *, at_most: int, flying: Mapping[int, int], failing: bool, now: datetime
) -> list[Outgoing]:
    """Take deliveries that are due, the longest due first. Two workers never hold the same one.

    `flying` counts by endpoint what this worker is sending already: one gets PER_ENDPOINT at once, so
    that a slow receiver holds up itself only. `failing` takes those of endpoints that do not answer now;
    else they are passed over.
    """
    chosen = _choose(db, at_most=at_most, flying=flying, failing=failing, now=now)
    if not chosen:
        return []
    statement = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(col(WebhookDelivery.id).in_(chosen), *is_due(now))
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    taken = db.exec(statement).all()
    for row, _endpoint in taken:
        row.due_at = now + LEASE
        row.tries += 1
        db.add(row)
    return [_outgoing(row, endpoint, now) for row, endpoint in taken]


@atomic
def bring_back(db: Session, *, now: datetime) -> int:
    """Make due what waits for longer than any message has to: the clock was set back. Return how many."""
    longest = WAITS[-1] * (1 + JITTER) + SKEW
    result = db.execute(
        update(WebhookDelivery)
        .where(IS_WAITING, col(WebhookDelivery.due_at) > now + longest)
        .values(due_at=now)
    )
    return int(cast(Any, result).rowcount)


@atomic
def finish(db: Session, *, delivery_id: int, attempt: Attempt, now: datetime) -> None:
    """Write down how a try went, and what follows from it. Does nothing for a delivery that is gone."""
    found = db.get(WebhookDelivery, delivery_id)
    if found is None:
        return
    # The endpoint first, as whoever switches it off does: neither waits for the other then.
    endpoint = db.get_one(WebhookEndpoint, found.endpoint_id, with_for_update=LOCK, populate_existing=True)
    row = db.get_one(WebhookDelivery, delivery_id, with_for_update=LOCK, populate_existing=True)
    db.add(
        WebhookAttempt(
            delivery_id=delivery_id,
            at=now,
            status=attempt.status,
            took_ms=attempt.took_ms,
            error=attempt.error[:200],
        )
    )
    if attempt.is_success:
        endpoint.failing_since = None
        _end(row, "delivered", now)
    else:
        _failed(db, row, endpoint, is_gone=attempt.status == GONE, now=now)
    db.add_all([row, endpoint])


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Delete what was made 30 days ago, with its log; return how many."""
    before = now - KEPT
    old = db.exec(
        select(WebhookDelivery.id).where(col(WebhookDelivery.created_at) < before).limit(1000)
    ).all()
    result = db.execute(delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old)))
    return int(cast(Any, result).rowcount)


def _choose(
    db: Session, *, at_most: int, flying: Mapping[int, int], failing: bool, now: datetime
) -> list[int]:
    full = [endpoint_id for endpoint_id, count in flying.items() if count >= PER_ENDPOINT]
    since = col(WebhookEndpoint.failing_since)
    statement = (
        select(WebhookDelivery.id, WebhookDelivery.endpoint_id)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(*is_due(now), since.is_not(None) if failing else since.is_(None))
        .where(col(WebhookDelivery.endpoint_id).not_in(full))
        .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
        .limit(at_most * PER_ENDPOINT)
    )
    chosen: list[int] = []
    counts = Counter(flying)
    for delivery_id, endpoint_id in db.exec(statement):
        if counts[endpoint_id] < PER_ENDPOINT and len(chosen) < at_most:
            counts[endpoint_id] += 1
            chosen.append(delivery_id or 0)
    return chosen


def _outgoing(row: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> Outgoing:
    return Outgoing(
        id=row.id or 0,
        endpoint_id=row.endpoint_id,
        url=endpoint.url,
        message_id=row.message_id,
        type=row.type,
        happened_at=row.happened_at,
        data=row.data,
        salts=valid_salts(endpoint, now=now),
        was_failing=endpoint.failing_since is not None,
    )


def _failed(
    db: Session, row: WebhookDelivery, endpoint: WebhookEndpoint, *, is_gone: bool, now: datetime
) -> None:
    endpoint.failing_since = endpoint.failing_since or now
    if is_gone:
        _end(row, "failed", now)
        _disable(db, endpoint, reason="gone", now=now)
    elif row.tries > len(WAITS):
        _end(row, "failed", now)
        # A single message that it can't take is no reason, while it takes others.
        if now - endpoint.failing_since >= WAITS[-1]:
            _disable(db, endpoint, reason="failing", now=now)
    else:
        row.due_at = now + _wait(row.tries) if endpoint.is_enabled else None


def _end(row: WebhookDelivery, state: str, now: datetime) -> None:
    row.state, row.due_at, row.ended_at = state, None, now


def _disable(db: Session, endpoint: WebhookEndpoint, *, reason: str, now: datetime) -> None:
    if not endpoint.is_enabled:
        return
    disable(db, endpoint, reason=reason, now=now)
    owner = db.get(User, endpoint.owner_id) if endpoint.owner_id else None
    if owner is not None:
        context = {
            "name": owner.display_name,
            "endpoint": endpoint.name,
            "endpoint_id": endpoint.id,
            "url": endpoint.url,
            "reason": reason,
        }
        mail.queue(db, template="webhook_disabled", context=context, user=owner, now=now)


def _wait(tries: int) -> timedelta:
    """Return how long until the next try, a little more or less, so that not all come at once."""
    return WAITS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)
