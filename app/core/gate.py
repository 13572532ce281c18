"""A gate before the database: how many requests may hold a session at a time.

A request keeps its connection from its first query to its end, and is handed from thread to thread
meanwhile. When more requests began than there are connections, the threads would all wait for one,
and those that hold one would wait for a thread: nobody would go on until the pool gives up. So a
request waits here, on the event loop, where waiting takes nothing from anybody.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary


class Gate:
    """Lets in as many at a time as there are places, in the order in which they came."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def place(self) -> asyncio.Semaphore:
        """Return what to hold (`async with gate.place():`) while a session is open. Each event loop has its own."""
        loop = asyncio.get_running_loop()
        found = self._by_loop.get(loop)
        if found is None:
            found = self._by_loop[loop] = asyncio.Semaphore(self._places)
        return found
