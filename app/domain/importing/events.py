"""What an import tells the rest of the forum."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ContentMovedIn(Event):
    """Threads came in by an import: among the questions with ids from `first_id` to `last_id`. Nobody is told."""

    first_id: int
    last_id: int
