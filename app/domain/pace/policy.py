"""The limits: one table."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

NEWCOMER_BELOW = 10
"""Reputation from which a member is no newcomer any more."""


@dataclass(frozen=True)
class DailyLimit:
    """At most so many posts of a kind in any 24 hours."""

    newcomer: int
    member: int


LIMITS = MappingProxyType(
    {
        "question": DailyLimit(newcomer=4, member=20),
        "answer": DailyLimit(newcomer=10, member=100),
        "comment": DailyLimit(newcomer=20, member=200),
    }
)
