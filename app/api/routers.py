"""The router of the API: it puts the check of who calls before every route of its own.

A route is taken into the application as it was defined, for the reason in web/routers.py.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from app.api.deps import authorize


class ApiRouter(APIRouter):
    """Routes of one group of the document; an operation is called as its function is."""

    def __init__(self, group: str, *, prefix: str = "") -> None:
        super().__init__(
            prefix=prefix,
            tags=[group],
            dependencies=[Depends(authorize)],
            generate_unique_id_function=operation_id,
        )


def operation_id(route: APIRoute) -> str:
    """Return an operation's name in the document."""
    return route.name
