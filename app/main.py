"""The application: the one place where its parts meet. Importing this module has no side effects."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from types import FrameType

import anyio.to_thread
from fastapi import FastAPI, Request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from starlette.middleware.gzip import GZipMiddleware

from app import api, web
from app import settings as configuration
from app.core import garbage, heap, logs, parent
from app.core.clock import utc_now
from app.core.db import make_engine
from app.core.gate import Gate
from app.core.hub import Hub
from app.core.measures import Measures
from app.core.secret import secret_key
from app.core.writing import Writing
from app.domain import live
from app.domain.search import SearchIndex
from app.settings import Settings
from app.web import assets, errors, finished, health, machines, metrics, outages, unsubscribe
from app.web.even_times import EvenTimes
from app.web.header import Headers
from app.web.middleware import BodyLimit, RequestEnvelope
from app.web.render import make_environment, settings_shown
from app.web.searching import SearchCounter
from app.web.views import ViewCounter

MEGABYTE = 1_000_000
VIEWS_EVERY_SECONDS = 5

log = logging.getLogger(__name__)


def create_app(settings: Settings, *, engine: Engine | Connection | None = None) -> FastAPI:
    """Return the forum for these settings; `engine` is for tests that bring their own database."""
    app = FastAPI(
        title=settings.site_name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan
    )
    _gather_tools(app, settings, engine)
    follower = finished.Follower(app.state.bind)
    _add_routes(app, follower)
    errors.install(app)
    outages.install(app)
    _wrap(app, follower)
    return app


def from_environment() -> FastAPI:
    """Return the forum for the settings of the environment: what uvicorn calls in each process."""
    settings = configuration.load()
    logs.set_up(settings.log_level, settings.log_format)
    app = create_app(settings)
    garbage.keep_what_is_loaded()
    return app


def _gather_tools(app: FastAPI, settings: Settings, engine: Engine | Connection | None) -> None:
    """Put what requests share into the application's state."""
    app.state.settings = settings
    app.state.secret = secret_key(settings.secret_key, settings.data_dir)
    places = settings.page_threads + 4
    app.state.bind = engine or make_engine(settings.database, pool_size=places)
    app.state.gate = Gate(places, workers=settings.page_workers, writers=settings.page_writers)
    app.state.writing = Writing(app.state.bind)
    app.state.now = utc_now
    app.state.assets = assets.Assets()
    app.state.environment = make_environment(app.state.assets, compiled=settings.templates_dir)
    app.state.headers = Headers(app.state.environment, settings=settings_shown(settings))
    app.state.measures = Measures(settings.measures_dir if settings.metrics_token else None)
    app.state.views = ViewCounter()
    app.state.searches = SearchCounter()
    app.state.live = Hub(
        live.Changes(app.state.bind, now=_clock_of(app)), per_address=settings.live_per_address
    )


def _add_routes(app: FastAPI, follower: finished.Follower) -> None:
    settings: Settings = app.state.settings
    app.router.routes.extend(web.routes)
    for apart in (unsubscribe, assets, health, metrics):
        app.router.routes.extend(apart.router.routes)
    app.router.routes.extend(machines.routes)
    answers = api.Answers(follower, max_bytes=settings.page_cache_mb * MEGABYTE // 4)
    # In front: none of the pages' routes has to be tried for it.
    app.router.routes.insert(0, api.Mounted(app.state, finished=answers if settings.page_cache_mb else None))


def _wrap(app: FastAPI, follower: finished.Follower) -> None:
    """Put around the routes what every request passes."""
    settings: Settings = app.state.settings
    # The last added is the outermost.
    if settings.page_cache_mb:
        app.add_middleware(
            finished.FinishedPages,
            follower=follower,
            store=finished.PageStore(max_bytes=settings.page_cache_mb * MEGABYTE * 7 // 8),
            searches=finished.PageStore(max_bytes=settings.page_cache_mb * MEGABYTE // 8),
            index_stamp=SearchIndex(settings.index_dir).directory.stamp,
            members=finished.Members(app.state.bind),
            sent=_count,
        )
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(EvenTimes)
    app.add_middleware(BodyLimit, limit=(settings.upload_limit_mb + 1) * MEGABYTE)
    app.add_middleware(
        RequestEnvelope,
        hosts=settings.hosts,
        proxies=settings.trusted_proxies,
        https=settings.is_https,
        failure=errors.failed,
        measures=app.state.measures,
    )


def _clock_of(app: FastAPI) -> Callable[[], datetime]:
    """Return the application's clock, whichever it is when asked."""

    def now() -> datetime:
        instant: datetime = app.state.now()
        return instant

    return now


def _count(request: Request, page: finished.FinishedPage) -> None:
    if page.viewed_question_id is not None:
        request.app.state.views.add(page.viewed_question_id)
        request.app.state.searches.opened(request)
    if page.searched is not None:
        request.app.state.searches.searched(page.searched.text, found=page.searched.found)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # FastAPI's default of 40 threads spends most of the processor on handing over the interpreter lock.
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.settings.page_threads
    tasks = [
        asyncio.create_task(each) for each in (_flush_views(app), _give_memory_back(), _end_with_parent())
    ]
    _end_streams_when_asked_to_stop(app.state.live)
    yield
    for task in tasks:
        task.cancel()
    await anyio.to_thread.run_sync(_flush, app)
    if isinstance(app.state.bind, Engine):
        app.state.bind.dispose()


def _end_streams_when_asked_to_stop(hub: Hub) -> None:
    """End open streams at the signal that stops the server, which then waits for what is still being answered."""
    if threading.current_thread() is not threading.main_thread():
        return  # served inside a test or another program: who runs it ends it
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        _add_handler(name, lambda: loop.call_soon_threadsafe(hub.close))


def _add_handler(name: signal.Signals, act: Callable[[], object]) -> None:
    before = signal.getsignal(name)
    if not callable(before):
        return

    def handle(number: int, frame: FrameType | None) -> None:
        act()
        before(number, frame)

    signal.signal(name, handle)


async def _flush_views(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(VIEWS_EVERY_SECONDS)
        try:
            await anyio.to_thread.run_sync(_flush, app)
        except DBAPIError as error:
            app.state.writing.failed(error)
            log.warning("views and searches could not be written; these are not counted", exc_info=True)


def _flush(app: FastAPI) -> None:
    if app.state.writing.outage:
        app.state.writing.look()
    app.state.views.flush(app.state.bind)
    app.state.searches.flush(app.state.bind, now=app.state.now())


async def _give_memory_back() -> None:
    while True:
        await asyncio.sleep(heap.GIVEN_BACK_EVERY_SECONDS)
        await anyio.to_thread.run_sync(heap.give_back)


async def _end_with_parent() -> None:
    """End this web process when `serve`, which started it, was killed: else it would keep the port."""
    while not parent.is_gone():  # noqa: ASYNC110  (another process tells us nothing)
        await asyncio.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
