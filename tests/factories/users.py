"""Members."""

from __future__ import annotations

import itertools
from typing import Any

from sqlmodel import Session

from app.models import ReputationEntry, User
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_user(db: Session, *, handle: str = "", reputation: int = 100, **facts: Any) -> User:
    """Save a member with a confirmed address and, unless told otherwise, enough reputation to vote and comment."""
    name = handle or f"member-{next(_numbers)}"
    defaults: dict[str, Any] = {
        "handle": name,
        "handle_key": name.lower(),
        "display_name": name.title(),
        "email": f"{name}@example.org",
        "email_key": f"{name.lower()}@example.org",
        "email_verified_at": MONDAY_MORNING,
        "password_hash": "unusable",
        "created_at": MONDAY_MORNING,
    }
    user = User(reputation=reputation, peak_reputation=reputation, **{**defaults, **facts})
    db.add(user)
    db.flush()
    entry: dict[str, Any] = {
        "kind": "welcome",
        "cause": "welcome",
        "points": reputation,
        "created_at": MONDAY_MORNING,
    }
    db.add(ReputationEntry(user_id=user.id or 0, **entry))
    db.commit()
    return user
