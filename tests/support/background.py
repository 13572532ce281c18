"""Background work, done at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text
from sqlmodel import Session

from app.settings import Settings
from app.worker.loop import Worker


def drain(db: Session, settings: Settings, *, now: datetime) -> None:
    """Relay events, run jobs and do what is scheduled (the search index too), until nothing is left."""
    worker = Worker(db.get_bind(), settings)
    db.commit()
    _show_to_feed(db)
    while worker.round(now=now):
        _show_to_feed(db)
    db.expire_all()


def _show_to_feed(db: Session) -> None:
    """Let the change feed see events of the test's own outer transaction, which is still running to PostgreSQL."""
    if isinstance(db.get_bind(), Connection) and db.get_bind().dialect.name == "postgresql":
        db.execute(text("UPDATE outbox_event SET xid = 0 WHERE xid <> 0"))
        db.commit()
