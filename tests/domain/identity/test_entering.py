"""One token, several connections at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.core.db import new_session
from app.domain import identity
from app.domain.accounts import Browser
from app.domain.identity import BadToken
from app.models import LoginSession, SignedIdentity, User
from app.settings import Settings
from tests.factories.identity import make_key, make_site, token_of
from tests.support.clock import Clock

AT_ONCE = 6


@pytest.mark.slow
def test_of_many_who_use_a_token_at_one_moment_one_comes_in(
    real_engine: Engine, settings: Settings, clock: Clock
) -> None:
    with new_session(real_engine) as db:
        token = token_of(make_key(db, site=make_site(db)), secret=settings.secret_key, now=clock.now)
    ready = Barrier(AT_ONCE)

    def enter(_number: int) -> bool:
        with new_session(real_engine) as db:
            claims = identity.read(
                db, token, audience=settings.base_url, secret=settings.secret_key, now=clock.now
            )
            ready.wait(timeout=60)
            try:
                identity.enter(db, claims=claims, viewer=None, browser=Browser("127.0.0.1"), now=clock.now)
            except BadToken:
                return False
            return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        came_in = list(pool.map(enter, range(AT_ONCE)))
    assert came_in.count(True) == 1
    with new_session(real_engine) as db:
        for table in (User, LoginSession, SignedIdentity):
            assert len(db.exec(select(table)).all()) == 1
