"""For how long a case is put aside: choices of one key, in the time of the desk."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SNOOZES = ("1h", "4h", "tomorrow", "monday")
"""What can be chosen; the case's page takes any instant beside."""

_HOURS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}
_MORNING = time(9)


def snoozed_until(choice: str, *, now: datetime, zone: str) -> datetime:
    """Return when a case comes back; `choice` is one of SNOOZES. Mornings are those of the zone."""
    if choice in _HOURS:
        return now + _HOURS[choice]
    today = now.astimezone(ZoneInfo(zone)).date()
    days = 1 if choice == "tomorrow" else 7 - today.weekday()
    morning = datetime.combine(today + timedelta(days=days), _MORNING, ZoneInfo(zone))
    return morning.astimezone(UTC)
