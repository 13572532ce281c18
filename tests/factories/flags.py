"""Flags."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.models import Answer, Flag, Question, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_flag(db: Session, *, post: Question | Answer, author: User | None = None, **facts: Any) -> Flag:
    """Save an undecided flag on a post."""
    author = author or make_user(db)
    defaults = {"reason": "spam", "created_at": MONDAY_MORNING}
    flag = Flag(post_id=post.id, author_id=author.id or 0, **{**defaults, **facts})
    db.add(flag)
    db.commit()
    return flag
