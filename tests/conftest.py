"""Fixtures for all tests: both databases, the application in a browser-like client, and a small standing cast."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import Connection, Engine
from sqlmodel import Session
from starlette.routing import Mount

from app.core.db import make_engine, new_session
from app.main import create_app
from app.settings import PREFIX, Settings
from tests.support import background, databases
from tests.support.browser import ORIGIN, Browser
from tests.support.clock import Clock
from tests.support.offline import forbid_network
from tests.support.queries import Queries, counted

pytest_plugins = ["tests.support.report", "tests.support.cast", "tests.support.chrome"]


# The same examples in every run: what a run finds must be due to the change it checks. For new ones:
# pytest --hypothesis-profile=explore
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("steady")


def pytest_configure() -> None:
    forbid_network()
    for name in [name for name in os.environ if name.startswith(PREFIX) and "REQUIRE" not in name]:
        del os.environ[name]


@pytest.fixture(scope="session", params=databases.KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Server]:
    """Makes databases; every test that asks for it, or for what stands on it, runs on each kind."""
    with databases.server(request.param, tmp_path_factory.mktemp("databases")) as made:
        yield made


@pytest.fixture(scope="session")
def engine(server: databases.Server) -> Iterator[Engine]:
    """The migrated database that isolated tests share. Nothing is ever committed to it."""
    shared = make_engine(server.migrated())
    yield shared
    shared.dispose()


@pytest.fixture
def real_engine(server: databases.Server) -> Iterator[Engine]:
    """A migrated database of the test's own, for several connections, threads or processes."""
    own = make_engine(server.migrated())
    yield own
    own.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction around the test that is rolled back at its end; commits inside are savepoints."""
    with engine.connect() as opened:
        outermost = opened.begin()
        yield opened
        outermost.rollback()


@pytest.fixture
def db(connection: Connection) -> Iterator[Session]:
    with new_session(connection) as session:
        yield session


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock.now


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, secret_key="for tests only " * 3, base_url=ORIGIN)  # type: ignore[call-arg]


def mounted(forum: FastAPI) -> list[APIRouter]:
    """Return the forum's router and those of the applications in it (the API)."""
    inside = [route.app for route in forum.router.routes if isinstance(route, Mount)]
    return [forum.router, *(app.router for app in inside if isinstance(app, FastAPI))]


@asynccontextmanager
async def no_lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture(scope="session")
def worked_out(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """A forum that lends its compiled templates, worked out routes and API document to all others.

    jinja2 and FastAPI do that work at the first request, for each application anew, and it takes
    longer than most tests.
    """
    folder = tmp_path_factory.mktemp("worked-out")
    settings = Settings(_env_file=None, data_dir=folder, secret_key="for tests only " * 3, base_url=ORIGIN)  # type: ignore[call-arg]
    return create_app(settings)


@pytest.fixture
def app(settings: Settings, connection: Connection, clock: Clock, worked_out: FastAPI) -> FastAPI:
    forum = create_app(settings, engine=connection)
    for name in ("environment", "headers", "api_document"):
        setattr(forum.state, name, getattr(worked_out.state, name))
    for own, lent in zip(mounted(forum), mounted(worked_out), strict=True):
        own.routes[:] = [
            route if isinstance(route, Mount) else lent.routes[place]
            for place, route in enumerate(own.routes)
        ]
    forum.state.now = clock
    # What it does by itself every few seconds would meet the test on its one connection.
    forum.router.lifespan_context = no_lifespan
    return forum


@pytest.fixture
def client(app: FastAPI, db: Session) -> Iterator[Browser]:
    """A stranger's browser; `client.sign_in(user)` makes it a member's, `client.post_form(path, {})` sends forms."""
    with Browser(app, db) as browser:
        yield browser


@pytest.fixture
def drain(settings: Settings, clock: Clock) -> Callable[[Session], None]:
    """Does all background work at once: `drain(db)`."""
    return lambda db: background.drain(db, settings, now=clock.now)


@pytest.fixture
def count_queries(connection: Connection) -> Callable[[], AbstractContextManager[Queries]]:
    """Counts queries: `with count_queries() as queries: ...; assert len(queries) <= 12`."""
    return lambda: counted(connection)
