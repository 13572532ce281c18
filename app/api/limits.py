"""How many requests are answered, and how that is told.

Reads are counted in the memory of each process: counting them in the database would make every read
a write. With N processes up to N times the number may pass. Writes are counted in the database, in
one count for all processes (app/domain/throttles). What members may post in a day is a third limit
(app/domain/pace).

Headers: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from app.domain.throttles import Limit

WINDOW = 60
KEYS_IN_MEMORY = 50_000

READS = {"address": 1.0, "key": 5.0, "subnet": 10.0}
WRITES = {"user": 0.1, "address": 0.2, "subnet": 1.0}
"""Reads and writes a minute, as shares of the setting `api_reads_per_minute`; a write counts towards all three."""


@dataclass(frozen=True)
class Count:
    """How much of a quota is used."""

    policy: str
    quota: int
    used: int
    resets_in: int  # seconds

    @property
    def is_over(self) -> bool:
        """Whether this request is one too many."""
        return self.used > self.quota


@dataclass(frozen=True)
class Quota:
    """So many requests a minute for one key, address or subnet."""

    policy: str
    who: str
    quota: int


class ReadLimits:
    """Counts the reads of one process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, quotas: Iterable[Quota]) -> list[Count]:
        """Count one request towards each quota."""
        now = time.monotonic()
        if len(self._counts) > KEYS_IN_MEMORY:
            self._counts = {key: value for key, value in self._counts.items() if value[0] > now}
        return [self._one(quota, now) for quota in quotas]

    def _one(self, quota: Quota, now: float) -> Count:
        key = (quota.policy, quota.who)
        ends, used = self._counts.get(key, (0.0, 0))
        if ends <= now:
            ends, used = now + WINDOW, 0
        self._counts[key] = (ends, used + 1)
        return Count(quota.policy, quota.quota, used + 1, ceil(ends - now))


def reads(policy: str, per_minute: int) -> int:
    """Return how many reads a policy allows."""
    return int(READS[policy] * per_minute)


def write_limit(policy: str, per_minute: int) -> Limit:
    """Return the limit of writes."""
    return Limit(max(1, int(WRITES[policy] * per_minute)), timedelta(seconds=WINDOW))


def headers(counts: Sequence[Count]) -> dict[str, str]:
    """Return the headers that tell of quotas and of what is left of them."""
    if not counts:
        return {}
    return {
        "RateLimit-Policy": ", ".join(f'"{one.policy}";q={one.quota};w={WINDOW}' for one in counts),
        "RateLimit": ", ".join(
            f'"{one.policy}";r={max(0, one.quota - one.used)};t={one.resets_in}' for one in counts
        ),
    }


def retry_after(counts: Sequence[Count]) -> int:
    """Return in how many seconds a refused request may be tried again; 0 when none is refused."""
    return max((max(1, one.resets_in) for one in counts if one.is_over), default=0)
