"""Cases of staff, opened by the service: with clocks, timeline and events."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from app.domain import escalations
from app.domain.escalations import ticking
from app.models import EntryStart, Escalation, Question, SlaClock, User
from tests.factories.questions import make_question
from tests.support.clock import MONDAY_MORNING


def open_case(
    db: Session,
    *,
    question: Question | None = None,
    owner: User | None = None,
    now: datetime = MONDAY_MORNING,
    code: str = "unanswered",
    priority: str = "normal",
) -> Escalation:
    """Bring a question to staff, claimed by `owner` if one is given."""
    question = question or make_question(db, created_at=now)
    case = escalations.open_case(db, question=question, code=code, priority=priority, now=now)
    if owner is not None:
        case = escalations.claim(db, escalation=case, by=owner, now=now)
    return case


def clock_of(db: Session, case: Escalation, metric: str) -> SlaClock:
    """Return the newest clock of a metric."""
    rows = ticking.of(db, case.id)
    return [row for row in rows if row.metric == metric][-1]


def let_rules_count(db: Session, *, since: datetime = MONDAY_MORNING) -> None:
    """Let the rules count from this instant on, for all products."""
    for start in db.exec(select(EntryStart)).all():
        start.starts_at = since
        db.add(start)
    db.commit()
