"""What people see while nothing can be saved: a sentence, and the form that they sent, with all they typed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException

from app.core.i18n import gettext as _
from app.core.writing import FULL, LOCKED, READ_ONLY, RETRY_SECONDS, Writing
from app.web.csrf import SAFE_METHODS
from app.web.errors import failed, is_script
from app.web.render import Page, render

_SHORT = 60


@dataclass(frozen=True)
class Typed:
    """A field of the form as it was sent; a long one is shown, so that it can be copied elsewhere."""

    name: str
    value: str
    is_shown: bool


@dataclass(frozen=True)
class UnavailablePage(Page):
    """Nothing can be saved: why, and the form to send again."""

    template = "errors/unavailable.html"
    message: str
    action: str
    typed: tuple[Typed, ...]
    request_id: str


def install(app: FastAPI) -> None:
    """Answer what the database or the disk refuses with 503, Retry-After and what was typed."""

    @app.exception_handler(DBAPIError)
    async def refused_by_database(request: Request, error: DBAPIError) -> Response:
        return await _unavailable(request, error)

    @app.exception_handler(NoConnection)
    async def no_connection(request: Request, error: NoConnection) -> Response:
        return await _unavailable(request, error)

    @app.exception_handler(OSError)
    async def refused_by_disk(request: Request, error: OSError) -> Response:
        return await _unavailable(request, error)


async def _unavailable(request: Request, error: Exception) -> Response:
    writing: Writing = request.app.state.writing
    outage = writing.failed(error)
    if not outage:
        return await failed(request, error)
    headers = {"Retry-After": str(RETRY_SECONDS)}
    message = _sentence(outage, is_write=request.method not in SAFE_METHODS)
    if is_script(request):
        problem = {"title": _("Not possible at the moment"), "status": 503, "detail": message}
        return JSONResponse(problem, 503, headers, media_type="application/problem+json")
    page = UnavailablePage(
        message=message,
        action=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        typed=await _typed(request),
        request_id=str(getattr(request.state, "request_id", "")),
    )
    response = render(request, page, status=503)
    response.headers.update(headers)
    return response


def _sentence(outage: str, *, is_write: bool) -> str:
    if not is_write:
        return _("The database does not answer. Please try again in a few seconds.")
    why = {
        FULL: _("The forum's disk is full, so nothing was saved."),
        READ_ONLY: _("The forum may only be read at the moment, so nothing was saved."),
        LOCKED: _("Another program keeps the forum's database to itself, so nothing was saved."),
    }.get(outage, _("The database does not answer, so nothing was saved."))
    return f"{why} {_('Please send it again in a few minutes.')}"


async def _typed(request: Request) -> tuple[Typed, ...]:
    """Return the fields to send again; none where a password or a file is among them, which we do not send back."""
    if request.method != "POST":
        return ()
    try:
        sent = (await request.form()).multi_items()
    except HTTPException:  # it was no form
        return ()
    if any(not isinstance(value, str) or "password" in name for name, value in sent):
        return ()
    return tuple(
        Typed(name, value, is_shown=len(value) > _SHORT or "\n" in value)
        if name != "csrf"
        else Typed(name, value, is_shown=False)
        for name, value in sent
        if isinstance(value, str)
    )
