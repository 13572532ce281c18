"""Reading calendars. For staff only: the pages that show them are the desk's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain.calendars.hours import ROUND_THE_CLOCK, Hours
from app.models import Calendar, CalendarVersion, SlaPolicy, SlaPolicyVersion, User


@dataclass(frozen=True)
class CalendarInShort:
    """A calendar in the list of all, with what it says now and the policies that count by it."""

    calendar: Calendar
    version: CalendarVersion
    policies: Sequence[str]


@dataclass(frozen=True)
class VersionOfCalendar:
    """What a calendar said from some time on, and who said it."""

    version: CalendarVersion
    by: User | None


def calendar(db: Session, calendar_id: int) -> Calendar:
    """Return a calendar; raise NotFound."""
    found = db.get(Calendar, calendar_id)
    if found is None:
        raise NotFound
    return found


def default_calendar(db: Session) -> Calendar:
    """Return the calendar that stands where none was chosen."""
    return db.exec(select(Calendar).where(col(Calendar.is_default))).one()


def listing(db: Session, *, with_retired: bool = False) -> list[CalendarInShort]:
    """Return the calendars, the default first, then by name."""
    statement = (
        select(Calendar, CalendarVersion)
        .join(CalendarVersion, col(CalendarVersion.calendar_id) == col(Calendar.id))
        .where(CalendarVersion.version == Calendar.version)
        .order_by(col(Calendar.is_default).desc(), col(Calendar.name))
    )
    if not with_retired:
        statement = statement.where(col(Calendar.retired_at).is_(None))
    used = db.exec(
        select(SlaPolicyVersion.calendar_id, SlaPolicy.name)
        .join(SlaPolicy, col(SlaPolicy.id) == col(SlaPolicyVersion.policy_id))
        .where(SlaPolicyVersion.version == SlaPolicy.version, col(SlaPolicy.retired_at).is_(None))
        .order_by(col(SlaPolicy.position))
    ).all()
    return [
        CalendarInShort(row, version, [name for number, name in used if number == row.id])
        for row, version in db.exec(statement)
    ]


def current(db: Session, wanted: Calendar) -> CalendarVersion:
    """Return what a calendar says now."""
    return db.exec(
        select(CalendarVersion).where(
            CalendarVersion.calendar_id == wanted.id, CalendarVersion.version == wanted.version
        )
    ).one()


def history(db: Session, wanted: Calendar) -> list[VersionOfCalendar]:
    """Return everything a calendar ever said, the newest first."""
    rows = db.exec(
        select(CalendarVersion, User)
        .outerjoin(User, col(User.id) == col(CalendarVersion.created_by_id))
        .where(CalendarVersion.calendar_id == wanted.id)
        .order_by(col(CalendarVersion.version).desc())
    )
    return [VersionOfCalendar(version, by) for version, by in rows]


def version_of(db: Session, calendar_id: int | None) -> int | None:
    """Return the id of the version of a calendar that is in force; None (round the clock) has none."""
    if calendar_id is None:
        return None
    return db.exec(
        select(CalendarVersion.id)
        .join(Calendar, col(Calendar.id) == col(CalendarVersion.calendar_id))
        .where(Calendar.id == calendar_id, CalendarVersion.version == Calendar.version)
    ).one()


def hours_of(db: Session, version_id: int | None) -> Hours:
    """Return the hours of a calendar's version; None is round the clock."""
    if version_id is None:
        return ROUND_THE_CLOCK
    version = db.get_one(CalendarVersion, version_id)
    return _hours(version.timezone, json.dumps(version.windows), json.dumps(version.holidays))


@lru_cache(maxsize=256)
def _hours(zone: str, windows: str, holidays: str) -> Hours:
    """Return hours by what they say, so that their years are worked out once in a process."""
    return Hours.read(zone, json.loads(windows), json.loads(holidays))
