"""The routers of pages: each puts its checks before every route of its own.

A route is taken into the application as it was defined. Routers that include routers would work as well,
but FastAPI then analyses every route once more for each level, in each process that starts.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.params import Depends

from app.web.csrf import protect
from app.web.deps import identify, require_staff


class PageRouter(APIRouter):
    """Routes of pages: who asks is known, and what changes anything comes from a page of ours."""

    def __init__(self, prefix: str = "", *, dependencies: Sequence[Depends] = ()) -> None:
        checks = [Depends(identify), Depends(protect), *dependencies]
        super().__init__(prefix=prefix, dependencies=checks, include_in_schema=False)


class DeskRouter(PageRouter):
    """Routes of the staff desk. For everybody else its pages do not exist."""

    def __init__(self, prefix: str = "", *, dependencies: Sequence[Depends] = ()) -> None:
        super().__init__(f"/desk{prefix}", dependencies=[Depends(require_staff), *dependencies])
