"""Hours as people write them: "08:00-12:00, 13:30-18:00", and "2026-12-24 09:00-12:00 Christmas Eve"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain.calendars.hours import minutes_of

_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:[-\u2013]|to)\s*(\d{1,2})(?::(\d{2}))?")
_BETWEEN = re.compile(r"\s*(?:,|;|\band\b)\s*|\s+(?=\d{1,2}(?::\d{2})?\s*(?:[-\u2013]|to))")
_LINE = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})((?:[\s,;]+{_SPAN.pattern})*)(?:\s+(.*))?")


def read_windows(text: str, *, field: str) -> list[dict[str, str]]:
    """Return the windows of a day as written; nothing is closed. Raise Invalid."""
    return [_window(part, field) for part in _BETWEEN.split(text.strip()) if part]


def write_windows(windows: Iterable[Mapping[str, Any]]) -> str:
    """Return a day's windows as one writes them."""
    return ", ".join(f"{each['opens']}-{each['closes']}" for each in windows)


def read_holidays(text: str, *, field: str) -> list[dict[str, Any]]:
    """Return holidays, one a line: a date, the hours of that day if it has any, and a name. Raise Invalid."""
    return [_holiday(line.strip(), field) for line in text.splitlines() if line.strip()]


def write_holidays(holidays: Sequence[Mapping[str, Any]]) -> str:
    """Return holidays as one writes them."""
    lines = ((each["date"], write_windows(each.get("windows") or ()), each["name"]) for each in holidays)
    return "\n".join(" ".join(part for part in line if part) for line in lines)


def _window(text: str, field: str) -> dict[str, str]:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise Invalid(field, _("“%(text)s” is not a window; write 09:00-17:00.") % {"text": text[:40]})
    opens, closes = _clock(found[1], found[2]), _clock(found[3], found[4])
    for clock in (opens, closes):
        try:
            minutes_of(clock)
        except ValueError as error:
            raise Invalid(field, _("%(time)s is not a time of day.") % {"time": clock}) from error
    if opens == "24:00":
        raise Invalid(field, _("A window opens before 24:00; write 00:00 on the next day."))
    return {"opens": opens, "closes": closes}


def _clock(hour: str, minute: str | None) -> str:
    return f"{int(hour):02}:{minute or '00'}"


def _holiday(line: str, field: str) -> dict[str, Any]:
    found = _LINE.fullmatch(line)
    if found is None:
        text = _("“%(line)s” is not a holiday; write a date and a name, such as 2026-12-25 Christmas Day.")
        raise Invalid(field, text % {"line": line[:60]})
    try:
        day = date.fromisoformat(found[1])
    except ValueError as error:
        raise Invalid(field, _("There is no date %(date)s.") % {"date": found[1]}) from error
    name = (found[found.re.groups] or "").strip()
    return {"date": day.isoformat(), "name": name, "windows": read_windows(found[2], field=field)}
