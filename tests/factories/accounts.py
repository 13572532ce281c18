"""Accounts that somebody can sign in to."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlmodel import Session

from app.core.passwords import hash_password
from app.models import User
from tests.factories.users import make_user

PASSWORD = "moss under old stones"


def make_account(db: Session, *, handle: str = "", **facts: Any) -> User:
    """Save a member whose password is PASSWORD."""
    return make_user(db, handle=handle, **{"password_hash": _hash(), **facts})


@cache
def _hash() -> str:
    return hash_password(PASSWORD)
