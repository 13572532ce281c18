"""Measure the lead's page and a what-if with many past cases.

    PYTHONPATH=. python benchmarks/reports.py [--past 1000000] [--days 1095] [--url postgresql+psycopg://…]

Fills an empty database (SQLite in a temporary folder, unless told otherwise) by bulk inserts: cases spread
evenly over so many days, two clocks each; a fifth of the resolution clocks paused once, a tenth were missed.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlmodel import SQLModel

from app.core import schema
from app.core.db import make_engine, new_session
from app.domain import reports, sla
from app.models import ClockEvent, Escalation, EscalationEvent, Post, Question, SlaClock, User
from tests.factories.users import make_user

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LOT = 20_000
TARGET = timedelta(hours=8)
TRIED = {"normal": {"first_response": 240, "resolution": 1000}}
Rows = dict[type[SQLModel], list[dict[str, Any]]]


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--past", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=3 * 365)
    parser.add_argument("--url", default="")
    args = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(args.url or f"sqlite:///{folder}/peerdesk.db")
        schema.migrate(engine)
        with new_session(engine) as db:
            lead = make_user(db, handle="lead", support_role="lead")
        for lot in _lots(args.past):
            _fill(engine, lot, args.past, timedelta(days=args.days), lead)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        for days in reports.PERIODS:
            _measure(engine, lead, days)
        engine.dispose()


def _measure(engine: Engine, lead: User, days: int) -> None:
    scope = reports.Scope.of_days(days, now=NOW)
    with new_session(engine) as db:
        policy = sla.policies(db)[0]
        seconds, found = _timed(lambda: reports.report(db, lead, scope))
        tried_in, tried = _timed(
            lambda: reports.if_policy_said(
                db,
                lead,
                policy=policy.policy,
                targets=TRIED,
                calendar_id=policy.version.calendar_id,
                scope=scope,
            )
        )
        clocks = sum(outcome.clocks for outcome in tried.by_metric.values())
        print(
            f"{days:>4} days, {found.outcomes.opened:,} cases: report {seconds:.2f} s{' (cut)' * found.is_cut}"
        )
        print(f"           what-if of {clocks:,} clocks {tried_in:.2f} s{' (cut)' * tried.is_cut}")


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.monotonic()
    result = call()
    return time.monotonic() - started, result


def _lots(count: int) -> Iterator[range]:
    for first in range(1, count + 1, LOT):
        yield range(first, min(first + LOT, count + 1))


def _fill(engine: Engine, lot: range, count: int, spread: timedelta, lead: User) -> None:
    rows: Rows = {table: [] for table in (Post, Question, Escalation, SlaClock, ClockEvent, EscalationEvent)}
    for number in lot:
        _add_case(rows, number, NOW - spread * (1 - number / count), lead.id or 0)
    with engine.begin() as connection:
        for table, made in rows.items():
            connection.execute(insert(table), made)


def _add_case(rows: Rows, number: int, opened: datetime, lead_id: int) -> None:
    rows[Post].append({"id": number, "kind": "question"})
    rows[Question].append(
        {
            "id": number,
            "author_id": lead_id,
            "title": "No sound after the update",
            "body": "It shows nothing.",
            "body_html": "<p>It shows nothing.</p>",
            "created_at": opened,
            "hot": 0.0,
            "last_activity_at": opened,
            "last_activity_by_id": lead_id,
        }
    )
    rows[Escalation].append(
        {
            "id": number,
            "question_id": number,
            "state": "closed",
            "state_since": opened,
            "priority": "normal",
            "policy_version_id": 1,
            "owner_id": lead_id,
            "opened_at": opened,
            "touched_at": opened,
            "resolved_at": opened,
            "resolved_by": random.choice(("staff", "staff", "community")),
            "ended_at": opened,
        }
    )
    for place, kind in enumerate(("opened", "claimed", "replied", "resolved")):
        at = opened + place * timedelta(minutes=40)
        rows[EscalationEvent].append({"escalation_id": number, "kind": kind, "at": at, "data": {}})
    for place, metric in enumerate(("first_response", "resolution")):
        _add_clock(rows, 2 * number + place, number, metric, opened)


def _add_clock(rows: Rows, clock_id: int, case_id: int, metric: str, opened: datetime) -> None:
    took = timedelta(minutes=random.randint(5, 3_000))
    terms = {"target": TARGET, "calendar_version_id": 1, "policy_version_id": 1}
    rows[SlaClock].append(
        {
            "id": clock_id,
            "escalation_id": case_id,
            "metric": metric,
            **terms,
            "state": "satisfied",
            "started_at": opened,
            "consumed": took / 3,
            "counted_at": opened + took,
            "due_at": opened + took,
            "breached_at": opened + took if random.random() < 0.1 else None,
            "ended_at": opened + took,
        }
    )
    nothing = dict.fromkeys(terms)
    happened = [("start", opened, "", terms), ("satisfy", opened + took, "", nothing)]
    if metric == "resolution" and random.random() < 0.2:
        paused = ("pause", opened + took / 3, "waiting_customer", nothing)
        happened[1:1] = [paused, ("resume", opened + took / 2, "", nothing)]
    rows[ClockEvent].extend(
        {"clock_id": clock_id, "kind": kind, "at": at, "reason": reason, **said}
        for kind, at, reason, said in happened
    )


if __name__ == "__main__":
    main()
