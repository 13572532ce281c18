"""What happens to policies."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class PoliciesChanged(Event, inside=True):
    """A policy says something else, comes at another place in the order, or is switched on or off.

    Any case can fall under another policy now. They are taken along in batches: those behind
    `after_id` are to do.
    """

    policy_id: int
    after_id: int = 0
