"""Writing the ledger. These functions join the caller's transaction.

Each line belongs to a cause ("vote:12:7" is the vote of member 7 on post 12). What a cause is
worth is settled, not added: the difference between its worth and its lines so far becomes a new
line. Settling twice changes nothing, so no sequence of votes, accepts and their withdrawals can
farm points.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, select

from app.core.db import LOCK
from app.domain.reputation.points import DAILY_CAP, LOWEST
from app.domain.reputation.queries import earned_on
from app.models import ReputationEntry, User


def welcome(db: Session, *, user_id: int, now: datetime) -> None:
    """Give a new member the first point."""
    settle(db, user_id=user_id, cause="welcome", kind="welcome", worth=LOWEST, now=now)


def settle(
    db: Session,
    *,
    user_id: int,
    cause: str,
    kind: str,
    worth: int,
    now: datetime,
    post_id: int | None = None,
    day: date | None = None,
) -> None:
    """Make the member's lines of `cause` add up to `worth`.

    With `day` (the UTC day of a vote) no more is given than that day's cap leaves. Nothing takes
    the total below 1: then less is taken, and giving back later gives back just that.
    """
    member = db.get_one(User, user_id, with_for_update=LOCK, populate_existing=True)
    points = worth - _sum(db, ReputationEntry.user_id == user_id, ReputationEntry.cause == cause)
    if day is not None and points > 0:
        points = min(points, max(0, DAILY_CAP - earned_on(db, user_id=user_id, day=day)))
    points = max(points, LOWEST - member.reputation)
    if points == 0:
        return
    db.add(
        ReputationEntry(
            user_id=user_id, kind=kind, cause=cause, points=points, day=day, post_id=post_id, created_at=now
        )
    )
    db.flush()
    member.reputation = _sum(db, ReputationEntry.user_id == user_id)
    member.peak_reputation = max(member.peak_reputation, member.reputation)
    db.add(member)
    db.flush()


def take_back_post(db: Session, *, post_id: int, now: datetime) -> None:
    """Take back, from everyone, what a post brought them: it was removed."""
    for user_id in _earners(db, post_id=post_id):
        brought = _sum(
            db,
            ReputationEntry.user_id == user_id,
            ReputationEntry.post_id == post_id,
            ReputationEntry.cause != _removal(post_id),
        )
        settle(
            db,
            user_id=user_id,
            cause=_removal(post_id),
            kind="post_removed",
            worth=-brought,
            post_id=post_id,
            now=now,
        )


def return_post(db: Session, *, post_id: int, now: datetime) -> None:
    """Give back what `take_back_post` took: the post was restored."""
    for user_id in _earners(db, post_id=post_id):
        settle(
            db,
            user_id=user_id,
            cause=_removal(post_id),
            kind="post_restored",
            worth=0,
            post_id=post_id,
            now=now,
        )


def _removal(post_id: int) -> str:
    return f"removal:{post_id}"


def _earners(db: Session, *, post_id: int) -> list[int]:
    """Return who has lines about the post, in the order in which accounts are locked."""
    statement = select(ReputationEntry.user_id).where(ReputationEntry.post_id == post_id).distinct()
    return sorted(db.exec(statement))


def _sum(db: Session, *conditions: object) -> int:
    total = select(func.coalesce(func.sum(ReputationEntry.points), 0)).where(*conditions)  # type: ignore[arg-type]
    return int(db.exec(total).one())
