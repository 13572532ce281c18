"""Who may flag, and who decides on flags."""

from __future__ import annotations

from app.domain import reputation
from app.models import Answer, Comment, Question, User

FLAGS_A_DAY = 20
"""So many a member may send in 24 hours; staff, who can act themselves, have no limit."""


def may_flag(viewer: User | None, subject: Question | Answer | Comment) -> bool:
    """Allow members with the privilege, for what others wrote and is not removed yet."""
    if viewer is None or subject.is_removed or viewer.id == subject.author_id:
        return False
    return reputation.may(viewer, "flag")


def may_decide(viewer: User | None) -> bool:
    """Allow moderators."""
    return viewer is not None and viewer.is_moderator
