"""The worked examples of the help page on deadlines: every time in them is computed by the engine itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.core.i18n import gettext as _
from app.domain.calendars import Hours, advance
from app.domain.sla import clock
from app.domain.sla.clock import Facts

BERLIN = "Europe/Berlin"
OFFICE = Hours.read(BERLIN, [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)])
SPLIT = Hours.read(
    BERLIN,
    [
        {"day": day, "opens": opens, "closes": closes}
        for day in range(5)
        for opens, closes in (("08:00", "12:00"), ("13:30", "18:00"))
    ],
)
CHRISTMAS = Hours.read(
    BERLIN,
    [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)],
    [{"date": "2026-12-25", "name": "Christmas Day"}],
)
NIGHT = Hours.read(
    "America/New_York", [{"day": day, "opens": "22:00", "closes": "06:00"} for day in range(7)]
)


@dataclass(frozen=True)
class Example:
    """A question that comes at `start` and is due after `target` of a calendar's time."""

    calendar: str
    start: str
    target: str
    due: str
    why: str


@dataclass(frozen=True)
class Moment:
    """Something that happens to the clock of the long example, and how it stands then."""

    at: str
    what: str
    used: str
    left: str
    due: str


def examples() -> Sequence[Example]:
    """Return the deadlines of the table."""
    return [
        _example(
            _("Mon to Fri 09:00-17:00"),
            OFFICE,
            "2026-11-20T16:30",
            1,
            _("Half an hour on Friday, half an hour on Monday."),
        ),
        _example(
            _("Mon to Fri 08:00-12:00 and 13:30-18:00"),
            SPLIT,
            "2026-11-23T11:30",
            1,
            _("Lunch does not count."),
        ),
        _example(
            _("Mon to Fri 09:00-17:00, Christmas Day off"),
            CHRISTMAS,
            "2026-12-24T16:30",
            1,
            _("The holiday and the weekend do not count."),
        ),
        _example(
            _("Every night 22:00-06:00, New York"),
            NIGHT,
            "2026-10-31T22:00",
            9,
            _("The night in which the clocks go back has nine hours."),
        ),
        _example(
            _("Every night 22:00-06:00, New York"),
            NIGHT,
            "2026-03-07T22:00",
            7,
            _("The night in which the clocks go forward has seven."),
        ),
    ]


def story() -> Sequence[Moment]:
    """Return the long example: a resolution clock of eight hours that pauses, and whose policy changes."""
    told: list[Moment] = []
    facts = _begin(8)
    told.append(_moment("2026-11-20T15:00", _("The question comes to staff. The target is 8 h."), facts))
    at = _at("2026-11-20T16:00")
    facts = clock.pause(facts, at=at, reason="waiting_customer", hours_of=_office).facts
    told.append(_moment("2026-11-20T16:00", _("Staff ask the customer something: the clock pauses."), facts))
    facts = clock.resume(facts, at=_at("2026-11-23T13:00"), hours_of=_office).facts
    told.append(_moment("2026-11-23T13:00", _("The customer replies: it goes on with what is left."), facts))
    facts = clock.change(
        facts,
        at=_at("2026-11-23T15:00"),
        target=timedelta(hours=4),
        calendar_version_id=1,
        policy_version_id=2,
        hours_of=_office,
    ).facts
    told.append(
        _moment("2026-11-23T15:00", _("A lead halves the target to 4 h: what was used stays used."), facts)
    )
    facts = clock.satisfy(facts, at=_at("2026-11-23T15:45"), hours_of=_office).facts
    told.append(_moment("2026-11-23T15:45", _("It is solved, in time."), facts))
    return told


def _begin(hours: int) -> Facts:
    return clock.start(
        at=_at("2026-11-20T15:00"),
        target=timedelta(hours=hours),
        calendar_version_id=1,
        policy_version_id=1,
        hours_of=_office,
    ).facts


def _office(_version_id: int | None) -> Hours:
    return OFFICE


def _moment(at: str, what: str, facts: Facts) -> Moment:
    due = _("paused") if facts.due_at is None else _shown(facts.due_at, BERLIN)
    left = facts.target - facts.consumed
    return Moment(_shown(_at(at), BERLIN), what, _length(facts.consumed), _length(left), due)


def _example(calendar: str, hours: Hours, start: str, target: int, why: str) -> Example:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(hours.zone))
    due = advance(begins, timedelta(hours=target), hours)
    return Example(calendar, _shown(begins, hours.zone), f"{target} h", _shown(due, hours.zone), why)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN))


def _shown(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b, %H:%M}"


def _length(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds() // 60), 60)
    return f"{hours} h {minutes} m" if minutes else f"{hours} h"
