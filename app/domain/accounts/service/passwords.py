"""Passwords: asking for a link, using it, and changing the password while signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core import security_log
from app.core.addresses import email_key, parse_email
from app.core.db import LOCK, atomic
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.core.passwords import check_strength, hash_password
from app.domain import mail, outbox, throttles
from app.domain.accounts import limits
from app.domain.accounts.events import MemberJoined
from app.domain.accounts.policy import personal_facts
from app.domain.accounts.queries import link
from app.domain.accounts.service.proving import prove_password
from app.domain.accounts.service.sessions import Browser, SignedIn, end_sessions, open_session
from app.domain.accounts.service.tokens import DeadLink, mint, redeem, revoke_all
from app.models import AccountToken, User

PURPOSES = ("reset", "claim")


def ask_for_reset(db: Session, *, email: str, browser: Browser, now: datetime) -> None:
    """Queue a link for the owner of an address.

    Whether there is an account is found out when the mail is sent: here known and unknown
    addresses are one and the same.
    """
    address = parse_email(email)
    attempts = limits.asking_for_reset(address=email_key(address), subnet=browser.subnet)
    throttles.take(db, attempts=attempts, now=now)
    _queue_link(db, address=address, now=now)


def reset_password(
    db: Session, *, token: str, password: str, browser: Browser, now: datetime, site: Sequence[str] = ()
) -> SignedIn:
    """Set the password by a link, and sign in. All other sessions and links of the account end.

    `site` are words of this place that the password may not be made of, here and below.
    """
    throttles.take(db, attempts=limits.using_link(subnet=browser.subnet), now=now)
    found = link(db, token=token, purposes=PURPOSES, now=now)
    if found is None:
        raise DeadLink
    check_strength(password, _facts(db.get_one(User, found.user_id), found.email), site=site)
    return _reset(db, token=token, password_hash=hash_password(password), browser=browser, now=now)


def change_password(
    db: Session,
    *,
    by: User,
    current: str,
    password: str,
    token: str,
    now: datetime,
    site: Sequence[str] = (),
) -> None:
    """Set another password, given the present one. All other sessions (but that of `token`) and links end."""
    prove_password(db, by=by, password=current, now=now, field="current")
    check_strength(password, _facts(by, by.email or ""), site=site)
    _change(db, by=by, password_hash=hash_password(password), token=token, now=now)


@atomic
def reset_token(db: Session, *, member: User, now: datetime) -> str:
    """Return the token of a link that sets the password, for the operator to hand over."""
    if not member.email:
        raise Conflict(_("This account has no e-mail address."))
    purpose = "reset" if member.is_claimed else "claim"
    return mint(db, user=member, purpose=purpose, email=member.email, now=now)


@atomic
def _queue_link(db: Session, *, address: str, now: datetime) -> None:
    mail.queue(db, template="reset", to=address, context={}, now=now)


@atomic
def _reset(db: Session, *, token: str, password_hash: str, browser: Browser, now: datetime) -> SignedIn:
    used, user = redeem(db, token=token, purposes=PURPOSES, now=now)
    if used.purpose == "claim":
        _claim(db, user=user, used=used, now=now)
    elif email_key(used.email) != user.email_key:
        raise DeadLink
    user.password_hash = password_hash
    user.email_verified_at = user.email_verified_at or now  # the link was read in that mailbox
    _end_everything(db, user=user, now=now)
    return open_session(db, user=user, browser=browser, way="link", now=now)


@atomic
def _change(db: Session, *, by: User, password_hash: str, token: str, now: datetime) -> None:
    user = db.get_one(User, by.id, with_for_update=LOCK, populate_existing=True)
    user.password_hash = password_hash
    _end_everything(db, user=user, now=now, except_token=token)


def _claim(db: Session, *, user: User, used: AccountToken, now: datetime) -> None:
    """Give an imported account to the owner of its address."""
    is_other_address = user.email_key is not None and user.email_key != email_key(used.email)
    if user.is_claimed or is_other_address:
        raise DeadLink
    user.email = used.email
    user.email_key = email_key(used.email)
    user.claim_hash = None
    try:
        db.flush()
    except IntegrityError as taken:
        raise Conflict(_("This address belongs to another account by now. Sign in to that one.")) from taken
    outbox.record(db, MemberJoined(by_id=user.id, member_id=user.id or 0), now=now)


def _end_everything(db: Session, *, user: User, now: datetime, except_token: str = "") -> None:
    db.add(user)
    db.flush()
    revoke_all(db, user_id=user.id or 0, now=now)
    security_log.tell("password.changed", member=user.id)
    end_sessions(db, user_id=user.id or 0, except_token=except_token)
    mail.queue(db, template="password_changed", user=user, context={}, now=now)


def _facts(user: User, address: str) -> tuple[str, ...]:
    return personal_facts(display_name=user.display_name, handle=user.handle, address=address)
