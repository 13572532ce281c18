"""Turns at writing to SQLite, which has one writer at a time: first come, first served.

SQLite lets who waits for the lock sleep for ever longer pauses (https://www.sqlite.org/c3ref/busy_timeout.html),
while others come and take it. Here the threads of a process stand in line, and the first of each line
waits for its turn among the processes. A turn is a courtesy: who has waited too long for it, or can't
have the file by which processes agree, goes on to SQLite's own lock, which decides. Other programs know
nothing of turns, and may hold that lock for as long as they like.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.gate import give_way

PATIENCE_SECONDS = 10.0
"""How long a write waits for others in all."""
IN_VAIN_SECONDS = 0.2
"""The same once somebody has waited in vain, until a write gets through: else everybody would wait for all that."""
_LOOK_AGAIN_SECONDS = 0.0005
_NEXT, _WRITING = 0, 1
"""Bytes of the file that processes lock. Who writes lets go of _NEXT, and has to wait there behind who came since."""


class Turns:
    """The turns at one database file. Safe for threads."""

    def __init__(self, path: str) -> None:
        self._path = f"{path}-turns"
        self._guard = threading.Lock()
        self._line: deque[threading.Lock] = deque()
        self._file: int | None = None
        self.waited_in_vain = False

    @property
    def in_line(self) -> int:
        """How many threads of this process have a turn or wait for one."""
        return len(self._line)

    def are_wanted(self) -> bool:
        """Whether anybody waits for a turn, here or in another process; to be asked by who has none."""
        if self._line:
            return True
        try:
            fcntl.lockf(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _NEXT)
        except OSError as error:
            return isinstance(error, BlockingIOError)
        _unlock(self._opened(), _NEXT)
        return False

    @contextmanager
    def turn(self, *, seconds: float | None = None) -> Iterator[float]:
        """Wait for a turn, and have it until the block ends; yield how many seconds SQLite may be waited for then.

        `seconds` is for both together, if it shall be another time than usual.
        """
        if seconds is None:
            seconds = IN_VAIN_SECONDS if self.waited_in_vain else PATIENCE_SECONDS
        until = time.monotonic() + seconds
        ticket = self._line_up(seconds)
        try:
            with self._among_processes(until):
                yield max(until - time.monotonic(), _LOOK_AGAIN_SECONDS)
        finally:
            self._leave(ticket)

    def _line_up(self, seconds: float) -> threading.Lock:
        ticket = threading.Lock()
        with self._guard:
            self._line.append(ticket)
            if self._line[0] is ticket:
                return ticket
            ticket.acquire()
        give_way()
        ticket.acquire(timeout=seconds)  # whoever is first releases it on leaving
        return ticket

    def _leave(self, ticket: threading.Lock) -> None:
        with self._guard:
            was_first = self._line[0] is ticket
            self._line.remove(ticket)
            if was_first and self._line:
                self._line[0].release()

    @contextmanager
    def _among_processes(self, until: float) -> Iterator[None]:
        has_turn = self._await_processes(until)
        try:
            yield
        finally:
            if has_turn:
                _unlock(self._opened(), _WRITING)

    def _await_processes(self, until: float) -> bool:
        try:
            _lock(self._opened(), _NEXT, until=until)
            _lock(self._opened(), _WRITING, until=until)
            _unlock(self._opened(), _NEXT)
        except OSError:  # a disk that is read-only, a file system without locks: SQLite says what is wrong
            return False
        return True

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        return self._file


def _lock(file: int, byte: int, *, until: float) -> None:
    while time.monotonic() < until:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except BlockingIOError:
            give_way()
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _unlock(file: int, byte: int) -> None:
    fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)
