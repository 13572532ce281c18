"""More requests at once than there are connections."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import anyio.to_thread
import httpx2
import pytest
from sqlalchemy import Engine

from app.core.db import make_engine, new_session
from app.main import create_app
from app.settings import Settings
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import ORIGIN, Browser

CROWD = 40


@pytest.mark.parametrize("path", ["/questions/{id}", "/api/v1/me"])
def test_a_crowd_waits_in_line_and_is_answered(real_engine: Engine, settings: Settings, path: str) -> None:
    """Each holds a connection while it waits for a thread; the threads must never all wait for a connection."""
    engine = make_engine(real_engine.url.render_as_string(hide_password=False), pool_size=5)
    app = create_app(settings.model_copy(update={"threads": 1}), engine=engine)
    with new_session(real_engine) as db:
        path = path.format(id=make_question(db).id)
        browser = Browser(app, db).sign_in(make_user(db))
        cookies = dict(browser.cookies)

    async def crowd() -> set[int]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.settings.page_threads
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
            answers = await asyncio.gather(*(client.get(path) for _ in range(CROWD)))
        return {answer.status_code for answer in answers}

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, crowd()).result() in ({301}, {200})
    engine.dispose()
