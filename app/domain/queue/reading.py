"""What a clock says at an instant, in the time of its calendar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from app.domain.calendars import ROUND_THE_CLOCK, Hours, NeverOpen, advance, elapsed
from app.models import Calendar, CalendarVersion, SlaClock

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Reading:
    """A clock as staff see it.

    `remaining` is time of the calendar, below zero when late; `share` is how much of the target has run,
    1 at the due instant. A paused clock has no due instant.
    """

    clock: SlaClock
    remaining: timedelta
    share: float
    zone: str

    @property
    def is_late(self) -> bool:
        """Whether the due instant is past."""
        return self.remaining < timedelta(0)


def readings(db: Session, clocks: Iterable[SlaClock], *, now: datetime) -> dict[tuple[int, str], Reading]:
    """Read running and paused clocks, by case and metric."""
    clocks = list(clocks)
    hours = _hours(db, {clock.calendar_version_id for clock in clocks})
    return {
        (clock.escalation_id, clock.metric): reading(clock, hours[clock.calendar_version_id], now=now)
        for clock in clocks
    }


def reading(clock: SlaClock, hours: Hours, *, now: datetime) -> Reading:
    """Read one clock by the hours it runs by."""
    if clock.due_at is None:
        remaining = clock.target - clock.consumed
    elif clock.due_at >= now:
        remaining = elapsed(now, clock.due_at, hours)
    else:
        remaining = -elapsed(clock.due_at, now, hours)
        remaining = remaining or -timedelta(microseconds=1)  # late, though the calendar has not opened since
    return Reading(clock, remaining, 1 - remaining / clock.target if clock.target else 1.0, hours.zone)


def soon(db: Session, now: datetime) -> datetime:
    """Return until when a case counts as due within the hour: an hour of the usual calendar, or of the wall."""
    try:
        return max(now + HOUR, advance(now, HOUR, usual_hours(db)))
    except NeverOpen:
        return now + HOUR


def midnight(db: Session, now: datetime) -> datetime:
    """Return when today began in the usual calendar's zone."""
    local = now.astimezone(ZoneInfo(usual_hours(db).zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def usual_hours(db: Session) -> Hours:
    """Return the hours of the calendar that counts where no other does."""
    newest = db.exec(
        select(CalendarVersion)
        .join(Calendar, col(Calendar.id) == col(CalendarVersion.calendar_id))
        .where(col(Calendar.is_default), CalendarVersion.version == Calendar.version)
    ).one()
    return _read(newest)


def _hours(db: Session, version_ids: set[int | None]) -> dict[int | None, Hours]:
    versions = db.exec(select(CalendarVersion).where(col(CalendarVersion.id).in_(version_ids - {None})))
    return {None: ROUND_THE_CLOCK, **{version.id: _read(version) for version in versions}}


def _read(version: CalendarVersion) -> Hours:
    return _parsed(version.timezone, json.dumps(version.windows), json.dumps(version.holidays))


@lru_cache(maxsize=200)
def _parsed(zone: str, windows: str, holidays: str) -> Hours:
    """Read hours once for each content: they keep the edges that they worked out."""
    return Hours.read(zone, json.loads(windows), json.loads(holidays))
