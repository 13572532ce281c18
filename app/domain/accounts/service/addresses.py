"""E-mail addresses of accounts: confirming and changing them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core import security_log
from app.core.addresses import email_key, parse_email
from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.i18n import gettext as _
from app.domain import mail, throttles
from app.domain.accounts import limits
from app.domain.accounts.service.proving import prove_password
from app.domain.accounts.service.sessions import Browser, SignedIn, open_session
from app.domain.accounts.service.tokens import DeadLink, redeem, revoke_all, revoke_changes
from app.models import AccountToken, User

PURPOSES = ("verify", "change_email")


def confirm_address(
    db: Session, *, token: str, browser: Browser, signed_up_as: str, now: datetime
) -> SignedIn | User:
    """Confirm the address that a link was sent to; raise DeadLink.

    The browser that signed up with just this address (`signed_up_as`, from its own signed cookie)
    is signed in at the same time. A link alone signs nobody in: it may have been opened anywhere.
    """
    throttles.take(db, attempts=limits.using_link(subnet=browser.subnet), now=now)
    return _confirm(db, token=token, browser=browser, signed_up_as=signed_up_as, now=now)


def ask_for_link(db: Session, *, by: User, now: datetime) -> None:
    """Send the member another link to confirm their address."""
    if by.email_verified_at is not None or by.email is None:
        raise Conflict(_("Your address is confirmed already."))
    attempts = limits.resending(member_id=by.id or 0, address=email_key(by.email))
    throttles.take(db, attempts=attempts, now=now)
    _queue(db, template="verify", by=by, to=by.email, now=now)


def change_email(db: Session, *, by: User, email: str, password: str, now: datetime) -> str:
    """Send a link to the new address, which is used once the link is; return the address as it was understood.

    An address that belongs to another account gets a different e-mail; here nobody can tell.
    """
    address = parse_email(email)
    if email_key(address) == by.email_key:
        raise Invalid("email", _("This is your address already."))
    prove_password(db, by=by, password=password, now=now)
    attempts = limits.resending(member_id=by.id or 0, address=email_key(address))
    throttles.take(db, attempts=attempts, now=now)
    _queue(db, template="change_email", by=by, to=address, now=now)
    return address


@atomic
def _queue(db: Session, *, template: str, by: User, to: str, now: datetime) -> None:
    if template == "change_email":  # an earlier link, to a mistyped address, would give the account away
        revoke_changes(db, user_id=by.id or 0, now=now)
    mail.queue(db, template=template, user=by, to=to, context={}, now=now)


@atomic
def _confirm(
    db: Session, *, token: str, browser: Browser, signed_up_as: str, now: datetime
) -> SignedIn | User:
    used, user = redeem(db, token=token, purposes=PURPOSES, now=now)
    if used.purpose == "change_email":
        _change(db, user=user, used=used, now=now)
    elif email_key(used.email) != user.email_key:
        raise DeadLink
    user.email_verified_at = now
    db.add(user)
    db.flush()
    if signed_up_as and signed_up_as == user.email_key:
        return open_session(db, user=user, browser=browser, way="link", now=now)
    return user


def _change(db: Session, *, user: User, used: AccountToken, now: datetime) -> None:
    old = user.email
    user.email = used.email
    user.email_key = email_key(used.email)
    try:
        db.flush()
    except IntegrityError as taken:
        raise Conflict(_("This address belongs to another account by now.")) from taken
    revoke_all(db, user_id=user.id or 0, now=now)
    security_log.tell("email.changed", member=user.id)
    if old:
        mail.queue(db, template="email_changed", user=user, to=old, context={}, now=now)
