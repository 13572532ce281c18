"""Reports: what leads look at, and what the past would have looked like under other terms.

Owns no tables; reads cases, clocks and their events. Promises: each report reads its period in a fixed
number of queries, and looks at the newest of what is more than it can.
"""

from app.domain.reports.causes import CAUSES
from app.domain.reports.numbers import Attainment, Spread
from app.domain.reports.queries import BREACHES_LISTED, Breach, Group, Load, Outcomes, Report, loads, report
from app.domain.reports.scope import PERIODS, Scope
from app.domain.reports.trying import Outcome, WhatIf, if_calendar_said, if_policy_said

__all__ = [
    "BREACHES_LISTED",
    "CAUSES",
    "PERIODS",
    "Attainment",
    "Breach",
    "Group",
    "Load",
    "Outcome",
    "Outcomes",
    "Report",
    "Scope",
    "Spread",
    "WhatIf",
    "if_calendar_said",
    "if_policy_said",
    "loads",
    "report",
]
