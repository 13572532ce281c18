"""Indexes of the database: without one nothing is wrong, but lists walk through whole tables, and twins get in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Index, func, select, text
from sqlmodel import Session

from app.models import metadata

_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE schemaname = ANY (current_schemas(false))",
}


def missing_indexes(db: Session) -> Sequence[Index]:
    """Return the indexes that the tables should have and do not."""
    present = set(db.execute(text(_NAMES[db.get_bind().dialect.name])).scalars())
    wanted = [index for table in metadata.sorted_tables for index in table.indexes]
    return sorted((index for index in wanted if index.name not in present), key=lambda index: str(index.name))


def has_twins(db: Session, index: Index) -> bool:
    """Return whether rows got in that a unique index would have kept out, so that it can't be made."""
    if not index.unique:
        return False
    columns = index.columns.values()
    twins = select(*columns).group_by(*columns).having(func.count() > 1)
    twins = twins.where(*(column.is_not(None) for column in columns))
    where = index.dialect_options[db.get_bind().dialect.name]["where"]
    if where is not None:
        twins = twins.where(where)
    return db.execute(twins.limit(1)).first() is not None
