"""Reading holidays from an iCalendar file (RFC 5545): whole days, and those that come every year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty

from app.core.errors import Invalid
from app.core.i18n import gettext as _

LARGEST_FILE = 1_000_000
MOST_EVENTS = 3_000
MOST_RULES = 100
LONGEST_EVENT = 60  # days
_UNTIL = re.compile(r"UNTIL=(\d{8})\w*")


@dataclass(frozen=True)
class Found:
    """The holidays of a file, by date; `skipped` counts events that are no whole days or come otherwise."""

    holidays: list[dict[str, Any]]
    skipped: int


def holidays_in(content: bytes, *, today: date) -> Found:
    """Return the holidays from this January until two years from today; raise Invalid for what is unreadable."""
    if len(content) > LARGEST_FILE:
        raise Invalid("file", _("The file is larger than a megabyte."))
    events = _events(content)
    first, last = date(today.year, 1, 1), today + timedelta(days=2 * 366)
    found: dict[date, str] = {}
    skipped = rules = 0
    for event in events:
        rules += "RRULE" in event
        if rules > MOST_RULES:
            raise Invalid("file", _("More than 100 of its events repeat."))
        try:
            days = _days(event, first, last)
        except BrokenCalendarProperty:  # raised on reading what could not be parsed
            days = None
        if days is None:
            skipped += 1
            continue
        name = " ".join(str(event.get("SUMMARY", "")).split())[:100]
        for day in days:
            found.setdefault(day, name)
    if not found:
        raise Invalid(
            "file", _("There is no event of a whole day between now and two years ahead in this file.")
        )
    holidays = [{"date": day.isoformat(), "name": name, "windows": []} for day, name in sorted(found.items())]
    return Found(holidays, skipped)


def _events(content: bytes) -> list[Component]:
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, IndexError) as error:
        raise Invalid("file", _("This is not an iCalendar file (.ics).")) from error
    if not events:
        raise Invalid("file", _("There are no events in this file."))
    if len(events) > MOST_EVENTS:
        raise Invalid("file", _("There are more than 3,000 events in this file."))
    return events


def _days(event: Component, first: date, last: date) -> list[date] | None:
    """Return the dates of an event; None when it is not of whole days or comes otherwise than yearly."""
    start = _day(event, "DTSTART")
    if start is None or not 1900 <= start.year <= last.year or str(event.get("STATUS", "")) == "CANCELLED":
        return None
    end = _day(event, "DTEND") or start + timedelta(days=1)
    length = max(1, min((end - start).days, LONGEST_EVENT))
    starts = _yearly(event, start, last) if "RRULE" in event else [start]
    if starts is None:
        return None
    without = set(_excluded(event))
    return [
        day
        for begins in starts
        if begins not in without
        for day in (begins + timedelta(days=n) for n in range(length))
        if first <= day <= last
    ]


def _day(event: Component, name: str) -> date | None:
    value = getattr(event.get(name), "dt", None)
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _yearly(event: Component, start: date, last: date) -> list[date] | None:
    rule = event.get("RRULE")
    if isinstance(rule, list) or [str(each).upper() for each in rule.get("FREQ", [])] != ["YEARLY"]:
        return None
    if rule.keys() & {"BYHOUR", "BYMINUTE", "BYSECOND"}:
        return None
    if any(not isinstance(n, int) or n < 1 for name in ("INTERVAL", "COUNT") for n in rule.get(name, [])):
        return None  # an interval of 0 would never end
    text = _UNTIL.sub(r"UNTIL=\1", rule.to_ical().decode())
    begins, ends = (datetime(day.year, day.month, day.day) for day in (start, last))  # noqa: DTZ001 - dates only
    try:
        return [each.date() for each in rrulestr(text, dtstart=begins).between(begins, ends, inc=True)]
    except (ValueError, TypeError):
        return None


def _excluded(event: Component) -> Iterator[date]:
    listed = event.get("EXDATE", [])
    for value in listed if isinstance(listed, list) else [listed]:
        for each in getattr(value, "dts", ()):
            yield each.dt.date() if isinstance(each.dt, datetime) else each.dt


def today_of(now: datetime) -> date:
    """Return the date of an instant, in UTC: near enough to choose a range of two years."""
    return now.astimezone(UTC).date()
