"""Our HTTP connections: slow and greedy clients are closed, so that everybody else stays served.

uvicorn waits for ever for a request that comes byte by byte, and for a client that does not read its
answer (https://github.com/Kludex/uvicorn/issues/157); some hundred such sockets take all of a
process's file descriptors. This is uvicorn's own protocol with three limits: how long a request may
take to arrive, how long an answer may lie unread, and how many connections one address may have.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from app.web.heads import read_strictly

_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 48\r\n\r\nThe request took too long to arrive; try again.\n"
)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 within limits. The limits are attributes of the class, so that tests can have their own.

    The application's settings are read from it, so nothing may be wrapped around it (proxy_headers=False).
    """

    arrives_within: ClassVar[float] = 20.0
    """Seconds for a request to arrive; a body has as much more as it needs at `slowest_body`."""
    slowest_body: ClassVar[int] = 5_000
    """Bytes a second that a body must come in with, or better."""
    unread_for: ClassVar[float] = 60.0
    """Seconds for which a client may leave an answer unread that fills our buffer."""

    _open: ClassVar[Counter[str]] = Counter()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        read_strictly(self.conn)
        self._address = ""
        self._arriving: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._received = 0
        self._unread: asyncio.TimerHandle | None = None

    @classmethod
    def how_many_open(cls) -> int:
        """Return how many connections this process has."""
        return cls._open.total()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _send_at_once(transport)
        self._address = self._counted_address()
        self._open[self._address] += 1
        if self._address and self._open[self._address] > self._settings.connections_per_address:
            transport.abort()
            return
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(self._arriving, self._unread)
        self._arriving = self._unread = None
        self._open[self._address] -= 1
        if not self._open[self._address]:
            del self._open[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._arriving is None:
            self._await_request()  # the next one on this connection
        self._received += len(data)
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR):
            self._stop(self._arriving)
            self._arriving = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.unread_for, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop(self._unread)
        self._unread = None
        super().resume_writing()

    def _await_request(self) -> None:
        self._began, self._received = self.loop.time(), 0
        self._arriving = self.loop.call_later(self.arrives_within, self._judge)

    def _judge(self) -> None:
        """Close the connection, unless what came in so far has earned the client more time."""
        until = self._began + self.arrives_within + self._received / self.slowest_body
        now = self.loop.time()
        if not self._has_answered() and (now < until or self.flow.read_paused):
            again = min(max(until - now, 1.0), self.arrives_within)
            self._arriving = self.loop.call_later(again, self._judge)
            return
        self._arriving = None
        if self._received and not self._is_answering() and not self._has_answered():
            self.transport.write(_TOO_SLOW)
        self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_started and not cycle.response_complete

    def _has_answered(self) -> bool:
        """Return whether what is still arriving was answered already: nobody reads the rest of it."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete and self.conn.our_state is not h11.IDLE

    def _counted_address(self) -> str:
        """Return the client's address; "" where it stands for many: a proxy of ours."""
        peer = self.client[0] if self.client else ""
        trusted = self._settings.trusted_proxies
        is_proxy = peer and any(
            ipaddress.ip_address(peer) in ipaddress.ip_network(each, strict=False) for each in trusted
        )
        return "" if is_proxy else peer

    @property
    def _settings(self) -> Any:
        return self.config.loaded_app.state.settings

    @staticmethod
    def _stop(*timers: asyncio.TimerHandle | None) -> None:
        for timer in timers:
            if timer is not None:
                timer.cancel()


def _send_at_once(transport: asyncio.Transport) -> None:
    """Let a body follow its head without waiting for the client's acknowledgement, which comes 40 ms late.

    asyncio does so itself, but not for the socket that several processes share.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
