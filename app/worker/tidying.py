"""Forgetting what is over, a little at a time."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.files import FileStore
from app.domain import accounts, attachments, drafts, idempotency, identity, mail, queue, throttles, webhooks
from app.settings import Settings


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
