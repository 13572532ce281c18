"""What was touched since when, as this process has read it from the outbox."""

from __future__ import annotations

import asyncio
import sqlite3
import weakref
from collections.abc import Iterable

import anyio.to_thread
from sqlalchemy import Connection, Engine

from app.core.db import new_session
from app.domain import outbox
from app.web.finished.keys import Key, touched

MOST_KEYS = 100_000
MOST_EVENTS = 1_000


class Follower:
    """Counts ticks: each time news are read, what they touch is marked with the next tick."""

    def __init__(self, bind: Engine | Connection) -> None:
        self._bind = bind
        self._limiter: anyio.CapacityLimiter | None = None
        self._lock = asyncio.Lock()
        self._reads = 0
        self._tick = 1
        self._all_before = 1  # whatever is older may be wrong
        self._touched: dict[Key, int] = {}
        self._settled: outbox.Position | None = None
        self._unsettled: frozenset[int] = frozenset()
        self._watch = _watch_of(bind)

    @property
    def stamp(self) -> int | None:
        """A number that is the same only as long as nobody commits anything; None where the database can't tell."""
        return self._watch.noted if self._watch else None

    async def catch_up(self) -> int:
        """Read what was committed before this call, and return the tick after it. Raises DBAPIError.

        Calls that wait at the same time share one reading, if it began after they came.
        """
        if self._settled is not None and self._watch is not None and not self._watch.has_changed():
            return self._tick
        reads_before = self._reads
        async with self._lock:
            if self._reads == reads_before:
                self._reads += 1
                await self._read()
        return self._tick

    def is_true(self, depends_on: Iterable[Key], *, since: int) -> bool:
        """Return whether nothing of this was touched after the tick."""
        if since < self._all_before:
            return False
        return all(self._touched.get(key, 0) <= since for key in depends_on)

    async def _read(self) -> None:
        if self._watch is not None:
            self._watch.note()
        self._limiter = self._limiter or anyio.CapacityLimiter(1)  # page work must not hold this up
        keys = await anyio.to_thread.run_sync(self._news, limiter=self._limiter)
        if keys is None or len(self._touched) > MOST_KEYS:
            self._tick += 1
            self._all_before = self._tick
            self._touched.clear()
        elif keys:
            self._tick += 1
            self._touched.update(dict.fromkeys(keys, self._tick))

    def _news(self) -> set[Key] | None:
        with new_session(self._bind) as db:
            settled = outbox.end_of_feed(db)
            if self._settled is None:
                self._settled = settled
                return None
            events = outbox.committed(db, after=self._settled, limit=MOST_EVENTS)
            fresh = [event for event in events if event.id not in self._unsettled]
            keys = None if len(events) == MOST_EVENTS else touched(db, fresh)
        self._settled = max(settled, self._settled)
        self._unsettled = frozenset(event.id for event in events if event.position > self._settled)
        return keys


class _FileWatch:
    """Tells whether anybody has committed to a SQLite file, in a few microseconds.

    https://www.sqlite.org/pragma.html#pragma_data_version: the number differs after a commit by any
    other connection, of this process or another; this one never writes.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.noted = -1
        self._seen = -2

    def has_changed(self) -> bool:
        """Return whether there was a commit since what was last noted."""
        self._seen = self._version()
        return self._seen != self.noted

    def note(self) -> None:
        """Take the present state, before reading it, as what has been seen."""
        self.noted = self._version()

    def _version(self) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            weakref.finalize(self, self._connection.close)
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


def _watch_of(bind: Engine | Connection) -> _FileWatch | None:
    if isinstance(bind, Engine) and bind.dialect.name == "sqlite" and bind.url.database:
        return _FileWatch(bind.url.database)
    return None
