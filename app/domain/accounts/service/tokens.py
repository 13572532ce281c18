"""Links that prove who reads a mailbox: made when the e-mail is sent, good once and not for long.

Only the hash of a token is ever written down. A token is bound to the address it was sent to: it
is worth nothing once the account has another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import delete, update
from sqlmodel import Session, col

from app.core.clock import SKEW
from app.core.db import LOCK
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.signing import hash_token, new_token
from app.domain import mail
from app.models import AccountToken, User

LIFETIMES = MappingProxyType(
    {
        "verify": timedelta(days=3),
        "change_email": timedelta(days=1),
        "reset": timedelta(hours=1),
        "claim": timedelta(days=3),
    }
)


REPLACED = frozenset({"change_email", "reset"})
"""Links of which only the newest works. The others prove what is no danger to prove twice."""


class DeadLink(NotFound):
    """The link was used, is too old, or never was one."""

    def __init__(self) -> None:
        super().__init__(_("This link was used already or is too old."))


def mint(db: Session, *, user: User, purpose: str, email: str, now: datetime) -> str:
    """Return a new token, within the caller's transaction; its hash is kept."""
    token = new_token()
    if purpose in REPLACED:
        _end(db, user_id=user.id or 0, purpose=purpose)
    db.add(
        AccountToken(
            token_hash=hash_token(token),
            user_id=user.id or 0,
            purpose=purpose,
            email=email,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    db.flush()
    return token


def redeem(db: Session, *, token: str, purposes: Sequence[str], now: datetime) -> tuple[AccountToken, User]:
    """Use a token up, within the caller's transaction; raise DeadLink. Of many at once, one succeeds."""
    used = db.execute(
        update(AccountToken)
        .where(
            col(AccountToken.token_hash) == hash_token(token),
            col(AccountToken.purpose).in_(purposes),
            col(AccountToken.used_at).is_(None),
            col(AccountToken.expires_at) > now,
            col(AccountToken.created_at) <= now + SKEW,  # the clock was set back: it would last for longer
        )
        .values(used_at=now)
        .returning(col(AccountToken.id))
    ).scalar_one_or_none()
    if used is None:
        raise DeadLink
    row = db.get_one(AccountToken, used, populate_existing=True)
    user = db.get_one(User, row.user_id, with_for_update=LOCK, populate_existing=True)
    if user.deleted_at is not None:
        raise DeadLink
    return row, user


def revoke_all(db: Session, *, user_id: int, now: datetime) -> None:
    """End every link of the account, within the caller's transaction."""
    revoke_changes(db, user_id=user_id, now=now)
    db.execute(delete(AccountToken).where(col(AccountToken.user_id) == user_id))


def revoke_changes(db: Session, *, user_id: int, now: datetime) -> None:
    """End links to another address, within the caller's transaction: also those that are yet to be made.

    A link is made when its e-mail goes out; a server that takes it only days later must not get a live one.
    """
    mail.withdraw(db, user_id=user_id, template="change_email", now=now)
    _end(db, user_id=user_id, purpose="change_email")


def _end(db: Session, *, user_id: int, purpose: str) -> None:
    mine = (col(AccountToken.user_id) == user_id) & (col(AccountToken.purpose) == purpose)
    db.execute(delete(AccountToken).where(mine))
