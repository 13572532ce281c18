"""What happens to cases, as it happens: server-sent events for the queue's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection, Engine

from app.core import hub
from app.core.db import new_session
from app.domain import accounts, live
from app.web.deps import ClientAddress, Staff
from app.web.routers import DeskRouter

router = DeskRouter()


@router.get("/events")
def listen(
    request: Request,
    viewer: Staff,  # noqa: ARG001 (for everybody else there is nothing here)
    address: ClientAddress,
    topic: Annotated[list[str] | None, Query(max_length=50)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Stream the messages `case` and `presence` of the topics "queue" (all cases) and "case:{id}".

    The stream ends soon after the session or the role does.
    """
    open_streams: hub.Hub = request.app.state.live
    open_streams.check_room(address)
    forum, token = request.app.state, request.state.session_token
    listener = hub.Listener(
        topics=frozenset(live.staff_topic(one) for one in topic or [live.QUEUE]),
        address=address,
        after=hub.place_of(last_event_id),
        is_allowed=lambda: _is_staff_still(forum.bind, token, now=forum.now()),
    )
    return StreamingResponse(open_streams.stream(listener), media_type=hub.MEDIA_TYPE, headers=hub.HEADERS)


def _is_staff_still(bind: Engine | Connection, token: str, *, now: datetime) -> bool:
    with new_session(bind) as db:
        login = accounts.login(db, token=token, now=now)
        return login is not None and live.may_listen(login.user)
