"""Accepted answers, once all answers are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from app.domain.importing.source.rows import instant
from app.domain.importing.taking.run import ADAPTED, Run
from app.models import Answer, MovedIn, Question


def expectation(answer: int, *, by: int) -> str:
    """Return the key of a note that a question of ours accepted an answer of the dump."""
    return f"{answer}/{by}"


def next_expected(db: Session, run: Run, *, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """Return the next questions that accepted an answer, by id, each with the answer's id in the dump."""
    rows = db.execute(
        select(MovedIn.local_id, MovedIn.source_id)
        .where(MovedIn.source == run.source, MovedIn.kind == "accepted", col(MovedIn.local_id) > after)
        .order_by(col(MovedIn.local_id))
        .limit(limit)
    )
    return [(question_id, key.partition("/")[0]) for question_id, key in rows]


def accept(db: Session, run: Run, expected: Sequence[tuple[int, str]]) -> None:
    """Accept the answers; what is not a visible answer of its question is reported."""
    answer_ids = run.posts.find(db, (source_id for _, source_id in expected))
    facts = select(Answer.id, Answer.question_id, Answer.created_at, Answer.author_id).where(
        col(Answer.id).in_(answer_ids.values()), col(Answer.removed_at).is_(None)
    )
    answers: dict[int, tuple[int, datetime, int]] = {row[0]: row[1:] for row in db.execute(facts)}
    days = run.scratch.votes_of(int(source_id) for _, source_id in expected)
    changes: list[dict[str, Any]] = []
    for question_id, source_id in expected:
        answer_id = answer_ids.get(source_id, 0)
        thread_id, created_at, author_id = answers.get(answer_id, (0, run.now, 0))
        if thread_id != question_id:
            run.count("Posts", ADAPTED, "its accepted answer is not in the dump or not its own")
            continue
        day = days.get(int(source_id))
        at = _accepted_at(instant(day.accepted_on) if day else None, created_at)
        changes.append({"question": question_id, "answer": answer_id, "at": at, "author": author_id})
    if changes:
        table = Question.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("question"))
        values = statement.values(
            accepted_answer_id=bindparam("answer"),
            accepted_at=bindparam("at"),
            accepted_by_id=table.c.author_id,
            accepted_author_id=bindparam("author"),
        )
        db.connection().execute(values, changes)


def _accepted_at(day: datetime | None, created_at: datetime) -> datetime:
    """Return the vote's day, which tells no time: never before the answer was there."""
    return max(day, created_at) if day else created_at
