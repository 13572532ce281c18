"""What e-mails about accounts say, decided when they are sent.

Only then is looked up whether an address has an account, and only then is the token of a link
made: asking for a link costs the same for every address, and no token lies in the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session

from app.core.addresses import email_key
from app.core.db import atomic
from app.domain import mail
from app.domain.accounts.queries import account_for, by_email
from app.domain.accounts.service.tokens import mint
from app.domain.mail import Claimed, Letter
from app.models import User


@atomic
def letter(db: Session, *, email: Claimed, now: datetime) -> Letter | None:
    """Return what to send for an e-mail of ours (see TEMPLATES); None when there is no need any more."""
    return _WRITERS[email.template](db, email, now)


def _verify(db: Session, email: Claimed, now: datetime) -> Letter | None:
    user = _owner(db, email)
    if user is None or user.email_verified_at is not None or user.email_key != email_key(email.to_address):
        return None
    return _with_link(db, "verify", user=user, address=email.to_address, purpose="verify", now=now)


def _already_member(db: Session, email: Claimed, now: datetime) -> Letter | None:
    user = account_for(db, email.to_address)
    if user is None or user.deleted_at is not None:
        return None
    if not user.is_claimed:
        return _with_link(db, "claim", user=user, address=email.to_address, purpose="claim", now=now)
    if user.email_verified_at is None:
        return _with_link(db, "verify", user=user, address=email.to_address, purpose="verify", now=now)
    return Letter("already_member", {"name": user.display_name})


def _reset(db: Session, email: Claimed, now: datetime) -> Letter | None:
    user = account_for(db, email.to_address)
    if user is None or user.deleted_at is not None:
        return None
    purpose = "reset" if user.is_claimed else "claim"
    return _with_link(db, purpose, user=user, address=email.to_address, purpose=purpose, now=now)


def _change_email(db: Session, email: Claimed, now: datetime) -> Letter | None:
    user = _owner(db, email)
    if user is None or not mail.stands(db, email_id=email.id):
        return None
    if by_email(db, email.to_address) is not None:
        return Letter("address_taken", {})
    return _with_link(
        db, "change_email", user=user, address=email.to_address, purpose="change_email", now=now
    )


def _notice(db: Session, email: Claimed, _now: datetime) -> Letter | None:
    user = _owner(db, email)
    return Letter(email.template, {"name": user.display_name}) if user else None


def _key_made(db: Session, email: Claimed, _now: datetime) -> Letter | None:
    user = _owner(db, email)
    return Letter("key_made", {"name": user.display_name, **email.context}) if user else None


def _goodbye(_db: Session, email: Claimed, _now: datetime) -> Letter | None:
    return Letter("account_deleted", email.context)


def _owner(db: Session, email: Claimed) -> User | None:
    user = db.get(User, email.user_id) if email.user_id else None
    return user if user is not None and user.deleted_at is None else None


def _with_link(
    db: Session, template: str, *, user: User, address: str, purpose: str, now: datetime
) -> Letter:
    token = mint(db, user=user, purpose=purpose, email=address, now=now)
    return Letter(template, {"name": user.display_name, "handle": user.handle, "token": token})


_WRITERS: MappingProxyType[str, Callable[[Session, Claimed, datetime], Letter | None]] = MappingProxyType(
    {
        "verify": _verify,
        "already_member": _already_member,
        "reset": _reset,
        "change_email": _change_email,
        "email_changed": _notice,
        "password_changed": _notice,
        "key_made": _key_made,
        "account_deleted": _goodbye,
    }
)

TEMPLATES = frozenset(_WRITERS)
"""The e-mails that `letter` writes."""
