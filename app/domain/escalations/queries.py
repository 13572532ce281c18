"""Reading cases: for those who work on them, else NotFound. The promise alone is public."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain.escalations import states
from app.domain.escalations.policy import require_work
from app.models import (
    AnswerPromise,
    Comment,
    Escalation,
    EscalationEvent,
    EscalationNote,
    EscalationReason,
    OutboxEvent,
    Question,
    SlaClock,
    User,
)

_NEWS = (
    "QuestionEdited",
    "QuestionClosed",
    "QuestionReopened",
    "QuestionRemoved",
    "AnswerPosted",
    "AnswerEdited",
    "AnswerAccepted",
    "AnswerUnaccepted",
    "AnswerMadeOfficial",
    "AnswerRemoved",
    "CommentPosted",
)


_PROMISES = select(AnswerPromise).where(
    col(AnswerPromise.question_id).in_(bindparam("question_ids", expanding=True))
)


@dataclass(frozen=True)
class Promise:
    """What the public is told: "open" with an instant (missed once it has passed), or "paused" for the asker."""

    state: str
    due_at: datetime | None


@dataclass(frozen=True)
class News:
    """Something new in a thread: the event's name, who did it, when, and the post and comment it is about."""

    name: str
    by: User | None
    at: datetime
    post_id: int
    comment_id: int | None = None


def case(db: Session, viewer: User | None, escalation_id: int) -> Escalation:
    """Return a case with its question (author, product, tags, environment), team and owner."""
    require_work(viewer)
    question = joinedload(Escalation.question)  # type: ignore[arg-type]
    found = db.exec(
        select(Escalation)
        .options(
            question.joinedload(Question.author),  # type: ignore[arg-type]
            question.joinedload(Question.product),  # type: ignore[arg-type]
            question.selectinload(Question.tags),  # type: ignore[arg-type]
            question.selectinload(Question.environment),  # type: ignore[arg-type]
            joinedload(Escalation.team),  # type: ignore[arg-type]
            joinedload(Escalation.owner),  # type: ignore[arg-type]
        )
        .where(Escalation.id == escalation_id)
    ).first()
    if found is None:
        raise NotFound
    return found


def of_question(db: Session, viewer: User | None, question_id: int) -> Escalation | None:
    """Return the case of a question that has not ended, with its owner and team; None where there is none."""
    require_work(viewer)
    return db.exec(
        select(Escalation)
        .options(joinedload(Escalation.team), joinedload(Escalation.owner))  # type: ignore[arg-type]
        .where(Escalation.question_id == question_id, col(Escalation.state).not_in(states.ENDED))
    ).first()


def timeline(db: Session, viewer: User | None, escalation_id: int) -> Sequence[EscalationEvent]:
    """Return what happened to a case, the oldest first, with who did it (None: the system)."""
    require_work(viewer)
    return db.exec(
        select(EscalationEvent)
        .options(joinedload(EscalationEvent.by))  # type: ignore[arg-type]
        .where(EscalationEvent.escalation_id == escalation_id)
        .order_by(col(EscalationEvent.id))
    ).all()


def clocks(db: Session, viewer: User | None, escalation_id: int) -> Sequence[SlaClock]:
    """Return the clocks of a case, the oldest first."""
    require_work(viewer)
    return db.exec(
        select(SlaClock).where(SlaClock.escalation_id == escalation_id).order_by(col(SlaClock.id))
    ).all()


def notes(db: Session, viewer: User | None, escalation_id: int) -> Sequence[EscalationNote]:
    """Return the internal notes of a case with their authors, the oldest first, without removed ones."""
    require_work(viewer)
    return db.exec(
        select(EscalationNote)
        .options(joinedload(EscalationNote.author))  # type: ignore[arg-type]
        .where(EscalationNote.escalation_id == escalation_id, col(EscalationNote.removed_at).is_(None))
        .order_by(col(EscalationNote.id))
    ).all()


def note(db: Session, viewer: User | None, note_id: int) -> EscalationNote:
    """Return an internal note; raise NotFound."""
    require_work(viewer)
    found = db.get(EscalationNote, note_id)
    if found is None or found.removed_at is not None:
        raise NotFound
    return found


def reasons(db: Session, viewer: User | None, escalation_id: int) -> Sequence[EscalationReason]:
    """Return why a case came to staff, the first reason first."""
    require_work(viewer)
    return db.exec(
        select(EscalationReason)
        .where(EscalationReason.escalation_id == escalation_id)
        .order_by(col(EscalationReason.id))
    ).all()


def promise_of(db: Session, question_id: int) -> Promise | None:
    """Return what the public is promised about a question; None where nothing is."""
    return promises_of(db, [question_id]).get(question_id)


def promises_of(db: Session, question_ids: Collection[int]) -> Mapping[int, Promise]:
    """Return what is promised about each of the questions: one query for a list."""
    if not question_ids:
        return {}
    rows = db.exec(_PROMISES, params={"question_ids": list(question_ids)})
    return {row.question_id: Promise(row.state, row.due_at) for row in rows if row.state != "met"}


def token(db: Session, question_id: int) -> int:
    """Return how far a thread has come: a page shows it, and a reply says which one it was written against."""
    newest = select(OutboxEvent.id).where(
        OutboxEvent.question_id == question_id, col(OutboxEvent.name).in_(_NEWS)
    )
    return db.exec(newest.order_by(col(OutboxEvent.id).desc()).limit(1)).first() or 0


def news_since(db: Session, question_id: int, *, seen: int, but_by: User) -> list[News]:
    """Return what others have written and done in a thread since its token was `seen`, the oldest first."""
    rows = db.exec(
        select(OutboxEvent)
        .where(
            OutboxEvent.question_id == question_id,
            col(OutboxEvent.name).in_(_NEWS),
            col(OutboxEvent.id) > seen,
            col(OutboxEvent.actor_id).is_distinct_from(but_by.id),
        )
        .order_by(col(OutboxEvent.id))
    ).all()
    people = {row.actor_id: db.get(User, row.actor_id) for row in rows if row.actor_id is not None}
    return [_news(db, row, people.get(row.actor_id or 0)) for row in rows]


def _news(db: Session, row: OutboxEvent, by: User | None) -> News:
    comment_id = row.payload.get("comment_id")
    comment = db.get(Comment, comment_id) if comment_id else None
    post_id = row.payload.get("answer_id") or (comment.post_id if comment else row.question_id)
    return News(row.name, by, row.created_at, post_id or 0, comment_id)
