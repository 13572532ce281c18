"""Who may say "me too"."""

from __future__ import annotations

from app.models import Question, User


def may_say(viewer: User | None, question: Question) -> bool:
    """Allow every member but the asker, while the question is there and open."""
    if viewer is None or viewer.id == question.author_id:
        return False
    return not (question.is_removed or question.is_closed or question.is_locked)
