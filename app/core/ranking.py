"""How posts are ordered: pure formulas."""

from __future__ import annotations

import math
from datetime import UTC, datetime

_Z = 1.959964  # 95 %
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TENFOLD_SECONDS = 45_000


def wilson(up: int, down: int) -> float:
    """Return the lower bound of the 95 % Wilson score interval for the share of up votes; 0 without votes.

    Wilson (1927), as proposed for ratings by Miller, "How Not To Sort By Average Rating" (2009).
    """
    n = up + down
    if n == 0:
        return 0.0
    share = up / n
    spread = _Z * math.sqrt((share * (1 - share) + _Z * _Z / (4 * n)) / n)
    return (share + _Z * _Z / (2 * n) - spread) / (1 + _Z * _Z / n)


def hot(score: int, created_at: datetime) -> float:
    """Return a rank that needs no later update: ten times the votes weigh as much as 12.5 hours of age.

    Reddit's formula of 2008 (`_sorts.pyx`), with our own epoch.
    """
    sign = (score > 0) - (score < 0)
    return sign * math.log10(max(abs(score), 1)) + (created_at - _EPOCH).total_seconds() / _TENFOLD_SECONDS
