"""What holds for every request of the API: bounded JSON bodies, quotas of reads, CORS, problems for failures."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import limits, problems
from app.api.finished import Answers
from app.core.addresses import client_address, subnet_key
from app.core.db import new_session
from app.core.i18n import gettext as _
from app.domain import apikeys

BODY_LIMIT = 1_000_000
"""Bytes of a body. The longest post has 30,000 characters; JSON may write each with twelve bytes."""

METHODS = "GET, POST, PUT, PATCH, DELETE"
_ASKED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
_SHOWN_HEADERS = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-Id"
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Boundary:
    """The outermost part of the API."""

    def __init__(self, app: ASGIApp, *, finished: Answers | None) -> None:
        self._app = app
        self._finished = finished
        self._reads = limits.ReadLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                _add_headers(MutableHeaders(scope=message), request)
            await send(message)

        try:
            answer = await self._own_answer(request, receive)
            if isinstance(answer, Response):
                await answer(scope, receive, send_with_headers)
            elif self._finished is None:
                await self._app(scope, answer, send_with_headers)
            elif not await self._finished.send(request, send_with_headers):
                await self._app(scope, answer, send_with_headers)
                self._finished.keep(request)
        except Exception as error:
            if has_begun:
                raise
            await problems.failed(request, error)(scope, receive, send_with_headers)

    async def _own_answer(self, request: Request, receive: Receive) -> Response | Receive:
        """Return the answer where the boundary itself gives it, or else from where to receive the body."""
        origin = request.headers.get("origin", "")
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return await _preflight(request, origin)
        if origin in _embedding(request):
            request.state.shared_with = origin
        counts = self._reads.count(_quotas(request))
        request.state.counts = counts
        if wait := limits.retry_after(counts):
            text = _("Too many requests; wait as long as Retry-After says.")
            return problems.problem(request, 429, text, headers={"Retry-After": str(wait)})
        if request.method in _SAFE:
            return receive
        body = await _body(request, receive)
        if body is None:
            text = _("At most %(n)s bytes can be sent at once.") % {"n": BODY_LIMIT}
            return problems.problem(request, 413, text, headers={"Connection": "close"})
        if body and not _is_json(request.headers.get("content-type", "")):
            return problems.problem(request, 415, _("Send JSON, and say so: Content-Type: application/json."))
        request.state.fingerprint = _fingerprint(request, body)
        return _replay(body)


def _quotas(request: Request) -> list[limits.Quota]:
    """Return what a request counts towards. Who comes with a key is not held up by others behind their address."""
    settings = request.app.state.settings
    peer = request.client.host if request.client else "127.0.0.1"
    forwarded = request.headers.get("x-forwarded-for", "")
    address = client_address(peer, forwarded, trusted=settings.trusted_proxies)
    request.state.address = address
    most: int = settings.api_reads_per_minute
    if not most:
        return []
    subnet = limits.Quota("subnet", _subnet(address), limits.reads("subnet", most))
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    if apikeys.is_key(token):
        who = hashlib.sha256(token.encode()).hexdigest()[:32]
        return [limits.Quota("key", who, limits.reads("key", most)), subnet]
    return [limits.Quota("address", address, limits.reads("address", most)), subnet]


_subnet = functools.lru_cache(maxsize=10_000)(subnet_key)  # a third of what a kept answer costs otherwise


async def _body(request: Request, receive: Receive) -> bytes | None:
    """Return the whole body, or None when it is too large."""
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > BODY_LIMIT:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes) -> Receive:
    waiting = [body]

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _fingerprint(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + body).hexdigest()


def _embedding(request: Request) -> tuple[str, ...]:
    """Return the origins whose pages may show what everybody may see."""
    origins: tuple[str, ...] = getattr(request.app.state.settings, "embed_origins", ())
    return origins


async def _preflight(request: Request, origin: str) -> Response:
    """Answer a browser that asks whether a page of another site may send a request.

    It tells no key, so it can only be asked whether any key has this site on its list; whether the
    key that is sent has, is checked with the request itself.
    """
    headers = {"Vary": "Origin, Access-Control-Request-Method", "Cache-Control": "no-store"}
    if origin in _embedding(request) or await run_in_threadpool(_is_known, request, origin):
        request.state.shared_with = origin
        headers["Access-Control-Allow-Methods"] = METHODS
        headers["Access-Control-Allow-Headers"] = _ASKED_HEADERS
        headers["Access-Control-Max-Age"] = "600"
    return Response(status_code=204, headers=headers)


def _is_known(request: Request, origin: str) -> bool:
    with new_session(request.app.state.bind) as db:
        return apikeys.is_origin_known(db, origin, now=request.app.state.now())


def _add_headers(outgoing: MutableHeaders, request: Request) -> None:
    added: Mapping[str, str] = limits.headers(getattr(request.state, "counts", []))
    outgoing.update(added)
    outgoing.add_vary_header("Origin")
    origin = getattr(request.state, "shared_with", "")
    if origin:  # one named origin, and never credentials: cookies of ours are of no use to other sites
        outgoing["Access-Control-Allow-Origin"] = origin
        outgoing["Access-Control-Expose-Headers"] = _SHOWN_HEADERS
        outgoing["Cross-Origin-Resource-Policy"] = "cross-origin"
