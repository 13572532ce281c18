"""Answers that must not tell by their time whether an address has an account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOORS = frozenset({"/signin", "/signup", "/reset"})
"""Where somebody names an address that may be another's."""

STEP_SECONDS = 0.05


class EvenTimes:
    """Lets answers to forms at the doors leave only at whole steps of time after the forms came.

    The services do the same work for known and unknown addresses, but not to a fraction of a
    millisecond, and who asks often enough sees that. Steps far longer than the difference hide it,
    but for the few answers that a step falls between (docs/security.md, case 21).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._clock = clock
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in DOORS:
            await self._app(scope, receive, send)
            return
        came = self._clock()

        async def send_at_step(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._sleep(STEP_SECONDS - (self._clock() - came) % STEP_SECONDS)
            await send(message)

        await self._app(scope, receive, send_at_step)
