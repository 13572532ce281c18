"""What Prometheus asks for: `GET /metrics`, for who has the token of the settings."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import DBAPIError

from app.core import exposition
from app.core.db import new_session
from app.core.errors import NotFound
from app.core.exposition import Family
from app.domain import pulse, search

router = APIRouter(include_in_schema=False)

FELT_FOR_SECONDS = 5.0


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Answer with the counts of all web processes of this machine, and with what waits in the database."""
    settings = request.app.state.settings
    if not settings.metrics_token:
        raise NotFound
    given = request.headers.get("authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode()):
        return PlainTextResponse("Send the token.", 401, {"WWW-Authenticate": "Bearer"})
    about = Family("peerdesk_info", "gauge", "Which version runs, on which kind of database.")
    about.add(1, version=version("peerdesk"), database=request.app.state.bind.dialect.name)
    families = (about, *exposition.requests(request.app.state.measures.totals()), *_database(request))
    return Response(exposition.exposed(families), media_type=exposition.MEDIA_TYPE)


def _database(request: Request) -> Iterator[Family]:
    is_up = Family("peerdesk_database_up", "gauge", "Whether the database answers.")
    try:
        felt = _felt(request)
    except DBAPIError:
        is_up.add(0)
        yield is_up
        return
    is_up.add(1)
    yield is_up
    yield from _families(request, felt)


def _felt(request: Request) -> pulse.Pulse:
    """Return the pulse, felt at most every few seconds, however often somebody asks."""
    state = request.app.state
    kept: tuple[float, pulse.Pulse] | None = getattr(state, "pulse", None)
    if kept is not None and time.monotonic() - kept[0] < FELT_FOR_SECONDS:
        return kept[1]
    settings = state.settings
    index = search.SearchIndex(settings.index_dir, engine=settings.search_engine)
    with new_session(state.bind) as db:
        felt = pulse.feel(db, index, now=state.now())
    state.pulse = (time.monotonic(), felt)
    return felt


def _families(request: Request, felt: pulse.Pulse) -> Iterator[Family]:
    waiting = Family("peerdesk_queue_waiting", "gauge", "Pieces of work that are due and not done.")
    oldest = Family("peerdesk_queue_oldest_seconds", "gauge", "For how long the oldest of them has been due.")
    for name, queue in felt.queues.items():
        waiting.add(queue.number, queue=name)
        oldest.add(queue.seconds(request.app.state.now()), queue=name)
    cases = Family("peerdesk_cases", "gauge", "Cases that staff owe something, by state.")
    for state, number in sorted(felt.cases.items()):
        cases.add(number, state=state)
    breached = Family(
        "peerdesk_clocks_breached", "gauge", "Clocks of cases that ran over and are not met yet."
    )
    breached.add(felt.breached_clocks)
    yield from (waiting, oldest, cases, breached)
