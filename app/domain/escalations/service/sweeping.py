"""What the clock of the wall brings: each task finds what is due by an index, and does it row by row.

Each row is its own transaction, which looks again under the lock whether it is still due. So any number
of workers may sweep, be killed at any moment, and have clocks that jump: nothing is done twice or lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.domain import calendars
from app.domain.calendars import Hours, elapsed
from app.domain.escalations import due, ticking
from app.domain.escalations.events import EscalationBreached, EscalationWarned
from app.domain.escalations.policy import REOPENS_WITHIN, SILENT_AFTER
from app.domain.escalations.service.acting import Case, taken, write
from app.domain.escalations.service.ending import close_now, resolve_now
from app.domain.escalations.service.entering import enter_if_due
from app.domain.escalations.service.owning import put_back
from app.domain.escalations.service.pausing import wake_now
from app.domain.sla.clock import Step
from app.models import Absence, Escalation, SlaClock, Team

log = logging.getLogger(__name__)

LIMIT = 50  # rows of each task in one go: the worker has other work, too, and comes back at once
_AGES = timedelta(days=400)


def sweep(db: Session, *, now: datetime, limit: int = LIMIT) -> int:
    """Do what is due, up to `limit` rows of each task; return how many rows were dealt with."""
    return sum(task(db, now, limit) for task in _TASKS)


@atomic
def take_steps(db: Session, *, clock_id: int, now: datetime) -> None:
    """Take the steps of a clock that are due: warn, breach, carry up. Each once for ever, in one transaction."""
    found = db.get_one(SlaClock, clock_id)
    case = taken(db, db.get_one(Escalation, found.escalation_id))
    clock = db.get_one(SlaClock, clock_id, populate_existing=True)
    step = ticking.next_step(db, clock, now=now)
    while step is not None and step.at <= now:
        ticking.take_step(db, clock, step, now=now)
        _tell_of_step(db, case, clock, step, now=now)
        step = ticking.next_step(db, clock, now=now)
    clock.next_step_at = step.at if step else None
    db.add(clock)


@atomic
def wake_if_due(db: Session, *, escalation_id: int, now: datetime) -> None:
    """Wake a case whose time has come."""
    case = taken(db, db.get_one(Escalation, escalation_id))
    until = case.row.snoozed_until
    if case.row.state == "snoozed" and until is not None and until <= now:
        wake_now(db, case, by=None, now=now)


@atomic
def resolve_if_silent(db: Session, *, escalation_id: int, now: datetime) -> None:
    """Resolve a case whose customer has not answered."""
    case = taken(db, db.get_one(Escalation, escalation_id))
    if case.row.state == "waiting_customer" and case.row.state_since <= now - SILENT_AFTER:
        resolve_now(db, case, resolved_by="silent", by=None, now=now)


@atomic
def close_if_due(db: Session, *, escalation_id: int, now: datetime) -> None:
    """Close a case that was resolved for long enough."""
    case = taken(db, db.get_one(Escalation, escalation_id))
    resolved_at = case.row.resolved_at
    if case.row.state == "resolved" and resolved_at is not None and resolved_at <= now - REOPENS_WITHIN:
        close_now(db, case, now=now)


@atomic
def return_if_untouched(db: Session, *, escalation_id: int, now: datetime) -> None:
    """Put a case back that its owner has not touched for as long as its team allows."""
    case = taken(db, db.get_one(Escalation, escalation_id))
    team = db.get(Team, case.row.team_id) if case.row.team_id else None
    if case.row.state != "claimed" or team is None or team.returns_after is None:
        return
    if elapsed(case.row.touched_at, now, _usual_hours(db)) >= timedelta(minutes=team.returns_after):
        put_back(db, case, kind="returned", by=None, reason="untouched", now=now)


@atomic
def return_from_absent(db: Session, *, escalation_id: int, owner_id: int, now: datetime) -> None:
    """Put a case back whose owner is away."""
    case = taken(db, db.get_one(Escalation, escalation_id))
    if case.row.owner_id == owner_id and case.row.is_at_work:
        put_back(db, case, kind="returned", by=None, reason="away", now=now)


@atomic
def end_return(db: Session, *, absence_id: int, now: datetime) -> None:
    """Note that the cases of somebody who is away have gone back."""
    absence = db.get_one(Absence, absence_id, with_for_update=LOCK)
    absence.returned_at = now
    db.add(absence)


def _enter(db: Session, now: datetime, limit: int) -> int:
    found = db.exec(due.entries_due(now).limit(limit)).all()
    return _each(found, lambda number: enter_if_due(db, question_id=number, now=now))


def _step(db: Session, now: datetime, limit: int) -> int:
    found = db.exec(due.steps_due(now).limit(limit)).all()
    return _each(found, lambda number: take_steps(db, clock_id=number, now=now))


def _wake(db: Session, now: datetime, limit: int) -> int:
    found = db.exec(due.naps_over(now).limit(limit)).all()
    return _each(found, lambda number: wake_if_due(db, escalation_id=number, now=now))


def _end_silence(db: Session, now: datetime, limit: int) -> int:
    found = db.exec(due.silences(now).limit(limit)).all()
    return _each(found, lambda number: resolve_if_silent(db, escalation_id=number, now=now))


def _close(db: Session, now: datetime, limit: int) -> int:
    found = db.exec(due.closings_due(now).limit(limit)).all()
    return _each(found, lambda number: close_if_due(db, escalation_id=number, now=now))


def _return_untouched(db: Session, now: datetime, limit: int) -> int:
    strict = select(Team.id, Team.returns_after).where(
        col(Team.returns_after).is_not(None), col(Team.retired_at).is_(None)
    )
    done = 0
    for team_id, minutes in db.exec(strict).all():
        instant = _before(now, timedelta(minutes=minutes or 0), _usual_hours(db))
        if instant is not None:
            found = db.exec(due.untouched_since(team_id, instant).limit(limit)).all()
            done += _each(found, lambda number: return_if_untouched(db, escalation_id=number, now=now))
    return done


def _return_from_absent(db: Session, now: datetime, limit: int) -> int:
    done = 0
    for absence_id in db.exec(due.absences_begun(now).limit(limit)).all():
        absence = db.get_one(Absence, absence_id)
        owner_id = absence.user_id
        if absence.ends_at > now:
            cases = select(Escalation.id).where(
                Escalation.owner_id == owner_id,
                text("state NOT IN ('resolved', 'closed', 'cancelled')"),
            )
            _each(
                db.exec(cases).all(),
                lambda number, owner=owner_id: return_from_absent(  # type: ignore[misc]
                    db, escalation_id=number, owner_id=owner, now=now
                ),
            )
        done += _each([absence_id], lambda number: end_return(db, absence_id=number, now=now))
    return done


_TASKS: tuple[Callable[[Session, datetime, int], int], ...] = (
    _enter,
    _step,
    _wake,
    _end_silence,
    _return_untouched,
    _return_from_absent,
    _close,
)


def _each(numbers: Iterable[int | None], act: Callable[[int], object]) -> int:
    """Do each row on its own; one that fails is logged, and left for the next sweep."""
    done = 0
    for number in numbers:
        try:
            act(number or 0)
        except Exception:  # whatever goes wrong with one row must not hold up the others
            log.exception("row %s of the sweep failed", number)
        else:
            done += 1
    return done


def _tell_of_step(db: Session, case: Case, clock: SlaClock, step: Step, *, now: datetime) -> None:
    facts = {"escalation_id": case.id, "clock_id": clock.id or 0, "step": step.name}
    data: dict[str, object] = {"metric": clock.metric, "step": step.name, "due": step.at.isoformat()}
    if step.name.startswith("warn"):
        warned = EscalationWarned(by_id=None, question_id=case.question.id, **facts)  # type: ignore[arg-type]
        write(db, case, "warned", warned, by=None, data=data, now=now)
        return
    level = 1 if step.name == "breach" else int(step.name.split()[1])
    if clock.ended_at is None:
        case.row.level = max(case.row.level, level)
    breached = EscalationBreached(by_id=None, question_id=case.question.id, level=level, **facts)  # type: ignore[arg-type]
    write(db, case, "breached", breached, by=None, data={**data, "level": level}, now=now)


def _usual_hours(db: Session) -> Hours:
    return calendars.hours_of(db, calendars.version_of(db, calendars.default_calendar(db).id))


def _before(now: datetime, span: timedelta, hours: Hours) -> datetime | None:
    """Return the latest instant (to a second) from which at least `span` of the hours has run until now."""
    early, late = now - _AGES, now
    if elapsed(early, now, hours) < span:
        return None
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if elapsed(middle, now, hours) >= span else (early, middle)
    return early
