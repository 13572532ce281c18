"""Setting up calendars. Who may: leads and administrators; the demo as the system (`by` None)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, outbox
from app.domain.calendars.checking import check, day_names
from app.domain.calendars.events import CalendarChanged
from app.domain.calendars.ical import Found, holidays_in, today_of
from app.domain.calendars.policy import may_set_up
from app.domain.calendars.queries import current, default_calendar
from app.domain.calendars.writing import write_windows
from app.models import Calendar, CalendarVersion, SlaPolicy, SlaPolicyVersion, User

Stored = Sequence[dict[str, Any]]


@atomic
def add_calendar(
    db: Session,
    *,
    name: str,
    timezone: str,
    windows: Stored,
    holidays: Stored = (),
    now: datetime,
    by: User | None = None,
) -> Calendar:
    """Add a calendar; lists are in the stored form (see `CalendarVersion`)."""
    _require(by)
    name = _free_name(db, name, but=None)
    check(timezone=timezone, windows=windows, holidays=holidays, now=now)
    row = Calendar(name=name, created_at=now)
    db.add(row)
    db.flush()
    version = _add_version(db, row, timezone, windows, holidays, by=by, now=now)
    audit.record(db, by=by, action="calendar.add", subject=row, after=facts_of(row, version), now=now)
    return row


@atomic
def change_calendar(
    db: Session,
    *,
    calendar: Calendar,
    name: str,
    timezone: str,
    windows: Stored,
    holidays: Stored,
    now: datetime,
    by: User | None = None,
) -> bool:
    """Say something else from now on; return whether that made a new version. Running clocks follow."""
    _require(by)
    row = _locked(db, calendar)
    name = _free_name(db, name, but=row)
    check(timezone=timezone, windows=windows, holidays=holidays, now=now)
    said = current(db, row)
    before = facts_of(row, said)
    wanted = (timezone, _in_order(windows), _by_date(holidays))
    is_new = wanted != (said.timezone, said.windows, said.holidays)
    row.name = name
    if is_new:
        row.version += 1
        said = _add_version(db, row, timezone, windows, holidays, by=by, now=now)
        by_id = by.id if by else None
        outbox.record(db, CalendarChanged(by_id=by_id, calendar_id=row.id or 0), now=now)
    db.add(row)
    after = facts_of(row, said)
    if before != after:
        kept = {name: value for name, value in before.items() if value != after[name]}
        new = {name: after[name] for name in kept}
        audit.record(db, by=by, action="calendar.change", subject=row, before=kept, after=new, now=now)
    return is_new


@atomic
def import_holidays(
    db: Session, *, calendar: Calendar, content: bytes, now: datetime, by: User | None = None
) -> Found:
    """Add the holidays of an iCalendar file; days that are there already stay as they are."""
    found = holidays_in(content, today=today_of(now))
    said = current(db, _locked(db, calendar))
    present = {each["date"] for each in said.holidays}
    fresh = [each for each in found.holidays if each["date"] not in present]
    change_calendar(
        db,
        calendar=calendar,
        name=calendar.name,
        timezone=said.timezone,
        windows=said.windows,
        holidays=[*said.holidays, *fresh],
        now=now,
        by=by,
    )
    return Found(fresh, found.skipped)


@atomic
def make_default(db: Session, *, calendar: Calendar, now: datetime, by: User | None = None) -> None:
    """Make this the calendar that stands where none was chosen."""
    _require(by)
    row, present = _locked(db, calendar), default_calendar(db)
    if row.id == present.id:
        return
    if row.retired_at is not None:
        raise Conflict(_("A retired calendar can't be the default."))
    present.is_default = False
    db.add(present)
    db.flush()  # first: there is never more than one
    row.is_default = True
    db.add(row)
    audit.record(
        db,
        by=by,
        action="calendar.make_default",
        subject=row,
        before={"default": present.name},
        after={"default": row.name},
        now=now,
    )


@atomic
def retire_calendar(
    db: Session, *, calendar: Calendar, is_retired: bool, now: datetime, by: User | None = None
) -> None:
    """Take a calendar out of use, or bring it back; its past stays."""
    _require(by)
    row = _locked(db, calendar)
    if (row.retired_at is not None) == is_retired:
        return
    if is_retired:
        _check_unused(db, row)
    row.retired_at = now if is_retired else None
    db.add(row)
    action = "calendar.retire" if is_retired else "calendar.bring_back"
    audit.record(db, by=by, action=action, subject=row, now=now)


def facts_of(row: Calendar, version: CalendarVersion) -> dict[str, object]:
    """Return what a calendar says, as the log and the history show it."""
    days = {
        name: write_windows(each for each in version.windows if each["day"] == number)
        for number, name in enumerate(day_names())
    }
    holidays = {each["date"]: _holiday(each) for each in version.holidays}
    return {"name": row.name, "timezone": version.timezone, **days, "holidays": holidays}


def _holiday(holiday: dict[str, Any]) -> str:
    return " ".join(part for part in (write_windows(holiday.get("windows") or ()), holiday["name"]) if part)


def _require(by: User | None) -> None:
    if by is not None and not may_set_up(by):
        raise NotAllowed(_("Only leads and administrators set up calendars."))


def _locked(db: Session, calendar: Calendar) -> Calendar:
    return db.get_one(Calendar, calendar.id, with_for_update=LOCK, populate_existing=True)


def _add_version(
    db: Session,
    row: Calendar,
    timezone: str,
    windows: Stored,
    holidays: Stored,
    *,
    by: User | None,
    now: datetime,
) -> CalendarVersion:
    version = CalendarVersion(
        calendar_id=row.id or 0,
        version=row.version,
        timezone=timezone,
        windows=_in_order(windows),
        holidays=_by_date(holidays),
        created_at=now,
        created_by_id=by.id if by else None,
    )
    db.add(version)
    db.flush()
    return version


def _in_order(windows: Stored) -> list[dict[str, Any]]:
    kept = [{"day": each["day"], "opens": each["opens"], "closes": each["closes"]} for each in windows]
    return sorted(kept, key=lambda each: (each["day"], each["opens"]))


def _by_date(holidays: Stored) -> list[dict[str, Any]]:
    kept = [
        {"date": each["date"], "name": each["name"], "windows": list(each.get("windows") or ())}
        for each in holidays
    ]
    return sorted(kept, key=lambda each: str(each["date"]))


def _free_name(db: Session, name: str, *, but: Calendar | None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise Invalid("name", _("Give the calendar a name of at most 80 characters."))
    taken = db.exec(select(Calendar).where(Calendar.name == name)).first()
    if taken is not None and (but is None or taken.id != but.id):
        raise Invalid("name", _("There is a calendar of this name already."))
    return name


def _check_unused(db: Session, row: Calendar) -> None:
    if row.is_default:
        raise Conflict(_("This is the default calendar. Make another one the default first."))
    used_by = db.exec(
        select(SlaPolicy.name)
        .join(SlaPolicyVersion, col(SlaPolicyVersion.policy_id) == col(SlaPolicy.id))
        .where(
            SlaPolicyVersion.version == SlaPolicy.version,
            SlaPolicyVersion.calendar_id == row.id,
            col(SlaPolicy.retired_at).is_(None),
        )
        .order_by(col(SlaPolicy.name))
    ).first()
    if used_by is not None:
        text = _("The policy %(name)s counts by this calendar. Give it another one first.")
        raise Conflict(text % {"name": used_by})
