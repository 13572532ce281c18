"""What members follow."""

from __future__ import annotations

from sqlmodel import Session

from app.models import Follow, Product, Question, Tag, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING

_COLUMNS = {Question: "question_id", Tag: "tag_id", Product: "product_id", User: "member_id"}


def make_follow(db: Session, *, of: Question | Tag | Product | User, user: User | None = None) -> Follow:
    """Save that a member follows something."""
    user = user or make_user(db)
    subject = {_COLUMNS[type(of)]: of.id}
    follow = Follow(user_id=user.id or 0, created_at=MONDAY_MORNING, **subject)
    db.add(follow)
    db.commit()
    return follow
