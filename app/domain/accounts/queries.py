"""Reading accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.addresses import email_key
from app.core.clock import SKEW
from app.core.db import UtcDateTime
from app.core.handles import skeleton
from app.core.signing import hash_token
from app.domain.accounts.devices import device_words
from app.models import AccountToken, FormerHandle, LoginSession, User

_LOGIN = (
    select(LoginSession)
    .options(joinedload(LoginSession.user))  # type: ignore[arg-type]
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        col(LoginSession.expires_at) > bindparam("now", type_=UtcDateTime),
    )
)


@dataclass(frozen=True)
class SessionRow:
    """A browser that is signed in, in words."""

    id: int
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


def login(db: Session, *, token: str, now: datetime) -> LoginSession | None:
    """Return the session whose cookie holds `token`, with its member; None when unknown, ended, or of nobody."""
    row = db.exec(_LOGIN, params={"token_hash": hash_token(token), "now": now}).first()
    if row is None or row.user.deleted_at is not None:
        return None
    return row


def viewer(db: Session, *, token: str, now: datetime) -> User | None:
    """Return the member whose session cookie holds `token`; None when it is unknown, ended or the account is gone."""
    row = login(db, token=token, now=now)
    return row.user if row else None


def sessions_of(db: Session, *, member: User, token: str, now: datetime) -> list[SessionRow]:
    """Return where the member is signed in, last used first; `token` tells which browser is asking."""
    rows = db.exec(
        select(LoginSession)
        .where(LoginSession.user_id == member.id, col(LoginSession.expires_at) > now)
        .order_by(col(LoginSession.last_seen_at).desc(), col(LoginSession.id).desc())
    )
    present = hash_token(token)
    return [
        SessionRow(
            id=row.id or 0,
            device=device_words(row.user_agent),
            address=row.address,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=row.token_hash == present,
        )
        for row in rows
    ]


def has_admin(db: Session) -> bool:
    """Return whether an administrator exists who can sign in, or will once they use their link."""
    return other_admin(db, than=None) is not None


def other_admin(db: Session, *, than: User | None) -> User | None:
    """Return an administrator who is not `than`."""
    statement = select(User).where(User.moderation_role == "admin", col(User.deleted_at).is_(None))
    if than is not None:
        statement = statement.where(User.id != than.id)
    return db.exec(statement.limit(1)).first()


def by_handle(db: Session, handle: str) -> User | None:
    """Return the member whose handle this is, however it is written; deleted accounts are found, too."""
    return db.exec(select(User).where(User.handle_key == skeleton(handle))).first()


def is_handle_free(db: Session, key: str, *, user: User | None = None) -> bool:
    """Return whether the skeleton of a handle is nobody else's, now or formerly."""
    own = user.id if user else 0
    holder = select(User.id).where(col(User.handle_key) == key, User.id != own)
    former = select(FormerHandle.user_id).where(FormerHandle.handle_key == key, FormerHandle.user_id != own)
    return db.exec(holder).first() is None and db.exec(former).first() is None


def by_email(db: Session, address: str) -> User | None:
    """Return the account with this address."""
    return db.exec(select(User).where(User.email_key == email_key(address))).first()


def account_for(db: Session, address: str) -> User | None:
    """Return the account that the owner of a mailbox can get into: with this address, or imported with its hash."""
    return by_email(db, address) or claimable(db, address)


def claimable(db: Session, address: str) -> User | None:
    """Return the account, imported with only a hash of its address, that this address belongs to."""
    # MD5 of the lower-case address is what old dumps hold (Gravatar's key): nothing is secured by it,
    # for the link goes to that address.
    digest = hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()
    return db.exec(
        select(User)
        .where(
            User.claim_hash == digest,
            col(User.email_key).is_(None),
            col(User.password_hash).is_(None),
            col(User.deleted_at).is_(None),
        )
        .order_by(col(User.reputation).desc(), col(User.id))
        .limit(1)
    ).first()


def link(db: Session, *, token: str, purposes: Sequence[str], now: datetime) -> AccountToken | None:
    """Return the token of a link that still works, without using it up."""
    return db.exec(
        select(AccountToken).where(
            AccountToken.token_hash == hash_token(token),
            col(AccountToken.purpose).in_(purposes),
            col(AccountToken.used_at).is_(None),
            col(AccountToken.expires_at) > now,
            col(AccountToken.created_at) <= now + SKEW,
        )
    ).first()


def staff(db: Session) -> Sequence[User]:
    """Return everyone with a role, administrators first."""
    first = case((col(User.moderation_role) == "admin", 0), else_=1)
    has_role = (col(User.support_role) != "") | (col(User.moderation_role) != "")
    return db.exec(select(User).where(has_role).order_by(first, col(User.handle))).all()
