"""What happens to me-toos."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class MeTooAdded(Event):
    """One more member has the problem."""


@dataclass(frozen=True, kw_only=True)
class MeTooWithdrawn(Event):
    """One fewer has it."""
