"""The search index, brought up to date at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from app.settings import Settings
from app.worker import indexing


def catch_up(db: Session, settings: Settings, *, now: datetime) -> None:
    """Let the index follow the change feed to its end."""
    let_the_feed_show(db)
    while indexing.keep_up(db, settings, now=now):
        pass


def let_the_feed_show(db: Session) -> None:
    """Let the change feed show what the test's own transaction wrote: on PostgreSQL that is still running."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("UPDATE outbox_event SET xid = 0 WHERE xid <> 0"))
        db.commit()
