"""The public answer promise: one row a question, kept by every act on its case and by every plan of its entry.

It says when somebody of the company will have looked at a question; nothing else of the queue is public.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain import outbox
from app.domain.escalations import ticking
from app.domain.escalations.events import PromiseChanged
from app.models import AnswerPromise, Escalation


def follow_case(db: Session, escalation: Escalation, *, now: datetime) -> None:
    """Promise what the case's clocks say that customers can see: the earliest of them; none, nothing is promised."""
    facing = [
        clock for clock in ticking.unended(db, escalation.id) if clock.metric in ticking.CUSTOMER_FACING
    ]
    dues = [clock.due_at for clock in facing if clock.due_at is not None]
    if escalation.state == "waiting_customer":
        put(db, escalation.question_id, state="paused", due_at=None, now=now)
    elif escalation.is_at_work and dues:
        put(db, escalation.question_id, state="open", due_at=min(dues), now=now)
    else:
        withdraw(db, escalation.question_id, now=now)


def put(db: Session, question_id: int, *, state: str, due_at: datetime | None, now: datetime) -> None:
    """Write down what is promised."""
    row = db.get(AnswerPromise, question_id)
    if row is None:
        row = AnswerPromise(question_id=question_id, changed_at=now)
    if (row.state, row.due_at) != (state, due_at) or row not in db:
        row.state = state
        row.due_at = due_at
        row.changed_at = now
        db.add(row)
        db.flush()
        outbox.record(db, PromiseChanged(by_id=None, question_id=question_id), now=now)


def withdraw(db: Session, question_id: int, *, now: datetime) -> None:
    """Promise nothing (any more): it was met, or is not needed."""
    row = db.get(AnswerPromise, question_id)
    if row is not None:
        db.delete(row)
        db.flush()
        outbox.record(db, PromiseChanged(by_id=None, question_id=question_id), now=now)
