"""Indexes of the database: without one nothing is wrong, but lists walk through whole tables, and twins get in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Index, text
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
