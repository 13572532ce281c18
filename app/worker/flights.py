"""Sending in threads, beside the worker's round: whoever answers slowly, or never, holds up nobody else.

Only the network is left to threads. What is to be sent is claimed, and what came of it written down, by the round.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

PATIENCE_SECONDS = 0.05

Sent = TypeVar("Sent")
Outcome = TypeVar("Outcome")


class Flights(Generic[Sent, Outcome]):
    """What is on its way now, by the ids of its rows."""

    def __init__(self) -> None:
        self._flying: dict[int, Sent] = {}
        self._landed: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()

    def __len__(self) -> int:
        return len(self._flying)

    @property
    def flying(self) -> Collection[Sent]:
        """What is on its way, or has arrived and is not written down."""
        return self._flying.values()

    def start(self, number: int, one: Sent, send: Callable[[], Outcome]) -> None:
        """Let a thread send it. `send` must not raise: the round waits for what it started."""
        self._flying[number] = one
        # A daemon: what is on its way when the worker ends is sent again, under the same id.
        threading.Thread(target=lambda: self._landed.put((number, send())), daemon=True).start()

    def note(self, write: Callable[[Sent, Outcome], None], *, patience: float = PATIENCE_SECONDS) -> None:
        """Write down what has arrived; when nothing has, wait a moment.

        What can't be written, because the database is away, is kept for the next time.
        """
        while self._flying:
            try:
                number, outcome = self._landed.get(timeout=patience)
            except queue.Empty:
                return
            patience = 0.0
            try:
                write(self._flying[number], outcome)
            except BaseException:
                self._landed.put((number, outcome))
                raise
            del self._flying[number]

    def land(self, write: Callable[[Sent, Outcome], None], *, seconds: float) -> None:
        """Write down what arrives within so long; the rest is sent again, by whoever comes next."""
        until = time.monotonic() + seconds
        while self._flying and (left := until - time.monotonic()) > 0:
            self.note(write, patience=left)
