"""Links from e-mails.

A token in an address would stay in histories, screenshots and the logs of proxies, so opening a link
only moves it into a cookie and goes on to an address without it (a browser keeps no address that it
was sent on from). The token itself ends as its purpose says; the cookie only saves opening it again.
"""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import Response

from app.web import cookies
from app.web.render import redirect

_SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")


def take_in(request: Request, name: str, token: str, *, to: str) -> Response:
    """Keep the token of a link in the cookie `name` and go on to the form for it, which says if it is none."""
    response, settings = redirect(request, to), request.app.state.settings
    if _TOKEN.fullmatch(token):
        cookies.write(response, settings, name, token, max_age=_SECONDS)
    else:
        cookies.remove(response, settings, name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
