"""E-mails about notifications, written when they are sent: what was read or removed meanwhile is not mailed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core import markdown
from app.core.i18n import gettext as _
from app.domain import audit
from app.domain.mail import Claimed, Letter
from app.domain.notifications.kinds import KINDS, REMOVED
from app.domain.notifications.queries import address
from app.models import Answer, Comment, Notification, Question, User

TEMPLATE = "notification"
EXCERPT_LENGTH = 500


def letter(db: Session, *, email: Claimed, now: datetime) -> Letter | None:  # noqa: ARG001  (all letters take it)
    """Return the e-mail about a notification; None when there is no need any more."""
    notification = db.get(Notification, email.context["notification_id"])
    if notification is None or notification.read_at is not None:
        return None
    member = db.get_one(User, notification.user_id)
    if member.deleted_at is not None or member.email != email.to_address:
        return None
    if KINDS[notification.kind].for_staff and not member.is_agent:
        return None
    question = db.get(Question, notification.question_id) if notification.question_id else None
    if question is None or not _is_worth_telling(db, notification, question):
        return None
    actor = db.get(User, notification.actor_id) if notification.actor_id else None
    kind = KINDS[notification.kind]
    name = actor.display_name if actor else _("Someone")
    return Letter(
        TEMPLATE,
        {
            "name": member.display_name,
            "text": kind.text(name, is_own=question.author_id == member.id),
            "title": question.title,
            "path": address(notification),
            "excerpt": _excerpt(db, notification),
            "unsubscribe": {"user_id": member.id, "kind": kind.key},
        },
    )


def _is_worth_telling(db: Session, notification: Notification, question: Question) -> bool:
    """Return whether the member may still see what the e-mail would show, and it is still so."""
    if notification.kind == REMOVED:
        return not question.is_removed or question.author_id == notification.user_id
    if question.is_removed or _subject(db, notification).is_removed:
        return False
    if notification.comment_id is not None and notification.post_id is not None:
        under = db.get(Answer, notification.post_id)
        return under is None or not under.is_removed
    return notification.kind != "reminder" or not question.is_solved


def _excerpt(db: Session, notification: Notification) -> str:
    if notification.kind == REMOVED:
        subject = _subject(db, notification)
        kind = "comment" if isinstance(subject, Comment) else subject.kind
        return audit.reason_of(db, subject=(kind, subject.id or 0), action=f"{kind}.hide")
    if notification.kind == "reminder":
        return _("Mark the answer that helped as the solution, or write what is still missing.")
    return markdown.excerpt(_subject(db, notification).body_html, EXCERPT_LENGTH)


def _subject(db: Session, notification: Notification) -> Question | Answer | Comment:
    """Return what the notification is about."""
    if notification.comment_id is not None:
        return db.get_one(Comment, notification.comment_id)
    answer = db.get(Answer, notification.post_id) if notification.post_id else None
    return answer or db.get_one(Question, notification.question_id)
