"""Votes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.ranking import hot, wilson
from app.models import Answer, Question, User, Vote
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_vote(
    db: Session,
    *,
    post: Question | Answer,
    user: User | None = None,
    value: int = 1,
    cast_at: datetime = MONDAY_MORNING,
) -> Vote:
    """Save a vote and count it in its post; it brings no reputation."""
    user = user or make_user(db)
    vote = Vote(post_id=post.id, user_id=user.id or 0, value=value, cast_at=cast_at)
    post.score += value
    post.up_count += value == 1
    post.down_count += value == -1
    if isinstance(post, Question):
        post.hot = hot(post.score, post.created_at)
    else:
        post.wilson = wilson(post.up_count, post.down_count)
    db.add_all([vote, post])
    db.commit()
    return vote
