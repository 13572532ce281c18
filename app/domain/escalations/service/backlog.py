"""Take in questions of before the starting day: on purpose, in batches that can be interrupted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.db import atomic
from app.core.errors import NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, catalog, entry_rules, outbox
from app.domain.escalations.events import BacklogWanted
from app.domain.escalations.policy import may_lead
from app.domain.escalations.service.acting import locked_question, open_one
from app.domain.escalations.service.opening import open_case
from app.models import Answer, EntryStart, Escalation, Product, Question, User

BATCH = 100


def preview_backlog(db: Session, *, product: Product | None, before: datetime | None = None) -> int:
    """Return how many questions would be taken in.

    Those about the product and what is below it (None: all), asked before the instant (None: the starting
    day), open, unsolved, with no answer of anybody else than the asker, and never in the queue.
    """
    wanted = _backlog(db, product, before or _start(db, product)).subquery()
    return db.exec(select(func.count()).select_from(wanted)).one()


@atomic
def take_in_backlog(
    db: Session,
    *,
    product: Product | None,
    before: datetime | None = None,
    by: User | None = None,
    limit: int = BATCH,
    now: datetime,
) -> int:
    """Bring the next questions of the backlog to staff, the oldest first; return how many: 0 when all are in.

    Their clocks begin now. What came in is no backlog any more, so calling it again goes on.
    """
    _require_lead(by)
    statement = _backlog(db, product, before or _start(db, product)).order_by(col(Question.id)).limit(limit)
    found = db.exec(statement).all()
    for question_id in found:
        question = locked_question(db, question_id)
        if open_one(db, question) is None:
            detail = _("Taken in from the backlog")
            open_case(db, question=question, code="unanswered", detail=detail, now=now)
    return len(found)


@atomic
def want_backlog(
    db: Session, *, product: Product | None, before: datetime | None = None, by: User, now: datetime
) -> None:
    """Let the worker take in the whole backlog, a batch at a time."""
    _require_lead(by)
    until = before or _start(db, product)
    subject = product or db.exec(select(EntryStart).where(col(EntryStart.product_id).is_(None))).first()
    if subject is not None:
        after = {"before": until.isoformat()}
        audit.record(db, by=by, action="backlog.take_in", subject=subject, after=after, now=now)
    event = BacklogWanted(by_id=by.id, product_id=product.id if product else None, before=until.isoformat())
    outbox.record(db, event, now=now)


def _backlog(db: Session, product: Product | None, before: datetime) -> SelectOfScalar[int]:
    answer, case = aliased(Answer), aliased(Escalation)
    answered = select(answer.id).where(
        answer.question_id == Question.id,
        answer.author_id != Question.author_id,
        col(answer.removed_at).is_(None),
    )
    known = select(case.id).where(case.question_id == Question.id)
    statement = select(Question.id).where(
        col(Question.removed_at).is_(None),
        col(Question.closed_at).is_(None),
        col(Question.accepted_answer_id).is_(None),
        Question.created_at < before,
        ~answered.exists(),
        ~known.exists(),
    )
    if product is not None:
        statement = statement.where(col(Question.product_id).in_(catalog.descendant_ids(db, product.id or 0)))
    return statement


def _start(db: Session, product: Product | None) -> datetime:
    return entry_rules.start_for(db, product.id if product else None).starts_at


def _require_lead(by: User | None) -> None:
    if by is not None and not may_lead(by):
        raise NotAllowed(_("Only leads and administrators take in a backlog."))
