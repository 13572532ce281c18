"""Calendars: when staff are there to answer.

Owns the arithmetic of opening hours: `advance` and `elapsed`, pure functions over `Hours`.
"""

from app.domain.calendars.hours import ROUND_THE_CLOCK, Hours, NeverOpen, advance, elapsed, is_open

__all__ = ["ROUND_THE_CLOCK", "Hours", "NeverOpen", "advance", "elapsed", "is_open"]
