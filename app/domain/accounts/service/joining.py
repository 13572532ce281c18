"""Making accounts: by their owners, and by the operator."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core.addresses import email_key, parse_email
from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.handles import MAX_LENGTH, check_display_name, check_handle, skeleton, suggest_handle
from app.core.i18n import gettext as _
from app.core.passwords import check_strength, hash_password
from app.domain import audit, mail, outbox, reputation, throttles
from app.domain.accounts import limits
from app.domain.accounts.events import MemberJoined
from app.domain.accounts.policy import personal_facts
from app.domain.accounts.queries import account_for, by_email, is_handle_free
from app.domain.accounts.service.sessions import Browser
from app.models import User


def sign_up(
    db: Session,
    *,
    email: str,
    display_name: str,
    password: str,
    browser: Browser,
    now: datetime,
    handle: str = "",
    site: Sequence[str] = (),
) -> str:
    """Make an account and mail its owner a link; return the address as it was understood.

    `site` are words of this place that the password may not be made of.

    For an address that has an account (or an imported one, waiting to be claimed) nothing is made:
    its owner gets an e-mail that says so. The caller can't tell the difference, nor can the visitor.
    """
    address, name, chosen = _checked(
        email=email, display_name=display_name, handle=handle, password=password, site=site
    )
    throttles.take(db, attempts=limits.signing_up(address=email_key(address), subnet=browser.subnet), now=now)
    _join(db, address=address, name=name, handle=chosen, password_hash=hash_password(password), now=now)
    return address


class _Undone(Exception):
    """Takes back what was done in a savepoint."""


@atomic
def create(
    db: Session,
    *,
    email: str,
    handle: str,
    now: datetime,
    display_name: str = "",
    password_hash: str | None = None,
    support_role: str = "",
    moderation_role: str = "",
) -> User:
    """Make an account as the operator, who answers for its address; raise Invalid when one is taken."""
    is_staff = bool(support_role or moderation_role)
    address = parse_email(email)
    chosen = check_handle(handle, may_be_reserved=is_staff)
    name = check_display_name(display_name or chosen, may_claim_role=is_staff)
    if by_email(db, address) is not None:
        raise Invalid("email", _("An account with this address exists already."))
    user = _insert(db, address=address, name=name, handle=chosen, password_hash=password_hash, now=now)
    if user is None:
        raise Invalid("handle", _("This handle is taken, or looks like one that is."))
    user.email_verified_at = now
    user.support_role = support_role
    user.moderation_role = moderation_role
    if is_staff:
        audit.record(
            db,
            by=None,
            action="user.roles",
            subject=user,
            after={"support": support_role, "moderation": moderation_role},
            now=now,
        )
    db.flush()
    return user


@atomic
def join_by_word_of(db: Session, *, name: str, email: str, now: datetime) -> User:
    """Make an account without a password for somebody whom a trusted site vouches for.

    `email` is one that the site has confirmed, or ""; it must have no account here. A name that can't
    be one here becomes "Customer".
    """
    try:
        shown = check_display_name(name)
    except Invalid:
        shown = _("Customer")
    address = parse_email(email) if email else None
    for candidate in _candidates(shown):
        user = _insert(db, address=address, name=shown, handle=candidate, password_hash=None, now=now)
        if user is not None:
            user.email_verified_at = now if address else None
            db.flush()
            return user
    raise Conflict(_("No handle could be found for this name. Choose a different one."))


@atomic
def _join(db: Session, *, address: str, name: str, handle: str, password_hash: str, now: datetime) -> None:
    is_known = account_for(db, address) is not None
    # For a known address an account is made all the same, and unmade: the time and what is said of
    # a handle then tell no one whether there was one.
    given = f"{secrets.token_hex(8)}@nobody.invalid" if is_known else address
    try:
        with db.begin_nested():
            user = _make(db, address=given, name=name, handle=handle, password_hash=password_hash, now=now)
            _undo_if(is_known=is_known)
    except _Undone:
        user = None
    if user is None:
        mail.queue(db, template="already_member", to=address, context={}, now=now)
    else:
        mail.queue(db, template="verify", user=user, context={}, now=now)


def _undo_if(*, is_known: bool) -> None:
    if is_known:
        raise _Undone


def _make(
    db: Session, *, address: str, name: str, handle: str, password_hash: str, now: datetime
) -> User | None:
    """Return the new account; None when another sign-up with its address was faster."""
    for candidate in [handle] if handle else _candidates(name):
        user = _insert(db, address=address, name=name, handle=candidate, password_hash=password_hash, now=now)
        if user is not None:
            return user
        if by_email(db, address) is not None:
            return None
    if handle:
        raise Invalid("handle", _("This handle is taken, or looks like one that is."))
    raise Conflict(_("No handle could be found for this name. Choose a different one."))


def _insert(
    db: Session, *, address: str | None, name: str, handle: str, password_hash: str | None, now: datetime
) -> User | None:
    """Return the new account with its first point; None when its handle or address is taken."""
    key = skeleton(handle)
    if not is_handle_free(db, key):
        return None
    user = User(
        handle=handle,
        handle_key=key,
        display_name=name,
        email=address,
        email_key=email_key(address) if address else None,
        password_hash=password_hash,
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(user)
    except IntegrityError:
        return None
    reputation.welcome(db, user_id=user.id or 0, now=now)
    outbox.record(db, MemberJoined(by_id=user.id, member_id=user.id or 0), now=now)
    return user


def _checked(
    *, email: str, display_name: str, handle: str, password: str, site: Sequence[str]
) -> tuple[str, str, str]:
    """Return address, name and handle in their normal forms; raise one Invalid for all that is wrong."""
    errors: dict[str, str] = {}
    address = name = chosen = ""
    try:
        name = check_display_name(display_name)
    except Invalid as error:
        errors |= error.errors
    try:
        address = parse_email(email)
    except Invalid as error:
        errors |= error.errors
    try:
        chosen = check_handle(handle) if handle.strip() else ""
    except Invalid as error:
        errors |= error.errors
    try:
        facts = personal_facts(display_name=name, handle=chosen, address=address)
        check_strength(password, facts, site=site)
    except Invalid as error:
        errors |= error.errors
    Invalid.raise_if(errors)
    return address, name, chosen


def _candidates(name: str) -> Iterator[str]:
    """Yield handles made of a name, until one is free."""
    base = suggest_handle(name)
    yield base
    for number in itertools.chain(range(2, 6), (secrets.randbelow(9_000) + 1_000 for _try in range(20))):
        ending = f"-{number}"
        yield base[: MAX_LENGTH - len(ending)].rstrip("-_.") + ending
