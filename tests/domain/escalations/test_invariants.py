"""Whatever happens to a case, in whatever order: stored clocks are their events replayed, and more that always holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how_many
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.core.db import new_session
from app.core.errors import DomainError
from app.domain import answers, calendars, comments, escalations, questions, sla
from app.domain.escalations import promising, states, ticking
from app.models import (
    PRIORITIES,
    Answer,
    AnswerPromise,
    Calendar,
    ClockEvent,
    ClockStep,
    EntryWatch,
    Escalation,
    EscalationEvent,
    Question,
    SlaClock,
)
from tests.factories.escalations import let_rules_count
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.clock import Clock
from tests.support.sweep_queue import work as work_once

BODY = "It stopped working after the update, and a restart did not help."
SUITE = how_many(
    max_examples=8,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
staff = st.sampled_from(["agent", "second", "lead"])
which = st.integers(0, 3)


class Desk(RuleBasedStateMachine):
    """Staff work, customers write, time passes, the worker runs. What is refused must change nothing."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outermost = self.connection.begin()
        self.db: Session = new_session(self.connection)
        self.clock = Clock()
        self.question_ids: list[int] = []

    def teardown(self) -> None:
        self.db.close()
        self.outermost.rollback()
        self.connection.close()

    @initialize()
    def a_small_desk(self) -> None:
        let_rules_count(self.db)
        self.people = {
            "agent": make_user(self.db, handle="agent", support_role="agent"),
            "second": make_user(self.db, handle="second", support_role="agent"),
            "lead": make_user(self.db, handle="lead", support_role="lead"),
            "asker": make_user(self.db, handle="asker"),
            "member": make_user(self.db, handle="member", reputation=500),
        }
        self.team = make_team(self.db, self.people["agent"], self.people["second"], assignment="round_robin")
        for _ in range(2):
            self.ask()
        self.open(0, "agent")

    @rule()
    def ask(self) -> None:
        if len(self.question_ids) < 3:
            parts: dict[str, Any] = {"tags": "wifi", "product_id": None, "environment": {}}
            made = self._try(questions.ask, author=self.people["asker"], title="No sound", body=BODY, **parts)
            made = made or self._try(
                questions.ask,
                author=self.people["asker"],
                title="No sound since the update",
                body=BODY,
                **parts,
            )
            self.question_ids += [made.id] if made else []

    @rule(question=which, by=staff)
    def open(self, question: int, by: str) -> None:
        found = self._question(question)
        self._try(escalations.open_case, question=found, code="by_staff", by=self.people[by])

    @rule(question=which, by=staff, act=st.sampled_from(["claim", "release", "wake", "resolve", "reopen"]))
    def act(self, question: int, by: str, act: str) -> None:
        self._on_case(getattr(escalations, act), question, by=self.people[by])

    @rule(question=which, by=staff, to=staff)
    def assign(self, question: int, by: str, to: str) -> None:
        self._on_case(escalations.assign, question, by=self.people[by], to=self.people[to])

    @rule(question=which, by=staff, to_team=st.booleans())
    def hand_over(self, question: int, by: str, to_team: bool) -> None:
        to: dict[str, Any] = {"team": self.team} if to_team else {"to": self.people["second"]}
        self._on_case(escalations.hand_over, question, by=self.people[by], note="Please look.", **to)

    @rule(question=which, by=staff, hours=st.integers(1, 60))
    def snooze(self, question: int, by: str, hours: int) -> None:
        until = self.clock.now + timedelta(hours=hours)
        self._on_case(escalations.snooze, question, by=self.people[by], until=until)

    @rule(question=which, by=staff, then=st.sampled_from(["", "wait", "resolve"]))
    def reply(self, question: int, by: str, then: str) -> None:
        self._on_case(
            escalations.reply, question, by=self.people[by], body=BODY, seen=0, send_anyway=True, then=then
        )

    @rule(question=which, by=staff, priority=st.sampled_from(PRIORITIES))
    def set_priority(self, question: int, by: str, priority: str) -> None:
        self._on_case(escalations.set_priority, question, by=self.people[by], priority=priority)

    @rule(question=which, by=staff)
    def cancel(self, question: int, by: str) -> None:
        self._on_case(escalations.cancel, question, by=self.people[by], reason="A mistake.")

    @rule(question=which, by=st.sampled_from(["asker", "asker", "member", "agent"]))
    def comment(self, question: int, by: str) -> None:
        post = self._question(question)
        self._try(comments.post, post=post, author=self.people[by], body="It is still the same.")

    @rule(question=which)
    def answer(self, question: int) -> None:
        self._try(answers.post, question=self._question(question), author=self.people["member"], body=BODY)

    @rule(question=which, taken_back=st.booleans())
    def accept(self, question: int, taken_back: bool) -> None:
        found = self._question(question)
        if taken_back:
            self._try(answers.unaccept, question=found, by=self.people["asker"])
            return
        answer = self.db.exec(select(Answer).where(Answer.question_id == found.id)).first()
        if answer is not None:
            self._try(answers.accept, answer=answer, by=self.people["asker"])

    @rule(question=which, closed=st.booleans())
    def close_or_reopen(self, question: int, closed: bool) -> None:
        found, by = self._question(question), self.people["lead"]
        if closed:
            self._try(questions.close, question=found, by=by, reason="off_topic")
        else:
            self._try(questions.reopen, question=found, by=by)

    @rule(hours=st.sampled_from([4, 9]))
    def change_the_calendar(self, hours: int) -> None:
        calendar = self.db.exec(select(Calendar)).one()
        windows = [{"day": day, "opens": "08:00", "closes": f"{8 + hours:02}:00"} for day in range(5)]
        said: dict[str, Any] = {"name": calendar.name, "timezone": "Europe/Berlin", "holidays": []}
        self._try(
            calendars.change_calendar, calendar=calendar, windows=windows, by=self.people["lead"], **said
        )

    @rule(
        passed=st.sampled_from(
            [timedelta(minutes=7), timedelta(hours=5), timedelta(days=2), timedelta(days=8)]
        )
    )
    def work(self, passed: timedelta) -> None:
        self.clock.now += passed
        while work_once(self.db, now=self.clock.now):
            self.db.expire_all()

    @rule()
    def set_the_clock_back(self) -> None:
        self.clock.now -= timedelta(hours=1)

    @invariant()
    def a_stored_clock_is_the_replay_of_its_events(self) -> None:
        for clock in self.db.exec(select(SlaClock)).all():
            happened = select(ClockEvent).where(ClockEvent.clock_id == clock.id).order_by(col(ClockEvent.id))
            replayed = sla.clock.replay(
                self.db.exec(happened).all(), lambda version: sla.hours_of(self.db, version)
            )
            assert replayed == sla.clock.Facts.of(clock)

    @invariant()
    def a_question_has_one_case_that_has_not_ended_and_only_then_no_watch(self) -> None:
        for question_id in self.question_ids:
            rows = self.db.exec(select(Escalation).where(Escalation.question_id == question_id)).all()
            alive = [row for row in rows if not row.is_ended]
            assert len(alive) <= 1
            watches = self.db.exec(select(EntryWatch).where(EntryWatch.question_id == question_id)).all()
            assert not (alive and watches)

    @invariant()
    def a_case_shows_its_earliest_deadline_and_its_state_fits_its_facts(self) -> None:
        for case in self.db.exec(select(Escalation)).all():
            clocks = ticking.unended(self.db, case.id)
            due = [(clock.due_at, clock.metric) for clock in clocks if clock.due_at is not None]
            assert (case.next_due_at, case.next_metric) == min(due, default=(None, None))
            assert case.is_at_work or not clocks
            assert (case.state == "claimed") <= (case.owner_id is not None)
            assert (case.state == "queued") <= (case.owner_id is None)
            assert (case.state == "snoozed") == (case.snoozed_until is not None)
            assert (case.state in states.ENDED) == (case.ended_at is not None)
            assert (case.level > 0) <= any(clock.breached_at for clock in clocks)
            assert all(
                (clock.state == "paused") == (case.state == "waiting_customer")
                for clock in clocks
                if clock.metric != "first_response"
            )

    @invariant()
    def a_promise_is_what_the_clocks_say(self) -> None:
        for case in self.db.exec(select(Escalation).where(col(Escalation.ended_at).is_(None))).all():
            before = self._promise(case)
            promising.follow_case(self.db, case, now=self.clock.now)
            assert self._promise(case) == before

    @invariant()
    def every_timeline_begins_with_the_opening_and_no_step_is_told_twice(self) -> None:
        for case in self.db.exec(select(Escalation)).all():
            lines = select(EscalationEvent).where(EscalationEvent.escalation_id == case.id)
            told = self.db.exec(lines.order_by(col(EscalationEvent.id))).all()
            assert [line.kind for line in told].count("opened") == 1
            assert told[0].kind == "opened"
            steps = select(ClockStep.step).join(SlaClock, col(SlaClock.id) == col(ClockStep.clock_id))
            taken = self.db.exec(steps.where(SlaClock.escalation_id == case.id)).all()
            assert len(taken) == len([line for line in told if line.kind in ("warned", "breached")])

    def _promise(self, case: Escalation) -> tuple[str, object] | None:
        row = self.db.get(AnswerPromise, case.question_id)
        return (row.state, row.due_at) if row else None

    def _on_case(self, service: Callable[..., Any], question: int, **arguments: Any) -> None:
        found = self._question(question)
        rows = (
            select(Escalation).where(Escalation.question_id == found.id).order_by(col(Escalation.id).desc())
        )
        case = self.db.exec(rows).first()
        if case is not None:
            self._try(service, escalation=case, **arguments)

    def _try(self, service: Callable[..., Any], **arguments: Any) -> Any:
        self.clock.advance(seconds=1)
        try:
            return service(self.db, now=self.clock.now, **arguments)
        except DomainError:
            return None

    def _question(self, index: int) -> Question:
        return self.db.get_one(Question, self.question_ids[index % len(self.question_ids)])


@pytest.mark.slow
def test_cases_keep_their_promises_whatever_happens(engine: Engine) -> None:
    class DeskHere(Desk):
        pass

    DeskHere.engine = engine
    run_state_machine_as_test(DeskHere, settings=SUITE)
