"""Suggested edits."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.models import Answer, Question, SuggestedEdit, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_suggestion(
    db: Session, *, post: Question | Answer, author: User | None = None, **facts: Any
) -> SuggestedEdit:
    """Save an edit that waits for a decision, made against the post's present text."""
    author = author or make_user(db)
    defaults: dict[str, Any] = {
        "base": post.revision,
        "body": f"{post.body} Now with the version: 1.2.",
        "summary": "Added the version",
        "created_at": MONDAY_MORNING,
    }
    if isinstance(post, Question):
        defaults |= {"title": post.title, "tags": ["printing"], "environment": {}}
    suggestion = SuggestedEdit(post_id=post.id, author_id=author.id or 0, **{**defaults, **facts})
    db.add(suggestion)
    db.commit()
    return suggestion
