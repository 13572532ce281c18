"""Comments."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.models import Answer, Comment, Question, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_comment(
    db: Session, *, post: Question | Answer, author: User | None = None, **facts: Any
) -> Comment:
    """Save a comment, and count it in its post unless it is removed."""
    author = author or make_user(db)
    body = str(facts.get("body", "Which firmware?"))
    defaults = {"body": body, "body_html": body, "created_at": MONDAY_MORNING}
    owner = {"post_id": post.id, "question_id": post.question_id, "author_id": author.id}
    comment = Comment(**{**owner, **defaults, **facts})
    post.comment_count += 0 if comment.is_removed else 1
    db.add_all([comment, post])
    db.commit()
    return comment
