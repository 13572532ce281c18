"""The event loop of a web process that has others beside it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any


class SharingLoop(asyncio.SelectorEventLoop):
    """Accepts one connection at a time from a socket that several processes listen on.

    asyncio accepts all that stand in line, as many as `backlog` says: whichever process woke first had nearly all
    connections that came together, and kept them, while the others had nothing to do.
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
