"""Ask a question."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, text
from sqlmodel import Session, col, select

from app.core.db import atomic, insert_row
from app.core.ranking import hot
from app.domain import catalog, follows, outbox, pace, reputation
from app.domain.questions.events import QuestionAsked
from app.domain.questions.service.writing import (
    CheckedParts,
    check_parts,
    record_revision,
    write_environment,
    write_tags,
)
from app.models import Post, Question, User

REPEATED_WITHIN = timedelta(days=1)
"""A question in the very same words so soon after is one that was sent twice, not one that is asked again."""

_LOCK = 7_202_632  # with a member's id: any number that no other advisory lock of two numbers uses
_SAME = select(Question).where(
    col(Question.author_id) == bindparam("author"),
    col(Question.created_at) > bindparam("since"),
    col(Question.title) == bindparam("title"),
    col(Question.body) == bindparam("body"),
    col(Question.product_id).is_not_distinct_from(bindparam("product", type_=Integer)),
    col(Question.removed_at).is_(None),
)


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

    Title and text about the same product once more within a day are the question that is there already: a form that
    was sent twice, or again after a connection broke off. Raises Invalid for everything that is wrong at once,
    NotAllowed for members who may not write, TooMany when the day's questions are used up.
    """
    reputation.require_active(author, now=now)
    pace.check_questions(db, author=author, now=now)
    parts = check_parts(
        db, author=author, title=title, body=body, tags=tags, product_id=product_id, environment=environment
    )
    if before := _sent_before(db, author, parts, product_id, now=now):
        return before
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


def _sent_before(
    db: Session, author: User, parts: CheckedParts, product_id: int | None, *, now: datetime
) -> Question | None:
    if db.get_bind().dialect.name == "postgresql":  # SQLite lets one write at a time anyway
        both = {"lock": _LOCK, "author": author.id}
        db.execute(text("SELECT pg_advisory_xact_lock(:lock, CAST(:author AS integer))"), both)
    same = {"author": author.id, "since": now - REPEATED_WITHIN, "title": parts.title, "body": parts.body}
    return db.exec(_SAME, params={**same, "product": product_id}).first()
