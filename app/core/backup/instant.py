"""One instant of a database, whoever writes meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, inspect, text

from app.core.backup.rows import sequence_of


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a connection that sees one instant until it is closed."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection:
        connection.execute(text("SELECT version_num FROM alembic_version")).all()  # the instant is now
        yield connection


def counted_up_to(connection: Connection, tables: Iterable[Table]) -> dict[str, int]:
    """Return the highest ids that were ever given, where the database knows."""
    if connection.dialect.name == "postgresql":
        return {
            table.name: connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one()
            for table in tables
            if (sequence := sequence_of(connection, table))
        }
    if not inspect(connection).has_table("sqlite_sequence"):
        return {}
    return dict(connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all())
