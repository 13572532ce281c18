"""What happens to votes."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class VoteCast(Event):
    """A member voted on a post, changed the vote (1, -1) or took it back (0)."""

    post_id: int
    value: int
