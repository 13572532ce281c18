"""How much a member may upload in any 24 hours: one table."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain import pace
from app.models import User


@dataclass(frozen=True)
class DailyUploads:
    """At most so many files, and so many bytes of them as kept."""

    files: int
    size: int


LIMITS = {
    "newcomer": DailyUploads(files=10, size=20_000_000),
    "member": DailyUploads(files=60, size=100_000_000),
    "staff": DailyUploads(files=500, size=1_000_000_000),
}


def largest_today(member: User) -> DailyUploads:
    """Return the member's limits."""
    if member.is_staff:
        return LIMITS["staff"]
    return LIMITS["newcomer" if member.reputation < pace.NEWCOMER_BELOW else "member"]
