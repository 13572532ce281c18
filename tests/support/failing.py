"""Makes the n-th statement of a service call fail, for every n, and looks whether anything was changed by that.

`failing()` does so with the first call of each service function made inside it, before the call goes through. As a
pytest plugin (`-p tests.support.failing`) it does so in all tests on SQLite, and at the end names the service
functions of the front doors that no test has called: `benchmarks/nth_statement.py`.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import os
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks
from sqlmodel import Session

import app.domain
from app.core import db as core_db

MOST = 1000
REPORT = "NTH_STATEMENT_REPORT"
"""Names the file to which the plugin writes what it found."""

_OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
Service = Callable[..., Any]


class Injected(Exception):
    """The failure that we made."""


@dataclass
class Tried:
    """What was tried: the number of statements of each service function; and what was changed by a failure."""

    statements: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    """Functions that went on after a failure, as those do that run the work of others."""


@contextmanager
def failing() -> Iterator[Tried]:
    """Try all statements of the first call of each service function inside the block."""
    tried, through = Tried(), core_db._in_transaction
    busy = threading.local()

    def call(db: Session, service: Service, *args: Any, **kwargs: Any) -> Any:
        name = name_of(service)
        is_other = db.get_bind().dialect.name != "sqlite" or getattr(busy, "inside", False)
        if is_other or name in tried.statements:
            return through(db, service, *args, **kwargs)
        tried.statements[name] = 0
        busy.inside = True
        try:
            return _try_every_statement(tried, name, db, lambda: through(db, service, *args, **kwargs))
        finally:
            busy.inside = False

    core_db._in_transaction = call
    try:
        yield tried
    finally:
        core_db._in_transaction = through


def name_of(service: Service) -> str:
    """Return a service function's name: "answers.service.posting.post"."""
    return f"{service.__module__.removeprefix('app.domain.')}.{service.__qualname__}"


def front_doors() -> dict[str, str]:
    """Return every service function that features offer one another, with its `name_of`."""
    found = {}
    for module in pkgutil.iter_modules(app.domain.__path__):
        door = importlib.import_module(f"app.domain.{module.name}")
        for name in getattr(door, "__all__", ()):
            value = getattr(door, name)
            if inspect.isfunction(value) and value.__code__ is _ATOMIC:
                found[f"{module.name}.{name}"] = name_of(inspect.unwrap(value))
    return found


def pytest_configure(config: pytest.Config) -> None:
    """Try everything that the tests call."""
    if REPORT in os.environ:
        block = failing()
        tried = block.__enter__()
        config.add_cleanup(lambda: _report(tried))


def contents(bind: Engine | Connection) -> str:
    """Return a hash of every row of every table."""
    own = bind.raw_connection() if isinstance(bind, Engine) else bind.connection
    digest = hashlib.blake2b()
    driver: Any = own.driver_connection
    tables = driver.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (table,) in tables:
        for row in driver.execute(f'SELECT * FROM "{table}"'):
            digest.update(repr((table, row)).encode())
    if isinstance(bind, Engine):
        own.close()
    return digest.hexdigest()


_ATOMIC = core_db.atomic(lambda _db: None).__code__


def _try_every_statement(tried: Tried, name: str, db: Session, call: Callable[[], Any]) -> Any:
    """Call with statement 1 failing, then 2, …; the first that does not reach the failure counts."""
    bind = db.get_bind()
    db.rollback()
    before = contents(bind)
    for number in range(1, MOST):
        try:
            with _nth_fails(bind, number) as has_failed:
                result = call()
        except Injected:
            tried.statements[name] = number
            if contents(bind) != before:
                tried.faults.append(f"{name}: statement {number} failed, and something was changed")
                before = contents(bind)
        else:
            if has_failed:
                tried.survived.append(name)
            return result
    raise RuntimeError(f"{name} has more than {MOST} statements")


@contextmanager
def _nth_fails(bind: Engine | Connection, number: int) -> Iterator[list[str]]:
    """Let a statement of this thread fail; gives a list that then holds it."""
    count, thread, failed = 0, threading.get_ident(), []

    def fail(
        _connection: Connection,
        _cursor: object,
        statement: str,
        _values: object,
        _context: object,
        _many: bool,
    ) -> None:
        nonlocal count
        if threading.get_ident() != thread or statement.startswith(_OF_TRANSACTIONS):
            return
        count += 1
        if count == number:
            failed.append(statement)
            raise Injected

    hooks.listen(bind, "before_cursor_execute", fail)
    try:
        yield failed
    finally:
        hooks.remove(bind, "before_cursor_execute", fail)


def _report(tried: Tried) -> None:
    doors = front_doors()
    found = {
        "statements": tried.statements,
        "faults": tried.faults,
        "survived": tried.survived,
        "not called": sorted(door for door, name in doors.items() if name not in tried.statements),
        "front doors": len(doors),
    }
    Path(os.environ[REPORT]).write_text(json.dumps(found))
