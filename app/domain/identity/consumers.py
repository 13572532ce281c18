"""Reacting to members who leave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from app.domain.outbox import Recorded
from app.models import SignedIdentity


def forget_member(db: Session, recorded: Recorded, *, now: datetime) -> None:  # noqa: ARG001 (as every consumer)
    """Forget whose customer a member was who deleted their account."""
    member_id = recorded.event.payload()["member_id"]
    db.execute(delete(SignedIdentity).where(col(SignedIdentity.user_id) == member_id))
