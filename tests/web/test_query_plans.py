"""No page looks through a table that grows with the community, and none asks the database too often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session

from app.models import User
from tests.support import pagelist
from tests.support.browser import Browser
from tests.support.community import Community, settle

GROWING = (
    "answer attachment audit_entry comment draft environment_value escalation escalation_event follow job "
    "login_session me_too notification outbox_event outgoing_email post question question_tag "
    "reputation_entry revision search_count sla_clock suggested_edit tag users vote webhook_delivery"
).split()
FROM_THE_END = ("audit_entry", "users")
"""Their newest rows are listed, nearly all of them: that ends after a page."""
BUDGET = 24
"""Statements for a page; what no page of the list needs more of."""
MORE = {"case": 60, "desk": 40, "desk: colleague": 40, "queue": 40}

Ran = dict[str, Any]


@pytest.fixture
def community(db: Session) -> Community:
    return settle(db)


@pytest.mark.parametrize("kind", ["STRANGERS", "MEMBERS", "STAFF", "AGENTS"])
def test_no_page_walks_through_a_table_that_grows(
    db: Session, connection: Connection, client: Browser, community: Community, kind: str
) -> None:
    visitor = {"MEMBERS": community.asker, "STAFF": community.admin, "AGENTS": community.agent}.get(kind)
    client.sign_in(db.get_one(User, visitor) if visitor else None)
    everything: Ran = {}
    for name, pattern in getattr(pagelist, kind).items():
        with statements(connection) as ran:
            answer = client.get(pagelist.address(pattern, community), follow_redirects=True)
        assert answer.status_code == 200, name
        assert len(ran) <= MORE.get(name, BUDGET), (name, len(ran))
        everything |= ran
    walks = {
        line: sql for sql, values in everything.items() for line in whole_tables(connection, sql, values)
    }
    assert not walks, "\n".join(f"{line}: {sql}" for line, sql in walks.items())


@contextmanager
def statements(connection: Connection) -> Iterator[Ran]:
    """Collect the statements that read, each with the last values it was run with."""
    ran: Ran = {}

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            ran[sql] = values

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(connection, "before_cursor_execute", note)


def whole_tables(connection: Connection, sql: str, values: Any) -> list[str]:
    """Return the lines of the plan that read a growing table without an index that says where."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
        return [line for line in map(_last, rows) if _scans(line, sql)]
    # Of a handful of rows PostgreSQL reads the whole table rather than an index, unless that costs more.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    rows = connection.exec_driver_sql(f"EXPLAIN {sql}", values).all()
    named = "|".join(GROWING)
    return [line for line in map(_last, rows) if re.search(rf"Seq Scan on ({named})\b", line)]


def _last(row: Any) -> str:
    return str(row[-1])


def _scans(line: str, sql: str) -> bool:
    found = re.match(r"SCAN (\w+)(?! USING)$", line)
    if found is None:
        return False
    if re.search(rf"ORDER BY {found[1]}\.id DESC\s+LIMIT", sql) and found[1] in FROM_THE_END:
        return False
    aliased = re.search(rf"(\w+) AS {found[1]}\b", sql)
    return (aliased[1] if aliased else found[1]) in GROWING
