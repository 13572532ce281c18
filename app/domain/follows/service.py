"""Follow and unfollow; copy the followers of a duplicate to its original."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from app.core.db import atomic, table_of
from app.models import Follow, Product, Question, Tag, User

Followed = Question | Tag | Product | User

_FOLLOW = {
    "sqlite": sqlite.insert(table_of(Follow)).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(table_of(Follow)).on_conflict_do_nothing(),
}
"""One statement, whether they follow it already or not, and whoever else does the same at this moment."""


@atomic
def follow(db: Session, *, by: User, subject: Followed, now: datetime) -> None:
    """Follow; following twice is the same as once."""
    row = {"user_id": by.id, "created_at": now, _column(subject): subject.id}
    db.execute(_FOLLOW[db.get_bind().dialect.name], row)


@atomic
def unfollow(db: Session, *, by: User, subject: Followed) -> None:
    """Stop following; without a follow nothing happens."""
    row = _row(db, by, subject)
    if row is not None:
        db.delete(row)
        db.flush()


def copy_to(db: Session, *, original_id: int, duplicate_id: int, now: datetime) -> None:
    """Let everyone who follows the duplicate follow the original, within the caller's transaction."""
    present = set(db.exec(select(Follow.user_id).where(Follow.question_id == original_id)))
    for user_id in db.exec(select(Follow.user_id).where(Follow.question_id == duplicate_id)).all():
        if user_id not in present:
            db.add(Follow(user_id=user_id, question_id=original_id, created_at=now))
    db.flush()


def _row(db: Session, by: User, subject: Followed) -> Follow | None:
    column = getattr(Follow, _column(subject))
    return db.exec(select(Follow).where(Follow.user_id == by.id, column == subject.id)).first()


def _column(subject: Followed) -> str:
    if isinstance(subject, Question):
        return "question_id"
    if isinstance(subject, Tag):
        return "tag_id"
    return "product_id" if isinstance(subject, Product) else "member_id"
