"""What notifications themselves cause."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ReminderDue(Event, inside=True):
    """An asker has not said for a while whether an answer helped."""
