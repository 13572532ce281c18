"""What the doctor does."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class Mended(Event):
    """Counters were made right, of any threads and members: whatever shows them is to be made anew."""
