"""Forgetting what is over, a little at a time."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain import accounts, mail, throttles
from app.settings import Settings


def forget_old(db: Session, _settings: Settings, *, now: datetime) -> int:
    """Delete ended sessions and counts, dead links, unconfirmed accounts and sent mail; return how many."""
    return accounts.forget_old(db, now=now) + throttles.forget_old(db, now=now) + mail.forget_old(db, now=now)
