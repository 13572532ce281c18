"""Remove and restore answers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, outbox, reputation
from app.domain.answers.events import AnswerRemoved, AnswerRestored
from app.domain.answers.policy import may_remove, may_restore
from app.domain.answers.service.accepting import withdraw
from app.domain.answers.service.thread import locked_answer, locked_question, recount
from app.models import Answer, User


@atomic
def remove(
    db: Session, *, answer: Answer, by: User, now: datetime, reason: str = "", as_spam: bool = False
) -> Answer:
    """Take an answer away: deleted by its author, or hidden by staff, who give a reason.

    An accepted one is un-accepted first. What it brought in reputation is taken back.
    """
    reputation.require_active(by, now=now)
    question = locked_question(db, answer.question_id)
    answer = locked_answer(db, answer.id)
    if answer.is_removed:
        raise Conflict(_("This answer has been removed already."))
    if not may_remove(by, answer, question):
        raise NotAllowed(
            _("You can't delete this answer; an accepted one stays until the asker changes their mind.")
        )
    is_own = by.id == answer.author_id
    if not is_own and not reason.strip():
        raise Invalid("reason", _("Say why: the author and the log will show it."))
    if question.accepted_answer_id == answer.id:
        withdraw(db, question, by=by, now=now)
    answer.removed_at = now
    answer.removed_by_id = by.id
    answer.removal = "spam" if as_spam else "deleted" if is_own else "hidden"
    db.add(answer)
    recount(db, question)
    reputation.take_back_post(db, post_id=answer.id, now=now)
    if as_spam:
        _settle_spam(db, answer, worth=reputation.POINTS["removed_as_spam"], now=now)
    if not is_own:
        after = {"removal": answer.removal}
        audit.record(db, by=by, action="answer.hide", subject=answer, after=after, reason=reason, now=now)
    event = AnswerRemoved(by_id=by.id, question_id=question.id, answer_id=answer.id, removal=answer.removal)
    outbox.record(db, event, now=now)
    return answer


@atomic
def restore(db: Session, *, answer: Answer, by: User, now: datetime) -> Answer:
    """Bring a removed answer back; an acceptance does not come back with it."""
    reputation.require_active(by, now=now)
    question = locked_question(db, answer.question_id)
    answer = locked_answer(db, answer.id)
    if not answer.is_removed:
        raise Conflict(_("This answer is not removed."))
    if not may_restore(by, answer, question):
        raise NotAllowed(_("You can't restore this answer."))
    removal = answer.removal
    answer.removed_at = answer.removed_by_id = None
    answer.removal = ""
    db.add(answer)
    recount(db, question)
    reputation.return_post(db, post_id=answer.id, now=now)
    if removal == "spam":
        _settle_spam(db, answer, worth=0, now=now)
    if by.is_staff and by.id != answer.author_id:
        audit.record(db, by=by, action="answer.restore", subject=answer, before={"removal": removal}, now=now)
    outbox.record(db, AnswerRestored(by_id=by.id, question_id=question.id, answer_id=answer.id), now=now)
    return answer


def _settle_spam(db: Session, answer: Answer, *, worth: int, now: datetime) -> None:
    reputation.settle(
        db, user_id=answer.author_id, cause=f"spam:{answer.id}", kind="removed_as_spam", worth=worth, now=now
    )
