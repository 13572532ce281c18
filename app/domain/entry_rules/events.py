"""What happens to entry rules."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class EntryRulesChanged(Event, inside=True):
    """A rule or a starting day was changed, for a product and those below it, or (None) for all.

    What is being watched is planned anew in batches: questions behind `after_id` are to do.
    """

    product_id: int | None
    after_id: int = 0
