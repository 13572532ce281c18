"""Reports read the cases of their period by index: what came before costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlmodel import Session, select

from app.domain import reports, sla
from app.domain.reports import Scope
from app.models import (
    ClockEvent,
    Escalation,
    EscalationEvent,
    Post,
    Question,
    SlaClock,
    SlaPolicyVersion,
    User,
)

CASES = range(1_000_000, 1_004_000)
DAY = timedelta(days=1)


@pytest.fixture
def past(db: Session, now: datetime, agent: User) -> None:
    """Save a case every hour, back into the past, with a clock each."""
    policy = db.exec(select(SlaPolicyVersion.id)).one()
    question = {"author_id": agent.id, "title": "Fan", "body": "", "body_html": "", "hot": 0.0}
    case: dict[str, Any] = {"policy_version_id": policy, "priority": "normal", "external_references": []}
    clock = {"metric": "resolution", "policy_version_id": policy, "state": "satisfied", "consumed": DAY}
    times = {number: now - timedelta(hours=number - CASES.start + 1) for number in CASES}
    rows: dict[Any, list[dict[str, Any]]] = {
        Post: [{"id": number, "kind": "question"} for number in CASES],
        Question: [
            {"id": number, **question, "created_at": at, "last_activity_at": at}
            for number, at in times.items()
        ],
        Escalation: [
            {
                "id": number,
                "question_id": number,
                **case,
                "state": "closed",
                "state_since": at,
                "opened_at": at,
                "touched_at": at,
                "ended_at": at,
            }
            for number, at in times.items()
        ],
        SlaClock: [
            {
                "id": number,
                "escalation_id": number,
                **clock,
                "target": DAY,
                "started_at": at,
                "counted_at": at,
                "breached_at": at if number % 10 == 0 else None,
                "ended_at": at,
            }
            for number, at in times.items()
        ],
        EscalationEvent: [
            {"escalation_id": number, "kind": "claimed", "at": at, "data": {}} for number, at in times.items()
        ],
        ClockEvent: [
            {"clock_id": number, "kind": "start", "at": at, "reason": ""} for number, at in times.items()
        ],
    }
    for table, made in rows.items():
        db.execute(insert(table), made)
    db.commit()
    db.execute(text("ANALYZE"))


@pytest.mark.usefixtures("past")
def test_a_report_and_a_what_if_read_their_period_only(
    db: Session, connection: Connection, lead: User, now: datetime
) -> None:
    ran: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_rest: Any) -> None:
        if "opened_at" in statement:
            ran.append((statement, parameters))

    policy = sla.policies(db)[0]
    office, scope = policy.version.calendar_id, Scope(now - timedelta(hours=3), now)
    event.listen(connection, "before_cursor_execute", note)
    report = reports.report(db, lead, scope)
    tried = reports.if_policy_said(
        db, lead, policy=policy.policy, targets={}, calendar_id=office, scope=scope
    )
    event.remove(connection, "before_cursor_execute", note)

    assert (report.outcomes.opened, tried.by_metric["resolution"].clocks) == (3, 3)
    assert len(ran) == 6
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in ran:
        rows = connection.exec_driver_sql(explain + statement, parameters)
        plan = "\n".join(str(row[-1]) for row in rows)
        assert "ix_escalation_opened_at" in plan, f"{statement}\n{plan}"
        for table in ("escalation", "sla_clock", "clock_event"):
            assert f"SCAN {table}" not in plan, f"{statement}\n{plan}"
            assert f"Seq Scan on {table} " not in plan, f"{statement}\n{plan}"
