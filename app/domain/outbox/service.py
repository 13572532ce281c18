"""Writing the outbox: record events, have consumers react to them, try again as jobs what failed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import insert, text, update
from sqlmodel import Session, col, select

from app.core.clock import SKEW
from app.core.db import LOCK, atomic, table_of
from app.core.errors import NotFound
from app.domain import audit
from app.domain.outbox.events import Event
from app.domain.outbox.queries import Recorded, due_jobs, recorded
from app.models import Job, OutboxEvent, User

LONGEST_WAIT = timedelta(hours=4)
MAX_ATTEMPTS = 12
"""With the waits of `_wait` the last try comes about a day after the first."""

Consumer = Callable[..., None]
"""`consume(db, recorded: Recorded, *, now)`: an idempotent reaction, in the transaction that marks its job done."""

log = logging.getLogger(__name__)

_INSERT = insert(table_of(OutboxEvent))
_RECORD = {
    "sqlite": _INSERT.values(xid=0),
    "postgresql": _INSERT.values(xid=text("pg_current_xact_id()::text::bigint")),
}
"""For each database: statements rather than objects, which take the session three times as long."""


def record(db: Session, event: Event, *, now: datetime) -> None:
    """Write an event into the caller's transaction; to be called inside an atomic service only."""
    row = {
        "name": event.name,
        "payload": event.payload(),
        "actor_id": event.by_id,
        "question_id": event.question_id,
        "created_at": now,
    }
    db.execute(_RECORD[db.get_bind().dialect.name], row)


@atomic
def relay(
    db: Session,
    *,
    consumers: Mapping[type[Event], Sequence[Consumer]],
    now: datetime,
    limit: int = 100,
    seconds: float = math.inf,
) -> int:
    """Have consumers react to the events that wait, oldest first; return how many events were relayed.

    One transaction for up to `limit` events, which takes no further event after so many seconds, because
    whoever posts waits for it on SQLite. An event's consumers react together; when one fails, all that
    they wrote for this event is undone, and each gets a job of its own (`run_next`).
    """
    statement = (
        select(OutboxEvent)
        .where(col(OutboxEvent.relayed_at).is_(None))
        .order_by(col(OutboxEvent.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    relayed: list[int] = []
    until = time.monotonic() + seconds
    for event in [recorded(row) for row in db.exec(statement)]:
        _react(db, event, consumers=consumers[type(event.event)], now=now)
        relayed.append(event.id)
        if time.monotonic() >= until:
            break
    db.execute(update(OutboxEvent).where(col(OutboxEvent.id).in_(relayed)).values(relayed_at=now))
    return len(relayed)


@atomic
def run_next(db: Session, *, consumers: Mapping[str, Consumer], now: datetime) -> bool:
    """Run the job that is due first, and mark it done in the same transaction; return False if none is.

    A job that fails is tried again later, and buried after MAX_ATTEMPTS; what it wrote is undone.
    """
    job = db.exec(due_jobs(now).limit(1).with_for_update(skip_locked=True)).first()
    if job is None:
        return False
    event = recorded(db.get_one(OutboxEvent, job.event_id))
    try:
        with db.begin_nested():
            consumers[job.consumer](db, event, now=now)
            db.flush()
    except Exception as error:  # whatever a consumer raises must not stop the queue
        log.exception("job %s (%s) failed", job.id, job.consumer)
        _postpone(job, error=error, now=now)
    else:
        job.done_at = now
    job.attempts += 1
    return True


@atomic
def bring_back(db: Session, *, now: datetime) -> int:
    """Make due what waits for longer than any job has to: the clock was ahead, and was set back. Return how many."""
    result = db.execute(
        update(Job)
        .where(
            col(Job.done_at).is_(None),
            col(Job.buried_at).is_(None),
            col(Job.run_at) > now + LONGEST_WAIT + SKEW,
        )
        .values(run_at=now)
    )
    return int(cast(Any, result).rowcount)


@atomic
def try_all_again(db: Session, *, now: datetime) -> int:
    """Dig up every buried job: each is due at once and has all its tries again. Return how many."""
    buried = update(Job).where(col(Job.buried_at).is_not(None))
    result = db.execute(buried.values(buried_at=None, attempts=0, run_at=now))
    return int(cast(Any, result).rowcount)


@atomic
def try_again(db: Session, *, job_id: int, by: User, now: datetime) -> None:
    """Dig up a buried job: it is due at once and has all its tries again. Raises NotFound for any other job."""
    job = db.get(Job, job_id, with_for_update=LOCK)
    if job is None or job.buried_at is None:
        raise NotFound
    job.buried_at = None
    job.attempts = 0
    job.run_at = now
    db.add(job)
    after = {"event": job.event_id, "error": job.last_error}
    audit.record(db, by=by, action="job.retry", subject=job, after=after, now=now)


@atomic
def skip_unrelayed(db: Session, *, now: datetime) -> int:
    """Mark all waiting events as relayed without making jobs: for content of the past that nobody should be told of.

    The change feed still shows them, so the search index gets them. Returns how many.
    """
    result = db.execute(
        update(OutboxEvent).where(col(OutboxEvent.relayed_at).is_(None)).values(relayed_at=now)
    )
    return int(cast(Any, result).rowcount)


def name_of(consumer: Consumer) -> str:
    """Return the name under which a job remembers its consumer: "reputation.on_vote_cast"."""
    return f"{consumer.__module__.removeprefix('app.domain.').removesuffix('.consumers')}.{consumer.__name__}"


def _react(db: Session, event: Recorded, *, consumers: Sequence[Consumer], now: datetime) -> None:
    db.expire_all()  # others may have committed since the event before this one
    try:
        with db.begin_nested():
            for consume in consumers:
                consume(db, event, now=now)
    except Exception:  # whatever a consumer raises must not stop the queue
        log.warning("event %s (%s): each consumer gets a job", event.id, event.event.name, exc_info=True)
        db.add_all(Job(event_id=event.id, consumer=name_of(one), run_at=now) for one in consumers)


def _postpone(job: Job, *, error: Exception, now: datetime) -> None:
    job.last_error = f"{type(error).__name__}: {error}"[:500]
    if job.attempts + 1 >= MAX_ATTEMPTS:
        job.buried_at = now
    else:
        job.run_at = now + _wait(job.attempts)


def _wait(attempts: int) -> timedelta:
    """Return 5 s, 15 s, 45 s, … up to 4 hours."""
    return timedelta(seconds=min(5 * 3**attempts, LONGEST_WAIT // timedelta(seconds=1)))
