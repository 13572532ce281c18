"""Answers visitors with finished pages, and keeps those that routes let be shared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.finished.follower import Follower
from app.web.finished.sharing import Sharing
from app.web.finished.store import Address, FinishedPage, PageStore, compress, etag_of
from app.web.render import THEME_COOKIE, THEMES

PLACES = ("/questions", "/products", "/tags")
"""Where shared pages are, beside the first page; elsewhere nothing is looked up."""

QUERY = frozenset({"answers", "page", "sort"})
"""Parameters that shared pages differ by; a request with any other is answered for itself."""

_OUR_COOKIES = ("pd_", "__Host-pd_")
_KEPT_HEADERS = frozenset({b"content-type", b"link"})

Viewed = Callable[[Request, int], None]
"""Told of each view of a question that was answered from the store: the route did not see it."""


class FinishedPages:
    """Sends what is kept as long as it is true; when it is no longer, one request makes it anew and others wait."""

    def __init__(self, app: ASGIApp, *, follower: Follower, store: PageStore, viewed: Viewed) -> None:
        self._app = app
        self._follower = follower
        self._store = store
        self._viewed = viewed
        self._making: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope)
        tick = await self._caught_up() if address else None
        if address is None or tick is None:
            await self._app(scope, receive, send)
        elif self._store.get(address) is None:  # perhaps nothing that can be kept: nobody waits for it
            await self._make(address, tick, scope, receive, send)
        elif not await self._send_true(address, scope, send):
            async with self._making.setdefault(address, asyncio.Lock()):
                tick = await self._caught_up()
                if tick is None or not await self._send_true(address, scope, send):
                    await self._make(address, tick, scope, receive, send)

    async def _caught_up(self) -> int | None:
        try:
            return await self._follower.catch_up()
        except DBAPIError:
            return None  # the route itself will say what is wrong

    async def _send_true(self, address: Address, scope: Scope, send: Send) -> bool:
        page = self._store.get(address)
        if page is None or page.until < time.monotonic():
            return False
        if not self._follower.is_true(page.depends_on, since=page.tick):
            return False
        if page.viewed_question_id is not None:
            self._viewed(Request(scope), page.viewed_question_id)
        await self._send(page, scope, send)
        return True

    async def _make(
        self, address: Address, tick: int | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        capture = _Capture(send, Sharing())
        scope.setdefault("state", {})["sharing"] = capture.sharing
        await self._app(scope, receive, capture)
        if capture.body is None:
            return
        page = FinishedPage(
            compressed=compress(capture.body),
            etag=etag_of(capture.body),
            headers=tuple((name, value) for name, value in capture.headers if name.lower() in _KEPT_HEADERS),
            depends_on=capture.sharing.depends_on,
            tick=tick or 0,
            until=time.monotonic() + capture.sharing.lasts.total_seconds(),
            viewed_question_id=capture.sharing.viewed_question_id,
        )
        self._store.put(address, page)
        await self._send(page, scope, send)

    async def _send(self, page: FinishedPage, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        packed = "gzip" in headers.get("accept-encoding", "")
        etag = f'"{page.etag}-gzip"' if packed else f'"{page.etag}"'
        outgoing = MutableHeaders(raw=list(page.headers))
        outgoing["Cache-Control"] = "private, no-cache"
        outgoing["ETag"] = etag
        outgoing["Vary"] = "Accept-Encoding, Cookie"
        status, body = 304, b""
        if etag not in headers.get("if-none-match", ""):
            status, body = 200, page.compressed if packed else self._store.plain(page)
            outgoing["Content-Length"] = str(len(body))
            if packed:
                outgoing["Content-Encoding"] = "gzip"
        await send({"type": "http.response.start", "status": status, "headers": outgoing.raw})
        await send({"type": "http.response.body", "body": body})


class _Capture:
    """Passes an answer on as it comes, but holds back one that may be kept: `body` is then its whole content."""

    def __init__(self, send: Send, sharing: Sharing) -> None:
        self.sharing = sharing
        self.body: bytes | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._may_be_kept(message):
            self.headers = list(message["headers"])
            self.body = b""
        elif self.body is None:
            await self._send(message)
        else:
            self.body += message.get("body", b"")

    def _may_be_kept(self, start: Message) -> bool:
        names = {name.lower() for name, _ in start["headers"]}
        return bool(self.sharing.depends_on) and start["status"] == 200 and b"set-cookie" not in names


def _address(scope: Scope) -> Address | None:
    """Return under which address the answer to this request may be kept; None when it is for one visitor only."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path: str = scope["path"]
    if path != "/" and not path.startswith(PLACES):
        return None
    query = scope["query_string"].decode("latin-1")
    if query and (len(query) > 60 or not _is_known(query)):
        return None
    headers = Headers(scope=scope)
    if "authorization" in headers or "x-fragment" in headers:
        return None
    theme = ""
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == THEME_COOKIE:
            theme = value if value in THEMES else ""
        elif name.startswith(_OUR_COOKIES):
            return None
    return Address(path, query, theme)


def _is_known(query: str) -> bool:
    return {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= QUERY
