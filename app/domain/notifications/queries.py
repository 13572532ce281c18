"""Reading the inbox. What was removed meanwhile is not shown, except that one's own post was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, select

from app.core.i18n import gettext as _
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.domain.notifications.kinds import KINDS, REMOVED, Kind, kinds_for
from app.models import Answer, Comment, Notification, NotificationChoice, Question, User


@dataclass(frozen=True)
class InboxRow:
    """A line of the inbox."""

    id: int
    text: str
    title: str
    href: str
    actor: User | None
    created_at: datetime
    is_unread: bool


def unread_count(db: Session, member: User) -> int:
    """Return how many notifications the member has not read."""
    return int(db.execute(_UNREAD, {"member_id": member.id}).scalar_one())


def inbox(db: Session, *, member: User, unread_only: bool = False, page: int = 1) -> PageOf[InboxRow]:
    """Return the member's own notifications, newest first."""
    statement = _shown(select(Notification, Question).select_from(Notification), member.id).where(
        Notification.user_id == member.id
    )
    if unread_only:
        statement = statement.where(col(Notification.read_at).is_(None))
    rows = db.exec(
        statement.options(joinedload(Notification.actor))  # type: ignore[arg-type]
        .order_by(col(Notification.id).desc())
        .offset(offset_of(page))
        .limit(PAGE_SIZE + 1)
    ).all()
    return page_of([_row(notification, question) for notification, question in rows], number=page)


def has_unread_about(db: Session, *, member: User, question_id: int) -> bool:
    """Return whether the member has unread news about a thread."""
    statement = select(Notification.id).where(
        Notification.user_id == member.id,
        Notification.question_id == question_id,
        col(Notification.read_at).is_(None),
    )
    return db.exec(statement.limit(1)).first() is not None


def choices(db: Session, *, member: User) -> list[tuple[Kind, bool]]:
    """Return every kind and whether it is mailed to the member."""
    chosen = select(NotificationChoice).where(NotificationChoice.user_id == member.id)
    own = {choice.kind: choice.by_email for choice in db.exec(chosen)}
    return [(kind, own.get(kind.key, kind.by_email)) for kind in kinds_for(member)]


def _shown(statement: Any, member_id: Any) -> Any:
    """Join what a notification is about, and leave out what is removed, with its title.

    That one's own post was removed is shown, but not in somebody else's thread that is gone, too; news of
    cases to those only who (still) work on them.
    """
    answer, comment = aliased(Answer), aliased(Comment)
    works = select(User.id).where(col(User.id) == member_id, col(User.support_role) != "")
    return (
        statement.outerjoin(Question, col(Question.id) == col(Notification.question_id))
        .outerjoin(answer, col(answer.id) == col(Notification.post_id))
        .outerjoin(comment, col(comment.id) == col(Notification.comment_id))
        .where(
            or_(
                and_(
                    col(Notification.kind) == REMOVED,
                    or_(_is_there(Question), col(Question.author_id) == member_id),
                ),
                and_(*(_is_there(table) for table in (Question, answer, comment))),
            ),
            or_(col(Notification.escalation_id).is_(None), works.exists()),
        )
    )


def _is_there(table: Any) -> ColumnElement[bool]:
    return col(table.removed_at).is_(None)


def _row(notification: Notification, question: Question | None) -> InboxRow:
    actor = notification.actor.display_name if notification.actor else _("Someone")
    return InboxRow(
        id=notification.id or 0,
        text=KINDS[notification.kind].text(actor, is_own=_is_own(notification, question)),
        title=question.title if question else "",
        href=address(notification),
        actor=notification.actor,
        created_at=notification.created_at,
        is_unread=notification.read_at is None,
    )


def _is_own(notification: Notification, question: Question | None) -> bool:
    return question is not None and question.author_id == notification.user_id


def address(notification: Notification) -> str:
    """Return the path of what a notification is about."""
    if notification.escalation_id is not None:
        return f"/desk/cases/{notification.escalation_id}"
    post = f"/posts/{notification.post_id or notification.question_id}"
    if notification.kind in ("suggested", "edit_approved", "edit_rejected", "edit_outdated"):
        return f"{post}/suggestion"
    return f"{post}?comment={notification.comment_id}" if notification.comment_id else post


# Made once: it is asked with every page of a member, and making it took longer than asking.
_UNREAD = _shown(select(func.count()).select_from(Notification), bindparam("member_id")).where(
    Notification.user_id == bindparam("member_id"), col(Notification.read_at).is_(None)
)
