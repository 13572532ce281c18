"""Many at once, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import new_session
from app.core.errors import DomainError, Invalid, TooMany
from app.domain import accounts, throttles
from app.domain.throttles import Attempt, Limit
from app.models import ReputationEntry, Throttle, User
from tests.factories.accounts import PASSWORD, make_account
from tests.support.clock import MONDAY_MORNING

BROWSER = accounts.Browser(address="203.0.113.7")
CROWD = 8


def all_at_once(engine: Engine, act: Callable[[Session, int], object]) -> Sequence[str]:
    """Let CROWD sessions act at one moment; return what each came to: "done" or the name of the refusal."""
    start = Barrier(CROWD)

    def one(number: int) -> str:
        with new_session(engine) as db:
            start.wait()
            try:
                act(db, number)
            except DomainError as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(CROWD) as pool:
        return sorted(pool.map(one, range(CROWD)))


def sign_up(db: Session, *, email: str, handle: str = "") -> None:
    accounts.sign_up(
        db,
        email=email,
        display_name="Ann",
        handle=handle,
        password=PASSWORD,
        browser=BROWSER,
        now=MONDAY_MORNING,
    )


def test_one_address_signed_up_by_many_at_once_makes_one_account(real_engine: Engine) -> None:
    outcomes = all_at_once(real_engine, lambda db, _n: sign_up(db, email="ann@example.org"))
    assert set(outcomes) <= {"done", "TooMany"}
    assert outcomes.count("done") == 5  # what one mailbox may be sent in an hour
    with new_session(real_engine) as db:
        (user,) = db.exec(select(User)).all()
        assert [entry.user_id for entry in db.exec(select(ReputationEntry))] == [user.id]


def test_one_handle_chosen_by_many_at_once_is_given_once(real_engine: Engine) -> None:
    outcomes = all_at_once(
        real_engine, lambda db, n: sign_up(db, email=f"ann{n}@example.org", handle="annika")
    )
    assert outcomes == sorted(["done"] + [Invalid.__name__] * (CROWD - 1))


def test_many_people_of_one_name_each_get_an_account(real_engine: Engine) -> None:
    outcomes = all_at_once(real_engine, lambda db, n: sign_up(db, email=f"ann{n}@example.org"))
    assert outcomes == ["done"] * CROWD
    with new_session(real_engine) as db:
        assert len({user.handle for user in db.exec(select(User))}) == CROWD


def test_a_link_used_by_many_at_once_works_once(real_engine: Engine) -> None:
    with new_session(real_engine) as db:
        ann = make_account(db, handle="ann")
        token = accounts.reset_token(db, member=ann, now=MONDAY_MORNING)

    def use(db: Session, number: int) -> None:
        accounts.reset_password(
            db, token=token, password=f"sentence number {number}", browser=BROWSER, now=MONDAY_MORNING
        )

    outcomes = all_at_once(real_engine, use)
    assert outcomes == ["DeadLink"] * (CROWD - 1) + ["done"]


def test_attempts_of_many_at_once_are_all_counted(real_engine: Engine) -> None:
    attempt = Attempt("try", "ann", Limit(5, timedelta(hours=1)))
    outcomes = all_at_once(
        real_engine, lambda db, _n: throttles.take(db, attempts=[attempt], now=MONDAY_MORNING)
    )
    assert outcomes == [TooMany.__name__] * (CROWD - 5) + ["done"] * 5
    with new_session(real_engine) as db:
        assert db.exec(select(Throttle)).one().count == CROWD
