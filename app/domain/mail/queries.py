"""Reading outgoing mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.models import OutgoingEmail


def is_waiting(db: Session, *, now: datetime) -> bool:
    """Return whether an e-mail is due."""
    return db.exec(due(now).limit(1)).first() is not None


def failed(db: Session, *, limit: int = 50) -> Sequence[OutgoingEmail]:
    """Return the e-mails that were given up, newest first."""
    return db.exec(
        select(OutgoingEmail)
        .where(col(OutgoingEmail.failed_at).is_not(None))
        .order_by(col(OutgoingEmail.id).desc())
        .limit(limit)
    ).all()


def due(now: datetime) -> SelectOfScalar[OutgoingEmail]:
    """Return the statement of what is to be sent now, in the order of waiting."""
    return (
        select(OutgoingEmail)
        .where(
            col(OutgoingEmail.sent_at).is_(None),
            col(OutgoingEmail.failed_at).is_(None),
            col(OutgoingEmail.try_at) <= now,
        )
        .order_by(col(OutgoingEmail.try_at), col(OutgoingEmail.id))
    )
