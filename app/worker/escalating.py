"""Bringing questions to staff, and carrying up what runs late."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain import escalations
from app.settings import Settings


def sweep(db: Session, _settings: Settings, *, now: datetime) -> int:
    """Do what is due in the queue: entries, warnings and breaches, wake-ups, returns, endings; return how much."""
    return escalations.sweep(db, now=now)
