"""The processes of `peerdesk serve`: web processes and a worker, copies of one that has loaded what they need.

uvicorn keeps web processes running, and starts each anew: one takes seconds and 120 MB of its own. Copied, it has in
memory once what neither changes (docs/decisions/0014). The process that is copied does nothing else: it has no thread,
connection or open index, of which no copy may be made, so those that die are replaced by copies, too.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from socket import socket
from typing import Any

from uvicorn import Config
from uvicorn._subprocess import subprocess_started
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess, multiprocess

_CONTEXT: Any = get_context("fork" if sys.platform == "linux" else "spawn")  # elsewhere a copy is not safe
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
MOST_BY_DEFAULT = 4
PATIENCE = 15.0  # seconds

log = logging.getLogger(__name__)


class ChildProcess(_CONTEXT.Process):  # type: ignore[misc]  # which of the classes it is depends on the system
    """A process that is named in lists of processes, and that a signal ends from its first moment on."""

    def start(self) -> None:
        """Start it; what is to end this process waits until it is known which of the two it meets."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def run(self) -> None:
        """Do what it is for."""
        for number in multiprocess.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        if sys.platform == "linux":
            Path("/proc/self/comm").write_text(self.name)
        super().run()


class Processes(Multiprocess):
    """Keeps web processes, and the worker beside them, running until it is told to end."""

    def __init__(self, config: Config, sockets: list[socket], *, work: Callable[[], None] | None) -> None:
        """Listen to signals. `work` is what the worker does, if there is to be one."""
        super().__init__(config, sockets)
        for number in multiprocess.SIGNALS:
            if number not in _ENDING:
                signal.signal(number, signal.SIG_DFL)
        self._work = work
        self._worker: BaseProcess | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a web process could not start."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)

    def init_processes(self) -> None:
        """Start all."""
        super().init_processes()
        self._start_worker()

    def keep_subprocess_alive(self) -> None:
        """Replace what died, and web processes that do not answer."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        for old, new in zip(before, self.processes, strict=True):
            if old is not new:
                log.error("web process %s is gone (%s); %s takes its place", old.pid, old.exitcode, new.pid)
        if self._worker and not self._worker.is_alive() and not self.should_exit.is_set():
            log.error("the worker is gone (%s), and started again", self._worker.exitcode)
            self._start_worker()

    def terminate_all(self) -> None:
        """Tell all to end with what they are at."""
        super().terminate_all()
        if self._worker:
            self._worker.terminate()

    def join_all(self) -> None:
        """Wait until all have ended."""
        super().join_all()
        if self._worker:
            self._worker.join(PATIENCE)
            self._worker.kill()  # what it was doing is undone, and done again at the next start

    handle_hup = Multiprocess.handle_term  # the terminal is gone
    """What uvicorn does instead, new processes one after the other, would be copies of the same old program."""

    def _start_worker(self) -> None:
        if self._work:
            self._worker = ChildProcess(target=self._work, name="peerdesk-worker", daemon=True)
            self._worker.start()


def as_many_as_fit() -> int:
    """Return how many web processes make use of this machine."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST_BY_DEFAULT)


def _web_process(config: Config, target: Callable[..., None], sockets: list[socket]) -> BaseProcess:
    return ChildProcess(
        target=subprocess_started, args=(config, target, sockets, None), name="peerdesk-web", daemon=True
    )


multiprocess.get_subprocess = _web_process  # type: ignore[assignment, attr-defined]  # by which uvicorn makes its processes
