"""What holds for every request: known host, bounded body, request id, security headers, one log line."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import addresses, logs, security_log
from app.core.measures import Measures
from app.web.routing import METHODS, route_of

log = logging.getLogger("peerdesk.request")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Failure = Callable[[Request, Exception], Awaitable[Response]]
_SECRET = re.compile(r"^(/(?:reset|verify|unsubscribe)/)(?!(?:password|address)$).+", re.DOTALL)
# Nothing but a name and a port: no user, path or second word that a proxy or a browser would read otherwise.
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestEnvelope:
    """Checks the Host header, names the request, adds security headers (a route's own win), logs the outcome.

    An unforeseen exception is answered here by `failure`: Starlette's own place for that lies
    outside all middleware, where the answer would lack these headers.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        proxies: Collection[str],
        https: bool,
        failure: Failure,
        measures: Measures,
    ) -> None:
        self._app = app
        self._measures = measures
        self._hosts = hosts
        self._proxies = proxies
        self._failure = failure
        self._headers = dict(_HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        named = logs.request_id.set(request_id)
        come = logs.visitor.set(partial(self._address, scope, headers))
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                outgoing = MutableHeaders(scope=message)
                may_be_framed = "frame-ancestors http" in outgoing.get("content-security-policy", "")
                for name, value in self._headers.items():
                    if name != "X-Frame-Options" or not may_be_framed:
                        outgoing.setdefault(name, value)
                outgoing["X-Request-Id"] = request_id
            await send(message)

        try:
            answer = self._refusal(scope, headers.get("host", "")) or self._app
            await answer(scope, receive, send_with_headers)
        except Exception as error:
            if status:  # the answer has begun: all that is left is to cut it off
                raise
            page = await self._failure(Request(scope, receive), error)
            await page(scope, receive, send_with_headers)
        finally:
            self._tell(scope, status, time.perf_counter() - started)
            logs.visitor.reset(come)
            logs.request_id.reset(named)

    def _address(self, scope: Scope, headers: Headers) -> str:
        peer = scope["client"][0] if scope["client"] else ""
        return addresses.client_address(peer, headers.get("x-forwarded-for", ""), trusted=self._proxies)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Log the answer, and count it. Status 0: there was none, the client went away."""
        route = route_of(scope, status)
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        is_stream = route.endswith("/events")
        self._measures.count((route, method, f"{status // 100}xx"), None if is_stream else seconds)
        if log.isEnabledFor(logging.INFO):
            path, ms = _for_log(scope["path"]), round(seconds * 1000, 1)
            facts = {"method": scope["method"], "path": path, "route": route, "status": status, "ms": ms}
            if member := scope["state"].get("member_id"):
                facts["member"] = member
            log.info("%s %s %s %.1fms", scope["method"], path, status, ms, extra={"facts": facts})

    def _refusal(self, scope: Scope, host: str) -> Response | None:
        if not self._is_known_host(host):
            security_log.tell("host.refused", host=host[:100])
            text = "This host name is not known here. (Operators: see PEERDESK_BASE_URL and PEERDESK_ALLOWED_HOSTS.)"
            return _refusal(scope, 400, text)
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            # No name or word holds one, and PostgreSQL takes none.
            return _refusal(scope, 400, "This address holds a character that can't be in one.")
        return None

    def _is_known_host(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and (found[1] or found[2]).lower() in self._hosts


class BodyLimit:
    """Refuses a request body of more than `limit` bytes, said or sent."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdigit() or int(said) > self._limit:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counting_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counting_receive, send)
        except BodyTooLarge:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"That is too large: at most {self._limit // 1_000_000} MB can be sent at once."
        refusal = _refusal(scope, 413, text)
        refusal.headers["Connection"] = "close"
        await refusal(scope, receive, send)


class BodyTooLarge(Exception):
    """More was sent than is taken."""


def _refusal(scope: Scope, status: int, text: str) -> Response:
    if not scope["path"].startswith("/api/"):
        return PlainTextResponse(text, status_code=status)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
        "instance": scope["path"],
        "request_id": scope["state"]["request_id"],
    }
    return JSONResponse(problem, status, media_type="application/problem+json")


def _request_id(given: str) -> str:
    return given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _for_log(path: str) -> str:
    # What follows is a secret, good for an account until it is used.
    path = _SECRET.sub(r"\1(secret)", path)
    return path.encode("unicode_escape").decode()[:300]
