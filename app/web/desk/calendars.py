"""Calendars: when staff are there, with holidays, what they said before, and when something would be due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.domain import calendars, reports
from app.models import Calendar, CalendarVersion, User
from app.web.deps import Db, Now, RowId
from app.web.desk import zones
from app.web.desk.roles import Lead, require_lead
from app.web.desk.trying import Tried, scope_of
from app.web.desk.versions import Said, difference
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter
from app.web.uploads import SentFile, sent_file

router = DeskRouter("/calendars", dependencies=[Depends(require_lead)])

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OFFICE = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]


class NewForm(Form):
    """A new calendar's name and time zone."""

    name: str = ""
    timezone: str = ""


class CalendarForm(Form):
    """What a calendar says, as typed: a line of windows for each day, holidays one a line."""

    name: str = ""
    timezone: str = ""
    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""
    holidays: str = ""
    days_back: str = ""  # of a what-if


AnyForm = Submission[NewForm] | Submission[CalendarForm] | Submission[Form]


@dataclass(frozen=True)
class CalendarsPage(Page):
    """All calendars."""

    template = "desk/calendars.html"
    rows: Sequence[tuple[calendars.CalendarInShort, str]]
    zones: Sequence[str]
    form: AnyForm


@dataclass(frozen=True)
class Trial:
    """ "When would 4 hours from then be?", as asked, with the answer."""

    hours: str
    start: str
    answer: str
    error: str


@dataclass(frozen=True)
class CalendarPage(Page):
    """One calendar with everything that can be set about it."""

    template = "desk/calendar.html"
    calendar: Calendar
    days: Sequence[tuple[str, str]]
    zones: Sequence[str]
    used_by: Sequence[str]
    trial: Trial
    history: Sequence[Said]
    form: AnyForm
    file_error: str
    errors: Mapping[str, str]
    what_if: Tried | None


@router.get("")
def index(request: Request, db: Db) -> Response:
    """List the calendars."""
    return render(request, _index_page(db, blank(timezone="Europe/Berlin")))


@router.post("")
def add(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    form: Annotated[Submission[NewForm], Depends(submitted(NewForm))],
) -> Response:
    """Add a calendar with ordinary office hours, to be changed at once."""
    try:
        data = form.valid()
        zone = data.timezone.strip()
        made = calendars.add_calendar(db, name=data.name, timezone=zone, windows=_OFFICE, now=now, by=viewer)
    except DomainError as error:
        return render(request, _index_page(db, form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/calendars/{made.id}", flash=_("The calendar is added. Set its hours."))


@router.get("/{calendar_id}")
def show(
    request: Request,
    db: Db,
    now: Now,
    calendar_id: RowId,
    hours: Annotated[str, Query(max_length=12)] = "",
    start: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show a calendar; with `hours` also when so much later, in its time, would be."""
    return render(request, _page(db, calendars.calendar(db, calendar_id), now, hours=hours, start=start))


@router.post("/{calendar_id}")
def change(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    calendar_id: RowId,
    form: Annotated[Submission[CalendarForm], Depends(submitted(CalendarForm))],
) -> Response:
    """Say something else from now on."""
    calendar = calendars.calendar(db, calendar_id)
    try:
        data = form.valid()
        is_new = calendars.change_calendar(
            db,
            calendar=calendar,
            name=data.name,
            timezone=data.timezone.strip(),
            windows=_windows(data),
            holidays=calendars.read_holidays(data.holidays, field="holidays"),
            now=now,
            by=viewer,
        )
    except DomainError as error:
        return render(request, _page(db, calendar, now, form=form.refused(error)), status=status_of(error))
    done = _("Saved. Running deadlines move within a minute.") if is_new else _("Saved.")
    return redirect(request, f"/desk/calendars/{calendar_id}", flash=done)


@router.post("/{calendar_id}/what-if")
def what_if(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    calendar_id: RowId,
    form: Annotated[Submission[CalendarForm], Depends(submitted(CalendarForm))],
) -> Response:
    """Show what the recorded past would have looked like by these hours; nothing is saved."""
    calendar = calendars.calendar(db, calendar_id)
    try:
        data = form.valid()
        holidays = calendars.read_holidays(data.holidays, field="holidays")
        hours = calendars.checked_hours(
            timezone=data.timezone.strip(), windows=_windows(data), holidays=holidays, now=now
        )
        scope = scope_of(data.days_back, now=now)
        found = reports.if_calendar_said(db, viewer, calendar=calendar, hours=hours, scope=scope)
    except DomainError as error:
        return render(request, _page(db, calendar, now, form=form.refused(error)), status=status_of(error))
    return render(request, _page(db, calendar, now, form=form, what_if=Tried.of(found)))


@router.post("/{calendar_id}/holidays")
def take_holidays(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    calendar_id: RowId,
    file: Annotated[SentFile, Depends(sent_file)],
) -> Response:
    """Add the holidays of an iCalendar file."""
    calendar = calendars.calendar(db, calendar_id)
    try:
        found = calendars.import_holidays(db, calendar=calendar, content=file.data, now=now, by=viewer)
    except DomainError as error:
        page = _page(db, calendar, now, file_error=error.message)
        return render(request, page, status=status_of(error))
    count = len(found.holidays)
    done = ngettext("%(n)s holiday added.", "%(n)s holidays added.", count) % {"n": count}
    if found.skipped:
        done += " " + _("%(n)s events are not of whole days and were left out.") % {"n": found.skipped}
    return redirect(request, f"/desk/calendars/{calendar_id}", flash=done)


@router.post("/{calendar_id}/default")
def make_default(request: Request, db: Db, viewer: Lead, now: Now, calendar_id: RowId) -> Response:
    """Make it the calendar that stands where none was chosen."""
    calendar = calendars.calendar(db, calendar_id)
    calendars.make_default(db, calendar=calendar, now=now, by=viewer)
    return redirect(request, f"/desk/calendars/{calendar_id}", flash=_("This is the default calendar now."))


@router.post("/{calendar_id}/retire")
def retire(request: Request, db: Db, viewer: Lead, now: Now, calendar_id: RowId) -> Response:
    """Take a calendar out of use."""
    return _retire(request, db, viewer, now, calendar_id, is_retired=True)


@router.post("/{calendar_id}/bring-back")
def bring_back(request: Request, db: Db, viewer: Lead, now: Now, calendar_id: RowId) -> Response:
    """Take it into use again."""
    return _retire(request, db, viewer, now, calendar_id, is_retired=False)


def _retire(
    request: Request, db: Session, viewer: User, now: datetime, calendar_id: int, *, is_retired: bool
) -> Response:
    calendar = calendars.calendar(db, calendar_id)
    try:
        calendars.retire_calendar(db, calendar=calendar, is_retired=is_retired, now=now, by=viewer)
    except DomainError as error:
        page = _page(db, calendar, now, errors={"form": error.message})
        return render(request, page, status=status_of(error))
    done = _("The calendar is retired.") if is_retired else _("The calendar is in use again.")
    return redirect(request, f"/desk/calendars/{calendar_id}", flash=done)


def _windows(data: CalendarForm) -> list[dict[str, Any]]:
    return [
        {"day": number, **window}
        for number, name in enumerate(DAYS)
        for window in calendars.read_windows(getattr(data, name), field=name)
    ]


def _week(version: CalendarVersion) -> str:
    """Return a week in one line: days that say the same together."""
    lines: list[tuple[list[int], str]] = []
    for day in range(7):
        said = calendars.write_windows(each for each in version.windows if each["day"] == day)
        if lines and lines[-1][1] == said:
            lines[-1][0].append(day)
        else:
            lines.append(([day], said))
    names = [name[:3] for name in calendars.day_names()]
    ranges = (
        names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}" for days, _said in lines
    )
    return "; ".join(f"{days} {said}" for days, (_days, said) in zip(ranges, lines, strict=True) if said)


def _trial(db: Session, version: CalendarVersion, now: datetime, hours: str, start: str) -> Trial:
    start = start or zones.editable(now, zone=version.timezone)
    if not hours:
        return Trial("4", start, "", "")
    try:
        begins = zones.typed(start, field="start", zone=version.timezone)
        span = timedelta(hours=float(hours.replace(",", ".")))
        ends = calendars.advance(begins, span, calendars.hours_of(db, version.id))
    except Invalid as error:
        return Trial(hours, start, "", error.message)
    except (ValueError, OverflowError):
        return Trial(hours, start, "", _("Write a number of hours, such as 4 or 0.5."))
    except calendars.NeverOpen:
        return Trial(hours, start, "", _("It never opens for so long."))
    words = _("%(hours)s h from %(start)s is %(end)s.")
    shown = {
        "start": zones.shown(begins, zone=version.timezone),
        "end": zones.shown(ends, zone=version.timezone),
    }
    return Trial(hours, start, words % {"hours": hours, **shown}, "")


def _history(db: Session, calendar: Calendar, zone: str) -> list[Said]:
    said = calendars.history(db, calendar)
    facts = [calendars.facts_of(calendar, each.version) for each in said]
    return [
        Said(
            number=each.version.version,
            at=zones.shown(each.version.created_at, zone=zone),
            by=each.by,
            changes=difference(facts[place + 1], facts[place]) if place + 1 < len(said) else [],
        )
        for place, each in enumerate(said)
    ]


def _index_page(db: Session, form: AnyForm) -> CalendarsPage:
    rows = calendars.listing(db, with_retired=True)
    return CalendarsPage(rows=[(row, _week(row.version)) for row in rows], zones=calendars.zones(), form=form)


def _page(
    db: Session,
    calendar: Calendar,
    now: datetime,
    *,
    hours: str = "",
    start: str = "",
    form: AnyForm | None = None,
    file_error: str = "",
    errors: Mapping[str, str] | None = None,
    what_if: Tried | None = None,
) -> CalendarPage:
    version = calendars.current(db, calendar)
    days = {
        name: calendars.write_windows(each for each in version.windows if each["day"] == number)
        for number, name in enumerate(DAYS)
    }
    holidays = calendars.write_holidays(version.holidays)
    rows = calendars.listing(db, with_retired=True)
    return CalendarPage(
        calendar=calendar,
        days=list(zip(DAYS, calendars.day_names(), strict=True)),
        zones=calendars.zones(),
        used_by=next(row.policies for row in rows if row.calendar.id == calendar.id),
        trial=_trial(db, version, now, hours, start),
        history=_history(db, calendar, version.timezone),
        form=form or blank(name=calendar.name, timezone=version.timezone, holidays=holidays, **days),
        file_error=file_error,
        errors=errors or {},
        what_if=what_if,
    )
