"""Keeping for a while what is dear to find out and may be a little old."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by key, each for so many seconds, the oldest forgotten first. Safe for threads."""

    def __init__(self, *, seconds: float, at_most: int) -> None:
        self._seconds = seconds
        self._at_most = at_most
        self._items: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> V | None:
        """Return what is kept under the key."""
        with self._lock:
            made_at, value = self._items.get(key, (0.0, None))
        return value if time.monotonic() - made_at < self._seconds else None

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return what is kept under the key, or make it and keep it."""
        value = self.find(key)
        if value is not None:
            return value
        value = make()
        if not value:
            return value  # there may be more the next time: an index that is being built finds nothing
        with self._lock:
            self._items.pop(key, None)
            self._items[key] = (time.monotonic(), value)
            while len(self._items) > self._at_most:
                self._items.popitem(last=False)
        return value
