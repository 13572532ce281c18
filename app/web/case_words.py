"""Words for what staff see of cases: states, reasons, clocks, and time left."""

from __future__ import annotations

from datetime import timedelta

from app.core.i18n import gettext as _
from app.domain import queue

SOON = timedelta(hours=1)


def views() -> dict[str, str]:
    """Return the names of the views that everybody has."""
    return {
        "open": _("All open"),
        "unclaimed": _("Unclaimed"),
        "mine": _("Mine"),
        "team": _("My team"),
        "soon": _("Due within an hour"),
        "breached": _("Late"),
        "waiting": _("Waiting for customer"),
        "snoozed": _("Snoozed"),
        "resolved": _("Resolved today"),
        "past": _("Past"),
    }


def sorts() -> dict[str, str]:
    """Return the names of the orders that a list can be in."""
    return {
        "due": _("Due first"),
        "priority": _("Priority, then due"),
        "oldest": _("Oldest case"),
        "newest": _("Newest case"),
        "me_too": _("Most affected"),
        "resolved": _("Last resolved"),
    }


def columns() -> dict[str, str]:
    """Return the headings of the columns that can be chosen."""
    return {
        "clock": _("Clock"),
        "reason": _("Reason"),
        "product": _("Product"),
        "asker": _("Asker"),
        "me_too": _("Me too"),
        "answers": _("Answers"),
        "state": _("State"),
        "priority": _("Priority"),
        "team": _("Team"),
        "owner": _("Owner"),
    }


def states() -> dict[str, str]:
    """Return the names of the states of a case."""
    return {
        "queued": _("Unclaimed"),
        "claimed": _("Claimed"),
        "snoozed": _("Snoozed"),
        "waiting_customer": _("Waiting"),
        "waiting_internal": _("Handed over"),
        "resolved": _("Resolved"),
        "closed": _("Closed"),
        "cancelled": _("Cancelled"),
    }


def reasons() -> dict[str, str]:
    """Return why a question came to staff, in few words."""
    return {
        "unanswered": _("No answer"),
        "asker_waiting": _("Asker waits"),
        "not_helpful": _("Didn't help"),
        "acceptance_withdrawn": _("Un-accepted"),
        "many_affected": _("Many affected"),
        "trusted_request": _("Member asked"),
        "by_staff": _("By staff"),
        "by_api": _("Product site"),
    }


def metrics() -> dict[str, str]:
    """Return the names of the clocks."""
    return {
        "first_response": _("First reply"),
        "next_reply": _("Next reply"),
        "resolution": _("Resolution"),
    }


def priorities() -> dict[str, str]:
    """Return the names of the priorities."""
    return {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}


def span(length: timedelta) -> str:
    """Return "2 h 10 m", "31 h" or "40 m": hours of the calendar, as days differ in length."""
    minutes = int(abs(length).total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s m") % {"n": rest} if rest else _("under 1 m")
    if hours >= 10 or not rest:
        return _("%(n)s h") % {"n": hours}
    return _("%(hours)s h %(minutes)s m") % {"hours": hours, "minutes": rest}


def short_due(reading: queue.Reading | None) -> str:
    """Return "2 h 10 m", "late 40 m" or "paused", for under the heading "due in"."""
    if reading is None:
        return ""
    if reading.clock.due_at is None:
        return _("paused")
    return due(reading) if reading.is_late else span(reading.remaining)


def due(reading: queue.Reading | None) -> str:
    """Return "due in 2 h 10 m", "late 40 m" or "paused, 3 h left"; "" where no clock runs."""
    if reading is None:
        return ""
    if reading.clock.due_at is None:
        return _("paused, %(span)s left") % {"span": span(reading.remaining)}
    if reading.is_late:
        return _("late %(span)s") % {"span": span(reading.remaining)}
    return _("due in %(span)s") % {"span": span(reading.remaining)}


def tone(reading: queue.Reading | None) -> str:
    """Return the name of the badge's colour: none, paused, late, soon or fine."""
    if reading is None:
        return "none"
    if reading.clock.due_at is None:
        return "paused"
    if reading.is_late:
        return "late"
    return "soon" if reading.remaining <= SOON or reading.share >= 0.75 else "fine"
