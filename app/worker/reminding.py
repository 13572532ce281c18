"""Reminding askers of answers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain import notifications
from app.settings import Settings


def remind(db: Session, _settings: Settings, *, now: datetime) -> int:
    """Remind askers who have not said whether an answer helped; return how many questions were due."""
    return notifications.remind(db, now=now)
