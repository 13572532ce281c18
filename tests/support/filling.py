"""A row in every table that a community left empty: what is moved must not depend on what a test thought of."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    LargeBinary,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core.db import Span, UtcDateTime
from app.models import metadata

_INSTANT = datetime(2026, 5, 4, 3, 2, 1, 654321, tzinfo=UTC)
_TEXT = 'ä & "b" <c>'
_VALUES: tuple[tuple[type, Any], ...] = (
    (UtcDateTime, _INSTANT),
    (Span, timedelta(microseconds=1234567)),
    (Date, date(2026, 5, 4)),
    (JSON, {"z": [1, _TEXT], "a": None}),
    (Boolean, True),
    (Float, 0.1),
    (LargeBinary, b"\x00\xff"),
)


def fill_empty_tables(db: Session) -> None:
    """Put a row into every table that has none, after what its keys and checks ask for."""
    for table in metadata.sorted_tables:
        if not db.execute(select(func.count()).select_from(table)).scalar_one():
            _fill(db, table)
    db.commit()


def _fill(db: Session, table: Table) -> None:
    needed = {column.name: _value(db, column) for column in table.columns if _is_needed(column)}
    others = [column for column in table.columns if column.nullable and not column.primary_key]
    # A check may ask for one of the columns that can be missing, or for none of them.
    for more in ([], *[[column] for column in others]):
        row = needed | {column.name: _value(db, column) for column in more}
        try:
            with db.begin_nested():
                db.execute(insert(table).values(row))
        except IntegrityError:
            continue
        return
    raise AssertionError(f"no row found that {table.name} takes: {needed}")


def _is_needed(column: Column[Any]) -> bool:
    is_counted = column.primary_key and not column.foreign_keys and column.autoincrement is True
    return not is_counted and not column.nullable and column.name != "id"


def _value(db: Session, column: Column[Any]) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return db.execute(select(func.min(key.column))).scalar_one()
    for check in column.table.constraints:
        if isinstance(check, CheckConstraint):
            listed = re.fullmatch(rf"{column.name} IN \((.*)\)", str(check.sqltext))
            if listed:
                return listed[1].split(", ")[0].strip("'")
    for kind, value in _VALUES:
        if isinstance(column.type, kind):
            return value + timedelta(days=1) if column.name.endswith("ends_at") else value
    return _TEXT[: getattr(column.type, "length", None)] if column.type.python_type is str else 1
