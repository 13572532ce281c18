"""Signing in and out, and the browsers in which a member is signed in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col

from app.core import security_log
from app.core.addresses import email_key, subnet_key
from app.core.db import LOCK, atomic
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.passwords import hash_password, needs_rehash, verify_password
from app.core.signing import hash_token, new_token
from app.domain import throttles
from app.domain.accounts import limits
from app.domain.accounts.queries import by_email
from app.domain.accounts.service.proving import prove_password_if_any
from app.models import LoginSession, User

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=180)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Browser:
    """Where a request comes from. `session` is the token it came with, `device` what its device cookie says."""

    address: str
    user_agent: str = ""
    session: str = ""
    device: str = ""

    @property
    def subnet(self) -> str:
        """The network that limits apply to."""
        return subnet_key(self.address)


@dataclass(frozen=True)
class SignedIn:
    """A session that was just opened: the tokens for its two cookies."""

    user: User
    token: str
    device: str


class WrongCredentials(Invalid):
    """One of the two is wrong; which one is not said."""

    def __init__(self) -> None:
        super().__init__("form", _("The e-mail or the password is wrong."))


def sign_in(db: Session, *, email: str, password: str, browser: Browser, now: datetime) -> SignedIn:
    """Open a session for whoever knows the password; raise WrongCredentials or TooMany.

    Unknown addresses take as long, and count, as known ones. Checking the password takes a while
    and happens outside any transaction, so that nobody else waits for it.
    """
    address = email_key(email.strip())
    user = by_email(db, address)
    kept_hash = user.password_hash if user else None
    is_known = user is not None and browser.device.startswith(f"{user.id}:")
    attempts = limits.signing_in(
        address=address, subnet=browser.subnet, device=browser.device if is_known else ""
    )
    throttles.take(db, attempts=attempts, now=now)
    if not verify_password(password, kept_hash) or user is None or kept_hash is None:
        security_log.tell("sign_in.refused", member=user.id if user else None)
        raise WrongCredentials
    new_hash = hash_password(password) if needs_rehash(kept_hash) else kept_hash
    return _open_checked(
        db, user=user, checked=kept_hash, new_hash=new_hash, attempts=attempts, browser=browser, now=now
    )


@atomic
def _open_checked(
    db: Session,
    *,
    user: User,
    checked: str,
    new_hash: str,
    attempts: list[throttles.Attempt],
    browser: Browser,
    now: datetime,
) -> SignedIn:
    present = db.get_one(User, user.id, with_for_update=LOCK, populate_existing=True)
    if present.password_hash != checked or present.deleted_at is not None:
        raise WrongCredentials  # changed while it was being checked
    present.password_hash = new_hash
    throttles.give_back(db, attempts=attempts)
    return open_session(db, user=present, browser=browser, way="password", now=now)


def open_session(db: Session, *, user: User, browser: Browser, way: str, now: datetime) -> SignedIn:
    """Open a session under a new token, within the caller's transaction; the one the browser came with ends.

    `way` says in the log how they proved who they are.
    """
    security_log.tell("session.opened", member=user.id, way=way)
    if browser.session:
        db.execute(delete(LoginSession).where(col(LoginSession.token_hash) == hash_token(browser.session)))
    token = new_token()
    db.add(
        LoginSession(
            token_hash=hash_token(token),
            user_id=user.id or 0,
            created_at=now,
            last_seen_at=now,
            expires_at=now + IDLE,
            address=browser.address[:45],
            user_agent=browser.user_agent[:300],
        )
    )
    user.last_seen_at = now
    db.add(user)
    db.flush()
    is_known = browser.device.startswith(f"{user.id}:")
    return SignedIn(
        user=user, token=token, device=browser.device if is_known else f"{user.id}:{secrets.token_hex(8)}"
    )


def is_due(login: LoginSession, *, now: datetime) -> bool:
    """Return whether `keep_alive` should be called for a session that was used now."""
    return now >= due_at(login)


def due_at(login: LoginSession) -> datetime:
    """Return when the session must be looked at again: then its use is to be noted, or it has ended."""
    return min(login.last_seen_at + SEEN_EVERY, login.expires_at)


@atomic
def keep_alive(db: Session, *, login: LoginSession, now: datetime) -> None:
    """Note that a session is in use, and move its end, up to ABSOLUTE after signing in."""
    expires_at = min(now + IDLE, login.created_at + ABSOLUTE)
    # Statements, not the loaded rows: the session may have been ended meanwhile.
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.id) == login.id)
        .values(last_seen_at=now, expires_at=expires_at)
    )
    db.execute(update(User).where(col(User.id) == login.user_id).values(last_seen_at=now))


@atomic
def sign_out(db: Session, *, token: str) -> None:
    """End the session of `token`; one that has ended already is fine."""
    db.execute(delete(LoginSession).where(col(LoginSession.token_hash) == hash_token(token)))


def end_session(db: Session, *, by: User, session_id: int, password: str, now: datetime) -> None:
    """End one of one's own sessions, given the password of who has one."""
    row = db.get(LoginSession, session_id)
    if row is None or row.user_id != by.id:
        raise NotFound
    prove_password_if_any(db, by=by, password=password, now=now)
    _end(db, by=by, session_id=session_id)


def end_other_sessions(db: Session, *, by: User, token: str, password: str, now: datetime) -> None:
    """End all of one's sessions but the one of `token`, given the password of who has one."""
    prove_password_if_any(db, by=by, password=password, now=now)
    _end_others(db, by=by, token=token)


@atomic
def _end(db: Session, *, by: User, session_id: int) -> None:
    own = col(LoginSession.user_id) == by.id
    db.execute(delete(LoginSession).where(col(LoginSession.id) == session_id, own))
    security_log.tell("session.ended", member=by.id)


@atomic
def _end_others(db: Session, *, by: User, token: str) -> None:
    end_sessions(db, user_id=by.id or 0, except_token=token)


def end_sessions(db: Session, *, user_id: int, except_token: str = "") -> None:
    """End the member's sessions, within the caller's transaction."""
    statement = delete(LoginSession).where(col(LoginSession.user_id) == user_id)
    if except_token:
        statement = statement.where(col(LoginSession.token_hash) != hash_token(except_token))
    db.execute(statement)
    security_log.tell("sessions.ended", member=user_id)
