"""Snooze and wake."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain.escalations.events import EscalationSnoozed, EscalationWoken
from app.domain.escalations.policy import require_work
from app.domain.escalations.service.acting import Case, move, taken, write
from app.models import Escalation, User

LONGEST = timedelta(days=366)


@atomic
def snooze(db: Session, *, escalation: Escalation, until: datetime, by: User, now: datetime) -> Escalation:
    """Let a case sleep until an instant, or until the customer writes. Its clocks go on."""
    require_work(by)
    if not now < until <= now + LONGEST:
        raise Invalid("until", _("Choose a time from now to a year ahead."))
    case = taken(db, escalation)
    move(case, "snooze", now=now)
    case.row.snoozed_until = until
    event = EscalationSnoozed(by_id=by.id, question_id=case.question.id, escalation_id=case.id)
    write(db, case, "snoozed", event, by=by, data={"until": until.isoformat()}, now=now)
    return case.row


@atomic
def wake(db: Session, *, escalation: Escalation, by: User, now: datetime) -> Escalation:
    """End the sleep of a case."""
    require_work(by)
    case = taken(db, escalation)
    wake_now(db, case, by=by, now=now)
    return case.row


def wake_now(db: Session, case: Case, *, by: User | None, now: datetime) -> None:
    """Wake a case within the caller's act; `by` None: its time has come."""
    move(case, "wake", now=now)
    event = EscalationWoken(by_id=by.id if by else None, question_id=case.question.id, escalation_id=case.id)
    write(db, case, "woken", event, by=by, now=now)
