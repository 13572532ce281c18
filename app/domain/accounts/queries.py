"""Reading accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.signing import hash_token
from app.models import LoginSession, User


def viewer(db: Session, *, token: str, now: datetime) -> User | None:
    """Return the member whose session cookie holds `token`; None when it is unknown, ended or the account is gone."""
    row = db.exec(
        select(LoginSession)
        .options(joinedload(LoginSession.user))  # type: ignore[arg-type]
        .where(LoginSession.token_hash == hash_token(token), col(LoginSession.expires_at) > now)
    ).first()
    if row is None or row.user.deleted_at is not None:
        return None
    return row.user
