"""What happens to flags."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class PostFlagged(Event, inside=True):
    """A member pointed staff to a post or comment."""

    flag_id: int


@dataclass(frozen=True, kw_only=True)
class FlagDecided(Event, inside=True):
    """A moderator found the flag helpful, or declined it."""

    flag_id: int
    decision: str
