"""Answers visitors with finished pages, and keeps those that routes let be shared."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.signing import csrf_token, mask
from app.web import cookies, holes
from app.web.deps import SESSION_COOKIE
from app.web.finished.follower import Follower
from app.web.finished.members import Members, Reading
from app.web.finished.sharing import Sharing
from app.web.finished.store import Address, FinishedPage, PageStore, compress, etag_of
from app.web.render import FLASH_COOKIE, THEME_COOKIE, theme_of

PLACES = ("/questions", "/products", "/tags")
"""Where shared pages are, beside the first page; elsewhere nothing is looked up."""

SEARCH = "/search"

QUERY = frozenset({"answers", "page", "sort"})
SEARCH_QUERY = frozenset({"page", "q", "sort"})
"""Parameters that shared pages differ by; a request with any other is answered for itself."""
QUERY_AT_MOST, SEARCH_QUERY_AT_MOST = 60, 200

_FOR_MEMBERS = re.compile(r"/questions(?:/(\d{1,10})/[^/]+)?")
"""Where pages are that members share: the list, and a thread."""

_OUR_COOKIES = ("pd_", "__Host-pd_")
_KEPT_HEADERS = frozenset({b"content-type", b"link"})

Sent = Callable[[Request, FinishedPage], None]
"""Told of each page that was answered from the store: the route did not see it."""


@dataclass(frozen=True)
class Asked:
    """A page that may be kept, the tick of the news that were read for it, and the member who asks."""

    address: Address
    tick: int
    reading: Reading | None = None


class FinishedPages:
    """Sends what is kept as long as it is true; when it is no longer, one request makes it anew and others wait."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        follower: Follower,
        store: PageStore,
        searches: PageStore,
        index_stamp: Callable[[], str],
        members: Members,
        sent: Sent,
    ) -> None:
        self._app = app
        self._follower = follower
        self._store = store
        self._searches = searches
        self._index_stamp = index_stamp
        self._members = members
        self._sent = sent
        self._making: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await self._asked(scope) if _may_be_kept(scope) else None
        if asked is None:
            await self._app(scope, receive, send)
        elif (
            self._store_of(asked).get(asked.address) is None
        ):  # perhaps it can't be kept: nobody waits for it
            await self._make(asked, scope, receive, send)
        elif not await self._send_true(asked, scope, send):
            async with self._making.setdefault(asked.address, asyncio.Lock()):
                again = await self._asked(scope)
                if again is None:
                    await self._app(scope, receive, send)
                elif not await self._send_true(again, scope, send):
                    await self._make(again, scope, receive, send)

    async def _asked(self, scope: Scope) -> Asked | None:
        """Return what is asked for, and by whom, after reading the news; None for who is answered for themselves."""
        request = Request(scope)
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        token = cookies.read(request, SESSION_COOKIE)
        theme = cookies.full_name(request.app.state.settings, THEME_COOKIE)
        if not token and any(name.startswith(_OUR_COOKIES) for name in request.cookies if name != theme):
            return None
        try:
            tick = await self._follower.catch_up()
            if not token:
                stamp = self._index_stamp() if path == SEARCH else ""
                return Asked(Address(path, query, theme_of(request), index_stamp=stamp), tick)
            thread = _FOR_MEMBERS.fullmatch(path)
            if thread is None or cookies.read(request, FLASH_COOKIE) or request.app.state.writing.outage:
                return None  # on its page stands a message that is not in the shared one
            reading = await self._members.reading(
                token, int(thread[1] or 0), stamp=self._follower.stamp, now=request.app.state.now()
            )
        except DBAPIError:
            return None  # the route itself will say what is wrong
        if reading is None:
            return None
        return Asked(Address(path, query, reading.audience.theme, reading.audience), tick, reading)

    async def _send_true(self, asked: Asked, scope: Scope, send: Send) -> bool:
        page = self._store_of(asked).get(asked.address)
        if page is None or page.until < time.monotonic():
            return False
        if not self._follower.is_true(page.depends_on, since=page.tick):
            return False
        self._sent(Request(scope), page)
        if asked.reading is None:
            await self._send(page, self._store_of(asked), scope, send)
        else:
            await self._send_filled(page, asked.reading, scope, send)
        return True

    async def _make(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route make the page, and keep it if it may be kept."""
        sharing = Sharing(reading=asked.reading)
        scope.setdefault("state", {})["sharing"] = sharing
        if asked.reading is not None:  # the route sends what it has filled in itself
            await self._app(scope, receive, send)
            if sharing.shared is not None and sharing.shared.text:
                self._store.put(asked.address, _finished(sharing.shared.text, (), asked.tick, sharing))
            return
        capture = _Capture(send, sharing)
        await self._app(scope, receive, capture)
        if capture.body is None:
            return
        headers = tuple((name, value) for name, value in capture.headers if name.lower() in _KEPT_HEADERS)
        page = _finished(capture.body, headers, asked.tick, sharing)
        self._store_of(asked).put(asked.address, page)
        await self._send(page, self._store_of(asked), scope, send)

    def _store_of(self, asked: Asked) -> PageStore:
        return self._searches if asked.address.path == SEARCH else self._store

    async def _send(self, page: FinishedPage, store: PageStore, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        packed = "gzip" in headers.get("accept-encoding", "")
        etag = f'"{page.etag}-gzip"' if packed else f'"{page.etag}"'
        outgoing = MutableHeaders(raw=list(page.headers))
        outgoing["Cache-Control"] = "private, no-cache"
        outgoing["ETag"] = etag
        outgoing["Vary"] = "Accept-Encoding, Cookie"
        status, body = 304, b""
        if etag not in headers.get("if-none-match", ""):
            status, body = 200, page.compressed if packed else store.plain(page)
            outgoing["Content-Length"] = str(len(body))
            if packed:
                outgoing["Content-Encoding"] = "gzip"
        await send({"type": "http.response.start", "status": status, "headers": outgoing.raw})
        await send({"type": "http.response.body", "body": body})

    async def _send_filled(self, page: FinishedPage, reading: Reading, scope: Scope, send: Send) -> None:
        state = scope["app"].state
        header = state.headers.for_member(reading.viewer, scope["path"])
        token = mask(csrf_token(state.secret, reading.token))
        body = holes.filled(self._store.plain(page), header=header, token=token)
        response = HTMLResponse(body, headers={"Cache-Control": "private, no-cache"})
        await response(scope, _no_more, send)


async def _no_more() -> Message:
    return {"type": "http.disconnect"}


def _finished(
    body: bytes, headers: tuple[tuple[bytes, bytes], ...], tick: int, sharing: Sharing
) -> FinishedPage:
    return FinishedPage(
        compressed=compress(body),
        etag=etag_of(body),
        headers=headers,
        depends_on=sharing.depends_on,
        tick=tick,
        until=time.monotonic() + sharing.lasts.total_seconds(),
        viewed_question_id=sharing.viewed_question_id,
        searched=sharing.searched,
    )


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


def _may_be_kept(scope: Scope) -> bool:
    """Return whether the answer to such a request may be kept, going by what is asked for."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path: str = scope["path"]
    if path not in ("/", SEARCH) and not path.startswith(PLACES):
        return False
    query = scope["query_string"].decode("latin-1")
    known, at_most = (SEARCH_QUERY, SEARCH_QUERY_AT_MOST) if path == SEARCH else (QUERY, QUERY_AT_MOST)
    if query and (len(query) > at_most or not _names(query) <= known):
        return False
    headers = Headers(scope=scope)
    return "authorization" not in headers and "x-fragment" not in headers


def _names(query: str) -> set[str]:
    return {name for name, _ in parse_qsl(query, keep_blank_values=True)}
