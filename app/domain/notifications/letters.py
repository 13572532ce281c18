"""E-mails about notifications, written when they are sent: what was read or removed meanwhile is not mailed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core import markdown
from app.core.i18n import gettext as _
from app.domain.mail import Claimed, Letter
from app.domain.notifications.kinds import KINDS
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
    question = db.get(Question, notification.question_id) if notification.question_id else None
    if question is None or member.deleted_at is not None:
        return None
    subject = _subject(db, notification)
    if notification.kind != "removed" and (question.is_removed or subject.is_removed):
        return None
    actor = db.get(User, notification.actor_id) if notification.actor_id else None
    kind = KINDS[notification.kind]
    return Letter(
        TEMPLATE,
        {
            "name": member.display_name,
            "text": kind.text(actor.display_name if actor else _("Someone")),
            "title": question.title,
            "path": address(notification),
            "excerpt": markdown.excerpt(subject.body_html, EXCERPT_LENGTH) if kind.key != "removed" else "",
            "unsubscribe": {"user_id": member.id, "kind": kind.key},
        },
    )


def _subject(db: Session, notification: Notification) -> Question | Answer | Comment:
    """Return what the notification is about."""
    if notification.comment_id is not None:
        return db.get_one(Comment, notification.comment_id)
    answer = db.get(Answer, notification.post_id) if notification.post_id else None
    return answer or db.get_one(Question, notification.question_id)
