"""The event loop of web processes that listen on one socket: each takes its share of those who connect."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from itertools import pairwise
from typing import Any

import pytest

from app.web.loop import STEP, SharingLoop
from app.web.protocol import BoundedProtocol

TOGETHER = 40


def test_of_connections_that_come_together_one_is_taken_at_a_time() -> None:
    def scene() -> list[int]:
        taken: list[int] = []
        with asyncio.Runner(loop_factory=SharingLoop) as runner:
            runner.run(connect_many(taken))
        return taken

    taken = ThreadPoolExecutor(1).submit(scene).result()
    steps = [after - before for before, after in pairwise(taken)]
    assert taken[-1] == TOGETHER
    assert max(steps) == 1


def test_who_has_connections_leaves_the_next_to_others_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "_open", Counter({"192.0.2.1": 3}))
    waits: list[float] = []

    class Recording(SharingLoop):
        def call_later(  # type: ignore[override]
            self, delay: float, callback: Any, *arguments: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            waits.append(delay)
            return super().call_later(delay, callback, *arguments, context=context)

    def scene() -> list[int]:
        taken: list[int] = []
        with asyncio.Runner(loop_factory=Recording) as runner:
            runner.run(connect_many(taken))
        return taken

    assert ThreadPoolExecutor(1).submit(scene).result()[-1] == TOGETHER
    assert set(waits) == {3 * STEP}


async def connect_many(taken: list[int]) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        made = 0

        class Counting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                nonlocal made
                made += 1
                transport.close()

        server = await loop.create_server(Counting, sock=listening, backlog=2048)
        # All fit in the line while nobody takes them: this loop does nothing else meanwhile.
        clients = [socket.create_connection(listening.getsockname(), timeout=10) for _ in range(TOGETHER)]
        while made < TOGETHER:
            taken.append(made)
            await asyncio.sleep(0)
        taken.append(made)
        for client in clients:
            client.close()
        server.close()
        await server.wait_closed()
