"""Sentences of a case's timeline and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.core.i18n import gettext as _
from app.domain import queue
from app.models import EscalationEvent, SlaClock
from app.web import case_words as words

Names = Mapping[int, str]


def sentence(event: EscalationEvent, *, people: Names, teams: Names) -> str:
    """Return what happened, without who did it: "claimed it", "snoozed it until 4 Mar, 09:00 UTC"."""
    data = event.data
    to = people.get(data.get("to") or 0, "")
    if event.kind in ("assigned", "claimed"):
        return _("claimed it") if event.kind == "claimed" else _("assigned it to %(name)s") % {"name": to}
    if event.kind == "handed_over":
        return _("handed it over to %(name)s") % {"name": to or teams.get(data.get("team") or 0, _("a team"))}
    if event.kind == "snoozed":
        return _("snoozed it until %(time)s") % {"time": _instant(data.get("until", ""))}
    if event.kind == "priority":
        return _("set the priority to %(to)s") % {
            "to": words.priorities().get(str(data.get("to")), "").lower()
        }
    if event.kind == "team":
        return _("gave it to the team %(name)s") % {"name": teams.get(data.get("to") or 0, "")}
    if event.kind == "reference":
        return _reference(data)
    if event.kind in ("opened", "reason"):
        return _reason(event.kind, str(data.get("code", "")))
    if event.kind in ("warned", "breached"):
        return _step(event.kind, data)
    plain = _plain().get(event.kind, event.kind.replace("_", " "))
    reason = data.get("reason")
    return f"{plain}: {reason}" if reason else plain


def clock_state(clock: SlaClock) -> str:
    """Return what became of a clock that has ended."""
    if clock.state == "cancelled":
        return _("stopped")
    return _("met late") if clock.breached_at else _("met")


def clock_words(reading: queue.Reading) -> str:
    """Return how much is left of a clock, in words."""
    return words.due(reading)


def _plain() -> dict[str, str]:
    return {
        "released": _("put it back into the queue"),
        "returned": _("went back to the queue"),
        "untouched": _("went back to the queue, untouched"),
        "woken": _("woke it"),
        "replied": _("replied in public"),
        "heard": _("the customer wrote"),
        "waiting": _("asked the customer and waits"),
        "noted": _("wrote a note"),
        "note_edited": _("changed a note"),
        "note_removed": _("removed a note"),
        "resolved": _("resolved it"),
        "reopened": _("reopened it"),
        "closed": _("closed"),
        "cancelled": _("cancelled it"),
        "withdrawn": _("withdrawn with its question"),
        "terms": _("its policy or calendar changed"),
    }


def _reference(data: Mapping[str, object]) -> str:
    if data.get("removed"):
        return _("removed the reference %(text)s") % {"text": data["removed"]}
    return _("added the reference %(text)s") % {"text": data.get("added", "")}


def _reason(kind: str, code: str) -> str:
    reason = words.reasons().get(code, code).lower()
    if kind == "opened":
        return _("came to staff: %(reason)s") % {"reason": reason}
    return _("would have come again: %(reason)s") % {"reason": reason}


def _step(kind: str, data: Mapping[str, object]) -> str:
    metric = words.metrics().get(str(data.get("metric", "")), _("a clock"))
    text = _("%(metric)s runs low") if kind == "warned" else _("%(metric)s is over")
    step = data.get("step")
    sentence = text % {"metric": metric}
    return f"{sentence} ({step})" if step else sentence


def _instant(text: object) -> str:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    return f"{at.day} {at:%b}, {at:%H:%M} UTC"
