"""Accept and un-accept. What follows elsewhere is in app/worker/consumers.py under AnswerAccepted."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Conflict, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, catalog, outbox, reputation
from app.domain.answers.events import AnswerAccepted, AnswerUnaccepted
from app.domain.answers.policy import SILENT_AFTER, may_accept, may_unaccept
from app.domain.answers.service.thread import locked_answer, locked_question, touch
from app.models import Answer, Question, User


@atomic
def accept(db: Session, *, answer: Answer, by: User, now: datetime) -> Question:
    """Mark the answer as what solves its question, in place of any other. Doing it twice is the same as once.

    The asker decides; after SILENT_AFTER staff may, which is marked as such. Points go to the
    answerer (and to the asker for deciding), none for one's own answer.
    """
    reputation.require_active(by, now=now)
    question = locked_question(db, answer.question_id)
    answer = locked_answer(db, answer.id)
    if answer.is_removed:
        raise Conflict(_("This answer has been removed meanwhile."))
    if not may_accept(by, answer, question, now=now):
        raise NotAllowed(
            _("Only the asker accepts an answer; staff may after %(days)s days.")
            % {"days": SILENT_AFTER.days}
        )
    if question.accepted_answer_id == answer.id:
        return question
    if question.accepted_answer_id is not None:
        withdraw(db, question, by=by, now=now)
    with catalog.counting(db, question):
        question.accepted_answer_id = answer.id
        question.accepted_at = now
        question.accepted_by_id = by.id
        question.accepted_author_id = answer.author_id
        touch(question, by=by, now=now)
        db.add(question)
    for_silent_asker = by.id != question.author_id
    _settle(db, question, answer, worth=1, for_silent_asker=for_silent_asker, now=now)
    if for_silent_asker:
        audit.record(db, by=by, action="answer.accept", subject=answer, now=now)
    event = AnswerAccepted(
        by_id=by.id, question_id=question.id, answer_id=answer.id, for_silent_asker=for_silent_asker
    )
    outbox.record(db, event, now=now)
    return question


@atomic
def unaccept(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Take the acceptance back: the asker may change their mind, staff only what staff accepted."""
    reputation.require_active(by, now=now)
    question = locked_question(db, question.id)
    if question.accepted_answer_id is None:
        raise Conflict(_("No answer is accepted."))
    if not may_unaccept(by, question):
        raise NotAllowed(_("Only the asker takes an acceptance back, while the page is not locked."))
    withdraw(db, question, by=by, now=now)
    if by.id != question.author_id:
        audit.record(db, by=by, action="answer.unaccept", subject=question, now=now)
    return question


def withdraw(db: Session, question: Question, *, by: User, now: datetime) -> None:
    """End the present acceptance within the caller's transaction: points go back, the event is recorded."""
    answer = locked_answer(db, question.accepted_answer_id or 0)
    for_silent_asker = question.accepted_by_id != question.author_id
    with catalog.counting(db, question):
        question.accepted_answer_id = question.accepted_at = None
        question.accepted_by_id = question.accepted_author_id = None
        touch(question, by=by, now=now)
        db.add(question)
    _settle(db, question, answer, worth=0, for_silent_asker=for_silent_asker, now=now)
    event = AnswerUnaccepted(by_id=by.id, question_id=question.id, answer_id=answer.id)
    outbox.record(db, event, now=now)


def _settle(
    db: Session, question: Question, answer: Answer, *, worth: int, for_silent_asker: bool, now: datetime
) -> None:
    """Settle what the acceptance is worth (1) or was (0) for the answerer and the asker."""
    if answer.author_id == question.author_id:
        return
    kind = "answer_accepted_by_staff" if for_silent_asker else "answer_accepted"
    shares = [(answer.author_id, kind)]
    if not for_silent_asker:
        shares.append((question.author_id, "accepting"))
    for user_id, share in sorted(shares):  # accounts are locked in the order of their ids
        reputation.settle(
            db,
            user_id=user_id,
            cause=f"accept:{answer.id}",
            kind=share,
            worth=worth * reputation.POINTS[share],
            post_id=answer.id,
            now=now,
        )
