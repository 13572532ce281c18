"""Reading members."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.models import Answer, Question, QuestionTag, Tag, User


def experts_on_products(db: Session, product_ids: Collection[int], *, limit: int = 5) -> Sequence[User]:
    """Return who gave most accepted answers on these products."""
    return db.exec(_experts().where(col(Question.product_id).in_(product_ids)).limit(limit)).all()


def experts_on_tag(db: Session, tag: Tag, *, limit: int = 5) -> Sequence[User]:
    """Return who gave most accepted answers under a tag."""
    tagged = _experts().join(QuestionTag, col(QuestionTag.question_id) == col(Question.id))
    return db.exec(tagged.where(QuestionTag.tag_id == tag.id).limit(limit)).all()


def by_handle(db: Session, handle: str) -> User:
    """Return the member of this handle; raise NotFound, also for accounts that were deleted."""
    found = db.exec(select(User).where(User.handle == handle)).first()
    if found is None or found.deleted_at is not None:
        raise NotFound
    return found


def _experts() -> SelectOfScalar[User]:
    return (
        select(User)
        .join(Answer, col(Answer.author_id) == col(User.id))
        .join(Question, col(Question.accepted_answer_id) == col(Answer.id))
        .where(col(Question.removed_at).is_(None), col(User.deleted_at).is_(None))
        .group_by(*User.__table__.columns)  # type: ignore[attr-defined]
        .order_by(func.count().desc(), col(User.id))
    )
