"""Refusals of the API: one JSON document for all of them (RFC 9457), and the one place that writes it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from app.core import security_log
from app.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooMany
from app.core.i18n import gettext as _
from app.domain import questions

MEDIA_TYPE = "application/problem+json"
KINDS: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request can't be read"),
    401: ("unauthenticated", "A key or session is needed"),
    403: ("not-allowed", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "This address knows other methods"),
    409: ("conflict", "The present state forbids it"),
    412: ("stale", "Changed meanwhile"),
    413: ("too-large", "Too large"),
    415: ("media-type", "Not JSON"),
    422: ("invalid", "Some values are wrong"),
    428: ("precondition-required", "If-Match is missing"),
    429: ("too-many", "Too many requests"),
    500: ("failed", "Something went wrong on our side"),
    503: ("unavailable", "Not possible at the moment"),
}
"""Every status of a refusal, with the last word of its type and its title."""

RETRY_SECONDS = 5
_SUSPICIOUS = (403, 429)  # told to who watches

log = logging.getLogger(__name__)


class Fault(BaseModel):
    """One value that is wrong: a member of the body by JSON pointer, or a parameter or header by its name."""

    pointer: str | None = Field(None, examples=["#/title"])
    parameter: str | None = Field(None, examples=["limit"])
    detail: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="An address that names and explains this kind of refusal.")
    title: str = Field(description="The kind in a few words; the same for all refusals of the type.")
    status: int
    detail: str = Field(description="What happened and what to do, for a person.")
    instance: str = Field(description="The path that was asked for.")
    request_id: str = Field(description="Also in the header X-Request-Id; name it when you ask for help.")
    errors: list[Fault] = Field(default_factory=list)
    required_privilege: str | None = Field(
        None, description="The privilege that is missing and that reputation brings; see GET /me."
    )


class Refusal(Exception):
    """A refusal of HTTP rather than of the domain."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


class Unauthenticated(Refusal):
    """Nobody is signed in, or the key is none of ours."""

    def __init__(self, detail: str = "", *, challenge: str = "Bearer") -> None:
        text = detail or _("Send an API key as `Authorization: Bearer pd_…`.")
        super().__init__(401, text, headers={"WWW-Authenticate": challenge})


class InsufficientScope(Refusal):
    """The key was not made for this."""

    def __init__(self, scope: str) -> None:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        text = _("This key lacks the scope %(scope)s.") % {"scope": scope}
        super().__init__(403, text, headers={"WWW-Authenticate": challenge})


def install(api: FastAPI) -> None:
    """Map every error to a problem document."""

    @api.exception_handler(DomainError)
    async def refused(request: Request, error: DomainError) -> Response:
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
        faults = [Fault(**_place(field), detail=text) for field, text in _errors(error).items()]
        privilege = error.required_privilege if isinstance(error, NotAllowed) else None
        return problem(
            request, status_of(error), error.message, faults=faults, privilege=privilege, headers=headers
        )

    @api.exception_handler(Refusal)
    async def refused_by_http(request: Request, error: Refusal) -> Response:
        return problem(request, error.status, error.detail, headers=error.headers)

    @api.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        detail = NotFound().message if error.status_code == 404 else str(error.detail)
        headers = dict(error.headers or {})
        if error.status_code == 405:  # Starlette names the methods of one route of the path only
            known = request.app.state.api_methods(
                request.scope["path"].removeprefix(request.scope["root_path"])
            )
            headers["Allow"] = ", ".join(known)
        return problem(request, error.status_code, detail, headers=headers)

    @api.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        return _malformed(request, error)


def failed(request: Request, error: Exception) -> Response:
    """Answer what nobody foresaw, and log it with the request's id; an outage, which many meet, in one line."""
    outage = request.app.state.writing.failed(error)
    if outage:
        log.warning("request %s met an outage (%s): %s", _request_id(request), outage, type(error).__name__)
    else:
        log.error("request %s failed", _request_id(request), exc_info=error)
    if outage or isinstance(error, DBAPIError):
        text = _("The database can't do this at the moment. Nothing was changed; please try again.")
        return problem(request, 503, text, headers={"Retry-After": str(RETRY_SECONDS)})
    return problem(request, 500, _("Something went wrong on our side. Nothing was changed."))


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    privilege: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the document of a refusal."""
    name, title = KINDS.get(status, ("refused", "Refused"))
    base: str = request.app.state.settings.base_url
    document = Problem(
        type=f"{base}/api/v1/docs#problem-{name}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        request_id=_request_id(request),
        errors=list(faults),
        required_privilege=privilege,
    )
    if status in _SUSPICIOUS:
        member = getattr(request.state, "member_id", None)
        security_log.tell("request.refused", member=member, status=status, why=name)
    content = document.model_dump_json(exclude_none=True)
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal of the domain."""
    outcomes: tuple[tuple[type[DomainError], int], ...] = (
        (NotFound, 404),
        (NotAllowed, 403),
        (questions.EditConflict, 412),
        (Conflict, 409),
        (Invalid, 422),
        (TooMany, 429),
    )
    return next(status for kind, status in outcomes if isinstance(error, kind))


def _malformed(request: Request, error: RequestValidationError) -> Response:
    found: Sequence[Mapping[str, Any]] = error.errors()
    if any(item["loc"][:1] == ("path",) for item in found):
        return problem(request, 404, NotFound().message)
    if any(item["type"] == "json_invalid" for item in found):
        return problem(request, 400, _("The body is no JSON."))
    faults = [Fault(**_location(item["loc"]), detail=item["msg"]) for item in found]
    return problem(request, 422, _("Some values are wrong; see errors."), faults=faults)


def _errors(error: DomainError) -> Mapping[str, str]:
    return error.errors if isinstance(error, Invalid) else {}


def _place(field: str) -> dict[str, str]:
    """Return where a field of the domain stands in a request."""
    if field[:1].isupper() or field in ("cursor", "reason"):
        return {"parameter": field}
    if field.startswith("env_"):
        return {"pointer": f"#/environment/{_escaped(field.removeprefix('env_'))}"}
    return {"pointer": f"#/{_escaped(field)}"}


def _location(loc: Sequence[str | int]) -> dict[str, str]:
    if loc[0] == "body":
        return {"pointer": "#" + "".join(f"/{_escaped(str(part))}" for part in loc[1:])}
    return {"parameter": str(loc[1]) if len(loc) > 1 else str(loc[0])}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")  # RFC 6901, 3


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
