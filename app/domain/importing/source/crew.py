"""Processes that read ahead: pieces of files are parsed and rendered beside the process that writes.

Each helper has one pipe and computes at most one result ahead of what has been fetched, so memory
stays bounded. A helper whose parent is gone, however it went, reads the end of its pipe and ends.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from app.core.errors import DomainError
from app.domain.importing.source.dump import DumpError

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 2
_GARBAGE_AT = 200_000
"""Objects until garbage is searched for: rows by the thousand are no garbage, and hold no circles."""


class Crew:
    """Does work on tasks, in their order; with no helpers, in this process."""

    def __init__(self, pipes: list[Connection], read: Any) -> None:
        self._pipes = pipes
        self._read = read

    def map(
        self,
        work: Callable[[T], R],
        tasks: Iterable[T],
        *,
        while_waiting: Callable[[int], None] | None = None,
    ) -> Iterator[tuple[T, R]]:
        """Yield each task with its result. `work` is a function of a module, tasks and results can be pickled.

        `while_waiting` is told, now and then, how many bytes `count_bytes` was called with.
        """
        if not self._pipes:
            for task in tasks:
                yield task, work(task)
            return
        waiting: deque[tuple[T, Connection]] = deque()
        for number, task in enumerate(tasks):
            pipe = self._pipes[number % len(self._pipes)]
            pipe.send((work, task))
            waiting.append((task, pipe))
            if len(waiting) >= _AHEAD * len(self._pipes):
                yield self._fetch(*waiting.popleft(), while_waiting)
        while waiting:
            yield self._fetch(*waiting.popleft(), while_waiting)

    def bytes_read(self) -> int:
        """Return how many bytes the helpers have counted so far."""
        return int(self._read.value)

    def _fetch(self, task: T, pipe: Connection, while_waiting: Callable[[int], None] | None) -> tuple[T, Any]:
        try:
            while while_waiting is not None and not pipe.poll(0.2):
                while_waiting(self.bytes_read())
            result = pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise DumpError(
                "A reading process was ended from outside. Run the same command to go on."
            ) from error
        if isinstance(result, Exception):
            raise result
        return task, result


@contextmanager
def crew(helpers: int) -> Iterator[Crew]:
    """Start so many helpers, and end them with the block."""
    context = multiprocessing.get_context()
    read = context.Value("q", 0)
    _counter.append(read)
    pipes: list[Connection] = []
    processes = []
    gc.collect()
    gc.freeze()  # or the collector would write to every page that the helpers share with us
    thresholds = gc.get_threshold()
    gc.set_threshold(_GARBAGE_AT)
    try:
        for _ in range(helpers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_help, args=(theirs, ours, read), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        yield Crew(pipes, read)
    finally:
        _counter.pop()
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.terminate()
            process.join()


def count_bytes(number: int) -> None:
    """Count bytes that this process has read, for the progress shown by another."""
    read = _counter[-1]
    with read.get_lock():
        read.value += number


_counter: list[Any] = []


def _help(pipe: Connection, parents_end: Connection, read: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    parents_end.close()  # or we would keep our own pipe open
    _counter.append(read)
    while True:
        try:
            work, task = pipe.recv()
        except (EOFError, ConnectionError):
            return  # the parent is gone, or needs no more
        try:
            result = work(task)
        except DomainError as error:
            result = error
        try:
            pipe.send(result)
        except ConnectionError:
            return
