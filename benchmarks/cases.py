"""Measure the staff queue with many cases: opening it, claiming, and the worker's sweep.

    PYTHONPATH=. python benchmarks/cases.py [--open 50000] [--past 1000000] [--url sqlite:////tmp/queue.db]

Fills an empty database (SQLite in a temporary folder, unless told otherwise) by bulk inserts: questions
of 5,000 askers, cases with two clocks each, a tenth as many watched questions. A database that holds
cases already is measured as it is. Times are of this process, in
milliseconds of the wall and of the processor: the median and the worst of many calls.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from app.core import schema
from app.core.db import make_engine, new_session
from app.domain import escalations, queue
from app.domain.escalations import due
from app.models import (
    ClockEvent,
    EntryStart,
    EntryWatch,
    Escalation,
    Post,
    Question,
    SlaClock,
    SlaPolicyVersion,
    Team,
    User,
)
from tests.factories.users import make_user

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LOT = 20_000
ASKERS = 5_000
STATES = ("queued", "queued", "claimed", "claimed", "snoozed", "waiting_customer", "waiting_internal")


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--past", type=int, default=1_000_000)
    parser.add_argument("--url", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(args.url or f"sqlite:///{folder}/peerdesk.db")
        schema.migrate(engine)
        with new_session(engine) as db:
            if db.exec(select(Escalation.id).limit(1)).first() is None:
                started = time.monotonic()
                _fill(db, args.open, args.past)
                print(f"{args.open:,} open, {args.past:,} past: filled in {time.monotonic() - started:.0f} s")
            _measure(db)


def _fill(db: Session, open_count: int, past_count: int) -> None:
    people = [make_user(db, handle=f"agent-{n}", support_role="agent") for n in range(10)]
    askers = [make_user(db, handle=f"asker-{n}") for n in range(ASKERS)]
    for start in db.exec(select(EntryStart)).all():
        start.starts_at = NOW - timedelta(days=400)
        db.add(start)
    policy = db.exec(select(SlaPolicyVersion)).one()
    calendar_version = db.exec(text("SELECT id FROM calendar_version")).scalar()  # type: ignore[call-overload]
    team = db.exec(select(Team.id)).one()
    common = {"policy_version_id": policy.id, "calendar_version_id": calendar_version}
    watched = open_count // 10
    for lot in _lots(open_count + past_count + watched):
        db.execute(insert(Post), [{"id": number, "kind": "question"} for number in lot])
        db.execute(insert(Question), [_question(number, askers) for number in lot])
        cases = [number for number in lot if number <= open_count + past_count]
        if cases:
            rows = [_case(number, open_count, people, team, policy.id) for number in cases]
            db.execute(insert(Escalation), rows)
            for place, metric in enumerate(("first_response", "resolution")):
                clocks = [_clock(number, place, metric, open_count, common) for number in cases]
                db.execute(insert(SlaClock), clocks)
                db.execute(insert(ClockEvent), [_start(clock, common) for clock in clocks])
        watches = [number for number in lot if number > open_count + past_count]
        if watches:
            db.execute(insert(EntryWatch), [_watch(number) for number in watches])
        db.commit()
    _follow_sequences(db)
    db.execute(text("ANALYZE"))
    db.commit()


def _measure(db: Session) -> None:
    agent = db.exec(select(User).where(User.handle == "agent-0")).one()
    for view in ("open", "unclaimed", "mine", "breached", "resolved"):
        wanted = queue.read({"view": view})
        _time(f"open the queue, {view}", lambda: queue.listing(db, viewer=agent, wanted=wanted, now=NOW), 30)  # noqa: B023
    _time("counts of the views", lambda: queue.counts(db, viewer=agent, now=NOW), 10)
    unclaimed = select(Escalation).where(Escalation.state == "queued").order_by(col(Escalation.id)).limit(100)
    free = iter(db.exec(unclaimed).all())
    _time("claim", lambda: escalations.claim(db, escalation=next(free), by=agent, now=NOW), 100)
    for name in ("steps_due", "entries_due", "naps_over", "silences", "closings_due"):
        statement = getattr(due, name)(NOW - timedelta(days=3650)).limit(200)
        _time(f"sweep: look for {name}, none", lambda: db.exec(statement).all(), 30)  # noqa: B023
    _time("sweep with nothing due", lambda: escalations.sweep(db, now=NOW - timedelta(days=3650)), 10)
    started = time.process_time()
    done = escalations.sweep(db, now=NOW, limit=200)
    spent = time.process_time() - started
    print(f"sweep with much due: {done} rows, {1000 * spent / max(done, 1):.1f} ms of processor time each")


def _time(what: str, call: Callable[[], object], times: int) -> None:
    walls, processor = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(1000 * (time.perf_counter() - wall))
        processor.append(1000 * (time.process_time() - cpu))
    median = f"{statistics.median(walls):.1f} / {max(walls):.1f}"
    print(f"{what}: {median} ms (processor: {statistics.median(processor):.1f} / {max(processor):.1f})")


def _lots(count: int) -> Iterator[range]:
    for first in range(1, count + 1, LOT):
        yield range(first, min(first + LOT, count + 1))


def _question(number: int, askers: list[User]) -> dict[str, Any]:
    at = NOW - timedelta(days=number % 300, hours=9)
    body = {"title": f"The fan {number} is loud", "body": "Since the update.", "body_html": "<p>Since.</p>"}
    times = {"created_at": at, "last_activity_at": at, "hot": 0.0}
    return {
        "id": number,
        "author_id": askers[number % ASKERS].id,
        "me_too_count": number % 7,
        **body,
        **times,
    }


def _case(
    number: int, open_count: int, people: list[User], team: int | None, policy: int | None
) -> dict[str, Any]:
    is_open = number <= open_count
    state = STATES[number % len(STATES)] if is_open else ("closed", "resolved")[number % 50 == 0]
    owner = None if state == "queued" else people[number % len(people)].id
    due_at = _due(number) if is_open and state != "waiting_customer" else None
    at = NOW - timedelta(hours=number % 7000)
    return {
        "id": number,
        "question_id": number,
        "state": state,
        "state_since": NOW - timedelta(hours=number % 100),
        "priority": ("low", "normal", "normal", "high", "urgent")[number % 5],
        "team_id": team,
        "owner_id": owner,
        "policy_version_id": policy,
        "next_due_at": due_at,
        "next_metric": "resolution" if due_at else None,
        "opened_at": at,
        "touched_at": NOW,
        "snoozed_until": NOW + timedelta(hours=1 + number % 50) if state == "snoozed" else None,
        "resolved_at": None if is_open else NOW - timedelta(days=number % 13, hours=1),
        "resolved_by": "" if is_open else "staff",
        "ended_at": NOW - timedelta(days=1) if state == "closed" else None,
        "external_references": [],
    }


def _clock(number: int, place: int, metric: str, open_count: int, common: dict[str, Any]) -> dict[str, Any]:
    is_running = number <= open_count and place == 1
    return {
        "id": 2 * number - 1 + place,
        "escalation_id": number,
        "metric": metric,
        "target": timedelta(minutes=2400 if place else 480),
        "state": "running" if is_running else "satisfied",
        "started_at": NOW - timedelta(days=20),
        "consumed": timedelta(0),
        "counted_at": NOW - timedelta(days=20),
        "due_at": _due(number),
        "ended_at": None if is_running else NOW - timedelta(days=1),
        "next_step_at": _due(number) if is_running else None,
        **common,
    }


def _start(clock: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    return {
        "clock_id": clock["id"],
        "kind": "start",
        "at": clock["started_at"],
        "target": clock["target"],
        "reason": "",
        **common,
    }


def _watch(number: int) -> dict[str, Any]:
    due_at = NOW + timedelta(minutes=number % 5000 - 500)
    return {"question_id": number, "code": "unanswered", "since": NOW - timedelta(days=1), "due_at": due_at}


def _due(number: int) -> datetime:
    return NOW + timedelta(minutes=number % 20_000 - 2_000)


def _follow_sequences(db: Session) -> None:
    """Let PostgreSQL number on where the filling stopped."""
    if db.get_bind().dialect.name == "postgresql":
        for table in ("post", "escalation", "sla_clock"):
            db.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))


if __name__ == "__main__":
    main()
