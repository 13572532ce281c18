"""Resolve, reopen, close and cancel."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import atomic
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain.escalations import ticking
from app.domain.escalations.events import EscalationCancelled, EscalationClosed, EscalationResolved
from app.domain.escalations.policy import require_work
from app.domain.escalations.service.acting import Case, move, reopen_now, taken, write
from app.domain.escalations.service.opening import assign_turn
from app.models import Escalation, User


@atomic
def resolve(db: Session, *, escalation: Escalation, by: User, now: datetime) -> Escalation:
    """Say that nothing is owed any more. The customer's word within two weeks brings it back."""
    require_work(by)
    case = taken(db, escalation)
    resolve_now(db, case, resolved_by="staff", by=by, now=now)
    return case.row


@atomic
def reopen(db: Session, *, escalation: Escalation, by: User, now: datetime) -> Escalation:
    """Bring a resolved case back to work; its resolution's clock goes on where it stopped."""
    require_work(by)
    case = taken(db, escalation)
    reopen_now(db, case, by=by, now=now)
    assign_turn(db, case, now=now)
    return case.row


@atomic
def cancel(db: Session, *, escalation: Escalation, reason: str, by: User, now: datetime) -> Escalation:
    """End a case that was a mistake, for good. `reason` is kept for staff, and required."""
    require_work(by)
    if not reason.strip():
        raise Invalid("reason", _("Say why, for the others."))
    case = taken(db, escalation)
    cancel_now(db, case, kind="cancelled", reason=reason.strip()[:500], by=by, now=now)
    return case.row


def resolve_now(db: Session, case: Case, *, resolved_by: str, by: User | None, now: datetime) -> None:
    """Resolve within the caller's act: `resolved_by` staff, community or silent."""
    row, now = case.row, case.instant(now)
    move(case, "resolve", now=now)
    row.resolved_at = now
    row.resolved_by = resolved_by
    row.resolved_by_id = by.id if by else None
    ticking.satisfy(db, row, ("resolution",), at=now)
    ticking.cancel(db, row, at=now)
    event = EscalationResolved(
        by_id=by.id if by else None,
        question_id=case.question.id,
        escalation_id=case.id,
        resolved_by=resolved_by,
    )
    write(db, case, "resolved", event, by=by, data={"by": resolved_by}, now=now)


def close_now(db: Session, case: Case, *, now: datetime) -> None:
    """Close what was resolved for long enough."""
    move(case, "close", now=now)
    case.row.ended_at = now
    event = EscalationClosed(by_id=None, question_id=case.question.id, escalation_id=case.id)
    write(db, case, "closed", event, by=None, now=now)


def cancel_now(db: Session, case: Case, *, kind: str, reason: str, by: User | None, now: datetime) -> None:
    """Cancel within the caller's act: "cancelled" by hand, "withdrawn" because the question is gone."""
    move(case, "cancel", now=now)
    case.row.ended_at = now
    ticking.cancel(db, case.row, at=now)
    event = EscalationCancelled(
        by_id=by.id if by else None, question_id=case.question.id, escalation_id=case.id
    )
    write(db, case, kind, event, by=by, reason=reason, now=now)
