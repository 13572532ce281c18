"""What lists are sorted by, compared with what the formulas give for votes and dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from app.core.db import LOCK
from app.core.ranking import hot, wilson
from app.models import Answer, Question

_AT_ONCE = 1_000
_SAME = 1e-9


def wrong_questions(db: Session) -> list[int]:
    """Return the ids of questions that stand in the wrong place among the hot ones."""
    rows = _rows(db, Question.id, Question.hot, Question.score, Question.created_at)
    return [number for number, told, score, at in rows if abs(told - hot(score, at)) > _SAME]


def wrong_answers(db: Session) -> list[int]:
    """Return the ids of answers that stand in the wrong place among the best ones."""
    rows = _rows(db, Answer.id, Answer.wilson, Answer.up_count, Answer.down_count)
    return [number for number, told, up, down in rows if abs(told - wilson(up, down)) > _SAME]


def rank_question(db: Session, question_id: int) -> None:
    """Make a question's rank right, with its row locked."""
    question = db.exec(select(Question).where(col(Question.id) == question_id).with_for_update(**LOCK)).one()
    question.hot = hot(question.score, question.created_at)
    db.add(question)


def rank_answer(db: Session, answer_id: int) -> None:
    """Make an answer's rank right, with its row locked."""
    answer = db.exec(select(Answer).where(col(Answer.id) == answer_id).with_for_update(**LOCK)).one()
    answer.wilson = wilson(answer.up_count, answer.down_count)
    db.add(answer)


def _rows(db: Session, *columns: Any) -> Iterator[Any]:
    statement = select(*columns).order_by(columns[0])
    return iter(db.execute(statement, execution_options={"yield_per": _AT_ONCE}))
