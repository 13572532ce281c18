"""Close, reopen, lock and unlock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, follows, outbox, reputation
from app.domain.questions.events import QuestionClosed, QuestionLocked, QuestionReopened, QuestionUnlocked
from app.domain.questions.policy import may_close, may_lock, may_reopen
from app.domain.questions.service.writing import locked_for_change
from app.models import CLOSE_REASONS, MeToo, Question, User


@atomic
def close(
    db: Session,
    *,
    question: Question,
    by: User,
    reason: str,
    now: datetime,
    original: Question | None = None,
) -> Question:
    """Close a question for one of CLOSE_REASONS; a duplicate must name its original.

    The duplicate becomes an alias: its followers and me-toos count for the original from now on.
    """
    reputation.require_active(by, now=now)
    if reason not in CLOSE_REASONS:
        raise Invalid("reason", _("Choose why it should be closed."))
    # In the order of their ids, or two who close them as duplicates of one another would wait for ever.
    for question_id in sorted({question.id, original.id if original else question.id}):
        locked_for_change(db, question_id)
    if not may_close(by, question, as_duplicate=reason == "duplicate"):
        raise NotAllowed(_("You can't close this question."), required_privilege="close_duplicate")
    if reason == "duplicate":
        question.duplicate_of_id = _make_alias(db, question, original, now=now)
    question.closed_at = now
    question.closed_by_id = by.id
    question.close_reason = reason
    db.add(question)
    db.flush()
    _audit(
        db,
        question,
        by,
        "question.close",
        after={"reason": reason, "original": question.duplicate_of_id},
        now=now,
    )
    event = QuestionClosed(
        by_id=by.id, question_id=question.id, reason=reason, duplicate_of_id=question.duplicate_of_id
    )
    outbox.record(db, event, now=now)
    return question


@atomic
def reopen(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Let a closed question take answers again."""
    reputation.require_active(by, now=now)
    question = locked_for_change(db, question.id)
    if not question.is_closed:
        raise Conflict(_("This question is open already."))
    if not may_reopen(by, question):
        raise NotAllowed(_("You can't reopen this question."))
    original_id = question.duplicate_of_id
    question.closed_at = question.closed_by_id = question.close_reason = question.duplicate_of_id = None
    question.last_activity_at = now
    question.last_activity_by_id = by.id
    db.add(question)
    db.flush()
    _audit(db, question, by, "question.reopen", now=now)
    event = QuestionReopened(by_id=by.id, question_id=question.id, was_duplicate_of_id=original_id)
    outbox.record(db, event, now=now)
    return question


@atomic
def lock(db: Session, *, question: Question, by: User, reason: str, now: datetime) -> Question:
    """Freeze the page: nobody but moderators may post, edit, vote or accept."""
    question = _for_moderator(db, question, by)
    if question.is_locked:
        raise Conflict(_("This question is locked already."))
    question.locked_at = now
    question.locked_by_id = by.id
    db.add(question)
    _audit(db, question, by, "question.lock", reason=reason, now=now)
    outbox.record(db, QuestionLocked(by_id=by.id, question_id=question.id), now=now)
    return question


@atomic
def unlock(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Let the page change again."""
    question = _for_moderator(db, question, by)
    if not question.is_locked:
        raise Conflict(_("This question is not locked."))
    question.locked_at = question.locked_by_id = None
    db.add(question)
    _audit(db, question, by, "question.unlock", now=now)
    outbox.record(db, QuestionUnlocked(by_id=by.id, question_id=question.id), now=now)
    return question


def _for_moderator(db: Session, question: Question, by: User) -> Question:
    if not may_lock(by):
        raise NotAllowed(_("Only moderators lock questions."))
    return locked_for_change(db, question.id)


def _make_alias(db: Session, question: Question, original: Question | None, *, now: datetime) -> int:
    if original is None:
        raise Invalid("original", _("Paste the address of the question that this one repeats."))
    # An alias of an alias would send readers in circles: point to where that one points.
    target_id = original.duplicate_of_id or original.id
    if target_id == question.id:
        raise Invalid("original", _("That is this question itself; name the other one."))
    target = locked_for_change(db, target_id)
    if target.is_removed:
        raise Invalid("original", _("That question is gone; name one that can be read."))
    for alias in db.exec(select(Question).where(Question.duplicate_of_id == question.id)).all():
        alias.duplicate_of_id = target.id
        db.add(alias)
    follows.copy_to(db, original_id=target.id, duplicate_id=question.id, now=now)
    _copy_me_toos(db, original=target, duplicate_id=question.id, now=now)
    return target.id


def _copy_me_toos(db: Session, *, original: Question, duplicate_id: int, now: datetime) -> None:
    present = set(db.exec(select(MeToo.user_id).where(MeToo.question_id == original.id)))
    present.add(original.author_id)
    for user_id in db.exec(select(MeToo.user_id).where(MeToo.question_id == duplicate_id)).all():
        if user_id not in present:
            db.add(MeToo(question_id=original.id, user_id=user_id, created_at=now))
    db.flush()
    counted = db.exec(select(func.count()).select_from(MeToo).where(MeToo.question_id == original.id)).one()
    original.me_too_count = original.moved_in_me_too + counted
    db.add(original)
    db.flush()


def _audit(
    db: Session,
    question: Question,
    by: User,
    action: str,
    *,
    now: datetime,
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    if by.is_staff:
        audit.record(db, by=by, action=action, subject=question, after=after, reason=reason, now=now)
