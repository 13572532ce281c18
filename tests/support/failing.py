"""Makes the n-th statement of a service call fail, or its commit, and looks whether that changed anything.

The calls are those of tests/support/calls. After each failure the rows of all tables must be what they were, the
session must hold no connection, and another connection must get to write at once.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks
from sqlmodel import Session, SQLModel

import app.domain
from app.core import db as core_db
from tests.support.calls import Scene

AT_MOST = 6
"""So many writing statements of one service function fail in turn, unless every one is to."""

_OF_TRANSACTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
_COMMIT, _NONE = 0, -1
_COMMITTED = "the transaction's end"
_WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE")
Service = Callable[..., Any]


class Injected(Exception):
    """The failure that we made."""


@dataclass
class Tried:
    """What was tried of one service function, and what was found."""

    statements: list[str] = field(default_factory=list)
    """What one call of it sends."""

    failures: int = 0
    faults: list[str] = field(default_factory=list)
    goes_on: bool = False
    """Whether it went on after a failure, as those do that run the work of others."""

    @property
    def writes(self) -> list[int]:
        """The numbers of its statements that write, from 1."""
        numbered = enumerate(self.statements, start=1)
        return [number for number, statement in numbered if statement.startswith(_WRITES)]


def services() -> dict[str, Service]:
    """Return every function of `app/domain` that is `@atomic`, by its name, as the source has them."""
    found, root = {}, Path(app.domain.__file__).parent
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text())
        names = [
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _is_atomic(node)
        ]
        parts = path.relative_to(root).with_suffix("").parts
        for name in names:
            module = importlib.import_module(".".join(("app.domain", *parts)))
            found[".".join((*parts, name))] = getattr(module, name)
    return found


def try_out(
    engine: Engine, service: Service, call: Callable[[Scene], object], scene: Scene, *, every: bool
) -> Tried:
    """Make the call, and let its commit fail, its first statement and those that write, or `every` one, before."""
    tried, through = Tried(), core_db._in_transaction
    wanted = inspect.unwrap(service)

    def instead(db: Session, called: Service, *args: Any, **kwargs: Any) -> Any:
        if called is not wanted or tried.failures:
            return through(db, called, *args, **kwargs)
        return _fail_each(tried, engine, db, lambda: through(db, called, *args, **kwargs), every=every)

    core_db._in_transaction = instead  # type: ignore[assignment]
    try:
        call(scene)
    finally:
        core_db._in_transaction = through
        scene.db.rollback()
    return tried


def contents(engine: Engine) -> str:
    """Return a hash of every row of every table."""
    digest = hashlib.blake2b()
    own = engine.raw_connection()
    cursor = own.cursor()
    for table in SQLModel.metadata.tables:
        cursor.execute(f'SELECT * FROM "{table}"')
        digest.update("\n".join([table, *sorted(map(repr, cursor.fetchall()))]).encode())
    own.close()
    return digest.hexdigest()


def _fail_each(tried: Tried, engine: Engine, db: Session, call: Callable[[], Any], *, every: bool) -> Any:
    """Fail the commit, which tells all statements; then one statement after the other; then let it through."""
    db.rollback()
    before = contents(engine)
    with _failing(engine, number=_COMMIT) as sent, suppress(Injected):
        call()
    tried.statements = [each for each in sent if each != _COMMITTED]
    _look(tried, engine, db, before, "its commit")
    numbers = range(1, len(tried.statements) + 1) if every else _chosen(tried.writes)
    for number in numbers:
        with _failing(engine, number=number) as sent, suppress(Injected):
            result = call()
            tried.goes_on = (
                len(sent) > number
            )  # with its commit; else this time it sent fewer: some rows were known
            return result
        _look(tried, engine, db, before, f"statement {number}: {tried.statements[number - 1][:80]}")
    with _failing(engine, number=_NONE) as sent:
        result = call()
    if sent.count(_COMMITTED) != 1:
        tried.faults.append(f"it commits {sent.count(_COMMITTED)} times")
    return result


def _chosen(writes: list[int]) -> list[int]:
    """Return the first statement, and those that write; of many some, the last among them."""
    step = -(-len(writes) // AT_MOST) or 1
    return sorted({1, *writes[::-step]})


@contextmanager
def _failing(engine: Engine, *, number: int) -> Iterator[list[str]]:
    """Let this thread's n-th statement fail, or its commit, or nothing; gives what was sent."""
    thread, sent = threading.get_ident(), list[str]()

    def on_statement(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if threading.get_ident() == thread and not statement.startswith(_OF_TRANSACTIONS):
            sent.append(statement)
            if len(sent) == number:
                raise Injected

    def on_commit(_connection: Connection) -> None:
        if threading.get_ident() == thread:
            sent.append(_COMMITTED)
            if number == _COMMIT:
                raise Injected

    hooks.listen(engine, "before_cursor_execute", on_statement)
    hooks.listen(engine, "commit", on_commit)
    try:
        yield sent
    finally:
        hooks.remove(engine, "before_cursor_execute", on_statement)
        hooks.remove(engine, "commit", on_commit)


def _look(tried: Tried, engine: Engine, db: Session, before: str, failed: str) -> None:
    tried.failures += 1
    if db.in_transaction():
        tried.faults.append(f"{failed} failed, and its transaction goes on")
        db.rollback()
    if contents(engine) != before:
        tried.faults.append(f"{failed} failed, and something was changed")
    if engine.dialect.name == "sqlite" and _is_locked(engine):
        tried.faults.append(f"{failed} failed, and nobody else can write")


def _is_locked(engine: Engine) -> bool:
    other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


def _is_atomic(node: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "atomic" for each in node.decorator_list)
