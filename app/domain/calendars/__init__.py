"""Calendars: when staff are there to answer.

Owns calendars with their versions, and the arithmetic of opening hours: `advance` and `elapsed`, pure
functions over `Hours`. Promises: a version is never changed; one calendar is the default and stays.
Emits CalendarChanged.
"""

from app.domain.calendars.checking import checked_hours, day_names, zones
from app.domain.calendars.events import CalendarChanged
from app.domain.calendars.hours import ROUND_THE_CLOCK, Hours, NeverOpen, Window, advance, elapsed, is_open
from app.domain.calendars.ical import LARGEST_FILE, Found
from app.domain.calendars.policy import may_set_up
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
from app.domain.calendars.service import (
    add_calendar,
    change_calendar,
    facts_of,
    import_holidays,
    make_default,
    retire_calendar,
)
from app.domain.calendars.writing import read_holidays, read_windows, write_holidays, write_windows

__all__ = [
    "LARGEST_FILE",
    "ROUND_THE_CLOCK",
    "CalendarChanged",
    "CalendarInShort",
    "Found",
    "Hours",
    "NeverOpen",
    "VersionOfCalendar",
    "Window",
    "add_calendar",
    "advance",
    "calendar",
    "change_calendar",
    "checked_hours",
    "current",
    "day_names",
    "default_calendar",
    "elapsed",
    "facts_of",
    "history",
    "hours_of",
    "import_holidays",
    "is_open",
    "listing",
    "make_default",
    "may_set_up",
    "read_holidays",
    "read_windows",
    "retire_calendar",
    "version_of",
    "write_holidays",
    "write_windows",
    "zones",
]
