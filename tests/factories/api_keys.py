"""Keys of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from app.core.signing import hash_token
from app.domain import apikeys
from app.models import ApiKey, User
from tests.support.clock import MONDAY_MORNING


def make_api_key(db: Session, *, owner: User, scopes: Sequence[str] = ("read", "write"), **facts: Any) -> str:
    """Save a key and return its token, as it was shown to its owner."""
    token = apikeys.new_key()
    defaults: dict[str, Any] = {"name": "A script", "hint": token[:9], "created_at": MONDAY_MORNING}
    key = ApiKey(
        user_id=owner.id or 0, token_hash=hash_token(token), scopes=list(scopes), **{**defaults, **facts}
    )
    db.add(key)
    db.commit()
    return token
