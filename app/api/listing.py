"""Pages of lists, as they are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response

from app.api import cursors, respond
from app.api.schemas.base import Listing, PageInfo

T = TypeVar("T")


def answer(
    request: Request,
    kind: type[Listing[Any]],
    rows: Sequence[Any],
    *,
    place: cursors.Place | None,
    limit: int,
    of: str,
) -> Response:
    """Answer with a page of the list `of`; `place` is where the next one begins, None when there is none."""
    cursor = cursors.write(request, place, of=of)
    page = kind(data=list(rows), page=PageInfo(next=cursor, limit=limit))
    return respond.show(request, page, headers=cursors.link(request, cursor))


def cut(rows: Sequence[T], limit: int, key: Callable[[T], Any]) -> tuple[Sequence[T], cursors.Place | None]:
    """Return up to `limit` of the rows, of which one more was read, and the place after the last of them."""
    shown = rows[:limit]
    return shown, [key(shown[-1])] if len(rows) > limit else None
