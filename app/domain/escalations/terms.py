"""By what a case is measured: the policy in force for its question, and the hours of that policy's calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from app.domain import calendars, sla
from app.domain.calendars import Hours
from app.models import Question, SlaPolicyVersion


@dataclass(frozen=True)
class Terms:
    """A policy's version with the version of its calendar that is in force (None: round the clock)."""

    policy: SlaPolicyVersion
    calendar_version_id: int | None
    hours: Hours

    @property
    def policy_version_id(self) -> int:
        """The id of the policy's version."""
        return self.policy.id or 0

    def target(self, metric: str, priority: str) -> timedelta | None:
        """Return how long staff have for it; None where the policy has no such clock."""
        minutes = self.policy.targets.get(priority, {}).get(metric)
        return None if minutes is None else timedelta(minutes=minutes)


def terms_for(db: Session, *, question: Question, priority: str = "normal") -> Terms:
    """Return what is in force now for a question."""
    policy = sla.policy_for(db, question=question, priority=priority)
    version_id = calendars.version_of(db, policy.calendar_id)
    return Terms(policy, version_id, sla.hours_of(db, version_id))


def hours_of(db: Session) -> Callable[[int | None], Hours]:
    """Return the function that the arithmetic of clocks asks for hours."""
    return lambda version_id: sla.hours_of(db, version_id)
