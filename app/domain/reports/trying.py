"""Reading the recorded past for a what-if, in a fixed number of queries.

Most clocks just started and ended: for them their row says enough. The events are read only of those
that were paused, changed or reopened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlmodel import Session, col, select

from app.domain import calendars
from app.domain.calendars import Hours, NeverOpen, advance
from app.domain.reports.replaying import Targets, Trial, is_missed
from app.domain.reports.scope import Scope, require_lead
from app.domain.sla.clock import HoursOf
from app.models import (
    METRICS,
    Calendar,
    CalendarVersion,
    ClockEvent,
    Escalation,
    SlaClock,
    SlaPolicy,
    SlaPolicyVersion,
    User,
)

MOST_CLOCKS = 100_000
"""The newest so many clocks of the period are replayed: some seconds."""


@dataclass(frozen=True)
class Outcome:
    """Deadlines missed in the recorded past, and as it would have been; clocks that would not exist are gone."""

    clocks: int
    missed: int
    would_be: int


@dataclass(frozen=True)
class WhatIf:
    """What a change would have made of a period."""

    days: int
    by_metric: Mapping[str, Outcome]
    is_cut: bool


class _Row(NamedTuple):
    """A clock of the period with what a replay needs of it."""

    id: int
    metric: str
    target: timedelta
    started_at: datetime
    ended_at: datetime | None
    breached_at: datetime | None
    calendar_version_id: int | None
    policy_version_id: int
    priority: str
    opened_at: datetime


def if_policy_said(
    db: Session,
    viewer: User | None,
    *,
    policy: SlaPolicy,
    targets: Targets,
    calendar_id: int | None,
    scope: Scope,
) -> WhatIf:
    """Return what the period would have looked like under these targets and this calendar.

    It is about the clocks that ran under the policy; which questions it is for stays as it was.
    """
    require_lead(viewer)
    present = db.exec(
        select(SlaPolicyVersion).where(
            SlaPolicyVersion.policy_id == policy.id, SlaPolicyVersion.version == policy.version
        )
    ).one()
    hours: Hours | None = None
    if calendar_id != present.calendar_id:
        hours = calendars.hours_of(db, calendars.version_of(db, calendar_id))
    own = select(SlaPolicyVersion.id).where(SlaPolicyVersion.policy_id == policy.id)
    trial = Trial(targets=targets, hours=hours, hours_of=_hours_of(db))
    return _tried(db, scope, trial, col(SlaClock.policy_version_id).in_(own))


def if_calendar_said(
    db: Session, viewer: User | None, *, calendar: Calendar, hours: Hours, scope: Scope
) -> WhatIf:
    """Return what the period would have looked like by these hours; it is about clocks that ran by the calendar."""
    require_lead(viewer)
    own = select(CalendarVersion.id).where(CalendarVersion.calendar_id == calendar.id)
    trial = Trial(
        hours=hours,
        hours_of=_hours_of(db),
        calendar_versions=frozenset(db.exec(own)),
    )
    return _tried(db, scope, trial, col(SlaClock.calendar_version_id).in_(own))


def _hours_of(db: Session) -> HoursOf:
    return cache(lambda version_id: calendars.hours_of(db, version_id))


def _tried(db: Session, scope: Scope, trial: Trial, condition: object) -> WhatIf:
    rows = _rows(db, scope, condition)
    days, is_cut = scope.days, len(rows) == MOST_CLOCKS
    if is_cut:
        scope = replace(scope, since=rows[-1].opened_at)
    eventful = _events(db, scope, condition)
    versions: dict[int | None, Targets] = {
        version.id: version.targets for version in db.exec(select(SlaPolicyVersion))
    }
    clocks: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    would_be: Counter[str] = Counter()
    for row in rows:
        if row.id in eventful:
            result = is_missed(
                eventful[row.id],
                trial=trial,
                metric=row.metric,
                priority=row.priority,
                targets_of=lambda number: versions.get(number, {}),
                now=scope.until,
            )
        else:
            result = _is_plainly_missed(row, trial, versions.get(row.policy_version_id, {}), scope.until)
        clocks[row.metric] += 1
        missed[row.metric] += row.breached_at is not None and row.breached_at < scope.until
        would_be[row.metric] += result is True
    outcomes = {metric: Outcome(clocks[metric], missed[metric], would_be[metric]) for metric in METRICS}
    return WhatIf(days=days, by_metric=outcomes, is_cut=is_cut)


def _rows(db: Session, scope: Scope, condition: object) -> list[_Row]:
    found = db.exec(
        select(
            SlaClock.id,
            SlaClock.metric,
            SlaClock.target,
            SlaClock.started_at,
            SlaClock.ended_at,
            SlaClock.breached_at,
            SlaClock.calendar_version_id,
            SlaClock.policy_version_id,
            Escalation.priority,
            Escalation.opened_at,
        )  # type: ignore[call-overload]
        .join(SlaClock, col(SlaClock.escalation_id) == col(Escalation.id))
        .where(scope.condition(), condition)
        .order_by(col(Escalation.opened_at).desc(), col(SlaClock.id).desc())
        .limit(MOST_CLOCKS)
    )
    return [_Row(*row) for row in found]


def _events(db: Session, scope: Scope, condition: object) -> dict[int, list[ClockEvent]]:
    """Return all events of those clocks that did more than start and end."""
    of_scope = (
        select(SlaClock.id)
        .join(Escalation, col(Escalation.id) == col(SlaClock.escalation_id))
        .where(scope.condition(), condition)  # type: ignore[arg-type]
    )
    eventful = (
        select(ClockEvent.clock_id)
        .where(
            col(ClockEvent.clock_id).in_(of_scope),
            col(ClockEvent.kind).in_(("pause", "resume", "change", "reopen")),
        )
        .distinct()
    )
    found: dict[int, list[ClockEvent]] = defaultdict(list)
    for event in db.exec(
        select(ClockEvent).where(col(ClockEvent.clock_id).in_(eventful)).order_by(col(ClockEvent.id))
    ):
        found[event.clock_id].append(event)
    return found


def _is_plainly_missed(row: _Row, trial: Trial, was: Targets, now: datetime) -> bool | None:
    """Judge a clock that started and, if it did, ended: by its deadline alone."""
    target = trial.target_then(row.metric, row.target, was, row.priority)
    if target is None:
        return None
    try:
        due_at = advance(row.started_at, target, trial.hours_then(row.calendar_version_id))
    except NeverOpen:
        return False
    return due_at < (row.ended_at or now)
