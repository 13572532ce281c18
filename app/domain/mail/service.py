"""Writing outgoing mail.

Sending takes seconds and can't be undone, so it happens outside any transaction: `claim` takes an
e-mail for LEASE in a short one, and `mark_sent` or `postpone` ends the try in another. A worker
that dies in between leaves the lease to run out; the e-mail then goes out again under the same
Message-ID, by which mail programs drop the copy.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.core.clock import SKEW
from app.core.db import atomic
from app.domain.mail.queries import due
from app.models import OutgoingEmail, User

LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=8)
GIVE_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Claimed:
    """An e-mail that this worker alone may send now."""

    id: int
    message_id: str
    user_id: int | None
    to_address: str
    template: str
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Letter:
    """What an e-mail says: the name of its templates and what they need."""

    template: str
    context: Mapping[str, Any]


def queue(
    db: Session,
    *,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    user: User | None = None,
    to: str = "",
) -> None:
    """Write an e-mail into the caller's transaction.

    It goes to `to`, or else to the member's own address; for a member without one nothing is
    queued. `template` names `templates/emails/<template>.*`, and `context` holds what they need as
    plain JSON values. Secrets never belong in it: links with tokens are made when the mail is sent.
    """
    address = to or (user.email if user else None)
    if not address:
        return
    db.add(
        OutgoingEmail(
            message_id=f"{secrets.token_hex(16)}",
            user_id=user.id if user else None,
            to_address=address,
            template=template,
            context=dict(context),
            created_at=now,
            try_at=now,
        )
    )
    db.flush()


def withdraw(db: Session, *, user_id: int, template: str, now: datetime) -> None:
    """Give up a member's e-mails of a kind that have not gone out, within the caller's transaction."""
    waiting = select(OutgoingEmail).where(
        OutgoingEmail.user_id == user_id,
        OutgoingEmail.template == template,
        col(OutgoingEmail.sent_at).is_(None),
        col(OutgoingEmail.failed_at).is_(None),
    )
    for email in db.exec(waiting.with_for_update()):
        _end(email, error="withdrawn", now=now)


def stands(db: Session, *, email_id: int) -> bool:
    """Return whether an e-mail was not given up; it can't be until the caller's transaction ends."""
    held = select(OutgoingEmail.id).where(
        OutgoingEmail.id == email_id, col(OutgoingEmail.failed_at).is_(None)
    )
    return db.exec(held.with_for_update()).first() is not None


@atomic
def claim(db: Session, *, now: datetime) -> Claimed | None:
    """Take the e-mail that waits longest; None when none is due. Two workers never hold the same one."""
    email = db.exec(due(now).limit(1).with_for_update(skip_locked=True)).first()
    if email is None:
        return None
    email.try_at = now + LEASE
    email.attempts += 1
    return Claimed(
        id=email.id or 0,
        message_id=email.message_id,
        user_id=email.user_id,
        to_address=email.to_address,
        template=email.template,
        context=email.context,
    )


@atomic
def bring_back(db: Session, *, now: datetime) -> int:
    """Make due what waits for longer than any e-mail has to: the clock was ahead, and was set back. Return how many."""
    result = db.execute(
        update(OutgoingEmail)
        .where(
            col(OutgoingEmail.sent_at).is_(None),
            col(OutgoingEmail.failed_at).is_(None),
            col(OutgoingEmail.try_at) > now + LONGEST_WAIT + SKEW,
        )
        .values(try_at=now)
    )
    return int(cast(Any, result).rowcount)


@atomic
def mark_sent(db: Session, *, email_id: int, now: datetime) -> None:
    """Note that it went out, and forget what it said and to whom."""
    email = db.get(OutgoingEmail, email_id)
    if email is not None:  # the account, and its mail with it, may be gone meanwhile
        email.sent_at = now
        email.last_error = ""
        _forget(email)


@atomic
def postpone(db: Session, *, email_id: int, error: str, now: datetime) -> None:
    """Note a failed try; the next comes later, up to about three days after the first."""
    email = db.get(OutgoingEmail, email_id)
    if email is None:
        return
    email.last_error = error[:500]
    email.try_at = now + _wait(email.attempts)
    if email.try_at > email.created_at + GIVE_UP_AFTER:
        email.failed_at = now
        _forget(email)


@atomic
def give_up(db: Session, *, email_id: int, error: str, now: datetime) -> None:
    """Note that it can't be delivered, or that there is no need any more."""
    email = db.get(OutgoingEmail, email_id)
    if email is not None:
        _end(email, error=error, now=now)


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Delete what ended a week ago; return how many."""
    before = now - KEPT
    ended = (col(OutgoingEmail.sent_at) < before) | (col(OutgoingEmail.failed_at) < before)
    # The ids first: the table has no index on when things ended, and this way nothing is locked by the search.
    old = db.exec(select(OutgoingEmail.id).where(ended).limit(1000)).all()
    result = db.execute(delete(OutgoingEmail).where(col(OutgoingEmail.id).in_(old)))
    return int(cast(Any, result).rowcount)


def _end(email: OutgoingEmail, *, error: str, now: datetime) -> None:
    email.last_error = error[:500]
    email.failed_at = now
    _forget(email)


def _forget(email: OutgoingEmail) -> None:
    email.context = {}
    email.to_address = ""


def _wait(attempts: int) -> timedelta:
    """Return 1 min, 3 min, 9 min, … up to 8 hours."""
    return timedelta(minutes=min(3 ** (attempts - 1), LONGEST_WAIT // timedelta(minutes=1)))
