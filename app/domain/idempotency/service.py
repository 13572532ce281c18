"""Carry something out once. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.i18n import gettext as _
from app.models import StoredAnswer, User

KEPT_FOR = timedelta(hours=24)


class InProgress(Conflict):
    """A request with the same key is being carried out at this moment."""

    def __init__(self) -> None:
        super().__init__(
            _("A request with this Idempotency-Key is still in progress; ask again in a moment.")
        )


@dataclass(frozen=True)
class Attempt:
    """A request: whose, under which key, and what tells it from others. Without a key it is simply carried out."""

    member: User
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Answered:
    """What was answered; `is_replayed` when it was answered before."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replayed: bool = False


@atomic
def once(db: Session, *, attempt: Attempt, act: Callable[[], Answered], now: datetime) -> Answered:
    """Carry `act` out in this transaction and keep its answer, or return what was answered before.

    A refusal (any exception of `act`) is not kept: it changed nothing, so it may be tried again.
    Raises InProgress, or Invalid when the key stands for another request.
    """
    if not attempt.key:
        return act()
    _lock(db, attempt)
    stored = db.exec(
        select(StoredAnswer).where(StoredAnswer.user_id == attempt.member.id, StoredAnswer.key == attempt.key)
    ).first()
    if stored is not None and stored.created_at > now - KEPT_FOR:
        if stored.fingerprint != attempt.fingerprint:
            raise Invalid(
                "Idempotency-Key", _("This key was used for another request; take a new one for each.")
            )
        return Answered(stored.status, stored.body, stored.headers, is_replayed=True)
    if stored is not None:
        db.delete(stored)
        db.flush()
    answer = act()
    db.add(
        StoredAnswer(
            user_id=attempt.member.id or 0,
            key=attempt.key,
            fingerprint=attempt.fingerprint,
            status=answer.status,
            headers=dict(answer.headers),
            body=answer.body,
            created_at=now,
        )
    )
    db.flush()
    return answer


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Delete answers that are kept no longer; return how many."""
    old = select(StoredAnswer.id).where(col(StoredAnswer.created_at) <= now - KEPT_FOR).limit(1000)
    result = db.execute(delete(StoredAnswer).where(col(StoredAnswer.id).in_(old)))
    return int(cast(Any, result).rowcount)


def _lock(db: Session, attempt: Attempt) -> None:
    """Let no other transaction carry out the same key until this one ends.

    SQLite has one writer, so the other request waits and is then given this one's answer.
    """
    if db.get_bind().dialect.name != "postgresql":
        return
    name = f"idempotency:{attempt.member.id}:{attempt.key}".encode()
    number = int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
    if not db.execute(select(func.pg_try_advisory_xact_lock(number))).scalar():
        raise InProgress
