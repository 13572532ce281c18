"""The arithmetic of opening hours. Pure: no database, no present time inside.

What hours mean, where it is not plain:

- A window belongs to the day it opens on. Friday 22:00 to 06:00 runs into Saturday, also when Saturday
  is a holiday; a holiday takes away (or replaces) only the windows that open on its own date.
- Each edge of a window is local time and becomes an instant by itself. An edge that daylight saving
  skips is the instant of the jump; one that comes twice is the first of the two. A window over such a
  night is therefore an hour (on Lord Howe Island half an hour) shorter or longer than on the wall.
- Windows that overlap or touch count once.
- A span that ends with a window ends then, not when the next one opens.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.models import CalendarVersion

HORIZON_YEARS = 100
"""How far ahead a deadline is looked for before the answer is `NeverOpen`."""

_DAY = 24 * 60  # minutes
_ZERO = timedelta(0)
_LAST_YEAR = 9998  # the years of datetime whose neighbours exist too
_FIRST_YEAR = 2


class NeverOpen(Exception):
    """The hours do not hold that much open time within a hundred years."""


@dataclass(frozen=True, order=True)
class Window:
    """Local minutes from midnight: 540 to 1020 is 09:00 to 17:00; up to 2880 for one over midnight."""

    opens: int
    closes: int

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Window:
        """Return a stored window; one that does not close after it opens closes on the next day."""
        opens, closes = minutes_of(stored["opens"]), minutes_of(stored["closes"])
        while closes <= opens:
            closes += _DAY
        return cls(opens, closes)


@dataclass(frozen=True)
class Hours:
    """When a calendar is open: local windows for each weekday (Monday first), and days that differ."""

    zone: str
    weekdays: tuple[tuple[Window, ...], ...]
    holidays: tuple[tuple[date, tuple[Window, ...]], ...] = ()
    _years: dict[int, OpenTime] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def read(
        cls, zone: str, windows: Iterable[Mapping[str, Any]], holidays: Iterable[Mapping[str, Any]] = ()
    ) -> Hours:
        """Return hours from lists in the stored form (see `CalendarVersion`)."""
        weekdays: list[list[Window]] = [[] for _ in range(7)]
        for stored in windows:
            weekdays[stored["day"]].append(Window.read(stored))
        differing = {
            date.fromisoformat(stored["date"]): tuple(sorted(map(Window.read, stored.get("windows") or ())))
            for stored in holidays
        }
        return cls(zone, tuple(tuple(sorted(day)) for day in weekdays), tuple(sorted(differing.items())))

    @classmethod
    def from_version(cls, version: CalendarVersion) -> Hours:
        """Return the hours that a calendar's version says."""
        return cls.read(version.timezone, version.windows, version.holidays)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """Return the windows that open on a local date."""
        return dict(self.holidays).get(day, self.weekdays[day.weekday()])

    @property
    def last_day(self) -> date | None:
        """The last date on which anything can open; None when they open every week."""
        if any(self.weekdays):
            return None
        return max((day for day, windows in self.holidays if windows), default=date.min)

    def open_time(self, year: int) -> OpenTime:
        """Return the open time of a year of UTC; worked out once. The ends of `datetime` have none."""
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return _NO_TIME
        if year not in self._years:
            self._years[year] = OpenTime.of(self, year)
        return self._years[year]


ROUND_THE_CLOCK = Hours("UTC", ((Window(0, _DAY),),) * 7)


def advance(start: datetime, span: timedelta, hours: Hours) -> datetime:
    """Return the first instant at which that much open time has passed since `start`.

    Raise NeverOpen when that is more than a hundred years away, and ValueError for a negative span.
    """
    if span < _ZERO:
        raise ValueError("a negative span of time")
    start = start.astimezone(UTC)
    if span == _ZERO:
        return start
    if span > timedelta(days=366 * HORIZON_YEARS):
        raise NeverOpen(f"no {span} within {HORIZON_YEARS} years")
    goal = span + hours.open_time(start.year).open_before(start)
    for year in _years_from(start.year, hours):
        open_time = hours.open_time(year)
        if goal <= open_time.total:
            return open_time.when(goal)
        goal -= open_time.total
    raise NeverOpen(f"no {span} of open time within {HORIZON_YEARS} years of {start:%Y-%m-%d}")


def elapsed(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Return how much open time lies between two instants; none when the end is not after the start."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return _ZERO
    between = sum((hours.open_time(year).total for year in range(start.year, end.year)), _ZERO)
    return (
        between + hours.open_time(end.year).open_before(end) - hours.open_time(start.year).open_before(start)
    )


def is_open(at: datetime, hours: Hours) -> bool:
    """Tell whether it is open at an instant; at the moment of closing it is not."""
    at = at.astimezone(UTC)
    return hours.open_time(at.year).is_open(at)


def minutes_of(clock: str) -> int:
    """Return the minutes from midnight of "08:30"; "24:00" is the end of the day."""
    hour, _, minute = clock.partition(":")
    if not (len(clock) == 5 and hour.isdecimal() and minute.isdecimal()):
        raise ValueError(f"not a time of day: {clock!r}")
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > _DAY:
        raise ValueError(f"not a time of day: {clock!r}")
    return minutes


@dataclass(frozen=True)
class OpenTime:
    """The open stretches of one year of UTC, in order and apart, with the open time before each."""

    opens: Sequence[datetime]
    closes: Sequence[datetime]
    before: Sequence[timedelta]
    total: timedelta

    @classmethod
    def of(cls, hours: Hours, year: int) -> OpenTime:
        opens: list[datetime] = []
        closes: list[datetime] = []
        before: list[timedelta] = []
        total = _ZERO
        for start, end in _merged(_stretches(hours, year)):
            opens.append(start)
            closes.append(end)
            before.append(total)
            total += end - start
        return cls(opens, closes, before, total)

    def open_before(self, at: datetime) -> timedelta:
        """Return the year's open time before an instant."""
        last = bisect_right(self.opens, at) - 1
        if last < 0:
            return _ZERO
        return self.before[last] + min(at, self.closes[last]) - self.opens[last]

    def when(self, goal: timedelta) -> datetime:
        """Return when the year's open time reaches the goal (more than none, at most all of it)."""
        last = bisect_left(self.before, goal) - 1
        return self.opens[last] + (goal - self.before[last])

    def is_open(self, at: datetime) -> bool:
        last = bisect_right(self.opens, at) - 1
        return last >= 0 and at < self.closes[last]


_NO_TIME = OpenTime((), (), (), _ZERO)


def _years_from(first: int, hours: Hours) -> range:
    last = min(first + HORIZON_YEARS, _LAST_YEAR)
    if hours.last_day is not None:
        last = min(last, hours.last_day.year + 1)  # a window of New Year's Eve may end in January
    return range(first, last + 1)


def _stretches(hours: Hours, year: int) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows that touch a year of UTC, cut to it, by the day they open on."""
    zone = ZoneInfo(hours.zone)
    begins, ends = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    differing = dict(hours.holidays)
    day = date(year - 1, 12, 29)  # a zone is up to 14 hours off, a window up to 48 after its midnight
    while day <= date(year + 1, 1, 2):
        for window in differing.get(day, hours.weekdays[day.weekday()]):
            start = max(_instant(day, window.opens, zone), begins)
            end = min(_instant(day, window.closes, zone), ends)
            if start < end:
                yield start, end
        day += timedelta(days=1)


def _merged(stretches: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Yield stretches in order, those that overlap or touch as one."""
    held: tuple[datetime, datetime] | None = None
    for start, end in sorted(stretches):
        if held is None:
            held = start, end
        elif start <= held[1]:
            held = held[0], max(held[1], end)
        else:
            yield held
            held = start, end
    if held is not None:
        yield held


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time: the first of two, and the jump itself for one that is skipped."""
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    by_old = _offset(wall.replace(tzinfo=zone))
    by_new = _offset(wall.replace(tzinfo=zone, fold=1))
    if by_old >= by_new:  # an ordinary time, or the first of two
        return wall - by_old
    return _jump(wall - by_new, wall - by_old, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, to the second, at which a zone's offset changes between two instants."""
    old = _offset(before.astimezone(zone))
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(middle.astimezone(zone)) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(at: datetime) -> timedelta:
    return at.utcoffset() or _ZERO
