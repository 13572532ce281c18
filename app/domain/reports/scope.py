"""What a report is about: the cases that came to staff in a period, of all teams or one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from app.core.errors import NotFound
from app.domain import teams
from app.models import Escalation, User

PERIODS = (7, 28, 91, 365)
"""Days that a report can look back."""


@dataclass(frozen=True)
class Scope:
    """Cases opened in `[since, until)`, of a team if one is given."""

    since: datetime
    until: datetime
    team_id: int | None = None

    @classmethod
    def of_days(cls, days: int, *, now: datetime, team_id: int | None = None) -> Scope:
        """Return the scope of the last so many days, one of PERIODS; of others the nearest longer one."""
        chosen = next((period for period in PERIODS if period >= days), PERIODS[-1])
        return cls(now - timedelta(days=chosen), now, team_id)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on escalations."""
        within = and_(col(Escalation.opened_at) >= self.since, col(Escalation.opened_at) < self.until)
        return within if self.team_id is None else and_(within, col(Escalation.team_id) == self.team_id)


def require_lead(viewer: User | None) -> None:
    """Raise NotFound for whom there are no reports."""
    if not teams.may_lead(viewer):
        raise NotFound
