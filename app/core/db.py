"""The database: engine, sessions, the transaction of a service call, and times in UTC.

`atomic` is the only place in the application that commits. SQLite needs three cares, all here:
foreign keys are off until asked for; the driver must not open transactions on its own; and a
transaction that has read can't be upgraded to a writing one once somebody else has committed
("database is locked", at once, whatever the timeout), so a service call ends the reading
transaction and starts its own with BEGIN IMMEDIATE.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from app.core.sqlite_file import keep_to_file
from app.core.turns import PATIENCE_SECONDS, Turns

P = ParamSpec("P")
R = TypeVar("R")

LOCK: dict[str, Any] = {"key_share": True}
"""How a service locks a row that it read: `with_for_update=LOCK`.

PostgreSQL's FOR NO KEY UPDATE. Plain FOR UPDATE also waits for everybody who inserts a row that refers
to this one, and two who first insert and then lock the same member would deadlock
(https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS).
"""

_ATTEMPTS = 5
_PAUSE_SECONDS = 0.1
_DEADLOCK = "40P01"  # PostgreSQL's code, https://www.postgresql.org/docs/current/errcodes-appendix.html
_DEPTH = "atomic_depth"
_HURRY = "hurry_seconds"
_WAIT = "seconds_to_wait_for_writers"
_BUSY_MS = 10_000
_PAGES_KB = 1_000
"""Pages that a connection to SQLite keeps at most. What another process commits makes it read them anew anyhow."""
_GIVE_UP = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""When a database machine or the way to it is lost, without which everybody would wait a quarter of an hour.

https://www.postgresql.org/docs/current/libpq-connect.html; what the database's address says is stronger.
"""
_TURNS: WeakKeyDictionary[Engine, Turns] = WeakKeyDictionary()


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """Return an engine for SQLite or PostgreSQL, set up as the module's text says."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": 10, "check_same_thread": False},
            pool_size=pool_size,
            max_overflow=10,
            pool_use_lifo=True,  # the same few have read what is asked for, the others need no memory
        )
        event.listen(engine, "connect", _prepare_sqlite)
        if engine.url.database not in (None, "", ":memory:"):
            _TURNS[engine] = Turns(str(engine.url.database))
            keep_to_file(engine)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _open_anew_when_read_only)
        return engine
    own = {name: value for name, value in _GIVE_UP.items() if name not in make_url(url).query}
    engine = create_engine(url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, connect_args=own)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def new_session(bind: Engine | Connection) -> Session:
    """Return a session; rows keep their values after commit."""
    if isinstance(bind, Connection):
        return Session(bind, expire_on_commit=False, join_transaction_mode="create_savepoint")
    return Session(bind, expire_on_commit=False)


def atomic(service: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """Make a service function one transaction.

    The outermost call starts a writing transaction and commits it; calls inside it join; any
    exception rolls everything back. Rows that the session held before are read anew inside the
    transaction, so a decision is never made on what was true before the lock. When PostgreSQL ends
    a deadlock at our cost, the call is made again after a moment: a service has no effect outside its transaction.
    """

    @functools.wraps(service)
    def call(db: Session, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if db.info.get(_DEPTH):
            return service(db, *args, **kwargs)
        for attempt in range(1, _ATTEMPTS):
            try:
                return _in_transaction(db, service, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
                    raise
            # Without a pause we may lock again what the other one was just about to be given.
            time.sleep(_PAUSE_SECONDS * attempt)
        return _in_transaction(db, service, *args, **kwargs)

    return call


@contextmanager
def in_a_hurry(db: Session, *, seconds: float) -> Iterator[None]:
    """Have services in this block wait for other writers on SQLite no longer than this; `is_locked` knows the error."""
    db.info[_HURRY] = seconds
    try:
        yield
    finally:
        del db.info[_HURRY]


def insert_row(db: Session, model: type[SQLModel], values: Mapping[str, Any]) -> int:
    """Insert a row that nobody needs as an object, at once; return its id. What isn't given is NULL.

    For what is written again and again: the session takes three times as long to keep track of an object.
    """
    result = db.execute(insert(table_of(model)), values)
    return int(cast(Any, result).inserted_primary_key[0])


def table_of(model: type[SQLModel]) -> Table:
    """Return the table itself, for statements past the session's objects."""
    return cast(Table, inspect(model).local_table)


def others_want_to_write(db: Session) -> bool:
    """Return whether somebody waits for SQLite's one writer; on PostgreSQL nobody has to."""
    turns = _TURNS.get(db.get_bind().engine)
    return turns is not None and turns.are_wanted()


def wait_for_disk(db: Session, *, always: bool) -> None:
    """Let commits of this session on SQLite wait for the disk (as they do), or not: for work that can be done again.

    What was committed without waiting is safe once a commit has waited, on whichever connection.
    """
    if db.get_bind().dialect.name != "sqlite":
        return
    driver: Any = db.connection().connection.driver_connection
    db.rollback()
    if not driver.in_transaction:  # a test's session may stand inside one, where it can't be changed
        driver.execute(f"PRAGMA synchronous = {'FULL' if always else 'NORMAL'}")


def is_locked(error: DBAPIError) -> bool:
    """Return whether a statement failed because somebody else held a lock for too long."""
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    return name.startswith("SQLITE_BUSY") or getattr(error.orig, "sqlstate", None) == "55P03"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: takes aware datetimes only, stores UTC, and gives aware UTC back on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime: pass an aware one")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A length of time, exact to the microsecond on both databases: stored as a whole number of them."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


def _in_transaction(
    db: Session, service: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
) -> R:
    db.rollback()
    _forget(db)
    with _turn(db) as seconds:
        db.info[_DEPTH] = 1
        try:
            _begin(db, seconds)
            result = service(db, *args, **kwargs)
            db.commit()
        except BaseException:
            db.rollback()
            raise
        finally:
            db.info.pop(_DEPTH)
    return result


def _turn(db: Session) -> AbstractContextManager[float]:
    turns = _TURNS.get(db.get_bind().engine)
    return turns.turn(seconds=db.info.get(_HURRY)) if turns else nullcontext(PATIENCE_SECONDS)


def _begin(db: Session, seconds: float) -> None:
    """Begin a writing transaction; on SQLite wait for other writers for so many seconds."""
    turns = _TURNS.get(db.get_bind().engine)
    try:
        db.connection(execution_options={_WAIT: seconds})
    except OperationalError as error:
        if turns and is_locked(error) and _HURRY not in db.info:
            turns.waited_in_vain = True
        raise
    if turns:
        turns.waited_in_vain = False


def _forget(db: Session) -> None:
    """Have every row that the session holds read anew when it is used, but for its key, which never changes."""
    db.expire_all()  # a rollback does so only if there was a transaction
    for row in list(db):
        state = inspect(row)
        for column, value in zip(state.mapper.primary_key, state.identity, strict=True):
            set_committed_value(row, state.mapper.get_property_by_column(column).key, value)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transactions; _begin_sqlite does
    cursor = connection.cursor()
    # FULL: an acknowledged write survives a power cut (docs/decisions/0003).
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
        f"cache_size=-{_PAGES_KB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # The server must give up as soon as we do: what it holds for a connection that is gone stays locked for others.
    with connection.cursor() as cursor:
        for name in ("idle", "interval", "count"):
            cursor.execute(f"SET tcp_keepalives_{name} = {_GIVE_UP[f'keepalives_{name}']}")
        cursor.execute(f"SET tcp_user_timeout = {_GIVE_UP['tcp_user_timeout']}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    seconds = connection.get_execution_options().get(_WAIT)
    if seconds is None:
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        if not connection.invalidated:
            driver.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")


def _open_anew_when_read_only(context: ExceptionContext) -> None:
    # A connection that was opened while the file could only be read stays so when the disk is mended.
    if str(getattr(context.original_exception, "sqlite_errorname", "")).startswith("SQLITE_READONLY"):
        context.is_disconnect = True
