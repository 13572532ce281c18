"""The arithmetic of reports. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Attainment:
    """How many clocks were met in time, of those that are decided: met or missed."""

    met: int
    missed: int

    @property
    def decided(self) -> int:
        """All of them."""
        return self.met + self.missed

    @property
    def percent(self) -> int | None:
        """The share that was met, rounded down so that 100 means all; None of nothing."""
        return 100 * self.met // self.decided if self.decided else None


@dataclass(frozen=True)
class Spread:
    """How long it took: the median, and what nine of ten stayed below (p90)."""

    count: int
    median: timedelta | None
    p90: timedelta | None


def spread(lengths: Iterable[timedelta]) -> Spread:
    """Return the median and the p90 of lengths of time."""
    ordered = sorted(lengths)
    return Spread(len(ordered), _at(ordered, 50), _at(ordered, 90))


def _at(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """Return the value that so many percent do not exceed: one that occurred (nearest rank)."""
    if not ordered:
        return None
    return ordered[-(-len(ordered) * percent // 100) - 1]
