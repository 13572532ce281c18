"""The clocks of a case: the one place where their rows, their events and the case's next deadline are written.

What an act makes of a clock is computed by `sla.clock`, which is pure; here its facts are put into the
row and its events appended, in the transaction of the act.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.domain import sla
from app.domain.escalations.terms import Terms, hours_of
from app.domain.sla.clock import Change, Facts, Step
from app.models import ClockEvent, ClockStep, Escalation, SlaClock, SlaPolicyVersion

CUSTOMER_FACING = ("first_response", "next_reply")


def of(db: Session, escalation_id: int | None) -> list[SlaClock]:
    """Return all clocks of a case, the oldest first."""
    statement = select(SlaClock).where(SlaClock.escalation_id == escalation_id).order_by(col(SlaClock.id))
    return list(db.exec(statement))


def unended(db: Session, escalation_id: int | None) -> list[SlaClock]:
    """Return those that still count."""
    return [clock for clock in of(db, escalation_id) if clock.ended_at is None]


def start(db: Session, escalation: Escalation, metric: str, *, terms: Terms, at: datetime) -> None:
    """Start a clock, if the policy has a target for it and none of the kind is unended."""
    target = terms.target(metric, escalation.priority)
    if target is None or any(clock.metric == metric for clock in unended(db, escalation.id)):
        return
    change = sla.clock.start(
        at=at,
        target=target,
        calendar_version_id=terms.calendar_version_id,
        policy_version_id=terms.policy_version_id,
        hours_of=hours_of(db),
    )
    facts: dict[str, Any] = {name: getattr(change.facts, name) for name in Facts.__dataclass_fields__}
    row = SlaClock(escalation_id=escalation.id or 0, metric=metric, **facts)
    db.add(row)
    db.flush()
    _store(db, row, change)


def follow_state(db: Session, escalation: Escalation, *, at: datetime) -> None:
    """Pause and resume clocks as the state that the case is in now demands."""
    for clock in unended(db, escalation.id):
        pauses = _policy(db, clock).pauses.get(clock.metric, [])
        facts, hours = Facts.of(clock), hours_of(db)
        if escalation.state in pauses:
            _store(db, clock, sla.clock.pause(facts, at=at, reason=escalation.state, hours_of=hours))
        else:
            _store(db, clock, sla.clock.resume(facts, at=at, hours_of=hours))


def satisfy(db: Session, escalation: Escalation, metrics: Collection[str], *, at: datetime) -> None:
    """End clocks that were started before: what they measure has been done."""
    for clock in unended(db, escalation.id):
        if clock.metric in metrics and clock.started_at <= at:
            _store(db, clock, sla.clock.satisfy(Facts.of(clock), at=at, hours_of=hours_of(db)))


def cancel(db: Session, escalation: Escalation, *, at: datetime) -> None:
    """End all clocks: nothing is owed any more."""
    for clock in unended(db, escalation.id):
        _store(db, clock, sla.clock.cancel(Facts.of(clock), at=at, hours_of=hours_of(db)))


def reopen(db: Session, escalation: Escalation, *, at: datetime) -> None:
    """Let the resolution's clock go on, and that of the first response if there never was one."""
    for clock in of(db, escalation.id):
        never_answered = clock.metric == "first_response" and clock.state == "cancelled"
        if clock.metric == "resolution" or never_answered:
            _store(db, clock, sla.clock.reopen(Facts.of(clock), at=at, hours_of=hours_of(db)))


def rebase(db: Session, escalation: Escalation, *, terms: Terms, at: datetime, reason: str) -> bool:
    """Go on under other terms, keeping what was consumed; say whether that changed any clock.

    A clock for which the policy has no target any more is cancelled; one that it has now is started.
    """
    changed = False
    for clock in unended(db, escalation.id):
        target = terms.target(clock.metric, escalation.priority)
        facts = Facts.of(clock)
        if target is None:
            change = sla.clock.cancel(facts, at=at, hours_of=hours_of(db))
        else:
            change = sla.clock.change(
                facts,
                at=at,
                target=target,
                calendar_version_id=terms.calendar_version_id,
                policy_version_id=terms.policy_version_id,
                hours_of=hours_of(db),
                reason=reason,
            )
        changed = bool(change.events) or changed
        _store(db, clock, change)
    if escalation.policy_version_id != terms.policy_version_id:
        escalation.policy_version_id = terms.policy_version_id
        changed = True
    return changed


def next_step(db: Session, clock: SlaClock, *, now: datetime | None = None) -> Step | None:
    """Return what has to be done next for a clock, and when."""
    policy = _policy(db, clock)
    return sla.clock.next_step(
        Facts.of(clock),
        warnings=policy.warnings,
        breach_percents=policy.breach_percents,
        taken=db.exec(select(ClockStep.step).where(ClockStep.clock_id == clock.id)).all(),
        hours=sla.hours_of(db, clock.calendar_version_id),
        now=now,
    )


def take_step(db: Session, clock: SlaClock, step: Step, *, now: datetime) -> None:
    """Write down that a step is taken; its row is unique, so that none ever is taken twice."""
    db.add(ClockStep(clock_id=clock.id or 0, step=step.name, at=now))
    facts = Facts.of(clock)
    if step.name == "breach":
        _store(db, clock, sla.clock.breach(facts, hours_of=hours_of(db)), always=True)
    else:
        _store(db, clock, sla.clock.warn(facts, at=step.at, step=step.name))


def settle(db: Session, escalation: Escalation) -> None:
    """Bring the case's own columns into line: its earliest deadline, and no level once nothing is overdue."""
    db.flush()
    rows = unended(db, escalation.id)
    due = [(clock.due_at, clock.metric) for clock in rows if clock.due_at is not None]
    escalation.next_due_at, escalation.next_metric = min(due, default=(None, None))
    if all(clock.breached_at is None for clock in rows):
        escalation.level = 0
    db.add(escalation)
    db.flush()


def _store(db: Session, clock: SlaClock, change: Change, *, always: bool = False) -> None:
    if not change.events and not always:
        return
    change.facts.put(clock)
    for event in change.events:
        db.add(
            ClockEvent(
                clock_id=clock.id or 0,
                kind=event.kind,
                at=event.at,
                reason=event.reason,
                target=event.target,
                calendar_version_id=event.calendar_version_id,
                policy_version_id=event.policy_version_id,
            )
        )
    db.add(clock)
    db.flush()
    step = next_step(db, clock)
    clock.next_step_at = step.at if step else None
    db.add(clock)
    db.flush()


def _policy(db: Session, clock: SlaClock) -> SlaPolicyVersion:
    return db.get_one(SlaPolicyVersion, clock.policy_version_id)
