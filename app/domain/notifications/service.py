"""Writing notifications, read marks and choices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.domain import mail
from app.domain.notifications.kinds import KINDS, kinds_for
from app.domain.notifications.letters import TEMPLATE
from app.domain.outbox import Recorded
from app.models import Notification, NotificationChoice, User

LOT = 1_000


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

    News of cases are told to those only who work on them.

    It is mailed to those who want this kind by e-mail and have no unread news of the kind about
    the thread: they were told to look already.
    """
    event = about.event
    told = set(db.exec(select(Notification.user_id).where(Notification.event_id == about.id)))
    waiting = sorted(set(user_ids) - told - {event.by_id or 0})
    # In lots: a brand can have more followers than a statement may have parameters.
    for start in range(0, len(waiting), LOT):
        listeners = _listeners(db, waiting[start : start + LOT], for_staff=KINDS[kind].for_staff)
        mailed = _to_be_mailed(db, listeners, kind=kind, question_id=event.question_id)
        rows = {
            member.id: Notification(
                user_id=member.id or 0,
                event_id=about.id,
                kind=kind,
                question_id=event.question_id,
                post_id=post_id,
                comment_id=comment_id,
                escalation_id=getattr(event, "escalation_id", None) if KINDS[kind].for_staff else None,
                actor_id=event.by_id,
                created_at=about.at,
            )
            for member in listeners
        }
        db.add_all(rows.values())
        db.flush()
        for member in mailed:
            context = {"notification_id": rows[member.id].id}
            mail.queue(db, template=TEMPLATE, context=context, user=member, now=now)


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
    db: Session, *, member: User, by_email: Collection[str], kinds: Collection[str] | None = None
) -> None:
    """Let the member hear by e-mail of the kinds in `by_email`, and of none of the others (of `kinds`, or all)."""
    for kind in [each.key for each in kinds_for(member)] if kinds is None else kinds:
        choice = db.get(NotificationChoice, (member.id, kind))
        if choice is None:
            choice = NotificationChoice(user_id=member.id or 0, kind=kind, by_email=True)
        choice.by_email = kind in by_email
        db.add(choice)
    db.flush()


def _listeners(db: Session, user_ids: Collection[int], *, for_staff: bool) -> list[User]:
    """Return those of the members who can read what they are told: not former ones, nor unclaimed authors."""
    statement = select(User).where(
        col(User.id).in_(user_ids), col(User.deleted_at).is_(None), col(User.password_hash).is_not(None)
    )
    found = db.exec(statement.order_by(col(User.id)))
    return [member for member in found if member.is_agent or not for_staff]


def _to_be_mailed(db: Session, members: Sequence[User], *, kind: str, question_id: int | None) -> list[User]:
    ids = [member.id for member in members]
    choices = select(NotificationChoice).where(
        NotificationChoice.kind == kind, col(NotificationChoice.user_id).in_(ids)
    )
    chosen = {choice.user_id: choice.by_email for choice in db.exec(choices)}
    unread = select(Notification.user_id).where(
        col(Notification.user_id).in_(ids),
        Notification.kind == kind,
        Notification.question_id == question_id,
        col(Notification.read_at).is_(None),
    )
    have_unread = set() if KINDS[kind].repeats else set(db.exec(unread))
    return [
        member
        for member in members
        if member.email is not None
        and member.email_verified_at is not None
        and member.id not in have_unread
        and chosen.get(member.id or 0, KINDS[kind].by_email)
    ]
