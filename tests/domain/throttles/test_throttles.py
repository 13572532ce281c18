from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import atomic, new_session
from app.core.errors import Invalid, TooMany
from app.domain import throttles
from app.domain.throttles import Attempt, Limit
from app.models import Throttle
from tests.support.clock import MONDAY_MORNING

THREE = Limit(3, timedelta(minutes=10))


def attempt(who: str = "ann", *, purpose: str = "try", limit: Limit = THREE) -> list[Attempt]:
    return [Attempt(purpose, who, limit)]


def test_an_attempt_too_many_is_refused_until_the_window_ends(db: Session, now: datetime) -> None:
    for _time in range(3):
        throttles.take(db, attempts=attempt(), now=now)
    with pytest.raises(TooMany) as refusal:
        throttles.take(db, attempts=attempt(), now=now + timedelta(minutes=4))
    assert refusal.value.retry_after == 360
    assert "6 minutes" in refusal.value.message
    throttles.take(db, attempts=attempt(), now=now + timedelta(minutes=10))


def test_others_and_other_purposes_are_not_affected(db: Session, now: datetime) -> None:
    for _time in range(3):
        throttles.take(db, attempts=attempt(), now=now)
    throttles.take(db, attempts=attempt("ben"), now=now)
    throttles.take(db, attempts=attempt(purpose="other"), now=now)


def test_every_limit_counts_and_the_longest_wait_is_told(db: Session, now: datetime) -> None:
    both = [
        *attempt(limit=Limit(1, timedelta(minutes=1))),
        *attempt("net", limit=Limit(1, timedelta(hours=1))),
    ]
    throttles.take(db, attempts=both, now=now)
    with pytest.raises(TooMany) as refusal:
        throttles.take(db, attempts=both, now=now)
    assert refusal.value.retry_after == 3600


def test_what_was_harmless_is_given_back(db: Session, now: datetime) -> None:
    @atomic
    def succeed(session: Session) -> None:
        throttles.give_back(session, attempts=attempt())

    for _time in range(9):
        throttles.take(db, attempts=attempt(), now=now)
        succeed(db)
    succeed(db)
    assert db.exec(select(Throttle)).one().count == 0


def test_a_refusal_that_follows_does_not_undo_the_count(real_engine: Engine) -> None:
    def refused(db: Session) -> None:
        throttles.take(db, attempts=attempt(), now=MONDAY_MORNING)
        _refuse(db)

    for _process in range(3):
        with new_session(real_engine) as db, pytest.raises(Invalid):
            refused(db)
    with new_session(real_engine) as db, pytest.raises(TooMany):
        refused(db)


def test_ended_counts_are_forgotten(db: Session, now: datetime) -> None:
    throttles.take(db, attempts=attempt(), now=now)
    assert throttles.forget_old(db, now=now + timedelta(minutes=9)) == 0
    assert throttles.forget_old(db, now=now + timedelta(minutes=10)) == 1


@atomic
def _refuse(db: Session) -> None:
    raise Invalid("password", "Wrong.")
