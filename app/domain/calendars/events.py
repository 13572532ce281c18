"""What happens to calendars."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event, inside=True):
    """A calendar says something else from now on; what runs by it goes on by the new version.

    Running clocks are taken along in batches: those of cases behind `after_id` are to do.
    """

    calendar_id: int
    after_id: int = 0
