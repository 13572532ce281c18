"""Forgetting what is over, a little at a time, and finding again what was put off by mistake."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.files import FileStore
from app.domain import (
    accounts,
    attachments,
    drafts,
    idempotency,
    identity,
    mail,
    outbox,
    queue,
    throttles,
    webhooks,
)
from app.settings import Settings


def bring_back(db: Session, _settings: Settings, *, now: datetime) -> int:
    """Make due what a wrong clock has put off for longer than anything has to wait; return how many."""
    return mail.bring_back(db, now=now) + outbox.bring_back(db, now=now) + webhooks.bring_back(db, now=now)


def forget_old(db: Session, settings: Settings, *, now: datetime) -> int:
    """Delete what has ended or is used no more; return how many.

    Sessions and counts, dead links, unconfirmed accounts, sent mail, old drafts, who had a case open, kept
    answers, unused uploads.
    """
    drafts.purge_old(db, now=now)
    queue.forget_absent(db, now=now)
    return (
        accounts.forget_old(db, now=now)
        + throttles.forget_old(db, now=now)
        + mail.forget_old(db, now=now)
        + webhooks.forget_old(db, now=now)
        + identity.forget_old(db, now=now)
        + idempotency.forget_old(db, now=now)
        + attachments.purge_unused(db, files=FileStore(settings.uploads_dir), now=now)
    )
