"""Reminding askers who got an answer and have not said whether it helped: after three days, at most three times.

A row for each such question says when; the worker looks at those that are due only.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.domain import outbox
from app.domain.notifications.events import ReminderDue
from app.models import Answer, AnswerReminder, Question, Vote

AFTER = timedelta(days=3)
AT_MOST = 3
BATCH = 50


def plan(db: Session, *, question: Question, at: datetime) -> None:
    """Plan the next reminder about an answer that came `at` this instant, within the caller's transaction."""
    row = db.get(AnswerReminder, question.id)
    if row is None:
        row = AnswerReminder(question_id=question.id)
    if row.due_at is None and row.sent_count < AT_MOST:
        row.due_at = at + AFTER
        db.add(row)
        db.flush()


def remind(db: Session, *, now: datetime) -> int:
    """Record that reminders are due, up to BATCH; return how many questions were looked at."""
    due = select(AnswerReminder.question_id).where(col(AnswerReminder.due_at) <= now).limit(1)
    return _remind_some(db, now=now) if db.exec(due).first() is not None else 0


@atomic
def _remind_some(db: Session, *, now: datetime) -> int:
    rows = db.exec(
        select(AnswerReminder)
        .where(col(AnswerReminder.due_at) <= now)
        .order_by(col(AnswerReminder.due_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        question = db.get_one(Question, row.question_id)
        row.due_at = None
        if is_waiting(db, question):
            row.sent_count += 1
            row.due_at = now + AFTER if row.sent_count < AT_MOST else None
            outbox.record(db, ReminderDue(by_id=None, question_id=question.id), now=now)
        db.add(row)
    return len(rows)


def is_waiting(db: Session, question: Question) -> bool:
    """Return whether somebody else's answer waits for a word of the asker: no vote, comment or edit since."""
    if question.is_removed or question.is_closed or question.is_locked or question.is_solved:
        return False
    answered_at = db.exec(
        select(Answer.created_at)
        .where(
            Answer.question_id == question.id,
            Answer.author_id != question.author_id,
            col(Answer.removed_at).is_(None),
        )
        .order_by(col(Answer.created_at).desc())
        .limit(1)
    ).first()
    if answered_at is None:
        return False
    if question.last_activity_by_id == question.author_id and question.last_activity_at >= answered_at:
        return False
    voted = (
        select(Vote.id)
        .join(Answer, col(Answer.id) == col(Vote.post_id))
        .where(
            Answer.question_id == question.id,
            Vote.user_id == question.author_id,
            col(Vote.cast_at) >= answered_at,
        )
    )
    return db.exec(voted.limit(1)).first() is None
