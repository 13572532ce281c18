"""What happens to the words that search knows."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.outbox import Event


@dataclass(frozen=True, kw_only=True)
class SynonymsChanged(Event):
    """Words mean the same from now on, or no longer: other results may be found."""

    group_id: int
