"""Questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from app.core.ranking import hot
from app.models import Post, Question, QuestionTag, Revision, Tag, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_question(
    db: Session, *, author: User | None = None, tags: Sequence[Tag] = (), **facts: Any
) -> Question:
    """Save an open question with its first revision; nothing but these rows (no events, no counts of tags)."""
    author = author or make_user(db)
    post = Post(kind="question")
    db.add(post)
    db.flush()
    body = str(facts.get("body", "It shows error 49 since the update."))
    defaults: dict[str, Any] = {
        "title": "Printer prints blank pages",
        "body": body,
        "body_html": f"<p>{body}</p>",
        "created_at": MONDAY_MORNING,
        "hot": hot(0, facts.get("created_at", MONDAY_MORNING)),
        "last_activity_at": facts.get("created_at", MONDAY_MORNING),
        "last_activity_by_id": author.id,
    }
    question = Question(id=post.id or 0, author_id=author.id or 0, **{**defaults, **facts})
    db.add(question)
    db.flush()
    for position, tag in enumerate(tags):
        db.add(QuestionTag(question_id=question.id, tag_id=tag.id or 0, position=position))
    db.add(
        Revision(
            post_id=question.id,
            number=1,
            editor_id=author.id,
            title=question.title,
            body=question.body,
            tags=[tag.name for tag in tags],
            created_at=question.created_at,
        )
    )
    db.commit()
    return question
