"""Rows as JSON and back, for whatever tables the database has."""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import JSON, Column, Connection, Date, DateTime, LargeBinary, MetaData, Table, func, select
from sqlalchemy.exc import SAWarning

NOT_CONTENT = frozenset({"alembic_version"})


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables as they are in this database, those that others point to first."""
    found = MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of indexes on expressions, which are no business of rows
        found.reflect(connection)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return [table for table in found.sorted_tables if table.name not in NOT_CONTENT]


def sequence_of(connection: Connection, table: Table) -> str | None:
    """Return the name of what PostgreSQL counts the table's ids with, ready to stand in a statement."""
    key = table.primary_key.columns.values()
    if len(key) != 1:
        return None
    found = select(func.pg_get_serial_sequence(f'"{table.name}"', key[0].name))
    return cast("str | None", connection.execute(found).scalar_one())


def to_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON."""
    return json.dumps(dict(row), default=_written, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes, table: Table) -> dict[str, Any]:
    """Return the row of a line as this database takes it."""
    row: dict[str, Any] = json.loads(line)
    for column in table.columns:
        if isinstance(row.get(column.name), str):
            row[column.name] = _read(row[column.name], column)
    return row


def _written(value: object) -> str:
    if isinstance(value, datetime):
        in_utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return in_utc.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"a value that backups don't know: {value!r}")


def _read(text: str, column: Column[Any]) -> object:
    if isinstance(column.type, DateTime):
        instant = datetime.fromisoformat(text)
        return (
            instant if column.type.timezone else instant.replace(tzinfo=None)
        )  # SQLite keeps UTC without a zone
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(text, validate=True)
    return date.fromisoformat(text) if isinstance(column.type, Date) else text
