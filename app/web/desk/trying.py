"""A what-if as the forms of policies and calendars ask for it and show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain import reports
from app.web.desk.lead_tables import what_if_rows


@dataclass(frozen=True)
class Tried:
    """What a change would have made of a period, in lines."""

    days: int
    lines: Sequence[Mapping[str, str | int]]
    is_cut: bool

    @classmethod
    def of(cls, found: reports.WhatIf) -> Tried:
        """Return what was found, in words."""
        return cls(found.days, what_if_rows(found), found.is_cut)


def scope_of(days: str, *, now: datetime) -> reports.Scope:
    """Return the period that was chosen; of what is no number four weeks."""
    return reports.Scope.of_days(int(days) if days.isdecimal() and len(days) < 4 else 28, now=now)
