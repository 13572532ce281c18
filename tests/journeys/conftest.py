"""A forum served for real, visited by a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize
from sqlalchemy import Engine

from app.core.db import make_engine, new_session
from tests.factories.accounts import make_account
from tests.factories.products import make_product
from tests.support import chromium, databases
from tests.support.chromium import Visitor
from tests.support.community import Community, settle
from tests.support.live import LiveForum, serve

Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chrome: Browser) -> Iterator[Visit]:
    """Opens windows: `visit(scripts=False)`. At the end their consoles must be empty."""
    visitors: list[Visitor] = []

    def open_window(*, scripts: bool = True, size: ViewportSize = chromium.DESK) -> Visitor:
        context = chrome.new_context(java_script_enabled=scripts, viewport=size, reduced_motion="reduce")
        context.set_default_timeout(20_000)
        visitor = Visitor(context, context.new_page())
        visitor.listen()
        visitors.append(visitor)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
        assert visitor.noise == []


@pytest.fixture(scope="session")
def forum(server: databases.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveForum]:
    """A forum with a product, a question and a second member (`helper@example.org`), on either database."""
    url = server.migrated()
    engine = make_engine(url)
    with new_session(engine) as db:
        make_account(db, handle="helper", email="helper@example.org", email_key="helper@example.org")
        make_product(db, slug="aerie", name="Aerie")
    engine.dispose()
    with serve(tmp_path_factory.mktemp("forum"), database_url=url) as live:
        yield live


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveForum, Community, Engine]]:
    """A forum whose pages show everything there is."""
    folder = tmp_path_factory.mktemp("furnished")
    with databases.server("sqlite", folder) as server:
        url = server.migrated()
        engine = databases.beside_a_server(make_engine(url))
        with new_session(engine) as db:
            community = settle(db)
        with serve(folder / "data", database_url=url) as live:
            yield live, community, engine
        engine.dispose()
