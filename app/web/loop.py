"""The event loop of a web process that has others beside it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from app.web.protocol import BoundedProtocol

STEP = 0.001
LONGEST = 0.008
"""Seconds: a process leaves a connection to the others for one step for each that it has already, at most so long."""


class SharingLoop(asyncio.SelectorEventLoop):
    """Takes one connection at a time from a socket that several processes listen on, after those with fewer of them.

    asyncio accepts all that stand in line, as many as `backlog` says: whichever process woke first had nearly all
    connections that came together, and kept them, while the others had nothing to do. So it was with those that came
    one after the other: the same process always woke first.
    """

    async def create_server(
        self, *arguments: Any, sock: socket.socket | None = None, backlog: int = 100, **options: Any
    ) -> asyncio.Server:
        """Listen as any event loop does, with a line of `backlog` connections in the kernel."""
        if sock is None:
            return await super().create_server(*arguments, backlog=backlog, **options)
        server = await super().create_server(*arguments, sock=sock, backlog=1, **options)
        sock.listen(backlog)
        return server

    def _accept_connection(self, factory: Any, sock: socket.socket, *rest: Any) -> None:
        wait = min(BoundedProtocol.how_many_open() * STEP, LONGEST)
        if wait:
            self.remove_reader(sock)
            self.call_later(wait, self._accept_late, factory, sock, *rest)
        else:
            super()._accept_connection(factory, sock, *rest)  # type: ignore[misc]  # asyncio's own, as the others

    def _accept_late(self, factory: Any, sock: socket.socket, *rest: Any) -> None:
        if sock.fileno() >= 0:  # else nobody listens any more
            super()._accept_connection(factory, sock, *rest)  # type: ignore[misc]
            self._start_serving(factory, sock, *rest)  # type: ignore[attr-defined]  # as asyncio does after a wait
