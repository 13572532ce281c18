"""Counting what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, text
from sqlmodel import Session, col, select

from app.domain import search
from app.models import Escalation, Job, OutboxEvent, OutgoingEmail, SlaClock, WebhookDelivery

INDEX_COUNTED_TO = 10_000

# In words, not parameters: SQLite must see that an index of just these rows serves.
_AT_WORK = text("escalation.state NOT IN ('resolved', 'closed', 'cancelled')")


@dataclass(frozen=True)
class Waiting:
    """How many pieces of work are due, and since when the oldest of them is."""

    number: int
    since: datetime | None

    def seconds(self, now: datetime) -> float:
        """Return how long the oldest has been waiting; 0 when nothing is."""
        return max((now - self.since).total_seconds(), 0.0) if self.since else 0.0


@dataclass(frozen=True)
class Pulse:
    """How the forum is: `queues` by name, cases at work by state, and clocks that ran over and are not met."""

    queues: dict[str, Waiting]
    cases: dict[str, int]
    breached_clocks: int


def feel(db: Session, index: search.SearchIndex, *, now: datetime) -> Pulse:
    """Return how the forum is now. The queue "index" is this machine's, counted up to 10,000."""
    job, mail, sent = col(Job.run_at), col(OutgoingEmail.try_at), col(WebhookDelivery.due_at)
    unsent = (col(OutgoingEmail.sent_at).is_(None), col(OutgoingEmail.failed_at).is_(None))
    queues = {
        "outbox": _waiting(db, col(OutboxEvent.created_at), col(OutboxEvent.relayed_at).is_(None)),
        "jobs": _waiting(db, job, col(Job.done_at).is_(None), col(Job.buried_at).is_(None), job <= now),
        "mail": _waiting(db, mail, *unsent, mail <= now),
        "mail_again": _waiting(
            db, OutgoingEmail.created_at, *unsent, mail > now, col(OutgoingEmail.last_error) != ""
        ),
        "webhooks": _waiting(db, sent, text("webhook_delivery.state = 'waiting'"), sent <= now),
        "index": Waiting(*search.behind(db, index, at_most=INDEX_COUNTED_TO)),
    }
    states = select(Escalation.state, func.count()).where(_AT_WORK).group_by(Escalation.state)
    breached = select(func.count()).where(col(SlaClock.ended_at).is_(None), SlaClock.state == "breached")
    return Pulse(queues, dict(db.execute(states).all()), db.exec(breached).one())


def _waiting(db: Session, since: Any, *conditions: ColumnElement[bool] | TextClause) -> Waiting:
    number, oldest = db.execute(select(func.count(), func.min(since)).where(*conditions)).one()
    return Waiting(number, oldest)
