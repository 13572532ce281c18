"""Times that staff type and read in the desk's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.core.errors import Invalid
from app.core.i18n import gettext as _


def typed(text: str, *, field: str, zone: str) -> datetime:
    """Return the instant of a date, or of a date and time, as typed; of one that occurs twice the first."""
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(field, _("Write a date and time such as 2026-12-24 12:00.")) from error
    try:
        return local.replace(tzinfo=local.tzinfo or ZoneInfo(zone)).astimezone(UTC)
    except OverflowError as error:
        raise Invalid(field, _("Write a date and time such as 2026-12-24 12:00.")) from error


def shown(instant: datetime, *, zone: str) -> str:
    """Return "Thu 24 Dec 2026, 12:00" in the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def editable(instant: datetime, *, zone: str) -> str:
    """Return the instant as a date-time field holds it."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"
