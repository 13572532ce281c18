"""A gate before the database: how many requests may hold a session, and how many may work, at a time.

A request keeps its connection from its first query to its end, and is handed from thread to thread
meanwhile. When more requests began than there are connections, the threads would all wait for one,
and those that hold one would wait for a thread: nobody would go on until the pool gives up. So a
request waits here, on the event loop, where waiting takes nothing from anybody.

Threads of one interpreter hand its lock over at each statement of SQLite: sixteen searches side by side
take half as much processor time again as the same sixteen one after another. So only a few have their turn
to work at a time. Who waits for a disk or a lock gives way meanwhile, and whoever is slow (a report, a
database far away) holds up the others no longer than a turn lasts. Requests that change something may have to
wait for long while another program writes: some threads are never theirs, so that pages are read meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakKeyDictionary

TURN_SECONDS = 0.05


class Gate:
    """Lets in as many as there are places, in the order in which they came.

    Of these `workers` at a time are at work, and `writers` at a time are to change something.
    """

    def __init__(self, places: int, *, workers: int, writers: int) -> None:
        self._counts = (places, workers, writers)
        self._waiting = 0
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Semaphores] = WeakKeyDictionary()

    @asynccontextmanager
    async def place(self, *, writes: bool = False) -> AsyncIterator[None]:
        """Hold a place, as long as a session is open."""
        loop = asyncio.get_running_loop()
        semaphores = self._semaphores_of(loop)
        async with semaphores.writers if writes else nullcontext():
            self._waiting += 1
            try:
                await semaphores.work.acquire()
            finally:
                self._waiting -= 1
            turn = _Turn(semaphores.work, loop)
            _present.set(turn)
            try:
                async with semaphores.places:
                    yield
            finally:
                turn.end()

    def others_wait(self) -> bool:
        """Return whether anybody waits for their turn: then what can be left out is left out. Safe for threads."""
        return self._waiting > 0

    def _semaphores_of(self, loop: asyncio.AbstractEventLoop) -> _Semaphores:
        """Return those of this event loop: each has its own."""
        found = self._by_loop.get(loop)
        if found is None:
            found = self._by_loop[loop] = _Semaphores(*(asyncio.Semaphore(count) for count in self._counts))
        return found


def give_way() -> None:
    """Let the next request work: this one, in whose thread this is called, is about to wait for something."""
    turn = _present.get()
    if turn is not None:
        turn.end_soon()


@dataclass(frozen=True)
class _Semaphores:
    places: asyncio.Semaphore
    work: asyncio.Semaphore
    writers: asyncio.Semaphore


class _Turn:
    """The time in which a request works; it ends once, and by itself after TURN_SECONDS."""

    def __init__(self, work: asyncio.Semaphore, loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = loop.call_later(TURN_SECONDS, self.end)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._work.release()

    def end_soon(self) -> None:
        """End it from another thread."""
        if self._timer is not None:
            self._loop.call_soon_threadsafe(self.end)


_present: ContextVar[_Turn | None] = ContextVar("turn at work", default=None)
