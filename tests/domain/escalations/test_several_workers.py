"""Several processes on one queue: killed at any moment, with clocks that jump, and claiming at once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.core.db import new_session
from app.domain import questions, sla
from app.models import (
    ClockEvent,
    ClockStep,
    Escalation,
    EscalationEvent,
    Job,
    Notification,
    OutboxEvent,
    OutgoingEmail,
    SlaClock,
)
from tests.factories.escalations import let_rules_count, open_case
from tests.factories.users import make_user
from tests.support.processes import COUNT, Order, all_do, workers
from tests.support.sweep_queue import work

pytestmark = pytest.mark.slow

ASKED = 4
BODY = "It happens every time I switch it on."


@contextmanager
def worker(url: str, *instants: datetime) -> Iterator[IO[str]]:
    """Run a worker, give what it says, and kill it at the end, wherever it then is."""
    command = [sys.executable, "-m", "tests.support.sweep_queue", url, *(at.isoformat() for at in instants)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.kill()


def ask(db: Session, number: int, *, now: datetime) -> None:
    parts: dict[str, Any] = {"tags": "printing", "product_id": None, "environment": {}}
    questions.ask(
        db, author=make_user(db), title=f"Zebra {number} prints stripes", body=BODY, now=now, **parts
    )


def test_workers_killed_at_any_moment_do_each_step_once(real_engine: Engine, now: datetime) -> None:
    url = real_engine.url.render_as_string(hide_password=False)
    hours = [[9, -1, 13, 9], [26, 20, 60, 59]]
    with new_session(real_engine) as db:
        let_rules_count(db, since=now)
        lead = make_user(db, handle="lead", support_role="lead")
        for number in range(ASKED):
            ask(db, number, now=now)
        db.rollback()
        for kill, jumps in enumerate(hours):
            instants = [now + timedelta(hours=hour) for hour in jumps]
            with worker(url, *instants) as one, worker(url, *reversed(instants)) as other:
                for turn in range(5 + kill):
                    (one, other)[turn % 2].readline()
        for hour in (72, 120):  # by now all have come; two working days later all deadlines are over
            while work(db, now=now + timedelta(hours=hour)):
                db.rollback()
        db.expire_all()
        _nothing_is_missing_or_doubled(db, lead.id or 0)


def _nothing_is_missing_or_doubled(db: Session, lead_id: int) -> None:
    cases = db.exec(select(Escalation)).all()
    assert len({case.question_id for case in cases}) == len(cases) == ASKED
    assert db.exec(select(Job).where(col(Job.done_at).is_(None))).all() == []
    opened = db.exec(select(EscalationEvent.escalation_id).where(EscalationEvent.kind == "opened")).all()
    assert set(Counter(opened).values()) == {1}
    for clock in db.exec(select(SlaClock)).all():
        happened = db.exec(
            select(ClockEvent).where(ClockEvent.clock_id == clock.id).order_by(col(ClockEvent.id))
        ).all()
        replayed = sla.clock.replay(happened, lambda version: sla.hours_of(db, version))
        assert replayed == sla.clock.Facts.of(clock)
        steps = db.exec(select(ClockStep.step).where(ClockStep.clock_id == clock.id)).all()
        if clock.metric == "first_response":
            assert {"warn 50 %", "warn 75 %", "warn 15 min", "breach"} <= set(steps)
        events = db.exec(
            select(OutboxEvent).where(
                col(OutboxEvent.name).in_(("EscalationWarned", "EscalationBreached")),
                OutboxEvent.question_id == db.get_one(Escalation, clock.escalation_id).question_id,
            )
        ).all()
        told = [event.payload["step"] for event in events if event.payload["clock_id"] == clock.id]
        assert sorted(told) == sorted(steps)
    breaches = db.exec(select(OutboxEvent.id).where(OutboxEvent.name == "EscalationBreached")).all()
    heard = select(Notification.event_id).where(Notification.user_id == lead_id)
    assert sorted(db.exec(heard)) == sorted(number for number in breaches if number is not None)
    mails = db.exec(select(OutgoingEmail.context).where(OutgoingEmail.user_id == lead_id)).all()
    assert len({mail["notification_id"] for mail in mails}) == len(mails) == len(breaches)


def test_of_several_who_claim_at_once_one_wins_each_case(real_engine: Engine, now: datetime) -> None:
    with new_session(real_engine) as db:
        agents = [make_user(db, support_role="agent").id or 0 for _ in range(COUNT)]
        cases = [open_case(db).id or 0 for _ in range(5)]
        db.rollback()
        orders: list[list[Order]] = [
            [("claim", {"by": agent, "escalation": case}) for case in cases] for agent in agents
        ]
        url = real_engine.url.render_as_string(hide_password=False)
        with workers() as pool:
            outcomes = all_do(pool, url, orders, now=now)
        for place, case in enumerate(cases):
            said = [own[place] for own in outcomes]
            assert sorted(said) == ["AlreadyClaimed"] * (COUNT - 1) + ["done"]
            assert db.get_one(Escalation, case).owner_id == agents[said.index("done")]
        lines = db.exec(select(EscalationEvent.kind).where(EscalationEvent.kind == "claimed")).all()
        assert len(lines) == len(cases)
