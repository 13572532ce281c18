"""How often something may be tried: counts in the database, so that all processes share them.

A count belongs to a key (what is tried, and by whom: member, address of e-mail, subnet) and to a
window that begins with the first attempt. Taking an attempt is a transaction of its own, before
the attempt is made: a refusal that follows must not undo the count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, cast

from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.clock import SKEW
from app.core.db import atomic
from app.core.errors import TooMany
from app.core.i18n import ngettext
from app.models import Throttle


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts in a window."""

    count: int
    window: timedelta


@dataclass(frozen=True)
class Attempt:
    """One limit that an attempt counts towards."""

    purpose: str
    who: str
    limit: Limit

    @property
    def key(self) -> str:
        """The key of the count; the limited person is hashed, for it may be an e-mail address."""
        return f"{self.purpose}:{hashlib.sha256(self.who.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class Counted:
    """How often something was tried in the present window, and in how many seconds that ends."""

    count: int
    resets_in: int


@atomic
def _count(db: Session, *, attempts: Sequence[Attempt], now: datetime) -> list[tuple[int, datetime]]:
    # Always in the same order: two requests that count towards the same keys then never block each other for ever.
    return [_add_one(db, attempt, now) for attempt in sorted(attempts, key=lambda each: each.key)]


def take(db: Session, *, attempts: Sequence[Attempt], now: datetime) -> None:
    """Count one attempt towards each limit, committed at once; raise TooMany when one is used up."""
    counted = _count(db, attempts=attempts, now=now)
    ordered = sorted(attempts, key=lambda each: each.key)
    ends = [
        end for attempt, (count, end) in zip(ordered, counted, strict=True) if count > attempt.limit.count
    ]
    if ends:
        raise too_many(max(1, ceil((max(ends) - now).total_seconds())))


def count(db: Session, *, attempts: Sequence[Attempt], now: datetime) -> list[Counted]:
    """Count one attempt towards each limit, committed at once, and return the counts in the order of `attempts`.

    For callers that tell how much is left; whether it was one too many is theirs to judge.
    """
    ordered = sorted(attempts, key=lambda each: each.key)
    counted = dict(zip((each.key for each in ordered), _count(db, attempts=ordered, now=now), strict=True))
    return [
        Counted(number, max(0, ceil((end - now).total_seconds())))
        for number, end in (counted[attempt.key] for attempt in attempts)
    ]


def give_back(db: Session, *, attempts: Sequence[Attempt]) -> None:
    """Take one attempt off each count, within the caller's transaction: it turned out to be harmless."""
    keys = sorted(attempt.key for attempt in attempts)
    db.execute(
        update(Throttle)
        .where(col(Throttle.key).in_(keys), col(Throttle.count) > 0)
        .values(count=Throttle.count - 1)
    )


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Delete counts whose window has ended; return how many."""
    old = select(Throttle.key).where(col(Throttle.ends_at) <= now).limit(1000)
    result = db.execute(delete(Throttle).where(col(Throttle.key).in_(old)))
    return int(cast(Any, result).rowcount)


def too_many(seconds: int) -> TooMany:
    """Return the refusal, with when to try again in words."""
    minutes = ceil(seconds / 60)
    text = ngettext(
        "Too many attempts. Try again in a minute.", "Too many attempts. Try again in %(n)s minutes.", minutes
    )
    return TooMany(text % {"n": minutes}, retry_after=seconds)


def _add_one(db: Session, attempt: Attempt, now: datetime) -> tuple[int, datetime]:
    insert: Any = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    end = now + attempt.limit.window
    # One that ends later than any may was begun before the machine's clock was set back: it would keep people out.
    has_ended = or_(col(Throttle.ends_at) <= now, col(Throttle.ends_at) > end + SKEW)
    statement = (
        insert(Throttle)
        .values(key=attempt.key, count=1, started_at=now, ends_at=end)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((has_ended, 1), else_=col(Throttle.count) + 1),
                "started_at": case((has_ended, now), else_=col(Throttle.started_at)),
                "ends_at": case((has_ended, end), else_=col(Throttle.ends_at)),
            },
        )
        .returning(col(Throttle.count), col(Throttle.ends_at))
    )
    count, ends_at = db.execute(statement).one()
    return count, ends_at
