"""Ranks: reached with the highest reputation one ever had, and kept for life."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import User


@dataclass(frozen=True)
class Rank:
    """A rank and the reputation that reaches it."""

    name: str
    threshold: int


RANKS = (
    Rank("Copper", 1),
    Rank("Bronze", 50),
    Rank("Silver", 250),
    Rank("Gold", 1_000),
    Rank("Platinum", 5_000),
    Rank("Diamond", 20_000),
)


def rank_of(member: User) -> Rank:
    """Return the member's rank."""
    reached = [rank for rank in RANKS if member.peak_reputation >= rank.threshold]
    return reached[-1] if reached else RANKS[0]


def next_rank(member: User) -> Rank | None:
    """Return the rank that comes next; None for Diamond."""
    return next((rank for rank in RANKS if member.peak_reputation < rank.threshold), None)
