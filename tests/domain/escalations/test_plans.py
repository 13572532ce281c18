"""The sweep and a claim touch only what is due: read from the databases' own plans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlmodel import Session, select

from app.domain import escalations
from app.domain.escalations import due
from app.models import EntryWatch, Escalation, Post, Question, SlaClock, SlaPolicyVersion, User
from tests.factories.users import make_user

OPEN, PAST = 500, 4_000
FIRST = 2_000_000
STATES = ("queued", "claimed", "snoozed", "waiting_customer")
TABLES = ("escalation", "sla_clock", "entry_watch")


@pytest.fixture
def many(db: Session, now: datetime) -> None:
    """Save many cases, most of them past, with their clocks, and questions that are watched."""
    author = make_user(db)
    policy = db.exec(select(SlaPolicyVersion.id)).one()
    numbers = range(FIRST, FIRST + OPEN + PAST)
    question = {"author_id": author.id, "title": "Fan", "body": "", "body_html": "", "hot": 0.0}
    times = {"created_at": now, "last_activity_at": now}
    db.execute(insert(Post), [{"id": number, "kind": "question"} for number in numbers])
    db.execute(insert(Question), [{"id": number, **question, **times} for number in numbers])
    db.execute(insert(Escalation), [_case(number, now, policy) for number in numbers])
    db.execute(insert(SlaClock), [_clock(number, now, policy) for number in numbers])
    watch = {"code": "unanswered", "since": now}
    db.execute(
        insert(EntryWatch),
        [
            {"question_id": number, "due_at": now + timedelta(minutes=number - FIRST), **watch}
            for number in numbers
        ],
    )
    db.commit()
    db.execute(text("ANALYZE"))


def _case(number: int, now: datetime, policy: int | None) -> dict[str, Any]:
    place = number - FIRST
    is_open = place < OPEN
    state = STATES[place % 4] if is_open else ("closed", "resolved")[place % 2]
    return {
        "id": number,
        "question_id": number,
        "state": state,
        "state_since": now + timedelta(minutes=place),
        "opened_at": now,
        "touched_at": now + timedelta(minutes=place),
        "snoozed_until": now + timedelta(minutes=place) if state == "snoozed" else None,
        "policy_version_id": policy,
        "priority": "normal",
        "resolved_at": None if is_open else now + timedelta(minutes=place),
        "ended_at": now if state == "closed" else None,
        "external_references": [],
    }


def _clock(number: int, now: datetime, policy: int | None) -> dict[str, Any]:
    is_open = number < FIRST + OPEN
    at = now + timedelta(minutes=number - FIRST)
    return {
        "id": number,
        "escalation_id": number,
        "metric": "resolution",
        "policy_version_id": policy,
        "target": timedelta(hours=8),
        "state": "running" if is_open else "satisfied",
        "started_at": now,
        "consumed": timedelta(0),
        "counted_at": now,
        "due_at": at,
        "ended_at": None if is_open else at,
        "next_step_at": at if is_open else None,
    }


def plan_of(connection: Connection, statement: str, parameters: Any) -> list[str]:
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{word} {statement}", parameters).all()
    return [str(row[-1]) for row in rows]


def whole_tables(plan: list[str]) -> list[str]:
    """Return the lines that read a whole table of ours, which an index would have saved."""
    return [
        line
        for line in plan
        for table in TABLES
        if line.strip().removeprefix("->  ").startswith(f"Seq Scan on {table}")
        or (line.startswith(f"SCAN {table}") and "USING" not in line)
    ]


@pytest.mark.parametrize(
    ("name", "index", "after"),
    [
        ("entries_due", "ix_entry_watch_due_at", timedelta(0)),
        ("steps_due", "ix_sla_clock_next_step", timedelta(0)),
        ("naps_over", "ix_escalation_snoozed", timedelta(0)),
        ("silences", "ix_escalation_waiting", escalations.SILENT_AFTER),
        ("closings_due", "ix_escalation_resolved", escalations.REOPENS_WITHIN + timedelta(minutes=OPEN)),
        ("untouched_since", "ix_escalation_untouched", timedelta(0)),
    ],
)
@pytest.mark.usefixtures("many")
def test_each_task_of_the_sweep_finds_what_is_due_by_its_index(
    db: Session, connection: Connection, now: datetime, name: str, index: str, after: timedelta
) -> None:
    at = now + after + timedelta(minutes=20)  # a few rows are due
    statement = due.untouched_since(1, at) if name == "untouched_since" else getattr(due, name)(at)
    ran: list[tuple[str, Any]] = []
    event.listen(
        connection, "before_cursor_execute", lambda _c, _k, sql, values, *_: ran.append((sql, values))
    )
    db.exec(statement.limit(5)).all()
    plan = plan_of(connection, *ran[-1])
    assert any(index in line for line in plan), plan
    assert not whole_tables(plan)


@pytest.mark.usefixtures("many")
def test_a_claim_and_a_step_read_no_table_as_a_whole(
    db: Session, connection: Connection, agent: User, now: datetime
) -> None:
    ran: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")) and any(table in sql for table in TABLES):
            ran.append((sql, values))

    case = db.get_one(Escalation, FIRST)
    event.listen(connection, "before_cursor_execute", note)
    escalations.claim(db, escalation=case, by=agent, now=now)
    escalations.sweep(db, now=now + timedelta(minutes=3), limit=3)
    event.remove(connection, "before_cursor_execute", note)
    assert len(ran) > 10
    found = {line for sql, values in ran for line in whole_tables(plan_of(connection, sql, values))}
    assert not found
