"""What people see when something is refused or fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from app.core import security_log
from app.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooMany
from app.core.i18n import gettext as _
from app.web.csrf import SAFE_METHODS
from app.web.deps import SignInNeeded
from app.web.render import Page, redirect, render, wants_fragment

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorPage(Page):
    """A refusal, with what to do next."""

    template = "errors/error.html"
    status: int
    title: str
    message: str
    request_id: str


def install(app: FastAPI) -> None:
    """Map every error of the domain and of HTTP to a page (or to problem JSON for scripts)."""

    @app.exception_handler(DomainError)
    async def refused(request: Request, error: DomainError) -> Response:
        if isinstance(error, SignInNeeded) and not is_script(request):
            return redirect(request, sign_in_path(request), flash=error.message, kind="note")
        status, title = _outcome(error)
        if isinstance(error, NotAllowed | TooMany):
            member = getattr(request.state, "member_id", None)
            security_log.tell("request.refused", member=member, status=status, why=type(error).__name__)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
        return _answer(request, status, title, error.message, headers)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        title = _("Not found") if error.status_code == 404 else _("That did not work")
        message = NotFound().message if error.status_code == 404 else str(error.detail)
        return _answer(request, error.status_code, title, message, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def odd_address(request: Request, _error: RequestValidationError) -> Response:
        # Only addresses can be odd here: forms are read by forms.submitted, which never raises this.
        return _answer(request, 404, _("Not found"), NotFound().message, {})


async def failed(request: Request, error: Exception) -> Response:
    """Answer an unforeseen exception, and log it with the request's id."""
    log.error("request %s failed", getattr(request.state, "request_id", ""), exc_info=error)
    message = _(
        "Something went wrong on our side. What you sent was not saved; please try again in a moment."
    )
    return _answer(request, 500, _("Something went wrong"), message, {})


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return _outcome(error)[0]


def sign_in_path(request: Request) -> str:
    """Return the sign-in address that leads back to where the visitor wanted to be."""
    if request.method in SAFE_METHODS:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        target = _path_of(request.headers.get("referer", ""))
    return f"/signin?next={quote(target)}"


def is_script(request: Request) -> bool:
    """Return whether a script asks, which is told in JSON."""
    return wants_fragment(request) or "application/json" in request.headers.get("accept", "")


def _outcome(error: DomainError) -> tuple[int, str]:
    if isinstance(error, NotFound):
        return 404, _("Not found")
    if isinstance(error, SignInNeeded):
        return 401, _("Sign in")
    if isinstance(error, NotAllowed):
        return 403, _("Not allowed")
    if isinstance(error, Conflict):
        return 409, _("That is no longer possible")
    if isinstance(error, Invalid):
        return 422, _("Please check what you entered")
    if isinstance(error, TooMany):
        return 429, _("Too many attempts")
    return 400, _("That did not work")


def _answer(request: Request, status: int, title: str, message: str, headers: dict[str, str]) -> Response:
    if is_script(request):
        problem = {"title": title, "status": status, "detail": message}
        return JSONResponse(problem, status, headers, media_type="application/problem+json")
    request_id = str(getattr(request.state, "request_id", ""))
    page = ErrorPage(status=status, title=title, message=message, request_id=request_id)
    response: HTMLResponse = render(request, page, status=status)
    response.headers.update(headers)
    return response


def _path_of(referer: str) -> str:
    without_scheme = referer.split("://", 1)[-1]
    _host, slash, path = without_scheme.partition("/")
    return f"/{path}" if slash else "/"
