"""Who may vote on what, and for how long a vote may change."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models import Answer, Question, User, Vote

VOTES_A_DAY = 40
CHANGE_WITHIN = timedelta(minutes=10)


def may_vote(viewer: User | None, post: Question | Answer, question: Question) -> bool:
    """Allow every member but the author, while the post is there and the page is not locked."""
    if viewer is None or viewer.id == post.author_id:
        return False
    return not (post.is_removed or question.is_removed or question.is_locked)


def may_change(vote: Vote, post: Question | Answer, *, now: datetime) -> bool:
    """Allow it for ten minutes, and again once the post was edited after the vote."""
    was_edited = post.edited_at is not None and post.edited_at > vote.cast_at
    return was_edited or now - vote.cast_at <= CHANGE_WITHIN
