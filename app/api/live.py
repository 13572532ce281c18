"""`GET /api/v1/events`: public changes as they happen (server-sent events)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from app.core import hub
from app.core.addresses import client_address
from app.core.db import new_session
from app.domain import catalog, questions

router = APIRouter(tags=["events"])

RowId = Annotated[int, Query(ge=1, le=2_147_483_647)]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {hub.MEDIA_TYPE: {}}, "description": "An endless stream."}},
)
def listen(
    request: Request,
    question: Annotated[list[RowId] | None, Query(max_length=20)] = None,
    product: Annotated[list[str] | None, Query(max_length=20)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Stream what everybody may see as it happens; with filters, of these questions and products only.

    Each message has a name (`answer.created`), an id to come back with (`Last-Event-ID`), and data of
    ids, counts and states. A question asked for is first told as it is now (`state`). `reset` means
    that too much was missed: load anew what you show.
    """
    topics = {f"question:{number}" for number in question or ()} | {
        f"product:{slug}" for slug in product or ()
    }
    with new_session(request.app.state.bind) as db:
        for number in question or ():
            questions.visible(db, viewer=None, question_id=number)
        for slug in product or ():
            catalog.product_by_slug(db, slug)
    peer = request.client.host if request.client else "127.0.0.1"
    trusted = request.app.state.settings.trusted_proxies
    address = client_address(peer, request.headers.get("x-forwarded-for", ""), trusted=trusted)
    live: hub.Hub = request.app.state.live
    live.check_room(address)
    listener = hub.Listener(frozenset(topics or {"public"}), address, after=hub.place_of(last_event_id))
    return StreamingResponse(live.stream(listener), media_type=hub.MEDIA_TYPE, headers=hub.HEADERS)
