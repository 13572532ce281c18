"""Reports and what-if: counted from cases, clocks and their events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from app.core.errors import NotFound
from app.domain import calendars, escalations, reports, sla
from app.domain.calendars import Hours
from app.domain.reports import Outcome, Scope
from app.domain.reports.causes import cause_of
from app.domain.reports.numbers import Attainment, spread
from app.models import Escalation, SlaClock, User
from tests.factories.escalations import open_case
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.support.clock import MONDAY_MORNING
from tests.support.queries import Queries

HOUR = timedelta(hours=1)
LATER = MONDAY_MORNING + timedelta(days=5)
ALL = {"hours": Hours.read("UTC", [{"day": day, "opens": "00:00", "closes": "24:00"} for day in range(7)])}


def reply(db: Session, case: Escalation, by: User, at: datetime) -> None:
    escalations.reply(
        db,
        escalation=case,
        body="Please restart it, then look again.",
        by=by,
        seen=0,
        send_anyway=True,
        now=at,
    )


@pytest.fixture
def past(db: Session, agent: User) -> list[Escalation]:
    """Four cases of a Monday morning: answered after 1 and 3 hours, asked back and answered, and never."""
    cases = [open_case(db, owner=agent) for _ in range(3)]
    untouched = open_case(db)
    reply(db, cases[0], agent, MONDAY_MORNING + HOUR)
    escalations.resolve(db, escalation=cases[0], by=agent, now=MONDAY_MORNING + 2 * HOUR)
    reply(db, cases[1], agent, MONDAY_MORNING + 3 * HOUR)
    escalations.ask_customer(
        db,
        escalation=cases[2],
        body="Which version do you have?",
        by=agent,
        seen=0,
        send_anyway=True,
        now=MONDAY_MORNING + HOUR,
    )
    escalations.sweep(db, now=LATER, limit=100)
    return [*cases, untouched]


def scope(**facts: int) -> Scope:
    return Scope(MONDAY_MORNING - HOUR, LATER, **facts)


def test_a_report_counts_what_was_met_and_missed(db: Session, past: list[Escalation], lead: User) -> None:
    found = reports.report(db, lead, scope())
    assert found.total["first_response"] == Attainment(met=3, missed=1)
    assert found.times["first_response"].count == 3
    assert found.times["first_response"].median == HOUR
    assert found.times["first_response"].p90 == 3 * HOUR
    assert [group.name for group in found.policies] == ["Everything else"]
    assert [group.name for group in found.weeks] == ["2026-03-02"]
    assert found.outcomes.opened == 4
    assert (found.outcomes.resolved, found.outcomes.by_staff) == (1, 1)
    missed = {(breach.escalation_id, breach.metric, breach.cause) for breach in found.breaches}
    assert (past[3].id, "first_response", "unclaimed") in missed
    assert not found.is_cut


def test_a_report_is_of_a_team_if_one_is_asked_for(db: Session, past: list[Escalation], lead: User) -> None:
    other = make_team(db, slug="other")
    past[3].team_id = other.id
    db.add(past[3])
    db.commit()
    assert reports.report(db, lead, scope(team_id=other.id or 0)).outcomes.opened == 1
    lines = reports.loads(db, lead, team_id=other.id, now=LATER)
    assert [(line.user, line.cases, line.overdue) for line in lines] == [(None, 1, 1)]


def test_the_load_says_what_nobody_has_first(
    db: Session, past: list[Escalation], agent: User, lead: User
) -> None:
    make_team(db, agent, slug="other", capacity=8)
    nobody, mine = reports.loads(db, lead, team_id=None, now=LATER)
    assert (nobody.user, nobody.cases) == (None, 1)
    assert (mine.user, mine.cases, mine.points, mine.capacity) == (agent, 2, 4, 8)


def test_a_report_takes_as_many_queries_for_one_case_as_for_many(
    db: Session,
    past: list[Escalation],
    lead: User,
    count_queries: Callable[[], AbstractContextManager[Queries]],
) -> None:
    with count_queries() as queries:
        reports.report(db, lead, scope())
    assert len(queries) <= 9
    with count_queries() as queries:
        reports.if_policy_said(
            db, lead, policy=sla.policies(db)[0].policy, targets={}, calendar_id=None, scope=scope()
        )
    assert len(queries) <= 8


def test_reports_are_for_leads_and_administrators(db: Session, agent: User, moderator: User) -> None:
    for user in (agent, moderator, None):
        with pytest.raises(NotFound):
            reports.report(db, user, scope())
        with pytest.raises(NotFound):
            reports.loads(db, user, team_id=None, now=LATER)


def test_what_if_with_the_present_terms_is_what_happened(
    db: Session, past: list[Escalation], lead: User
) -> None:
    policy = sla.policies(db)[0]
    same = reports.if_policy_said(
        db,
        lead,
        policy=policy.policy,
        targets=policy.version.targets,
        calendar_id=policy.version.calendar_id,
        scope=scope(),
    )
    assert same.by_metric["first_response"] == Outcome(clocks=4, missed=1, would_be=1)
    for outcome in same.by_metric.values():
        assert outcome.missed == outcome.would_be
    office = calendars.default_calendar(db)
    hours = calendars.hours_of(db, calendars.version_of(db, office.id))
    assert reports.if_calendar_said(db, lead, calendar=office, hours=hours, scope=scope()) == same


def test_what_if_replays_the_past_under_other_terms(db: Session, past: list[Escalation], lead: User) -> None:
    policy = sla.policies(db)[0]

    def missed(minutes: int, calendar_id: int | None = policy.version.calendar_id) -> int:
        targets = {"normal": {"first_response": minutes}}
        tried = reports.if_policy_said(
            db, lead, policy=policy.policy, targets=targets, calendar_id=calendar_id, scope=scope()
        )
        assert tried.by_metric["resolution"].would_be == 0  # the tried policy has no such clock
        return tried.by_metric["first_response"].would_be

    assert missed(30) == 4
    assert missed(120) == 2
    assert missed(60 * 24 * 30) == 0
    assert missed(60 * 24 * 30, None) == 0
    assert missed(60 * 24 * 4) == 0  # four whole days are twelve working days
    assert missed(60 * 24 * 4, None) == 1


def test_what_if_keeps_recorded_pauses(db: Session, past: list[Escalation], lead: User) -> None:
    """The third case waits for its customer since its second hour: round the clock it is not late either."""
    office = calendars.default_calendar(db)
    tried = reports.if_calendar_said(db, lead, calendar=office, scope=scope(), **ALL)
    resolution = tried.by_metric["resolution"]
    assert resolution.clocks == 4
    paused = db.get_one(SlaClock, _clock(db, past[2], "resolution"))
    assert paused.state == "paused"
    assert resolution.would_be == 2  # the second, answered and not resolved, and the one nobody touched


def _clock(db: Session, case: Escalation, metric: str) -> int:
    clocks = escalations.clocks(db, db.get_one(User, case.owner_id), case.id or 0)
    return next(clock.id or 0 for clock in clocks if clock.metric == metric)


def test_products_have_lines_of_their_own(db: Session, agent: User, lead: User) -> None:
    line = make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
    for product_id in (line.id, line.id, None):
        case = open_case(db, question=make_question(db, product_id=product_id), owner=agent)
        reply(db, case, agent, MONDAY_MORNING + HOUR)
    found = reports.report(db, lead, scope())
    assert [(group.name, group.by_metric["first_response"].met) for group in found.products] == [
        ("Kestrel", 2),
        ("", 1),
    ]


def test_the_median_and_the_p90_occurred() -> None:
    assert spread([]).median is None
    ten = spread(n * HOUR for n in (9, 1, 2, 3, 4, 5, 6, 7, 8, 100))
    assert (ten.median, ten.p90) == (5 * HOUR, 9 * HOUR)
    assert Attainment(met=999, missed=1).percent == 99
    assert Attainment(0, 0).percent is None


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([], "unclaimed"),
        ([("claimed", 1)], "owner"),
        ([("claimed", 9)], "late_claim"),
        ([("claimed", 11)], "unclaimed"),
        ([("claimed", 1), ("released", 2)], "returned"),
        ([("claimed", 1), ("snoozed", 2)], "snoozed"),
        ([("claimed", 1), ("snoozed", 2), ("woken", 3)], "owner"),
        ([("claimed", 1), ("handed_over", 2)], "inside"),
    ],
)
def test_a_cause_is_what_had_happened_until_then(events: list[tuple[str, int]], cause: str) -> None:
    clock = SlaClock(
        escalation_id=1,
        metric="first_response",
        policy_version_id=1,
        started_at=MONDAY_MORNING,
        counted_at=MONDAY_MORNING,
        breached_at=MONDAY_MORNING + 10 * HOUR,
    )
    assert cause_of(clock, [(kind, MONDAY_MORNING + hours * HOUR) for kind, hours in events]) == cause
