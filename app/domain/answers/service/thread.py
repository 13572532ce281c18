"""What all writes to answers share: the thread locked, its answer count recounted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from app.core.db import LOCK
from app.models import Answer, Question, User

_LOCKED_QUESTION = (
    select(Question)
    .where(Question.id == bindparam("id"))
    .with_for_update(of=Question, **LOCK)
    .execution_options(populate_existing=True)
)
_COUNTED = (
    select(func.count())
    .select_from(Answer)
    .where(Answer.question_id == bindparam("question_id"), col(Answer.removed_at).is_(None))
)


def locked_question(db: Session, question_id: int) -> Question:
    """Return the question as it is now, locked until the transaction ends; taken before any answer of it."""
    return db.exec(_LOCKED_QUESTION, params={"id": question_id}).one()


def locked_answer(db: Session, answer_id: int) -> Answer:
    """Return the answer as it is now, locked until the transaction ends."""
    statement = select(Answer).where(Answer.id == answer_id).with_for_update(of=Answer, **LOCK)
    return db.exec(statement.execution_options(populate_existing=True)).one()


def recount(db: Session, question: Question) -> None:
    """Count the visible answers anew."""
    db.flush()
    question.answer_count = db.exec(_COUNTED, params={"question_id": question.id}).one()
    db.add(question)


def touch(question: Question, *, by: User, now: datetime) -> None:
    """Note the thread's last activity."""
    question.last_activity_at = now
    question.last_activity_by_id = by.id
