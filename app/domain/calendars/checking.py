"""What a calendar may say. Pure, but for the list of time zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain.calendars.hours import Hours, Window, elapsed
from app.domain.calendars.writing import write_windows

WINDOWS_AT_MOST = 100
HOLIDAYS_AT_MOST = 1_000
LOOKED_AHEAD = timedelta(days=370)
OPEN_AT_LEAST = timedelta(minutes=1)

_WEEK = 7 * 24 * 60  # minutes


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the names of all time zones that a calendar can have."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def day_names() -> list[str]:
    """Return the days of the week, Monday first."""
    return [
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    ]


def check(
    *, timezone: str, windows: Sequence[dict[str, Any]], holidays: Sequence[dict[str, Any]], now: datetime
) -> None:
    """Raise Invalid, with a sentence for each field at fault, for what makes no sense."""
    if timezone not in available_timezones():
        raise Invalid("timezone", _("There is no time zone of this name; choose one such as Europe/Berlin."))
    errors: dict[str, str] = {}
    if len(windows) > WINDOWS_AT_MOST:
        errors["windows"] = _("That are more than 100 windows.")
    elif overlap := _overlap_of_week(windows):
        errors["windows"] = overlap
    if text := _wrong_holidays(holidays):
        errors["holidays"] = text
    Invalid.raise_if(errors)
    if elapsed(now, now + LOOKED_AHEAD, Hours.read(timezone, windows, holidays)) < OPEN_AT_LEAST:
        raise Invalid(
            "windows",
            _(
                "This calendar does not open for even a minute in the next 370 days: no deadline would ever come."
            ),
        )


def checked_hours(
    *, timezone: str, windows: Sequence[dict[str, Any]], holidays: Sequence[dict[str, Any]], now: datetime
) -> Hours:
    """Return the hours that this would say, without saving them; raise Invalid as `check` does."""
    check(timezone=timezone, windows=windows, holidays=holidays, now=now)
    return Hours.read(timezone, windows, holidays)


def _overlap_of_week(windows: Sequence[dict[str, Any]]) -> str:
    placed = [(each["day"] * 24 * 60, Window.read(each), each) for each in windows]
    spans = sorted(
        (start + window.opens, start + window.closes, index)
        for index, (start, window, _w) in enumerate(placed)
    )
    around = [*spans, *((begin + _WEEK, end + _WEEK, index) for begin, end, index in spans[:1])]
    for (_begin, end, one), (begin, _end, two) in pairwise(around):
        if begin < end:
            text = _("%(one)s and %(two)s overlap.")
            return text % {"one": _named(placed[one][2]), "two": _named(placed[two][2])}
    return ""


def _named(window: dict[str, Any]) -> str:
    return f"{day_names()[window['day']]} {write_windows([window])}"


def _wrong_holidays(holidays: Sequence[dict[str, Any]]) -> str:
    if len(holidays) > HOLIDAYS_AT_MOST:
        return _("That are more than 1,000 holidays; leave out those of past years.")
    doubled = _doubled(each["date"] for each in holidays)
    if doubled:
        return _("%(date)s is there twice.") % {"date": doubled}
    for each in holidays:
        if len(each["name"]) > 100:
            return _("The name of %(date)s is longer than 100 characters.") % {"date": each["date"]}
        if not 2000 <= date.fromisoformat(each["date"]).year <= 2200:
            return _("%(date)s is too far away.") % {"date": each["date"]}
        spans = sorted(Window.read(window) for window in each.get("windows") or ())
        if any(later.opens < earlier.closes for earlier, later in pairwise(spans)):
            return _("The hours of %(date)s overlap.") % {"date": each["date"]}
    return ""


def _doubled(texts: Iterable[str]) -> str:
    return next((text for text, count in Counter(texts).items() if count > 1), "")
