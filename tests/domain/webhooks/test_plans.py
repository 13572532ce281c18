"""Looking for what is due, once a second, reads what is due and not the log of thirty days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event, insert, text
from sqlmodel import Session

from app.domain import webhooks
from app.models import WebhookDelivery
from tests.factories.webhooks import make_endpoint


def test_what_is_due_is_found_by_its_index(db: Session, connection: Connection, now: datetime) -> None:
    endpoint = make_endpoint(db)
    row: dict[str, Any] = {"endpoint_id": endpoint.id, "type": "question.created", "data": {}, "tries": 1}
    times = {"happened_at": now, "created_at": now}
    db.execute(
        insert(WebhookDelivery),
        [
            {**row, **times, "message_id": f"msg_{n}", "state": "waiting" if n < 5 else "delivered"}
            | {"due_at": now + timedelta(minutes=n) if n < 5 else None}
            for n in range(5_000)
        ],
    )
    db.commit()
    db.execute(text("ANALYZE"))
    ran: list[tuple[str, Any]] = []
    event.listen(
        connection, "before_cursor_execute", lambda _c, _k, sql, values, *_: ran.append((sql, values))
    )
    assert webhooks.is_waiting(db, now=now)
    assert len(webhooks.claim(db, at_most=16, flying={}, failing=False, now=now)) == 1
    looked = [(sql, values) for sql, values in ran if sql.startswith("SELECT webhook_delivery.id")]
    assert len(looked) >= 2
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    for sql, values in looked[:2]:
        plan = [str(line[-1]) for line in connection.exec_driver_sql(f"{word} {sql}", values)]
        assert any("ix_webhook_delivery_due" in line for line in plan), plan
