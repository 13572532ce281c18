"""Many rows at once: the driver's own means, with the columns' types kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import JSON, Column, Dialect, Table, text
from sqlmodel import Session, SQLModel

from app.core.db import UtcDateTime

Process = Callable[[Any], Any] | None


def insert(db: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; what they do not name is left to the database."""
    if not rows:
        return
    table = cast(Table, model.__table__)  # type: ignore[attr-defined]
    connection = db.connection()
    columns = [table.c[name] for name in rows[0]]
    prepared = _prepared(columns, rows, connection.dialect)
    names = ", ".join(column.name for column in columns)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        with (
            driver.cursor() as cursor,  # type: ignore[union-attr]
            cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
        ):
            for row in prepared:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", prepared)


def reserve(db: Session, model: type[SQLModel], number: int) -> list[int]:
    """Return that many new ids, which nobody else gets while this transaction writes."""
    table = cast(Table, model.__table__)  # type: ignore[attr-defined]
    if db.get_bind().dialect.name == "postgresql":
        sequence = "(SELECT pg_get_serial_sequence(:name, 'id'))::regclass"  # looked up once, not for each
        ids = db.execute(
            text(f"SELECT nextval({sequence}) FROM generate_series(1, :number)"),
            {"name": table.name, "number": number},
        )
        return [int(row[0]) for row in ids]
    last = db.execute(text(f"SELECT coalesce(max(id), 0) FROM {table.name}")).scalar_one()
    return list(range(last + 1, last + 1 + number))


def _prepared(
    columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]], dialect: Dialect
) -> list[tuple[Any, ...]]:
    by_column = []
    for column in columns:
        values = map(itemgetter(column.name), rows)
        process = _processor(column, dialect)
        by_column.append(values if process is None else map(process, values))
    return list(zip(*by_column, strict=True))


def _processor(column: Column[Any], dialect: Dialect) -> Process:
    if isinstance(column.type, UtcDateTime):
        return _instant_as_text if dialect.name == "sqlite" else None
    process = cast(Process, column.type.dialect_impl(dialect).bind_processor(dialect))
    return _remembering(process) if isinstance(column.type, JSON) and process else process


def _remembering(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Write equal values as JSON once: most rows have no tags, or the same few."""
    written: dict[str, Any] = {}

    def write(value: Any) -> Any:
        key = repr(value)
        if key not in written:
            written[key] = process(value)
        return written[key]

    return write


def _instant_as_text(value: datetime | None) -> str | None:
    """Return an instant in UTC as SQLAlchemy's type writes it, five times as fast: there are millions."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        raise ValueError("not an instant in UTC")
    return value.isoformat(" ", "microseconds")[:26]
