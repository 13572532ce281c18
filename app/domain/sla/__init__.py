"""SLA: how fast questions must be answered, and the clocks that measure it.

Owns policies with their versions, which question falls under which, and the pure arithmetic of clocks
(`clock`). Promises: a clock is the replay of its events; a change of policy, calendar or priority keeps
what was consumed; every question falls under one policy.
"""

from app.domain.calendars import hours_of
from app.domain.sla import clock
from app.domain.sla.matching import FILTERS, Traits
from app.domain.sla.queries import (
    PolicyInForce,
    VersionOfPolicy,
    current,
    history,
    policies,
    policy,
    policy_for,
)

__all__ = [
    "FILTERS",
    "PolicyInForce",
    "Traits",
    "VersionOfPolicy",
    "clock",
    "current",
    "history",
    "hours_of",
    "policies",
    "policy",
    "policy_for",
]
