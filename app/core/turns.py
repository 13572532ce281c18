"""Turns at writing to SQLite, which has one writer at a time: first come, first served.

SQLite lets who waits for the lock sleep for ever longer pauses (https://www.sqlite.org/c3ref/busy_timeout.html),
while others come and take it. Here the threads of a process stand in line, and the first of each line
waits for its turn among the processes. A turn is a courtesy: who has waited too long for it, or can't
have the file by which processes agree, goes on to SQLite's own lock, which decides.
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
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it until the block ends."""
        ticket = self._line_up()
        try:
            with self._among_processes():
                yield
        finally:
            self._leave(ticket)

    def _line_up(self) -> threading.Lock:
        ticket = threading.Lock()
        with self._guard:
            self._line.append(ticket)
            if self._line[0] is ticket:
                return ticket
            ticket.acquire()
        give_way()
        ticket.acquire(timeout=PATIENCE_SECONDS)  # whoever is first releases it on leaving
        return ticket

    def _leave(self, ticket: threading.Lock) -> None:
        with self._guard:
            was_first = self._line[0] is ticket
            self._line.remove(ticket)
            if was_first and self._line:
                self._line[0].release()

    @contextmanager
    def _among_processes(self) -> Iterator[None]:
        has_turn = self._await_processes()
        try:
            yield
        finally:
            if has_turn:
                _unlock(self._opened(), _WRITING)

    def _await_processes(self) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
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
