"""SLA: how fast questions must be answered, and the clocks that measure it.

Owns policies with their versions, which question falls under which, and the pure arithmetic of clocks
(`clock`). Promises: a clock is the replay of its events; a change of policy, calendar or priority keeps
what was consumed; every question falls under one policy; no policy stands where nothing reaches it.
Emits PoliciesChanged.
"""

from app.domain.calendars import hours_of
from app.domain.sla import clock
from app.domain.sla.events import PoliciesChanged
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
from app.domain.sla.service import (
    add_policy,
    change_policy,
    facts_of,
    move_policy,
    retire_policy,
    switch_policy,
)
from app.domain.sla.terms import PAUSING, Terms, metric_names, priority_names

__all__ = [
    "FILTERS",
    "PAUSING",
    "PoliciesChanged",
    "PolicyInForce",
    "Terms",
    "Traits",
    "VersionOfPolicy",
    "add_policy",
    "change_policy",
    "clock",
    "current",
    "facts_of",
    "history",
    "hours_of",
    "metric_names",
    "move_policy",
    "policies",
    "policy",
    "policy_for",
    "priority_names",
    "retire_policy",
    "switch_policy",
]
