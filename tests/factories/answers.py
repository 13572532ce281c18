"""Answers."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from app.models import Answer, Post, Question, Revision, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING


def make_answer(db: Session, *, question: Question, author: User | None = None, **facts: Any) -> Answer:
    """Save an answer with its first revision, and count it in its question unless it is removed."""
    author = author or make_user(db)
    post = Post(kind="answer", parent_id=question.id)
    db.add(post)
    db.flush()
    body = str(facts.get("body", "Reseat the toner cartridge."))
    defaults = {
        "body": body,
        "body_html": f"<p>{body}</p>",
        "by_staff": author.is_agent,
        "created_at": MONDAY_MORNING,
    }
    answer = Answer(
        id=post.id or 0, question_id=question.id, author_id=author.id or 0, **{**defaults, **facts}
    )
    question.answer_count += 0 if answer.is_removed else 1
    db.add_all([answer, question])
    db.flush()
    first = Revision(
        post_id=answer.id, number=1, editor_id=author.id, body=body, created_at=answer.created_at
    )
    db.add(first)
    db.commit()
    return answer
