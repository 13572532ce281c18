"""Calendars: when staff are there to answer.

Owns calendars with their versions, and the arithmetic of opening hours: `advance` and `elapsed`, pure
functions over `Hours`. Promises: a version is never changed; one calendar is the default and stays.
"""

from app.domain.calendars.hours import ROUND_THE_CLOCK, Hours, NeverOpen, Window, advance, elapsed, is_open
from app.domain.calendars.queries import (
    CalendarInShort,
    VersionOfCalendar,
    calendar,
    current,
    default_calendar,
    history,
    hours_of,
    listing,
    version_of,
)

__all__ = [
    "ROUND_THE_CLOCK",
    "CalendarInShort",
    "Hours",
    "NeverOpen",
    "VersionOfCalendar",
    "Window",
    "advance",
    "calendar",
    "current",
    "default_calendar",
    "elapsed",
    "history",
    "hours_of",
    "is_open",
    "listing",
    "version_of",
]
