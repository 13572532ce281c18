"""The standing cast: a person for each part one can play."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.models import User
from tests.factories.users import make_user
from tests.support.clock import Clock


@pytest.fixture
def asker(db: Session) -> User:
    return make_user(db, handle="asker")


@pytest.fixture
def answerer(db: Session) -> User:
    return make_user(db, handle="answerer")


@pytest.fixture
def stranger() -> None:
    """Nobody: a visitor who is not signed in."""


@pytest.fixture
def agent(db: Session) -> User:
    return make_user(db, handle="agent", support_role="agent")


@pytest.fixture
def lead(db: Session) -> User:
    return make_user(db, handle="lead", support_role="lead")


@pytest.fixture
def moderator(db: Session) -> User:
    return make_user(db, handle="moderator", moderation_role="moderator")


@pytest.fixture
def admin(db: Session) -> User:
    return make_user(db, handle="admin", moderation_role="admin")


@pytest.fixture
def suspended(db: Session, clock: Clock) -> User:
    until = clock.now.replace(year=clock.now.year + 1)
    return make_user(db, handle="suspended", suspended_until=until, suspended_reason="Advertising.")
