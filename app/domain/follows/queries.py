"""Reading follows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.models import Follow, Product, Question, Tag, User


def follows(db: Session, member: User | None, subject: Question | Tag | Product | User) -> bool:
    """Return whether the member follows the subject; a visitor follows nothing."""
    if member is None:
        return False
    column = {
        Question: Follow.question_id,
        Tag: Follow.tag_id,
        Product: Follow.product_id,
        User: Follow.member_id,
    }[type(subject)]
    statement = select(Follow.id).where(Follow.user_id == member.id, column == subject.id)
    return db.exec(statement).first() is not None


def followed_questions(db: Session, member: User | None, question_ids: Collection[int]) -> set[int]:
    """Return which of the questions the member follows."""
    if member is None or not question_ids:
        return set()
    rows = db.exec(
        select(Follow.question_id).where(
            Follow.user_id == member.id, col(Follow.question_id).in_(question_ids)
        )
    )
    return {row for row in rows if row is not None}


def followers_of_question(db: Session, question_id: int, *, at: datetime) -> Sequence[int]:
    """Return the ids of members who follow a question, and did so at the instant `at`."""
    return db.exec(
        select(Follow.user_id).where(Follow.question_id == question_id, col(Follow.created_at) <= at)
    ).all()


def followers_of_topics(
    db: Session, *, tag_ids: Collection[int], product_ids: Collection[int], member_id: int
) -> set[int]:
    """Return the ids of members who follow one of the tags or products, or the member."""
    rows = db.exec(
        select(Follow.user_id).where(
            or_(
                col(Follow.tag_id).in_(tag_ids),
                col(Follow.product_id).in_(product_ids),
                col(Follow.member_id) == member_id,
            )
        )
    )
    return set(rows)
