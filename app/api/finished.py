"""Finished answers: what strangers are told, kept as bytes for as long as it is true.

As with pages (app/web/finished): a route that answers every stranger alike says what its answer
depends on; it is sent again until something of that was touched, which is read from the outbox before
each answer. What is kept is made by routes for strangers only, never for who came with a key or cookie.
"""

from __future__ import annotations

import gzip
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request
from sqlalchemy.exc import DBAPIError
from starlette.types import Send

Key = tuple[str, int]
ANYTHING: Key = ("anything", 0)
"""Touched by every event that a stranger can see the effect of: what lists depend on."""

LASTS_SECONDS = 600.0
CATALOG_LASTS_SECONDS = 60.0
"""Of products and tags: not every change of theirs is an event; the same as of their pages."""

_LEVEL = 5
_PACKED_FROM = 600
_OUR_COOKIES = ("pd_", "__Host-pd_")


class Follower(Protocol):
    """Knows what was touched since when."""

    async def catch_up(self) -> int:
        """Read what was committed before this call, and return the tick after it."""

    def is_true(self, depends_on: Iterable[Key], *, since: int) -> bool:
        """Return whether nothing of this was touched after the tick."""


@dataclass
class Sharing:
    """What a route says of its answer to a stranger; nothing is kept unless it says so."""

    depends_on: frozenset[Key] = frozenset()
    body: bytes = b""
    etag: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    lasts: float = LASTS_SECONDS


@dataclass(frozen=True)
class _Form:
    """An answer as it is sent: plain or packed, with its headers."""

    body: bytes
    etag: bytes
    headers: list[tuple[bytes, bytes]]
    headers_of_304: list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class _Kept:
    plain: _Form
    packed: _Form
    depends_on: frozenset[Key]
    tick: int
    until: float

    @property
    def size(self) -> int:
        return len(self.plain.body) + len(self.packed.body) + 1_000


class Answers:
    """The finished answers of one process, bounded in bytes; least recently used ones go first."""

    def __init__(self, follower: Follower, *, max_bytes: int) -> None:
        self._follower = follower
        self._room = max_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[str, bytes], _Kept] = OrderedDict()

    async def send(self, request: Request, send: Send) -> bool:
        """Send what is kept for this request and still true; otherwise let the route say what may be kept.

        Returns whether it was sent. Afterwards `keep` takes what the route made.
        """
        if not _is_strangers(request):
            return False
        try:
            tick = await self._follower.catch_up()
        except DBAPIError:
            return False  # the route itself will say what is wrong
        kept = self._kept.get(_address(request))
        if (
            kept is None
            or kept.until < time.monotonic()
            or not self._follower.is_true(kept.depends_on, since=kept.tick)
        ):
            request.state.sharing = Sharing()
            request.state.tick = tick
            return False
        self._kept.move_to_end(_address(request))
        await _send(kept, request, send)
        return True

    def keep(self, request: Request) -> None:
        """Keep the answer that was just given, if its route said what it depends on."""
        sharing: Sharing | None = getattr(request.state, "sharing", None)
        if sharing is None or not sharing.depends_on or not sharing.body:
            return
        packed = gzip.compress(sharing.body, _LEVEL, mtime=0) if len(sharing.body) >= _PACKED_FROM else b""
        kept = _Kept(
            plain=_form(sharing.body, sharing.etag, sharing.headers),
            packed=_form(
                packed, f'{sharing.etag[:-1]}-gzip"', {**sharing.headers, "Content-Encoding": "gzip"}
            ),
            depends_on=sharing.depends_on,
            tick=request.state.tick,
            until=time.monotonic() + sharing.lasts,
        )
        self._drop(_address(request))
        self._kept[_address(request)] = kept
        self._size += kept.size
        while self._size > self._room:
            self._drop(next(iter(self._kept)))

    def _drop(self, address: tuple[str, bytes]) -> None:
        gone = self._kept.pop(address, None)
        if gone is not None:
            self._size -= gone.size


def share(request: Request, *depends_on: Key, lasts: float = LASTS_SECONDS) -> None:
    """Let this answer be given to other strangers until something it depends on is touched, for `lasts` at most.

    Does nothing for who came with a key or a session.
    """
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None:
        sharing.depends_on = frozenset(depends_on)
        sharing.lasts = lasts


def question(number: int) -> Key:
    """Return the key of a thread."""
    return ("question", number)


def member(number: int) -> Key:
    """Return the key of a member as posts name them."""
    return ("member", number)


def _is_strangers(request: Request) -> bool:
    if request.method != "GET" or len(request.scope["query_string"]) > 200:
        return False
    if "authorization" in request.headers:
        return False
    # As the routes read them: a request may have several lines of cookies.
    return not any(name.startswith(_OUR_COOKIES) for name in request.cookies)


def _address(request: Request) -> tuple[str, bytes]:
    return request.scope["path"], request.scope["query_string"]


def _form(body: bytes, etag: str, headers: dict[str, str]) -> _Form:
    outgoing = {**headers, "ETag": etag}
    common = [(name.lower().encode(), value.encode()) for name, value in outgoing.items()]
    own = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    unpacked = [pair for pair in common if pair[0] != b"content-encoding"]
    return _Form(body, etag.encode(), [*common, *own], unpacked)


async def _send(kept: _Kept, request: Request, send: Send) -> None:
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    form = kept.packed if kept.packed.body and takes_gzip else kept.plain
    known = request.headers.get("if-none-match", "").encode()
    if known and (form.etag in known or known.strip() == b"*"):
        await send({"type": "http.response.start", "status": 304, "headers": list(form.headers_of_304)})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(form.headers)})
    await send({"type": "http.response.body", "body": form.body})
