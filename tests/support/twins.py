"""Servers that are broken on purpose: `python -m tests.support.twins NAME SECONDS serve …` is one with a fault.

What is promised after a crash is only shown by a check that these fail.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import event as hooks
from sqlmodel import Session

from app.cli.__main__ import main
from app.core import db as core_db
from app.domain import outbox
from app.domain.outbox import Event


def acknowledge_first(seconds: float) -> None:
    """Answer before the commit, which comes so much later: a cache that writes behind."""
    make_engine = core_db.make_engine

    def make(url: str, **options: Any) -> Any:
        engine = make_engine(url, **options)
        _commit_later(engine, seconds)
        return engine

    # Not in core.db: the worker, forked from this process, would hold up who writes.
    _replace("app.main", "make_engine", make)


def tell_outside(seconds: float) -> None:
    """Write events in a transaction of their own, so much later than the one that they tell of."""
    record = outbox.record

    def later(db: Session, event: Event, *, now: datetime) -> None:
        bind = db.get_bind()

        def tell() -> None:
            time.sleep(seconds)
            with core_db.new_session(bind) as own:
                core_db.atomic(record)(own, event, now=now)

        threading.Thread(target=tell, daemon=True).start()

    outbox.record = later


TWINS: dict[str, Callable[[float], None]] = {
    "acknowledge-first": acknowledge_first,
    "tell-outside": tell_outside,
}
SQLITE_ONLY = ("acknowledge-first",)


def _commit_later(engine: Any, seconds: float) -> None:
    """Let a commit return at once, and be done when the time has passed."""
    engine.pool._pool.use_lifo = True  # a request goes on with the connection on which it wrote
    pending: dict[int, Any] = {}
    lock = threading.RLock()
    dialect = engine.dialect

    def commit_now(driver: Any) -> None:
        with lock:
            if pending.pop(id(driver), None) is not None:
                driver.commit()

    def do_commit(connection: Any) -> None:
        driver = getattr(connection, "driver_connection", connection)
        if not driver.in_transaction:
            return
        with lock:
            pending[id(driver)] = driver
        timer = threading.Timer(seconds, commit_now, [driver])
        timer.daemon = True
        timer.start()

    def do_rollback(connection: Any) -> None:
        driver = getattr(connection, "driver_connection", connection)
        if id(driver) not in pending:
            driver.rollback()

    def begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if not driver.in_transaction:  # what is not committed yet is joined
            writes = core_db._WAIT in connection.get_execution_options()
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    dialect.do_commit, dialect.do_rollback = do_commit, do_rollback
    hooks.remove(engine, "begin", core_db._begin_sqlite)
    hooks.listen(engine, "begin", begin)


def _replace(module: str, name: str, value: object) -> None:
    __import__(module)
    setattr(sys.modules[module], name, value)


if __name__ == "__main__":
    TWINS[sys.argv[1]](float(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))
