"""Filters of the templates: how instants and numbers are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from app.core.i18n import gettext as _
from app.core.slugs import slug

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?\+00:00\Z")


def ago(instant: datetime, now: datetime) -> str:
    """Return "3 d ago" for the last four weeks, and the date before that."""
    seconds = max(0, int((now - instant).total_seconds()))
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("%(n)s min ago") % {"n": seconds // 60}
    if seconds < 86_400:
        return _("%(n)s h ago") % {"n": seconds // 3600}
    if seconds < 28 * 86_400:
        return _("%(n)s d ago") % {"n": seconds // 86_400}
    return date(instant) if instant.year != now.year else f"{instant.day} {instant:%b}"


def date(instant: datetime) -> str:
    """Return "4 Mar 2026"."""
    return f"{instant.day} {instant:%b %Y}"


def exact(instant: datetime) -> str:
    """Return "4 Mar 2026, 14:05 UTC"."""
    return f"{date(instant)}, {instant:%H:%M} UTC"


def moment(instant: datetime) -> str:
    """Return "Tue 24 Nov, 14:20 UTC": a time to come, or one that is not long ago."""
    return f"{instant:%a} {instant.day} {instant:%b, %H:%M} UTC"


def iso(instant: datetime) -> str:
    """Return the instant for <time datetime>."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(number: int) -> str:
    """Return 950, 1.2k, 34k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size:
            whole = number / size
            return f"{whole:.1f}".rstrip("0").rstrip(".") + unit if abs(whole) < 10 else f"{whole:.0f}{unit}"
    return str(number)


def logged(value: object) -> str:
    """Return a value of the audit log as staff read it: yes, no, none, an instant, a list with commas."""
    if value in (None, "", []):
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return exact(datetime.fromisoformat(str(value))) if _INSTANT.match(str(value)) else str(value)


ALL: dict[str, Callable[..., str]] = {
    "ago": ago,
    "compact": compact,
    "date": date,
    "exact": exact,
    "iso": iso,
    "logged": logged,
    "moment": moment,
    "slug": slug,
}
