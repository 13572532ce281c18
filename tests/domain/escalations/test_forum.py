"""What happens on public pages, as cases see it; and what the wall clock brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from app.domain import accounts, answers, comments, escalations, sla
from app.models import (
    Absence,
    ClockEvent,
    ClockStep,
    Escalation,
    OutboxEvent,
    Question,
    SlaPolicy,
    Team,
    User,
)
from tests.factories.answers import make_answer
from tests.factories.escalations import clock_of, open_case
from tests.factories.questions import make_question
from tests.factories.teams import make_absence, make_team
from tests.factories.users import make_user
from tests.support.clock import Clock

BODY = "Reset the mixer to its defaults, then restart the speaker."
Work = Callable[..., None]


@pytest.fixture
def work(db: Session, drain: Callable[[Session], None], clock: Clock) -> Work:
    def go_on(**amount: float) -> None:
        clock.advance(**amount)
        drain(db)

    return go_on


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def case(db: Session, question: Question, agent: User) -> Escalation:
    return open_case(db, question=question, owner=agent)


def say(db: Session, question: Question, by: User, now: datetime, body: str = "It is still silent.") -> None:
    comments.post(db, post=question, author=by, body=body, now=now)


def kinds(db: Session, case: Escalation, agent: User) -> list[str]:
    return [row.kind for row in escalations.timeline(db, agent, case.id or 0)]


def test_an_answer_of_staff_on_the_public_page_meets_the_first_response(
    db: Session, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    case = open_case(db, question=question)
    answers.post(db, question=question, author=agent, body=BODY, now=clock.advance(hours=2))
    work(minutes=5)
    first = clock_of(db, case, "first_response")
    assert (first.state, first.consumed) == ("satisfied", timedelta(hours=2))
    assert (case.state, case.owner_id) == ("claimed", agent.id)


def test_a_reply_from_the_case_counts_once(
    db: Session, case: Escalation, agent: User, clock: Clock, work: Work
) -> None:
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=0, now=clock.now)
    before = kinds(db, case, agent)
    work(minutes=1)
    assert kinds(db, case, agent) == before


@pytest.mark.parametrize("who", ["answerer", "moderator", "asker"])
def test_words_of_others_are_no_first_response(
    db: Session,
    case: Escalation,
    question: Question,
    clock: Clock,
    work: Work,
    who: str,
    request: pytest.FixtureRequest,
) -> None:
    answers.post(db, question=question, author=request.getfixturevalue(who), body=BODY, now=clock.now)
    work(minutes=1)
    assert clock_of(db, case, "first_response").state == "running"


def test_the_next_reply_is_due_from_the_first_unanswered_word(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock, work: Work
) -> None:
    say(db, question, asker, clock.now)
    work(minutes=1)
    assert [row.metric for row in escalations.clocks(db, agent, case.id or 0)] == [
        "first_response",
        "resolution",
    ]
    say(db, question, agent, clock.now, "Which firmware is it?")
    work(hours=1)
    asked_at = clock.now
    say(db, question, asker, asked_at)
    work(hours=1)
    say(db, question, asker, clock.now)
    work(hours=1)
    reply = clock_of(db, case, "next_reply")
    assert (reply.started_at, reply.state, case.next_metric) == (asked_at, "running", "next_reply")
    promise = escalations.promise_of(db, question.id)
    assert promise is not None
    assert promise.due_at == reply.due_at
    say(db, question, agent, clock.now, "Then press both buttons.")
    work()
    assert clock_of(db, case, "next_reply").state == "satisfied"
    assert escalations.promise_of(db, question.id) is None


def test_the_customers_word_ends_waiting_and_clocks_go_on(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock, work: Work
) -> None:
    now = clock.advance(hours=1)
    ask = {"body": "Which firmware is it?", "as_comment_on": question, "seen": 0}
    escalations.ask_customer(db, escalation=case, by=agent, now=now, **ask)  # type: ignore[arg-type]
    promise = escalations.promise_of(db, question.id)
    assert promise is not None
    assert (promise.state, promise.due_at) == ("paused", None)
    work(days=1)
    say(db, question, asker, clock.now)
    work()
    resolution = clock_of(db, case, "resolution")
    assert (case.state, resolution.state, resolution.consumed) == ("claimed", "running", timedelta(hours=1))


def test_a_snoozed_case_wakes_for_the_customer(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock, work: Work
) -> None:
    escalations.snooze(db, escalation=case, until=clock.now + timedelta(days=9), by=agent, now=clock.now)
    say(db, question, asker, clock.now)
    work()
    assert (case.state, case.snoozed_until) == ("claimed", None)


@pytest.mark.parametrize(
    ("by_staff", "accepted_by_asker", "resolved_by"),
    [(False, True, "community"), (True, True, "staff"), (False, False, "staff")],
)
def test_an_accepted_answer_resolves(
    db: Session,
    case: Escalation,
    question: Question,
    asker: User,
    agent: User,
    clock: Clock,
    work: Work,
    by_staff: bool,
    accepted_by_asker: bool,
    resolved_by: str,
) -> None:
    answer = make_answer(db, question=question, author=agent if by_staff else make_user(db))
    by = asker if accepted_by_asker else agent
    clock.advance(days=8)
    answers.accept(db, answer=answer, by=by, now=clock.now)
    work()
    assert (case.state, case.resolved_by) == ("resolved", resolved_by)


def test_an_official_answer_resolves(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    answer = make_answer(db, question=question)
    answers.make_official(db, answer=answer, by=agent, official=True, now=clock.now)
    work()
    assert (case.state, case.resolved_by) == ("resolved", "staff")


@pytest.mark.parametrize(("days", "reopened"), [(13, True), (15, False)])
def test_the_customer_reopens_within_two_weeks(
    db: Session,
    case: Escalation,
    question: Question,
    asker: User,
    agent: User,
    clock: Clock,
    work: Work,
    days: int,
    reopened: bool,
) -> None:
    escalations.reply(
        db, escalation=case, body=BODY, by=agent, seen=0, then="resolve", now=clock.advance(hours=3)
    )
    work(days=days)
    say(db, question, asker, clock.now)
    work()
    resolution = clock_of(db, case, "resolution")
    if reopened:
        assert (case.state, resolution.state, resolution.consumed) == (
            "claimed",
            "running",
            timedelta(hours=3),
        )
        assert clock_of(db, case, "next_reply").state == "running"
    else:
        assert (case.state, resolution.state) == ("closed", "satisfied")


def test_thanks_after_accepting_do_not_reopen(
    db: Session, case: Escalation, question: Question, asker: User, clock: Clock, work: Work
) -> None:
    answers.accept(db, answer=make_answer(db, question=question), by=asker, now=clock.now)
    say(db, question, asker, clock.advance(minutes=1), "Thank you very much!")
    work()
    assert case.state == "resolved"
    answers.unaccept(db, question=question, by=asker, now=clock.advance(minutes=1))
    work()
    assert (case.state, case.reopen_count) == ("claimed", 1)


def test_a_late_consumer_takes_nothing_back(
    db: Session, case: Escalation, question: Question, asker: User, agent: User, clock: Clock, work: Work
) -> None:
    """Whatever order jobs run in: a reply counts for what was asked before it only."""
    say(db, question, agent, clock.now, "Which firmware is it?")
    work(minutes=1)
    answers.post(db, question=question, author=agent, body=BODY, now=clock.now)
    say(db, question, asker, clock.advance(minutes=1))
    for row in db.exec(select(OutboxEvent).order_by(col(OutboxEvent.id).desc()).limit(2)).all():
        row.relayed_at = clock.now
        db.add(row)
    db.commit()
    newest = db.exec(select(OutboxEvent).order_by(col(OutboxEvent.id).desc()).limit(2)).all()
    for row in newest:  # the asker's comment first, then the answer before it
        row.relayed_at = None
        db.add(row)
        db.commit()
        work(minutes=1)
    assert clock_of(db, case, "next_reply").state == "running"


def test_clocks_warn_breach_and_are_carried_up_once_each(
    db: Session, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    case = open_case(db, question=question, owner=agent)
    for _ in range(18):
        work(hours=12)
        work()
    first = clock_of(db, case, "first_response")
    steps = db.exec(
        select(ClockStep.step).where(ClockStep.clock_id == first.id).order_by(col(ClockStep.id))
    ).all()
    assert steps == [
        "warn 50 %",
        "warn 75 %",
        "warn 15 min",
        "breach",
        "level 2",
        "level 3 2026-03-03",
        *(f"level 3 2026-03-{day:02}" for day in range(4, 11)),
    ]
    assert case.level == 3
    assert first.breached_at == datetime(2026, 3, 2, 17, tzinfo=clock.now.tzinfo)
    events = db.exec(select(OutboxEvent.payload).where(OutboxEvent.name == "EscalationBreached")).all()
    told = [payload["step"] for payload in events if payload["clock_id"] == first.id]
    assert told == list(steps[3:])
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=0, now=clock.now)
    assert clock_of(db, case, "first_response").state == "satisfied"


def test_a_worker_that_was_away_takes_missed_steps_without_repeating_days(
    db: Session, question: Question, clock: Clock, work: Work
) -> None:
    case = open_case(db, question=question)
    work(days=7)
    first = clock_of(db, case, "first_response")
    steps = db.exec(select(ClockStep.step).where(ClockStep.clock_id == first.id)).all()
    assert [step for step in steps if step.startswith("level 3")] == ["level 3 2026-03-08"]
    assert len(steps) == 6


def test_a_clock_of_the_machine_that_jumps_repeats_nothing(
    db: Session, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    case = open_case(db, question=question)
    work(hours=9)
    work(days=-1)
    work(days=1)
    work(hours=-8)
    first = clock_of(db, case, "first_response")
    events = db.exec(select(ClockEvent.kind).where(ClockEvent.clock_id == first.id)).all()
    assert events == ["start", "warn", "warn", "warn", "breach"]
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=0, now=clock.now)
    assert clock_of(db, case, "first_response").state == "satisfied"


def test_a_snooze_ends_in_time(db: Session, case: Escalation, agent: User, clock: Clock, work: Work) -> None:
    escalations.snooze(db, escalation=case, until=clock.now + timedelta(hours=2), by=agent, now=clock.now)
    work(hours=1)
    assert case.state == "snoozed"
    work(hours=1)
    assert (case.state, kinds(db, case, agent)[-1]) == ("claimed", "woken")


def test_a_silent_customer_leaves_it_resolved_and_then_closed(
    db: Session, case: Escalation, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    ask = {"body": "Which firmware is it?", "as_comment_on": question, "seen": 0}
    escalations.ask_customer(db, escalation=case, by=agent, now=clock.now, **ask)  # type: ignore[arg-type]
    work(days=6, hours=23)
    assert case.state == "waiting_customer"
    work(hours=1)
    assert (case.state, case.resolved_by) == ("resolved", "silent")
    work(days=14)
    assert (case.state, case.ended_at) == ("closed", clock.now)


def test_an_untouched_assignment_returns_after_business_minutes(
    db: Session, question: Question, agent: User, clock: Clock, work: Work
) -> None:
    team = db.exec(select(Team).where(col(Team.is_default))).one()
    team.returns_after = 120
    db.add(team)
    db.commit()
    clock.advance(days=4, hours=7)  # Friday 16:00
    case = open_case(db, question=question, owner=agent, now=clock.now)
    work(days=3, hours=-7)  # Monday 9:00: an hour of the calendar
    assert case.state == "claimed"
    escalations.add_note(db, escalation=case, body="On it.", by=agent, now=clock.now)
    work(hours=1, minutes=59)
    assert case.state == "claimed"
    work(minutes=2)
    assert (case.state, case.owner_id, kinds(db, case, agent)[-1]) == ("queued", None, "returned")


def test_cases_of_who_is_away_go_back_and_on_to_the_next(
    db: Session, question: Question, agent: User, lead: User, clock: Clock, work: Work
) -> None:
    team = make_team(db, agent, lead, slug="firmware", assignment="least_loaded")
    case = open_case(db, question=question, owner=agent)
    escalations.set_team(db, escalation=case, team=team, by=lead, now=clock.now)
    make_absence(
        db, user=agent, starts_at=clock.now + timedelta(hours=1), ends_at=clock.now + timedelta(days=5)
    )
    work()
    assert case.owner_id == agent.id
    work(hours=1)
    assert (case.state, case.owner_id) == ("claimed", lead.id)
    assert db.exec(select(Absence.returned_at)).one() == clock.now


def test_cases_of_who_is_no_agent_any_more_go_back(
    db: Session, case: Escalation, agent: User, admin: User, clock: Clock, work: Work
) -> None:
    accounts.set_roles(db, member=agent, by=admin, support_role="", moderation_role="", now=clock.now)
    work()
    assert (case.state, case.owner_id) == ("queued", None)


def test_a_reopened_case_without_an_owner_goes_to_whose_turn_it_is(
    db: Session, question: Question, asker: User, agent: User, lead: User, clock: Clock, work: Work
) -> None:
    case = open_case(db, question=question)
    team = make_team(db, agent, slug="firmware", assignment="round_robin")
    escalations.set_team(db, escalation=case, team=team, by=lead, now=clock.now)
    escalations.resolve(db, escalation=case, by=lead, now=clock.now)
    say(db, question, asker, clock.advance(minutes=1))
    work()
    assert (case.state, case.owner_id) == ("claimed", agent.id)


def test_a_changed_policy_and_calendar_take_running_clocks_along(
    db: Session, case: Escalation, lead: User, clock: Clock, work: Work
) -> None:
    policy = db.exec(select(SlaPolicy)).one()
    terms = sla.Terms.of(sla.current(db, policy))
    work(hours=2)
    shorter = {**terms.targets, "normal": {"first_response": 240, "next_reply": 480, "resolution": 2400}}
    sla.change_policy(
        db, policy=policy, name=policy.name, terms=replace(terms, targets=shorter), by=lead, now=clock.now
    )
    work()
    first = clock_of(db, case, "first_response")
    assert (first.target, first.due_at) == (timedelta(hours=4), clock.now + timedelta(hours=2))
    assert case.next_due_at == first.due_at
