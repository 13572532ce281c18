"""Reading keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.signing import hash_token
from app.domain.apikeys.policy import is_live
from app.domain.apikeys.tokens import is_key
from app.models import ApiKey, User


def live(db: Session, *, token: str, now: datetime) -> ApiKey | None:
    """Return the key with its owner; None when it is nobody's, ended, or of a suspended or deleted account."""
    if not is_key(token):
        return None
    key = db.exec(
        select(ApiKey)
        .options(joinedload(ApiKey.user))  # type: ignore[arg-type]
        .where(ApiKey.token_hash == hash_token(token))
    ).first()
    return key if key is not None and is_live(key, now=now) else None


def keys_of(db: Session, *, owner: User) -> Sequence[ApiKey]:
    """Return a member's keys that were not revoked, newest first; expired ones are among them."""
    return db.exec(
        select(ApiKey)
        .where(ApiKey.user_id == owner.id, col(ApiKey.revoked_at).is_(None))
        .order_by(col(ApiKey.id).desc())
    ).all()


def all_keys(db: Session) -> Sequence[ApiKey]:
    """Return everybody's keys that were not revoked, with their owners."""
    return db.exec(
        select(ApiKey)
        .options(joinedload(ApiKey.user))  # type: ignore[arg-type]
        .where(col(ApiKey.revoked_at).is_(None))
        .order_by(col(ApiKey.id))
    ).all()


def is_origin_known(db: Session, origin: str, *, now: datetime) -> bool:
    """Return whether some key that still works may be used from pages of this origin."""
    rows = db.exec(
        select(ApiKey.origins).where(
            col(ApiKey.revoked_at).is_(None),
            or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now),
        )
    )
    return any(origin in origins for origins in rows)
