"""The pulse may be felt every few seconds: no statement of it reads a whole table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlmodel import Session

from app.domain import mail, pulse, search


def test_it_reads_by_indexes_only(db: Session, connection: Connection, now: datetime, tmp_path: Path) -> None:
    asked: list[tuple[str, Any]] = []

    def collect(_connection: Connection, _cursor: object, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    event.listen(connection, "before_cursor_execute", collect)
    pulse.feel(db, search.SearchIndex(tmp_path, engine="whoosh"), now=now)
    event.remove(connection, "before_cursor_execute", collect)
    selects = [(statement, given) for statement, given in asked if statement.startswith("SELECT")]
    assert 7 <= len(selects) <= 12
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        db.execute(text("SET LOCAL enable_seqscan = off"))  # small tables are read whole all the same
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    for statement, given in selects:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", given)]
        assert not [line for line in plan if _is_scan(line)], (statement, plan)


def test_mail_that_no_server_took_is_counted_while_it_waits(
    db: Session, now: datetime, tmp_path: Path
) -> None:
    mail.queue(db, template="account_deleted", to="ann@example.org", context={"name": "Ann"}, now=now)
    db.commit()
    claimed = mail.claim(db, now=now)
    assert claimed is not None
    mail.postpone(db, email_id=claimed.id, error="away", now=now)
    queues = pulse.feel(db, search.SearchIndex(tmp_path, engine="whoosh"), now=now).queues
    assert (queues["mail"].number, queues["mail_again"].number, queues["mail_again"].since) == (0, 1, now)


def _is_scan(line: str) -> bool:
    return "Seq Scan" in line or (line.startswith("SCAN ") and " USING " not in line)
