"""Mend what can be mended from the rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Session

from app.core.db import atomic
from app.domain import outbox
from app.domain.doctor.counters import COUNTERS, Counter, correct, wrong_rows
from app.domain.doctor.events import Mended
from app.domain.doctor.indexes import has_twins, missing_indexes
from app.domain.doctor.ranks import rank_answer, rank_question, wrong_answers, wrong_questions


def mend(db: Session, *, now: datetime) -> int:
    """Make every counter and rank right, each row in a transaction of its own; return how many were wrong.

    Jobs that were given up are tried again.
    Indexes that are missing are made first, but those that rows which got in meanwhile make impossible.
    """
    for index in missing_indexes(db):
        if not has_twins(db, index):
            _make_index(db, index=index)
    outbox.try_all_again(db, now=now)
    mended = 0
    for counter in COUNTERS:  # in this order: a score is made from counts that are right by then
        for row_id in wrong_rows(db, counter):
            _mend_row(db, counter=counter, row_id=row_id)
            mended += 1
    for row_id in wrong_questions(db):
        _rank(db, table="question", row_id=row_id)
        mended += 1
    for row_id in wrong_answers(db):
        _rank(db, table="answer", row_id=row_id)
        mended += 1
    if mended:
        _tell(db, now=now)
    return mended


@atomic
def _make_index(db: Session, *, index: Index) -> None:
    index.create(db.connection())


@atomic
def _mend_row(db: Session, *, counter: Counter, row_id: int) -> None:
    correct(db, counter, row_id)
    if counter.column == "score":
        _rank(db, table=counter.table, row_id=row_id)


@atomic
def _rank(db: Session, *, table: str, row_id: int) -> None:
    """Put a post in its place among others, which follows from its votes."""
    if table == "question":
        rank_question(db, row_id)
    else:
        rank_answer(db, row_id)


@atomic
def _tell(db: Session, *, now: datetime) -> None:
    outbox.record(db, Mended(by_id=None), now=now)
