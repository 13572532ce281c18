"""Say "me too" and take it back; both are idempotent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from app.core.db import LOCK, atomic
from app.core.errors import NotAllowed
from app.core.i18n import gettext as _
from app.domain import follows, outbox, reputation
from app.domain.me_too.events import MeTooAdded, MeTooWithdrawn
from app.domain.me_too.policy import may_say
from app.models import MeToo, Question, User


@atomic
def add(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Say "I have this problem too"; the member follows the question from now on."""
    reputation.require_active(by, now=now)
    question = _locked(db, question)
    if not may_say(by, question):
        raise NotAllowed(_("You can't say that here: it is your own question, or it is closed."))
    if db.get(MeToo, (question.id, by.id)) is None:
        db.add(MeToo(question_id=question.id, user_id=by.id or 0, created_at=now))
        _recount(db, question)
        follows.follow(db, by=by, subject=question, now=now)
        outbox.record(db, MeTooAdded(by_id=by.id, question_id=question.id), now=now)
    return question


@atomic
def withdraw(db: Session, *, question: Question, by: User, now: datetime) -> Question:
    """Take it back; the member goes on following."""
    reputation.require_active(by, now=now)
    question = _locked(db, question)
    said = db.get(MeToo, (question.id, by.id))
    if said is not None:
        db.delete(said)
        _recount(db, question)
        outbox.record(db, MeTooWithdrawn(by_id=by.id, question_id=question.id), now=now)
    return question


def _locked(db: Session, question: Question) -> Question:
    return db.get_one(Question, question.id, with_for_update={"of": Question, **LOCK}, populate_existing=True)


def _recount(db: Session, question: Question) -> None:
    db.flush()
    counted = db.exec(select(func.count()).select_from(MeToo).where(MeToo.question_id == question.id)).one()
    question.me_too_count = question.moved_in_me_too + counted
    db.add(question)
    db.flush()
