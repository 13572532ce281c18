"""Why a deadline was missed, judged by what had happened to the case until then. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

TELLING = ("claimed", "assigned", "released", "returned", "handed_over", "snoozed", "woken", "reopened")
"""The kinds of lines of a timeline that a cause is judged by."""

CAUSES = ("unclaimed", "returned", "late_claim", "snoozed", "inside", "owner")

_LATE = 0.75
"""Who takes a case when so much of the time is gone took it late."""


class Missed(Protocol):
    """What is looked at of a clock."""

    started_at: datetime
    breached_at: datetime | None


def cause_of(clock: Missed, events: Iterable[tuple[str, datetime]]) -> str:
    """Return one of CAUSES; `events` are the telling lines of the case, in their order."""
    missed_at = clock.breached_at or clock.started_at
    owned_since: datetime | None = None
    last = ""
    for kind, at in events:
        if at > missed_at:
            break
        if kind in ("claimed", "assigned"):
            owned_since = at
        elif kind in ("released", "returned"):
            owned_since = None
        last = kind
    if last == "snoozed":
        return "snoozed"
    if last == "handed_over":
        return "inside"
    if owned_since is None:
        return "returned" if last in ("released", "returned") else "unclaimed"
    whole = (missed_at - clock.started_at).total_seconds()
    if (owned_since - clock.started_at).total_seconds() > _LATE * whole:
        return "late_claim"
    return "owner"
