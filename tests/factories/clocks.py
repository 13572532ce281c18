"""Clocks of cases."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from app.models import Escalation, SlaClock
from tests.support.clock import MONDAY_MORNING


def make_clock(
    db: Session,
    *,
    case: Escalation,
    due_at: datetime | None,
    metric: str = "first_response",
    target: timedelta = timedelta(hours=8),
) -> SlaClock:
    """Save a running clock (paused without a due instant), and let the case be due by it."""
    clock = SlaClock(
        escalation_id=case.id or 0,
        metric=metric,
        policy_version_id=case.policy_version_id,
        target=target,
        state="running" if due_at else "paused",
        started_at=MONDAY_MORNING,
        counted_at=MONDAY_MORNING,
        due_at=due_at,
    )
    case.next_due_at, case.next_metric = due_at, metric if due_at else None
    db.add_all([clock, case])
    db.commit()
    return clock
