"""Ask a question."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic, insert_row
from app.core.ranking import hot
from app.domain import catalog, follows, outbox, pace, reputation
from app.domain.questions.events import QuestionAsked
from app.domain.questions.service.writing import check_parts, record_revision, write_environment, write_tags
from app.models import Post, Question, User


@atomic
def ask(
    db: Session,
    *,
    author: User,
    title: str,
    body: str,
    tags: str,
    product_id: int | None,
    environment: dict[str, str],
    now: datetime,
) -> Question:
    """Post a question; its author follows it. `environment` maps field names of the product to what was typed.

    Raises Invalid for everything that is wrong at once, NotAllowed for members who
    may not write, TooMany when the day's questions are used up.
    """
    reputation.require_active(author, now=now)
    pace.check_questions(db, author=author, now=now)
    parts = check_parts(
        db, author=author, title=title, body=body, tags=tags, product_id=product_id, environment=environment
    )
    question = Question(
        id=insert_row(db, Post, {"kind": "question"}),
        author_id=author.id or 0,
        title=parts.title,
        body=parts.body,
        body_html=parts.body_html,
        product_id=parts.product_id,
        created_at=now,
        last_activity_at=now,
        last_activity_by_id=author.id,
        hot=hot(0, now),
    )
    with catalog.counting(db, question, is_new=True):
        db.add(question)
        db.flush()
        write_tags(db, question, parts.tag_names, now=now)
        write_environment(db, question, parts.environment)
    record_revision(db, question, parts, editor=author, now=now)
    follows.follow(db, by=author, subject=question, now=now)
    outbox.record(db, QuestionAsked(by_id=author.id, question_id=question.id), now=now)
    return question
