"""Our cookies: names and attributes in one place."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.settings import Settings


def read(request: HTTPConnection, name: str) -> str:
    """Return a cookie's value, "" when missing."""
    return request.cookies.get(full_name(request.app.state.settings, name), "")


def write(
    response: Response,
    settings: Settings,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    is_for_scripts: bool = False,
) -> None:
    """Set a cookie for the whole host; `max_age` in seconds, None: until the browser ends.

    Scripts can't reach it, but for one that is meant for them.
    """
    response.set_cookie(
        full_name(settings, name),
        value,
        max_age=max_age,
        path="/",
        secure=settings.is_https,
        httponly=not is_for_scripts,
        samesite="lax",
    )


def remove(response: Response, settings: Settings, name: str) -> None:
    """Take a cookie away."""
    response.delete_cookie(
        full_name(settings, name), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def full_name(settings: Settings, name: str) -> str:
    """Return the name under which browsers keep a cookie of ours."""
    # __Host-: the browser itself refuses such a cookie from a subdomain or without TLS (RFC 6265bis 4.1.3.2).
    return f"__Host-{name}" if settings.is_https else name
