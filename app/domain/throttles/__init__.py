"""Throttles: how often something may be tried, by member, e-mail address or subnet.

Owns the counts. Promises: they are shared by all processes, and an attempt stays counted whatever
becomes of it.
"""

from app.domain.throttles.service import Attempt, Counted, Limit, count, forget_old, give_back, take

__all__ = ["Attempt", "Counted", "Limit", "count", "forget_old", "give_back", "take"]
