"""The worker's loop: each round does what is waiting, then waits a moment."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.core import heap, parent
from app.core.clock import utc_now
from app.core.db import is_locked, new_session, others_want_to_write
from app.domain import outbox
from app.settings import Settings
from app.worker.consumers import BY_NAME, CONSUMERS
from app.worker.schedule import Task, tasks

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.2
AFTER_FAILURE_SECONDS = 2.0
EVENTS_SECONDS = 0.3
"""So long a round reacts to events at most: then what is done by the clock (the search index) has its turn."""
WRITING_SECONDS = 0.02
"""So long a transaction takes on further events: on SQLite nobody else writes meanwhile."""
LANDING_SECONDS = 5.0
"""So long a worker that is to end waits for the answers of those whom it sends something."""
YIELDING = 2
"""So many times as long as it wrote does it let others write who wait: behind them sits a person."""


@dataclass
class Worker:
    """One background worker on one database. Several may run: each piece of work is claimed by one.

    One that goes on and on `rests`: it lets work gather for a moment, for what is done together costs a fraction.
    For any other time may stand still, so after events it looks at every task again.
    """

    bind: Engine | Connection
    settings: Settings
    rests: bool = False
    _tasks: tuple[Task, ...] = field(default_factory=tasks)
    _next_run: dict[str, datetime] = field(default_factory=dict)
    _rests_until: dict[str, float] = field(default_factory=dict)

    def round(self, *, now: datetime) -> bool:
        """Do what is waiting now; return whether to go on at once: there was anything or, for one that rests, is."""
        with new_session(self.bind) as db:
            busy = self._relay_and_run(db, now=now)
            if busy and not self.rests:
                self._next_run.clear()  # a task that found nothing before has what they led to
            for task in self._tasks:
                busy = self._run_if_due(db, task, now=now) or busy
        return busy

    def drain(self, *, now: datetime) -> None:
        """Work until nothing is left: for tests and one-off commands."""
        while self.round(now=now):
            pass

    def land(self, *, now: datetime) -> None:
        """Begin nothing, and end what is on its way, as far as the others answer in time."""
        until = time.monotonic() + LANDING_SECONDS
        with new_session(self.bind) as db:
            for task in self._tasks:
                if task.land:
                    task.land(db, now=now, seconds=until - time.monotonic())

    def _relay_and_run(self, db: Session, *, now: datetime) -> bool:
        busy, until = False, time.monotonic() + EVENTS_SECONDS
        while time.monotonic() < until:
            if not outbox.has_work(db, now=now):
                return busy and not self.rests
            began = time.monotonic()
            relayed = outbox.relay(db, consumers=CONSUMERS, now=now, limit=20, seconds=WRITING_SECONDS)
            if not relayed and not outbox.run_next(db, consumers=BY_NAME, now=now):
                break  # another worker is at it
            busy = True
            if others_want_to_write(db):
                time.sleep(YIELDING * (time.monotonic() - began))
        return busy

    def _run_if_due(self, db: Session, task: Task, *, now: datetime) -> bool:
        if self.rests and time.monotonic() < self._rests_until.get(task.name, 0.0):
            return False
        # The machine's clock may have been set back since: never wait for longer than once round.
        wait = self._next_run.get(task.name, now) - now
        if timedelta(0) < wait <= timedelta(seconds=task.every_seconds):
            return False
        self._next_run[task.name] = now + timedelta(seconds=task.every_seconds)
        try:
            did_work = bool(task.run(db, self.settings, now=now))
        except OSError as error:  # a full disk, say: what waits is done when there is room again
            log.warning("can't %s: %s; trying again", task.name, error)
            self._rests_until[task.name] = time.monotonic() + AFTER_FAILURE_SECONDS
            return False
        if did_work:
            self._next_run[task.name] = now
            self._rests_until[task.name] = time.monotonic() + task.rest_seconds
        return did_work and not (self.rests and task.rest_seconds)


def run_until_stopped(engine: Engine, settings: Settings) -> None:
    """Work until SIGTERM, SIGINT or, as a child process, the end of the parent: killed, it can't end this one."""
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    worker = Worker(engine, settings, rests=True)
    memory_given_back = time.monotonic()
    while not stopping.is_set() and not parent.is_gone():
        try:
            busy = worker.round(now=utc_now())
        except DBAPIError as error:
            # The database is away or locked; everything that waits is still there when it returns.
            known = is_locked(error)
            log.warning("the database did not answer; trying again: %s", error.orig, exc_info=not known)
            stopping.wait(AFTER_FAILURE_SECONDS)
            continue
        if time.monotonic() - memory_given_back >= heap.GIVEN_BACK_EVERY_SECONDS:
            heap.give_back()
            memory_given_back = time.monotonic()
        if not busy:
            stopping.wait(IDLE_SECONDS)
    with suppress(DBAPIError):  # then it is sent again by the next worker
        worker.land(now=utc_now())
