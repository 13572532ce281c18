"""Mend what can be mended from the rows."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.ranking import hot, wilson
from app.domain import outbox
from app.domain.doctor.counters import COUNTERS, Counter, correct, wrong_rows
from app.domain.doctor.events import Mended
from app.models import Answer, Question


def mend(db: Session, *, now: datetime) -> int:
    """Make every counter right, each row in a transaction of its own; return how many were wrong."""
    mended = 0
    for counter in COUNTERS:  # in this order: a score is made from counts that are right by then
        for row_id in wrong_rows(db, counter):
            _mend_row(db, counter=counter, row_id=row_id)
            mended += 1
    if mended:
        _tell(db, now=now)
    return mended


@atomic
def _mend_row(db: Session, *, counter: Counter, row_id: int) -> None:
    correct(db, counter, row_id)
    if counter.column != "score":
        return
    # What lists sort by follows from the votes.
    if counter.table == "question":
        question = db.exec(select(Question).where(col(Question.id) == row_id)).one()
        question.hot = hot(question.score, question.created_at)
    else:
        answer = db.exec(select(Answer).where(col(Answer.id) == row_id)).one()
        answer.wilson = wilson(answer.up_count, answer.down_count)


@atomic
def _tell(db: Session, *, now: datetime) -> None:
    outbox.record(db, Mended(by_id=None), now=now)
