"""Members who have the problem too."""

from __future__ import annotations

from sqlmodel import Session

from app.models import MeToo, Question, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_me_too(db: Session, *, question: Question, user: User | None = None) -> MeToo:
    """Save that a member has the problem, and count it."""
    user = user or make_user(db)
    me_too = MeToo(question_id=question.id, user_id=user.id or 0, created_at=MONDAY_MORNING)
    question.me_too_count += 1
    db.add_all([me_too, question])
    db.commit()
    return me_too
