"""SLA clocks: what each act does, and laws that hold for any history."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars import ROUND_THE_CLOCK, Hours, elapsed
from app.domain.sla import clock
from app.domain.sla.clock import Change, Event, Facts

WEEK = {
    1: Hours.read("Europe/Berlin", [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]),
    2: Hours.read(
        "America/New_York", [{"day": day, "opens": "22:00", "closes": "06:00"} for day in range(7)]
    ),
    3: Hours.read("UTC", []),
    None: ROUND_THE_CLOCK,
}
FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # 16:30 in Berlin
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # opening in Berlin
HOUR = timedelta(hours=1)
WARNINGS = {"percent": [50, 75], "minutes_before": [15]}


def hours_of(version_id: int | None) -> Hours:
    return WEEK[version_id]


def started(target: timedelta = HOUR, at: datetime = FRIDAY, calendar: int | None = 1) -> Facts:
    return clock.start(
        at=at, target=target, calendar_version_id=calendar, policy_version_id=1, hours_of=hours_of
    ).facts


def changed(
    facts: Facts, at: datetime, target: timedelta | None = None, calendar: int | None = 1, policy: int = 2
) -> Change:
    return clock.change(
        facts,
        at=at,
        target=target or facts.target,
        calendar_version_id=calendar,
        policy_version_id=policy,
        hours_of=hours_of,
    )


def test_a_friday_afternoon_is_due_on_monday() -> None:
    assert started().due_at == MONDAY + HOUR / 2


def test_a_pause_keeps_what_is_left() -> None:
    paused = clock.pause(started(), at=MONDAY + HOUR / 4, reason="waiting_customer", hours_of=hours_of).facts
    assert (paused.state, paused.due_at, paused.consumed) == ("paused", None, HOUR * 3 / 4)

    resumed = clock.resume(paused, at=MONDAY + 100 * HOUR, hours_of=hours_of).facts
    assert (resumed.state, resumed.consumed) == ("running", HOUR * 3 / 4)
    assert resumed.due_at == MONDAY + 100 * HOUR + HOUR / 4


def test_what_is_answered_late_was_missed_at_its_due_instant() -> None:
    change = clock.satisfy(started(), at=MONDAY + 2 * HOUR, hours_of=hours_of)
    assert [event.kind for event in change.events] == ["breach", "satisfy"]
    assert change.facts.state == "satisfied"
    assert change.facts.breached_at == MONDAY + HOUR / 2


def test_what_is_answered_when_it_is_due_is_in_time() -> None:
    change = clock.satisfy(started(), at=MONDAY + HOUR / 2, hours_of=hours_of)
    assert [event.kind for event in change.events] == ["satisfy"]
    assert change.facts.breached_at is None


def test_an_answer_in_the_night_after_the_deadline_is_late() -> None:
    """The calendar's time stands still after 17:00, but 17:00 was what had been said."""
    change = clock.satisfy(started(target=HOUR / 2), at=FRIDAY + 10 * HOUR, hours_of=hours_of)
    assert change.facts.breached_at == FRIDAY + HOUR / 2


def test_a_pause_after_the_deadline_does_not_hide_the_breach() -> None:
    change = clock.pause(started(), at=MONDAY + 2 * HOUR, reason="waiting_customer", hours_of=hours_of)
    assert [event.kind for event in change.events] == ["breach", "pause"]
    resumed = clock.resume(change.facts, at=MONDAY + 3 * HOUR, hours_of=hours_of).facts
    assert (resumed.state, resumed.due_at) == ("breached", MONDAY + HOUR / 2)
    assert resumed.consumed == 2.5 * HOUR


def test_a_change_keeps_what_was_consumed_under_the_calendar_of_its_time() -> None:
    raised = changed(started(), MONDAY + HOUR / 4, target=3 * HOUR, calendar=None).facts
    assert raised.consumed == HOUR * 3 / 4
    assert raised.due_at == MONDAY + HOUR / 4 + HOUR * 9 / 4  # round the clock from here on


def test_a_target_below_what_was_consumed_is_due_at_once() -> None:
    lowered = changed(started(), MONDAY + HOUR / 4, target=HOUR / 2).facts
    assert (lowered.due_at, lowered.breached_at) == (MONDAY + HOUR / 4, None)


def test_what_was_missed_stays_missed_whatever_the_target_becomes() -> None:
    missed = clock.breach(started(), hours_of=hours_of).facts
    raised = changed(missed, MONDAY + HOUR, target=100 * HOUR).facts
    assert (raised.state, raised.due_at, raised.consumed) == ("breached", MONDAY + HOUR / 2, 1.5 * HOUR)


def test_a_change_during_a_pause_counts_from_the_resumption() -> None:
    paused = clock.pause(started(), at=MONDAY, reason="waiting_customer", hours_of=hours_of).facts
    longer = changed(paused, MONDAY + HOUR, target=2 * HOUR).facts
    assert (longer.state, longer.due_at, longer.consumed) == ("paused", None, HOUR / 2)
    resumed = clock.resume(longer, at=MONDAY + 2 * HOUR, hours_of=hours_of).facts
    assert resumed.due_at == MONDAY + 3.5 * HOUR


def test_a_reopened_clock_goes_on_with_what_is_left() -> None:
    met = clock.satisfy(started(), at=MONDAY, hours_of=hours_of).facts
    again = clock.reopen(met, at=MONDAY + 48 * HOUR, hours_of=hours_of).facts
    assert (again.state, again.ended_at, again.consumed) == ("running", None, HOUR / 2)
    assert again.due_at == MONDAY + 48.5 * HOUR


def test_acts_that_find_nothing_to_do_give_no_event() -> None:
    running = started()
    paused = clock.pause(running, at=FRIDAY, reason="waiting_customer", hours_of=hours_of).facts
    met = clock.satisfy(running, at=FRIDAY, hours_of=hours_of).facts
    assert clock.resume(running, at=FRIDAY, hours_of=hours_of).events == ()
    assert clock.reopen(running, at=FRIDAY, hours_of=hours_of).events == ()
    assert clock.pause(paused, at=FRIDAY, reason="waiting_customer", hours_of=hours_of).events == ()
    assert clock.breach(paused, hours_of=hours_of).events == ()
    assert clock.satisfy(met, at=MONDAY, hours_of=hours_of).events == ()
    assert clock.cancel(met, at=MONDAY, hours_of=hours_of).events == ()
    assert changed(met, MONDAY, target=2 * HOUR).events == ()
    assert changed(running, MONDAY, policy=1).events == ()


def test_a_machines_clock_that_is_set_back_takes_nothing_away() -> None:
    paused = clock.pause(started(), at=MONDAY, reason="waiting_customer", hours_of=hours_of).facts
    resumed = clock.resume(paused, at=MONDAY - 24 * HOUR, hours_of=hours_of).facts
    assert (resumed.counted_at, resumed.consumed) == (MONDAY, HOUR / 2)


def test_a_calendar_that_never_opens_gives_no_deadline() -> None:
    shut = started(calendar=3)
    assert (shut.state, shut.due_at) == ("running", None)
    assert clock.next_step(shut, warnings=WARNINGS, breach_percents=[50], taken=(), hours=WEEK[3]) is None
    assert changed(shut, MONDAY, calendar=1).facts.due_at == MONDAY + HOUR


def test_the_steps_of_a_clock_nobody_meets() -> None:
    facts = started()
    taken: list[str] = []
    steps: list[tuple[str, timedelta]] = []
    while len(taken) < 8:
        step = clock.next_step(
            facts, warnings=WARNINGS, breach_percents=[50, 100], taken=taken, hours=WEEK[1]
        )
        assert step is not None
        if step.name == "breach":
            facts = clock.breach(facts, hours_of=hours_of).facts
        taken.append(step.name)
        steps.append((step.name, step.at - MONDAY))
    minute = timedelta(minutes=1)
    assert steps == [
        ("warn 50 %", FRIDAY + 30 * minute - MONDAY),
        ("warn 75 %", 15 * minute),
        ("warn 15 min", 15 * minute),
        ("breach", 30 * minute),
        ("level 2", 60 * minute),
        ("level 3 2026-11-23", 90 * minute),
        ("level 3 2026-11-24", 90 * minute + timedelta(days=1)),
        ("level 3 2026-11-25", 90 * minute + timedelta(days=2)),
    ]


def next_of(facts: Facts, *taken: str, now: datetime | None = None) -> str | None:
    step = clock.next_step(
        facts, warnings=WARNINGS, breach_percents=[50, 100], taken=taken, hours=WEEK[1], now=now
    )
    return step.name if step else None


def test_steps_that_make_no_sense_are_not_taken() -> None:
    assert next_of(started(target=HOUR / 5), "warn 50 %", "warn 75 %") == "breach"  # 15 minutes before 12
    paused = clock.pause(started(), at=MONDAY, reason="waiting_customer", hours_of=hours_of).facts
    assert next_of(paused) is None
    assert next_of(clock.cancel(paused, at=MONDAY, hours_of=hours_of).facts) is None


def test_a_breach_found_by_a_pause_is_still_told() -> None:
    late = clock.pause(started(), at=MONDAY + HOUR, reason="waiting_customer", hours_of=hours_of).facts
    assert next_of(late) == "breach"
    assert next_of(late, "breach") is None


def test_days_of_level_three_that_were_slept_through_are_left_out() -> None:
    missed = clock.breach(started(), hours_of=hours_of).facts
    done = ("breach", "level 2", "level 3 2026-11-23")
    assert next_of(missed, *done, now=MONDAY + timedelta(days=9, hours=3)) == "level 3 2026-12-02"
    assert next_of(missed, *done, now=MONDAY) == "level 3 2026-11-24"


def test_a_replay_wants_a_start() -> None:
    with pytest.raises(ValueError, match="without events"):
        clock.replay([], hours_of)
    with pytest.raises(ValueError, match="begins with its start"):
        clock.replay([Event(kind="pause", at=FRIDAY)], hours_of)


ACTS = st.sampled_from(["pause", "resume", "satisfy", "cancel", "reopen", "change", "breach", "warn"])
HISTORIES = st.lists(
    st.tuples(
        ACTS,
        st.timedeltas(timedelta(hours=-2), timedelta(days=3)),  # also a machine's clock set back
        st.sampled_from([HOUR / 4, HOUR, 8 * HOUR, 40 * HOUR]),
        st.sampled_from([1, 2, 3, None]),
        st.integers(1, 3),
    ),
    max_size=12,
)


def act(
    facts: Facts, kind: str, at: datetime, target: timedelta, calendar: int | None, policy: int
) -> Change:
    """Do one act; a breach only when the worker would."""
    if kind == "pause":
        return clock.pause(facts, at=at, reason="waiting_customer", hours_of=hours_of)
    if kind == "change":
        return changed(facts, at, target=target, calendar=calendar, policy=policy)
    if kind == "warn":
        return clock.warn(facts, at=at, step="warn 50 %")
    if kind == "breach":
        is_due = facts.due_at is not None and facts.due_at <= at
        return clock.breach(facts, hours_of=hours_of) if is_due else clock.Change(facts)
    act_of_clock: Callable[..., Change] = getattr(clock, kind)
    return act_of_clock(facts, at=at, hours_of=hours_of)


@settings(max_examples=150, deadline=None)
@given(HISTORIES, st.sampled_from([1, 2, None]))
def test_laws_of_clocks(
    history: list[tuple[str, timedelta, timedelta, int | None, int]], calendar: int | None
) -> None:
    at = FRIDAY
    begun = clock.start(
        at=at, target=HOUR, calendar_version_id=calendar, policy_version_id=1, hours_of=hours_of
    )
    facts, events, ran = begun.facts, list(begun.events), timedelta(0)
    for kind, later, target, calendar_of_change, policy in history:
        at += later
        before = facts
        change = act(facts, kind, at, target, calendar_of_change, policy)
        facts = change.facts
        events.extend(change.events)
        if before.is_ticking:  # what ran is what the calendar then in force says, and nothing else
            ran += elapsed(before.counted_at, facts.counted_at, hours_of(before.calendar_version_id))

        assert clock.replay(events, hours_of) == facts
        assert facts.consumed == ran
        assert facts.counted_at >= before.counted_at
        assert (facts.ended_at is not None) == (facts.state in ("satisfied", "cancelled"))
        assert facts.breached_at == (before.breached_at or facts.breached_at)
        if facts.state == "paused":
            assert facts.due_at is None
        if facts.state == "running" and facts.due_at is not None:
            left = max(facts.target - facts.consumed, timedelta(0))
            assert elapsed(facts.counted_at, facts.due_at, hours_of(facts.calendar_version_id)) == left


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), min_size=2, max_size=10),
    st.sampled_from([1, 2, None]),
)
def test_pauses_neither_lose_nor_gain_time(gaps: list[timedelta], calendar: int | None) -> None:
    """A clock that is paused and resumed at once, any number of times, is the clock that never was."""
    at, facts = FRIDAY, started(target=1000 * HOUR, calendar=calendar)
    untouched = facts
    for gap in gaps:
        at += gap
        paused = clock.pause(facts, at=at, reason="waiting_customer", hours_of=hours_of).facts
        facts = clock.resume(paused, at=at, hours_of=hours_of).facts
    assert facts == replace(untouched, consumed=facts.consumed, counted_at=at)
    assert isinstance(facts, Facts)
