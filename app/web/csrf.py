"""Every unsafe request must come from one of our own pages.

Three checks, each enough against most attacks: the Origin header, Sec-Fetch-Site, and a token
bound to the session (or, before signing in, to a cookie of its own). The token in a page is
masked anew each time, so that compressing the page tells nothing about it (BREACH, 2013).
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator

from fastapi import Request

from app.core.addresses import site_of
from app.core.errors import NotAllowed
from app.core.signing import csrf_token, mask, new_token, unmask
from app.web import cookies

PRE_SESSION_COOKIE = "pd_pre"
FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignRequest(NotAllowed):
    """The request does not come from a page of ours."""

    def __init__(self) -> None:
        super().__init__(
            "This form is too old or came from another site, so nothing was changed. "
            "Go back, reload the page, and send it again: what you typed is still there."
        )


async def protect(request: Request) -> AsyncIterator[None]:
    """Refuse an unsafe request that is not from our own pages; close what was uploaded with it in the end."""
    if request.method in SAFE_METHODS:
        yield
        return
    try:
        if not _is_own_origin(request):
            raise ForeignRequest
        given = request.headers.get(HEADER) or await _field(request)
        if not _is_token_of(request, given):
            raise ForeignRequest
        yield
    finally:
        await request.close()


def token_for(request: Request) -> str:
    """Return a token for the forms of the page being rendered; "" where the visitor has nothing to bind it to."""
    bound_to = _bound_to(request)
    if not bound_to:
        return ""
    return mask(csrf_token(request.app.state.secret, bound_to))


def pre_session(request: Request) -> str:
    """Return the cookie value that tokens of a not yet signed-in visitor are bound to, made now if missing."""
    value: str = getattr(request.state, "pre_session", "") or cookies.read(request, PRE_SESSION_COOKIE)
    request.state.pre_session = value or new_token()
    return str(request.state.pre_session)


def _bound_to(request: Request) -> str:
    session: str = getattr(request.state, "session_token", "")
    pre: str = getattr(request.state, "pre_session", "")
    return session or pre or cookies.read(request, PRE_SESSION_COOKIE)


def _is_own_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    # The Host header has been checked against the settings before this (middleware.py).
    return origin is None or site_of(origin) == request.headers.get("host")


async def _field(request: Request) -> str:
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""


def _is_token_of(request: Request, given: str) -> bool:
    bound_to = _bound_to(request)
    if not bound_to or not given:
        return False
    expected = csrf_token(request.app.state.secret, bound_to)
    return hmac.compare_digest(unmask(given), expected.encode())
