"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text, tuple_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.outbox.events import EVENT_TYPES, Event
from app.models import Job, OutboxEvent


class Position(NamedTuple):
    """How far a reader of the feed has come: everything up to and with this has been read."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}:{self.id}"

    @classmethod
    def parse(cls, written: str) -> Position:
        """Read what str() wrote; raise ValueError for anything else."""
        xid, _, number = written.strip().partition(":")
        return cls(int(xid), int(number))


START = Position(0, 0)


@dataclass(frozen=True)
class Recorded:
    """An event with its place in the outbox."""

    id: int
    event: Event
    at: datetime
    position: Position


def feed(db: Session, *, after: Position, limit: int = 200) -> list[Recorded]:
    """Return the next events behind `after`, oldest first.

    On PostgreSQL only events below the oldest running transaction are shown: whatever commits
    later then sorts behind all that has been read, so no reader ever skips one.
    """
    statement = _behind(after, limit)
    if _is_postgresql(db):
        statement = statement.where(_BELOW_RUNNING)
    return [recorded(row) for row in db.exec(statement)]


def committed(db: Session, *, after: Position, limit: int) -> list[Recorded]:
    """Return what has been committed behind `after`, oldest first, with nothing held back.

    For readers that must know of everything at once, and can bear to be shown an event again: on
    PostgreSQL, one that commits later may sort before others that were shown already. What lies
    at or before `end_of_feed` (read first) is settled and complete.
    """
    return [recorded(row) for row in db.exec(_behind(after, limit))]


def end_of_feed(db: Session) -> Position:
    """Return the position of the newest event that the feed shows now."""
    statement = select(OutboxEvent).order_by(col(OutboxEvent.xid).desc(), col(OutboxEvent.id).desc()).limit(1)
    if _is_postgresql(db):
        statement = statement.where(_BELOW_RUNNING)
    row = db.exec(statement).first()
    return Position(row.xid, row.id or 0) if row else START


def recorded(row: OutboxEvent) -> Recorded:
    """Return a stored event as what it was when recorded."""
    event = EVENT_TYPES[row.name](**row.payload)
    return Recorded(id=row.id or 0, event=event, at=row.created_at, position=Position(row.xid, row.id or 0))


def has_work(db: Session, *, now: datetime) -> bool:
    """Return whether an event waits to be relayed or a job is due."""
    unrelayed = select(OutboxEvent.id).where(col(OutboxEvent.relayed_at).is_(None)).limit(1)
    return db.exec(unrelayed).first() is not None or db.exec(_due(now).limit(1)).first() is not None


def buried_jobs(db: Session, *, limit: int = 50) -> Sequence[Job]:
    """Return the jobs that were given up, newest first."""
    return db.exec(
        select(Job).where(col(Job.buried_at).is_not(None)).order_by(col(Job.id).desc()).limit(limit)
    ).all()


def _behind(position: Position, limit: int) -> SelectOfScalar[OutboxEvent]:
    place = tuple_(col(OutboxEvent.xid), col(OutboxEvent.id))
    return (
        select(OutboxEvent)
        .where(place > tuple_(position.xid, position.id))
        .order_by(col(OutboxEvent.xid), col(OutboxEvent.id))
        .limit(limit)
    )


def _due(now: datetime) -> SelectOfScalar[Job]:
    return (
        select(Job)
        .where(col(Job.done_at).is_(None), col(Job.buried_at).is_(None), col(Job.run_at) <= now)
        .order_by(col(Job.run_at), col(Job.id))
    )


due_jobs = _due

_BELOW_RUNNING = text("outbox_event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _is_postgresql(db: Session) -> bool:
    return db.get_bind().dialect.name == "postgresql"
