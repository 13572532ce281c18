"""What-if: what the recorded past would have looked like under other targets or other hours. Pure.

Recorded starts, pauses, resumptions, changes and ends are done again, with the terms that are tried in
place of those of the time. Recorded breaches are left out: they come anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.calendars import Hours
from app.domain.sla import clock
from app.domain.sla.clock import Change, Facts, Happening, HoursOf

Targets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried: other targets (by priority and metric, in minutes), other hours, or both."""

    targets: Targets | None = None
    hours: Hours | None = None
    hours_of: HoursOf
    calendar_versions: frozenset[int | None] | None = field(default=None)
    """The calendar versions that `hours` stand in for; None: all of them."""

    def hours_then(self, calendar_version_id: int | None) -> Hours:
        """Return the hours that count where that version counted."""
        stands_in = self.calendar_versions is None or calendar_version_id in self.calendar_versions
        return self.hours if self.hours is not None and stands_in else self.hours_of(calendar_version_id)

    def target_then(self, metric: str, recorded: timedelta, was: Targets, priority: str) -> timedelta | None:
        """Return the target that is tried in place of a recorded one; None: there would be no clock.

        `was` are the targets of the recorded version: they tell which priority the recorded one was for.
        """
        if self.targets is None:
            return recorded
        minutes = self.targets.get(priority_of(recorded, metric, was, priority), {}).get(metric)
        return None if minutes is None else timedelta(minutes=minutes)


def priority_of(recorded: timedelta, metric: str, was: Targets, present: str) -> str:
    """Return the priority that a recorded target was for: the case's present one wherever that fits."""
    fitting = [
        priority for priority, of in was.items() if metric in of and timedelta(minutes=of[metric]) == recorded
    ]
    return present if present in fitting or not fitting else fitting[0]


def is_missed(
    events: Iterable[Happening],
    *,
    trial: Trial,
    metric: str,
    priority: str,
    targets_of: Callable[[int | None], Targets],
    now: datetime,
) -> bool | None:
    """Tell whether a clock would have been missed by now; None when there would have been no such clock."""
    facts: Facts | None = None
    for event in events:
        if event.kind in ("start", "change"):
            was = targets_of(event.policy_version_id)
            target = trial.target_then(metric, event.target or timedelta(0), was, priority)
            if target is None:
                return None
            facts = _begun(facts, event, target, trial)
        elif facts is not None:
            facts = _again(facts, event, trial)
    return facts is not None and _missed_by(facts, now)


def _begun(facts: Facts | None, event: Happening, target: timedelta, trial: Trial) -> Facts:
    terms = {
        "at": event.at,
        "target": target,
        "calendar_version_id": event.calendar_version_id,
        "policy_version_id": event.policy_version_id or 0,
        "hours_of": trial.hours_then,
    }
    change = clock.start(**terms) if facts is None else clock.change(facts, **terms)  # type: ignore[arg-type]
    return change.facts


def _again(facts: Facts, event: Happening, trial: Trial) -> Facts:
    if event.kind in ("breach", "warn"):
        return facts
    change: Change
    if event.kind == "pause":
        change = clock.pause(facts, at=event.at, reason=event.reason, hours_of=trial.hours_then)
    elif event.kind == "resume":
        change = clock.resume(facts, at=event.at, hours_of=trial.hours_then)
    elif event.kind == "satisfy":
        change = clock.satisfy(facts, at=event.at, hours_of=trial.hours_then)
    elif event.kind == "reopen":
        change = clock.reopen(facts, at=event.at, hours_of=trial.hours_then)
    else:
        change = clock.cancel(facts, at=event.at, hours_of=trial.hours_then)
    return change.facts


def _missed_by(facts: Facts, now: datetime) -> bool:
    if facts.breached_at is not None:
        return True
    return facts.state == "running" and facts.due_at is not None and facts.due_at < now
