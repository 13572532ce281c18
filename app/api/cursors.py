"""Where the next page of a list begins.

A cursor is signed and means nothing to clients. It names the place of the last row that was shown in
an order that does not move, never a number of rows: rows that arrive meanwhile shift nothing.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Query, Request

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.signing import sign, unsign

DEFAULT_SIZE = 30
LARGEST = 100
NO_NUL = r"^[^\x00]*$"
"""What holds for every text in an address; the description says so, too."""

_SECONDS = 30 * 86_400

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="How many rows at most.")]
Cursor = Annotated[
    str,
    Query(max_length=6_000, pattern=NO_NUL, description="`page.next` of the page before; good for 30 days."),
]
Place = list[Any]
"""What a cursor holds, as JSON."""


def read(request: Request, cursor: str, *, of: str) -> Place | None:
    """Return the place that a cursor of the list `of` names; None at the list's beginning. Raises NotFound."""
    if not cursor:
        return None
    text = unsign(
        cursor,
        purpose=f"cursor:{of}",
        key=request.app.state.secret,
        now=request.app.state.now(),
    )
    if text is None:
        raise NotFound(_("There is no such page: the cursor is of another list, or too old. Begin anew."))
    place: Place = json.loads(text)
    return place


def write(request: Request, place: Place | None, *, of: str) -> str | None:
    """Return the cursor of a place; None when there is no more."""
    if place is None:
        return None
    text = json.dumps(place, separators=(",", ":"))
    return sign(
        text,
        purpose=f"cursor:{of}",
        key=request.app.state.secret,
        seconds=_SECONDS,
        now=request.app.state.now(),
    )


def link(request: Request, cursor: str | None) -> dict[str, str]:
    """Return the Link header of a page (RFC 8288); nothing on the last one."""
    if cursor is None:
        return {}
    others = [(name, value) for name, value in parse_qsl(request.url.query) if name != "cursor"]
    query = urlencode([*others, ("cursor", cursor)])
    base: str = request.app.state.settings.base_url
    return {"Link": f'<{base}{request.url.path}?{query}>; rel="next"'}
