"""Lists and counts of the queue touch only what they show: read from the databases' own plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlmodel import Session, select

from app.domain import queue
from app.models import Escalation, Post, Question, SlaPolicyVersion, User
from tests.factories.teams import make_team
from tests.factories.users import make_user

OPEN, PAST = 600, 4_000
STATES = ("queued", "claimed", "snoozed", "waiting_customer")
FIRST = 1_000_000
SORTED_IN_MEMORY = ("me_too", "resolved")


@pytest.fixture
def many(db: Session, now: datetime, agent: User) -> None:
    """Save many cases, most of them past."""
    team, author = make_team(db, agent), make_user(db)
    policy = db.exec(select(SlaPolicyVersion.id)).first()
    numbers = range(FIRST, FIRST + OPEN + PAST)
    question = {"author_id": author.id, "title": "Fan", "body": "", "body_html": "", "hot": 0.0}
    times = {"created_at": now, "last_activity_at": now}
    db.execute(insert(Post), [{"id": number, "kind": "question"} for number in numbers])
    db.execute(insert(Question), [{"id": number, **question, **times} for number in numbers])
    db.execute(insert(Escalation), [_case(number, now, agent, team.id, policy) for number in numbers])
    db.commit()
    db.execute(text("ANALYZE"))
    if db.get_bind().dialect.name == "postgresql":
        db.execute(
            text("SET LOCAL enable_seqscan = off")
        )  # a few thousand rows it may read whole all the same


def _case(number: int, now: datetime, agent: User, team_id: int | None, policy: int | None) -> dict[str, Any]:
    is_open = number < FIRST + OPEN
    state = STATES[number % 4] if is_open else ("closed", "resolved")[number % 2]
    due = now + timedelta(minutes=number % 5_000 - 500) if is_open and state != "waiting_customer" else None
    ended = None if is_open else now - timedelta(days=number % 300)
    return {
        "id": number,
        "question_id": number,
        "state": state,
        "state_since": now,
        "opened_at": now - timedelta(minutes=number % 9_000),
        "touched_at": now,
        "owner_id": agent.id if is_open and number % 40 == 1 else None,
        "team_id": team_id if is_open and number % 3 == 0 else None,
        "policy_version_id": policy,
        "next_due_at": due,
        "next_metric": "resolution" if due else None,
        "priority": "urgent" if number % 50 == 0 else "normal",
        "resolved_at": ended,
        "ended_at": ended if state == "closed" else None,
        "external_references": [],
    }


@contextmanager
def plans(connection: Connection) -> Iterator[list[str]]:
    """Collect the plans of the statements about cases that run inside the block."""
    ran: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM escalation \n" in statement or "FROM escalation LEFT" in statement:
            ran.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in ran:
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
        found.append("\n".join(str(row[-1]) for row in rows))


@pytest.mark.usefixtures("many")
def test_no_list_and_no_count_walks_through_all_cases(
    db: Session, connection: Connection, now: datetime, agent: User
) -> None:
    lists = [{"view": view} for view in queue.VIEWS]
    lists += [{"view": "past", "sort": "oldest"}]
    lists += [{"sort": sort} for sort in queue.SORTS if sort not in SORTED_IN_MEMORY]
    for parts in lists:
        wanted = queue.read(parts)
        with plans(connection) as found:
            first = queue.listing(db, viewer=agent, wanted=wanted, now=now)
            if first.after:
                queue.listing(db, viewer=agent, wanted=wanted, now=now, after=first.after)
        assert found
        check(found, parts)
    with plans(connection) as found:
        counts = queue.counts(db, viewer=agent, now=now)
    assert counts["open"] == OPEN
    assert len(found) == 1
    check(found, "counts")


def check(found: list[str], what: object) -> None:
    for plan in found:
        for line in plan.splitlines():
            assert "Seq Scan on escalation" not in line, f"{what}\n{plan}"
            assert "SCAN escalation" not in line or "USING" in line, f"{what}\n{plan}"
            # PostgreSQL rather sorts a handful of rows; on SQLite that would be all of them.
            assert "TEMP B-TREE FOR ORDER BY" not in line, f"{what}\n{plan}"
