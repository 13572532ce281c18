"""Writing notifications, read marks and choices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.domain import mail
from app.domain.notifications.kinds import KINDS
from app.domain.notifications.letters import TEMPLATE
from app.domain.outbox import Recorded
from app.models import Notification, NotificationChoice, User


def tell(
    db: Session,
    *,
    about: Recorded,
    kind: str,
    user_ids: Collection[int],
    now: datetime,
    post_id: int | None = None,
    comment_id: int | None = None,
) -> None:
    """Tell members of an event, once each, within the job's transaction; never who did it.

    It is mailed to those who want this kind by e-mail and have no unread news of the kind about
    the thread: they were told to look already.
    """
    event = about.event
    told = set(db.exec(select(Notification.user_id).where(Notification.event_id == about.id)))
    for member in _listeners(db, set(user_ids) - told - {event.by_id or 0}):
        mailed = _wants_mail(db, member, kind) and not _has_unread(db, member, kind, event.question_id)
        notification = Notification(
            user_id=member.id or 0,
            event_id=about.id,
            kind=kind,
            question_id=event.question_id,
            post_id=post_id,
            comment_id=comment_id,
            actor_id=event.by_id,
            created_at=about.at,
        )
        db.add(notification)
        db.flush()
        if mailed:
            mail.queue(
                db, template=TEMPLATE, context={"notification_id": notification.id}, user=member, now=now
            )


@atomic
def mark_thread_read(db: Session, *, member: User, question_id: int, now: datetime) -> None:
    """Mark the member's news about a thread as read: they have opened it."""
    db.execute(
        update(Notification)
        .where(
            col(Notification.user_id) == member.id,
            col(Notification.question_id) == question_id,
            col(Notification.read_at).is_(None),
        )
        .values(read_at=now)
    )


@atomic
def mark_all_read(db: Session, *, member: User, now: datetime) -> None:
    """Mark everything in the member's inbox as read."""
    db.execute(
        update(Notification)
        .where(col(Notification.user_id) == member.id, col(Notification.read_at).is_(None))
        .values(read_at=now)
    )


@atomic
def choose(
    db: Session, *, member: User, by_email: Collection[str], kinds: Collection[str] = tuple(KINDS)
) -> None:
    """Let the member hear by e-mail of the kinds in `by_email`, and of none of the other `kinds`."""
    for kind in kinds:
        choice = db.get(NotificationChoice, (member.id, kind))
        if choice is None:
            choice = NotificationChoice(user_id=member.id or 0, kind=kind, by_email=True)
        choice.by_email = kind in by_email
        db.add(choice)
    db.flush()


def _listeners(db: Session, user_ids: Collection[int]) -> list[User]:
    """Return those of the members who can read what they are told: not former ones, nor unclaimed authors."""
    statement = select(User).where(
        col(User.id).in_(user_ids), col(User.deleted_at).is_(None), col(User.password_hash).is_not(None)
    )
    return list(db.exec(statement.order_by(col(User.id))))


def _wants_mail(db: Session, member: User, kind: str) -> bool:
    if member.email is None or member.email_verified_at is None:
        return False
    choice = db.get(NotificationChoice, (member.id, kind))
    return KINDS[kind].by_email if choice is None else choice.by_email


def _has_unread(db: Session, member: User, kind: str, question_id: int | None) -> bool:
    statement = select(Notification.id).where(
        Notification.user_id == member.id,
        Notification.kind == kind,
        Notification.question_id == question_id,
        col(Notification.read_at).is_(None),
    )
    return db.exec(statement.limit(1)).first() is not None
