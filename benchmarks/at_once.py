"""How baselines are served by several processes."""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class AtOnce(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """uvicorn's protocol, but bodies do not wait 40 ms for the client's acknowledgement of the headers.

    They do with several processes, whose common socket asyncio leaves as it is: both would then be
    measured at some 350 requests a second, whatever they do.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Turn Nagle's algorithm off."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
