"""Reading the inbox."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.models import Notification, User


def unread_count(db: Session, member: User) -> int:
    """Return how many notifications the member has not read."""
    return db.exec(
        select(func.count())
        .select_from(Notification)
        .where(Notification.user_id == member.id, col(Notification.read_at).is_(None))
    ).one()
