"""The arithmetic of opening hours: tables of real days, and laws that hold for any calendar."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars import ROUND_THE_CLOCK, Hours, NeverOpen, advance, elapsed, is_open

EVERY_DAY = range(7)
WEEKDAYS = range(5)
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)


def hours(
    zone: str = "UTC",
    *windows: str,
    days: Iterable[int] = WEEKDAYS,
    holidays: Iterable[tuple[str, list[str]]] = (),
) -> Hours:
    """Return hours with the same windows ("09:00-17:00") on each of the days."""
    listed = [dict(day=day, **_window(text)) for day in days for text in windows]
    named = [
        {"date": day, "name": "", "windows": [_window(text) for text in texts]} for day, texts in holidays
    ]
    return Hours.read(zone, listed, named)


def _window(text: str) -> dict[str, str]:
    opens, closes = text.split("-")
    return {"opens": opens, "closes": closes}


def local(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


OFFICE = hours("Europe/Berlin", "09:00-17:00")
SPLIT = hours("Europe/Berlin", "08:00-12:00", "13:30-18:00")


@pytest.mark.parametrize(
    ("calendar", "start", "minutes", "end"),
    [
        pytest.param(OFFICE, "2026-11-20 16:30", 60, "2026-11-23 09:30", id="friday afternoon"),
        pytest.param(OFFICE, "2026-11-20 16:30", 30, "2026-11-20 17:00", id="ends with the window"),
        pytest.param(OFFICE, "2026-11-21 12:00", 1, "2026-11-23 09:01", id="asked on saturday"),
        pytest.param(OFFICE, "2026-11-23 08:00", 480, "2026-11-23 17:00", id="a whole day"),
        pytest.param(SPLIT, "2026-11-23 11:30", 60, "2026-11-23 14:00", id="over the lunch of a split day"),
        pytest.param(SPLIT, "2026-11-23 17:30", 300, "2026-11-24 14:00", id="over night, a split day"),
        pytest.param(
            hours("Europe/Berlin", "09:00-17:00", holidays=[("2026-12-25", [])]),
            "2026-12-24 16:30",
            60,
            "2026-12-28 09:30",
            id="over a holiday and a weekend",
        ),
        pytest.param(
            hours("Europe/Berlin", "09:00-17:00", holidays=[("2026-12-24", ["09:00-12:00"])]),
            "2026-12-24 11:30",
            60,
            "2026-12-25 09:30",
            id="a holiday with hours of its own",
        ),
        pytest.param(
            hours("Europe/Berlin", "22:00-06:00"),
            "2026-11-20 23:00",
            480,
            "2026-11-23 23:00",
            id="night shift",
        ),
        pytest.param(
            hours("Europe/Berlin", "22:00-06:00", holidays=[("2026-12-25", [])]),
            "2026-12-24 23:00",
            420,
            "2026-12-25 06:00",
            id="the evening before runs into the holiday",
        ),
        pytest.param(
            hours("Europe/Berlin", "22:00-06:00", holidays=[("2026-12-25", [])]),
            "2026-12-25 05:00",
            120,
            "2026-12-28 23:00",
            id="the evening of a holiday does not open",
        ),
        pytest.param(
            hours("Europe/Berlin", "09:00-24:00", days=EVERY_DAY),
            "2026-11-20 23:30",
            60,
            "2026-11-21 09:30",
            id="24:00",
        ),
        pytest.param(
            hours("Europe/Berlin", "09:00-17:00", days=EVERY_DAY),
            "2028-02-28 16:30",
            60,
            "2028-02-29 09:30",
            id="leap day",
        ),
        pytest.param(
            hours("Europe/Berlin", "09:00-17:00", days=EVERY_DAY),
            "2026-02-28 16:30",
            60,
            "2026-03-01 09:30",
            id="no leap day",
        ),
        pytest.param(OFFICE, "2026-12-31 16:30", 60, "2027-01-01 09:30", id="new year"),
        pytest.param(
            hours("Europe/Berlin", "22:00-06:00"),
            "2026-12-31 23:00",
            120,
            "2027-01-01 01:00",
            id="new year's eve",
        ),
    ],
)
def test_a_span_ends_at(calendar: Hours, start: str, minutes: int, end: str) -> None:
    begins = local(start, calendar.zone)
    assert advance(begins, timedelta(minutes=minutes), calendar) == local(end, calendar.zone)
    assert elapsed(begins, local(end, calendar.zone), calendar) == timedelta(minutes=minutes)


SHIFTS = [
    # zone, the night it happens in, how much longer (-: shorter) the night is
    ("America/New_York", "2026-03-08", -60),
    ("America/New_York", "2026-11-01", +60),
    ("Europe/London", "2026-03-29", -60),
    ("Europe/London", "2026-10-25", +60),
    ("Australia/Sydney", "2026-04-05", +60),
    ("Australia/Sydney", "2026-10-04", -60),
    ("Australia/Lord_Howe", "2026-04-05", +30),
    ("Australia/Lord_Howe", "2026-10-04", -30),
]


@pytest.mark.parametrize(("zone", "day", "longer"), SHIFTS)
def test_daylight_saving_moves_only_the_night(zone: str, day: str, longer: int) -> None:
    evening_before = local(day, zone) - timedelta(hours=2)
    night = hours(zone, "22:00-06:00", days=EVERY_DAY)
    office = hours(zone, "09:00-17:00", days=EVERY_DAY)
    whole_day = hours(zone, "00:00-24:00", days=EVERY_DAY)
    noon = local(f"{day} 12:00", zone)

    assert elapsed(evening_before, noon, night) == timedelta(minutes=480 + longer)
    assert elapsed(evening_before, noon, office) == timedelta(hours=3)
    assert advance(evening_before, timedelta(minutes=60), office) == local(f"{day} 10:00", zone)
    assert elapsed(local(day, zone), noon, whole_day) == timedelta(minutes=720 + longer)
    assert advance(evening_before, timedelta(minutes=480 + longer), night) == local(f"{day} 06:00", zone)


@pytest.mark.parametrize(
    ("zone", "window", "day", "opens", "minutes"),
    [
        # Skipped edges are the instant of the jump.
        ("America/New_York", "02:30-05:00", "2026-03-08", "2026-03-08T07:00Z", 120),
        ("America/New_York", "00:00-02:30", "2026-03-08", "2026-03-08T05:00Z", 120),
        ("America/New_York", "02:15-02:45", "2026-03-08", None, 0),
        ("America/New_York", "02:30-03:15", "2026-03-08", "2026-03-08T07:00Z", 15),
        ("Australia/Lord_Howe", "02:15-03:00", "2026-10-04", "2026-10-03T15:30Z", 30),
        # Edges that come twice are the first of the two.
        ("America/New_York", "01:30-05:00", "2026-11-01", "2026-11-01T05:30Z", 270),
        ("America/New_York", "00:00-01:30", "2026-11-01", "2026-11-01T04:00Z", 90),
        ("America/New_York", "01:15-01:45", "2026-11-01", "2026-11-01T05:15Z", 30),
        ("Australia/Lord_Howe", "01:45-03:00", "2026-04-05", "2026-04-04T14:45Z", 105),
    ],
)
def test_an_edge_within_the_change_is_a_real_instant(
    zone: str, window: str, day: str, opens: str | None, minutes: int
) -> None:
    calendar = hours(zone, window, days=EVERY_DAY)
    start, end = local(day, zone), local(f"{day} 12:00", zone)
    assert elapsed(start, end, calendar) == timedelta(minutes=minutes)
    if opens:
        assert is_open(datetime.fromisoformat(opens), calendar)
        assert not is_open(datetime.fromisoformat(opens) - timedelta(seconds=1), calendar)


def test_windows_that_overlap_or_touch_count_once() -> None:
    touching = hours("UTC", "09:00-12:00", "12:00-17:00", days=EVERY_DAY)
    overlapping = hours("UTC", "09:00-14:00", "11:00-17:00", days=EVERY_DAY)
    start, end = local("2026-11-23"), local("2026-11-25")
    assert elapsed(start, end, touching) == elapsed(start, end, overlapping) == timedelta(hours=16)


def test_the_tail_of_a_night_and_a_holidays_own_window_count_once() -> None:
    calendar = hours("UTC", "22:00-06:00", days=EVERY_DAY, holidays=[("2026-12-25", ["05:00-07:00"])])
    assert elapsed(local("2026-12-24 21:00"), local("2026-12-25 23:00"), calendar) == timedelta(hours=9)


def test_closing_is_not_open_and_opening_is() -> None:
    assert is_open(local("2026-11-23 09:00", "Europe/Berlin"), OFFICE)
    assert not is_open(local("2026-11-23 17:00", "Europe/Berlin"), OFFICE)


def test_an_end_before_the_start_has_nothing_between() -> None:
    assert elapsed(local("2026-11-24"), local("2026-11-23"), ROUND_THE_CLOCK) == timedelta(0)


def test_round_the_clock_counts_every_second() -> None:
    assert advance(local("2026-12-31 23:59:30"), timedelta(minutes=1), ROUND_THE_CLOCK) == local(
        "2027-01-01 00:00:30"
    )


def test_a_calendar_that_opens_for_a_minute_each_week_comes_to_its_end() -> None:
    calendar = hours("UTC", "09:00-09:01", days=[0])
    assert advance(local("2026-11-23"), timedelta(minutes=53), calendar) == local("2027-11-22 09:01")
    with pytest.raises(NeverOpen):
        advance(local("2026-11-23"), timedelta(days=30), calendar)


@pytest.mark.parametrize(
    "calendar",
    [
        hours("UTC"),
        hours("UTC", holidays=[("2026-12-25", ["09:00-10:00"])]),
        hours("UTC", holidays=[("2026-12-25", [])]),
    ],
)
def test_what_never_opens_again_says_so(calendar: Hours) -> None:
    with pytest.raises(NeverOpen):
        advance(local("2026-11-23"), timedelta(hours=2), calendar)


def test_the_ends_of_time_are_no_trap() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with pytest.raises(NeverOpen):
        advance(last, timedelta(minutes=1), OFFICE)
    with pytest.raises(NeverOpen):
        advance(local("2026-11-23"), timedelta.max, OFFICE)
    assert advance(first, timedelta(minutes=1), OFFICE) > first
    assert elapsed(last, last, OFFICE) == timedelta(0)


def test_what_is_not_a_time_of_day_is_refused() -> None:
    for text in ("9:00", "25:00", "12:60", "24:01", "", "12-30", "-1:00", "0900 "):
        with pytest.raises(ValueError, match="not a time of day"):
            Hours.read("UTC", [{"day": 0, "opens": text, "closes": "17:00"}])


@st.composite
def calendars(draw: st.DrawFn) -> Hours:
    """Draw a calendar that opens some time each week."""
    times = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
    window = st.builds(lambda opens, closes: {"opens": opens, "closes": closes}, times, times)
    windows = draw(
        st.lists(
            st.builds(lambda day, w: {"day": day, **w}, st.integers(0, 6), window), min_size=1, max_size=8
        )
    )
    days = st.dates(date(2025, 12, 1), date(2027, 2, 1)).map(date.isoformat)
    holidays = draw(
        st.lists(
            st.builds(lambda d, w: {"date": d, "windows": w}, days, st.lists(window, max_size=2)), max_size=4
        )
    )
    return Hours.read(draw(st.sampled_from(ZONES)), windows, holidays)


INSTANTS = st.datetimes(
    datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-12-31"), timezones=st.just(UTC)
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))


@settings(max_examples=60, deadline=None)
@given(calendars(), INSTANTS, SPANS, SPANS)
def test_laws_of_advancing(calendar: Hours, start: datetime, first: timedelta, second: timedelta) -> None:
    end = advance(start, first, calendar)
    assert end >= start
    assert elapsed(start, end, calendar) == first
    assert advance(end, second, calendar) == advance(start, first + second, calendar)
    if first:
        assert elapsed(start, end - timedelta(microseconds=1), calendar) < first


@settings(max_examples=60, deadline=None)
@given(calendars(), INSTANTS, INSTANTS, INSTANTS, SPANS)
def test_laws_of_elapsing(
    calendar: Hours, one: datetime, two: datetime, three: datetime, span: timedelta
) -> None:
    start, middle, end = sorted((one, two, three))
    assert elapsed(start, middle, calendar) + elapsed(middle, end, calendar) == elapsed(start, end, calendar)
    assert timedelta(0) <= elapsed(start, end, calendar) <= end - start
    assert advance(start, span, calendar) <= advance(end, span, calendar)


@settings(max_examples=25, deadline=None)
@given(calendars(), INSTANTS)
def test_it_agrees_with_looking_at_the_clock_on_the_wall(calendar: Hours, start: datetime) -> None:
    """Count minute by minute over two days without a change of the clocks, against the windows' own words."""
    start = start.replace(second=0, microsecond=0)
    zone = ZoneInfo(calendar.zone)
    minutes = [start + timedelta(minutes=n) for n in range(0, 2880, 15)]
    if len({each.astimezone(zone).utcoffset() for each in (minutes[0] - timedelta(days=3), minutes[-1])}) > 1:
        return
    for each in minutes:
        wall = each.astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        before = wall.date() - timedelta(days=1)
        expected = any(w.opens <= minute < w.closes for w in calendar.windows_on(wall.date())) or any(
            w.opens <= minute + 1440 < w.closes for w in calendar.windows_on(before)
        )
        assert is_open(each, calendar) == expected
