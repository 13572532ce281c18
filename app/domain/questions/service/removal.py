"""Remove and restore questions."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, catalog, outbox, reputation
from app.domain.questions.events import QuestionRemoved, QuestionRestored
from app.domain.questions.policy import may_remove, may_restore
from app.domain.questions.service.writing import locked_for_change
from app.models import Answer, Question, User


@atomic
def remove(
    db: Session, *, question: Question, by: User, now: datetime, reason: str = "", as_spam: bool = False
) -> Question:
    """Take a question away with its thread: deleted by its author, or hidden by staff, who give a reason.

    What its posts brought in reputation is taken back; restoring returns it.
    """
    reputation.require_active(by, now=now)
    question = locked_for_change(db, question.id)
    if question.is_removed:
        raise Conflict(_("This question has been removed already."))
    if not may_remove(by, question):
        raise NotAllowed(_("You can't delete this question: it has answers that others may need."))
    is_own = by.id == question.author_id
    if not is_own and not reason.strip():
        raise Invalid("reason", _("Say why: the author and the log will show it."))
    with catalog.counting(db, question):
        question.removed_at = now
        question.removed_by_id = by.id
        question.removal = "spam" if as_spam else "deleted" if is_own else "hidden"
        db.add(question)
    for post_id in _thread(db, question):
        reputation.take_back_post(db, post_id=post_id, now=now)
    if as_spam:
        _settle_spam(db, question, worth=reputation.POINTS["removed_as_spam"], now=now)
    if not is_own:
        audit.record(
            db,
            by=by,
            action="question.hide",
            subject=question,
            after={"removal": question.removal},
            reason=reason,
            now=now,
        )
    event = QuestionRemoved(by_id=by.id, question_id=question.id, removal=question.removal)
    outbox.record(db, event, now=now)
    return question


@atomic
def restore(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Bring a removed question back with its thread."""
    reputation.require_active(by, now=now)
    question = locked_for_change(db, question.id)
    if not question.is_removed:
        raise Conflict(_("This question is not removed."))
    if not may_restore(by, question):
        raise NotAllowed(_("You can't restore this question."))
    removal = question.removal
    with catalog.counting(db, question):
        question.removed_at = question.removed_by_id = None
        question.removal = ""
        db.add(question)
    for post_id in _thread(db, question):
        reputation.return_post(db, post_id=post_id, now=now)
    if removal == "spam":
        _settle_spam(db, question, worth=0, now=now)
    if by.is_staff and by.id != question.author_id:
        audit.record(
            db, by=by, action="question.restore", subject=question, before={"removal": removal}, now=now
        )
    outbox.record(db, QuestionRestored(by_id=by.id, question_id=question.id), now=now)
    return question


def _thread(db: Session, question: Question) -> list[int]:
    """Return the question's id and those of its answers that were not removed on their own."""
    answers = db.exec(
        select(Answer.id).where(Answer.question_id == question.id, col(Answer.removed_at).is_(None))
    )
    return [question.id, *answers]


def _settle_spam(db: Session, question: Question, *, worth: int, now: datetime) -> None:
    reputation.settle(
        db,
        user_id=question.author_id,
        cause=f"spam:{question.id}",
        kind="removed_as_spam",
        worth=worth,
        now=now,
    )
