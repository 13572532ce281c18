"""The arithmetic of SLA clocks. Pure: no database, no present time inside.

A clock is the replay of its events: `apply` is the only place where an event changes facts, and the acts
below (`start`, `pause`, …) make events and apply them, so what is stored and what a replay gives are one.

    running ⇄ paused          pause, resume
       │ breach at due_at      (also recorded first by an act that comes too late)
    breached ⇄ paused         the clock runs on for the levels above
       │ satisfy, cancel
    satisfied, cancelled ──reopen──► running or breached, with what was consumed

Consumed time counts by the calendar version in force while it ran; a change of target, policy or
calendar touches only what comes after it. What was missed stays missed. An act that finds nothing to do
(pausing what is paused) gives no event. An instant before the last counted one (the machine's clock was
set back) counts as that one. A calendar that never opens again gives no deadline (`due_at` None).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.calendars import Hours, NeverOpen, advance, elapsed

HoursOf = Callable[[int | None], Hours]
"""Gives the hours of a calendar version; None is round the clock."""

_ZERO = timedelta(0)


class Stored(Protocol):
    """What a clock's row holds of its facts."""

    target: timedelta
    state: str
    started_at: datetime
    consumed: timedelta
    counted_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    ended_at: datetime | None
    calendar_version_id: int | None
    policy_version_id: int


class Happening(Protocol):
    """What an event says, stored (`ClockEvent`) or new (`Event`)."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def reason(self) -> str: ...
    @property
    def target(self) -> timedelta | None: ...
    @property
    def calendar_version_id(self) -> int | None: ...
    @property
    def policy_version_id(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens to a clock; its fields are those of `ClockEvent`."""

    kind: str
    at: datetime
    reason: str = ""
    target: timedelta | None = None
    calendar_version_id: int | None = None
    policy_version_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A clock as it stands; its fields are those of `SlaClock` (see there), but for the next step."""

    target: timedelta
    state: str
    started_at: datetime
    consumed: timedelta
    counted_at: datetime
    due_at: datetime | None
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    calendar_version_id: int | None
    policy_version_id: int

    @classmethod
    def of(cls, clock: Stored) -> Facts:
        """Return the facts of a clock's row."""
        return cls(**{each.name: getattr(clock, each.name) for each in fields(cls)})

    def put(self, clock: Stored) -> None:
        """Write the facts into a clock's row."""
        for each in fields(self):
            setattr(clock, each.name, getattr(self, each.name))

    @property
    def is_ticking(self) -> bool:
        """Whether its time is running, within the target or beyond it."""
        return self.state in ("running", "breached")

    def consumed_by(self, at: datetime, hours_of: HoursOf) -> timedelta:
        """Return what has run of it at an instant."""
        if not self.is_ticking:
            return self.consumed
        return self.consumed + elapsed(self.counted_at, at, hours_of(self.calendar_version_id))

    def left_at(self, at: datetime, hours_of: HoursOf) -> timedelta:
        """Return what is left of the target at an instant, in the calendar's time; negative when over."""
        return self.target - self.consumed_by(at, hours_of)


@dataclass(frozen=True)
class Change:
    """What an act makes of a clock, and the events to append (none: it changed nothing)."""

    facts: Facts
    events: tuple[Event, ...] = ()


def start(
    *,
    at: datetime,
    target: timedelta,
    calendar_version_id: int | None,
    policy_version_id: int,
    hours_of: HoursOf,
) -> Change:
    """Start a clock."""
    event = Event(
        kind="start",
        at=at,
        target=target,
        calendar_version_id=calendar_version_id,
        policy_version_id=policy_version_id,
    )
    return Change(apply(None, event, hours_of), (event,))


def pause(facts: Facts, *, at: datetime, reason: str, hours_of: HoursOf) -> Change:
    """Stop the time; `reason` is the state that does."""
    if not facts.is_ticking:
        return Change(facts)
    return _act(facts, Event(kind="pause", at=at, reason=reason), hours_of)


def resume(facts: Facts, *, at: datetime, hours_of: HoursOf) -> Change:
    """Let a paused clock go on with what is left."""
    if facts.state != "paused":
        return Change(facts)
    return _act(facts, Event(kind="resume", at=at), hours_of)


def satisfy(facts: Facts, *, at: datetime, hours_of: HoursOf) -> Change:
    """End it because what was promised has been done, in time or late (then `breached_at` is set)."""
    if facts.ended_at is not None:
        return Change(facts)
    return _act(facts, Event(kind="satisfy", at=at), hours_of)


def cancel(facts: Facts, *, at: datetime, hours_of: HoursOf) -> Change:
    """End it because nothing is owed any more."""
    if facts.ended_at is not None:
        return Change(facts)
    return _act(facts, Event(kind="cancel", at=at), hours_of)


def reopen(facts: Facts, *, at: datetime, hours_of: HoursOf) -> Change:
    """Let an ended clock go on with what is left; the time between does not count."""
    if facts.ended_at is None:
        return Change(facts)
    return _act(facts, Event(kind="reopen", at=at), hours_of)


def change(
    facts: Facts,
    *,
    at: datetime,
    target: timedelta,
    calendar_version_id: int | None,
    policy_version_id: int,
    hours_of: HoursOf,
    reason: str = "",
) -> Change:
    """Go on under another target, calendar or policy: a new version of them, or another priority.

    What was consumed stays. When that is already as much as the new target, the clock is due at once.
    """
    same = (facts.target, facts.calendar_version_id, facts.policy_version_id)
    if facts.ended_at is not None or same == (target, calendar_version_id, policy_version_id):
        return Change(facts)
    event = Event(
        kind="change",
        at=at,
        reason=reason,
        target=target,
        calendar_version_id=calendar_version_id,
        policy_version_id=policy_version_id,
    )
    return _act(facts, event, hours_of)


def breach(facts: Facts, *, hours_of: HoursOf) -> Change:
    """Record that the target was missed, as of the instant it was due; the caller knows that it has passed."""
    if facts.state != "running" or facts.due_at is None:
        return Change(facts)
    event = Event(kind="breach", at=facts.due_at)
    return Change(apply(facts, event, hours_of), (event,))


def warn(facts: Facts, *, at: datetime, step: str) -> Change:
    """Record that a step was taken (a warning, a level); the time is not touched by it."""
    return Change(facts, (Event(kind="warn", at=at, reason=step),))


def replay(events: Iterable[Happening], hours_of: HoursOf) -> Facts:
    """Return the clock that its events make, in their order. The first must be its start."""
    facts: Facts | None = None
    for event in events:
        facts = apply(facts, event, hours_of)
    if facts is None:
        raise ValueError("a clock without events")
    return facts


def apply(facts: Facts | None, event: Happening, hours_of: HoursOf) -> Facts:
    """Return the facts after one event."""
    if facts is None:
        return _started(event, hours_of)
    at = max(event.at, facts.counted_at)
    if event.kind == "warn":
        return facts
    if event.kind == "breach":
        return replace(facts, state="breached", breached_at=facts.breached_at or event.at)
    counted = replace(facts, consumed=facts.consumed_by(at, hours_of), counted_at=at)
    if event.kind == "pause":
        return replace(counted, state="paused", due_at=None)
    if event.kind == "satisfy":
        return replace(counted, state="satisfied", ended_at=at)
    if event.kind == "cancel":
        return replace(counted, state="cancelled", ended_at=at)
    if event.kind in ("resume", "reopen"):
        return _due(replace(counted, state="running", ended_at=None), hours_of)
    if event.kind == "change":
        return _changed(counted, event, hours_of)
    raise ValueError(f"not an event of a clock: {event.kind!r}")


@dataclass(frozen=True)
class Step:
    """Something the worker must do for a clock: its name in `ClockStep`, and from when on."""

    name: str
    at: datetime


def next_step(
    facts: Facts,
    *,
    warnings: dict[str, list[int]],
    breach_percents: list[int],
    taken: Iterable[str],
    hours: Hours,
    now: datetime | None = None,
) -> Step | None:
    """Return the earliest step not yet taken; None when nothing will ever be due.

    `warnings` and `breach_percents` are those of the policy's version, `hours` those in force. Steps
    are named "warn 50 %", "warn 15 min", "breach", "level 2" and "level 3 2026-11-24" (one each day).
    With `now`, days of level 3 that were missed altogether are left out.
    """
    done = frozenset(taken)
    if facts.ended_at is not None:
        return None
    if facts.breached_at is not None:
        return _step_of_breached(facts, breach_percents, done, hours, now)
    if facts.state != "running" or facts.due_at is None:
        return None
    steps = [*_warnings(facts, warnings, hours), Step("breach", facts.due_at)]
    left = [step for step in steps if step.name not in done]
    return min(left, key=lambda step: step.at, default=None)


def _act(facts: Facts, event: Event, hours_of: HoursOf) -> Change:
    """Apply an event, after the breach that should have been recorded before it."""
    missed = facts.state == "running" and facts.due_at is not None and event.at > facts.due_at
    before = breach(facts, hours_of=hours_of) if missed else Change(facts)
    return Change(apply(before.facts, event, hours_of), (*before.events, event))


def _started(event: Happening, hours_of: HoursOf) -> Facts:
    if event.kind != "start" or event.target is None or event.policy_version_id is None:
        raise ValueError("a clock begins with its start")
    facts = Facts(
        target=event.target,
        state="running",
        started_at=event.at,
        consumed=_ZERO,
        counted_at=event.at,
        due_at=None,
        calendar_version_id=event.calendar_version_id,
        policy_version_id=event.policy_version_id,
    )
    return _due(facts, hours_of)


def _changed(facts: Facts, event: Happening, hours_of: HoursOf) -> Facts:
    if event.target is None or event.policy_version_id is None:
        raise ValueError("a change says the target and the policy's version")
    changed = replace(
        facts,
        target=event.target,
        calendar_version_id=event.calendar_version_id,
        policy_version_id=event.policy_version_id,
    )
    return changed if facts.state == "paused" else _due(changed, hours_of)


def _due(facts: Facts, hours_of: HoursOf) -> Facts:
    """Return a running clock with its state and deadline: what was missed stays so, with its instant."""
    if facts.breached_at is not None:
        return replace(facts, state="breached", due_at=facts.breached_at)
    left = max(facts.target - facts.consumed, _ZERO)
    return replace(facts, due_at=_when(facts, left, hours_of(facts.calendar_version_id)))


def _when(facts: Facts, span: timedelta, hours: Hours) -> datetime | None:
    """Return when so much more will have run."""
    try:
        return advance(facts.counted_at, max(span, _ZERO), hours)
    except NeverOpen:
        return None


def _warnings(facts: Facts, warnings: dict[str, list[int]], hours: Hours) -> list[Step]:
    points = {f"warn {percent} %": facts.target * percent // 100 for percent in warnings.get("percent", ())}
    for minutes in warnings.get("minutes_before", ()):
        points[f"warn {minutes} min"] = facts.target - timedelta(minutes=minutes)
    steps = []
    for name, point in points.items():
        at = _when(facts, point - facts.consumed, hours) if point > _ZERO else None
        if at is not None and facts.due_at is not None and at < facts.due_at:
            steps.append(Step(name, at))
    return steps


def _step_of_breached(
    facts: Facts, percents: list[int], done: frozenset[str], hours: Hours, now: datetime | None
) -> Step | None:
    if facts.breached_at is not None and "breach" not in done:
        return Step("breach", facts.breached_at)
    if facts.state != "breached":
        return None
    levels = [_when(facts, _over(facts, percent), hours) for percent in percents[:2]]
    if levels and levels[0] is not None and "level 2" not in done:
        return Step("level 2", levels[0])
    if len(levels) < 2 or levels[1] is None:
        return None
    return _daily(levels[1], done, now)


def _over(facts: Facts, percent: int) -> timedelta:
    return facts.target * (100 + percent) // 100 - facts.consumed


def _daily(first: datetime, done: frozenset[str], now: datetime | None) -> Step:
    """Return the next day of level 3: at the time of day of the first, each date once."""
    days = max((now - first).days, 0) if now is not None else 0
    while (name := f"level 3 {first + timedelta(days=days):%Y-%m-%d}") in done:
        days += 1
    return Step(name, first + timedelta(days=days))
