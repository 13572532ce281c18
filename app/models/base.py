"""What all tables share: constraint names, instants, and choices kept as checked text."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index, MetaData, text
from sqlmodel import Field, SQLModel

from app.core.db import Span, UtcDateTime

# Set before the first table is defined: both databases then name every constraint alike, and
# migrations can drop them by name (SQLite's batch mode needs it).
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

metadata = SQLModel.metadata

RAISE = {"lazy": "raise"}
"""Relationships never load on their own: a query says what it loads."""


def instant(*, index: bool = False) -> Any:
    """Return a column of a required instant."""
    return Field(sa_type=UtcDateTime, index=index)


def maybe_instant(*, index: bool = False) -> Any:
    """Return a column of an instant that may be missing: when something happened, if it did."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)


def span(default: timedelta | None = timedelta(0)) -> Any:
    """Return a column of a length of time; with `default=None` it may be missing."""
    return Field(default=default, sa_type=Span, nullable=default is None)


def index_where(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of those rows only for which the condition holds."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return a check that a text column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def together(*columns: str) -> CheckConstraint:
    """Return a check that the columns are all set or all missing."""
    nulls = " + ".join(f"(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END)" for column in columns)
    return CheckConstraint(f"({nulls}) IN (0, {len(columns)})", name=f"{columns[0]}_has_its_facts")


def exactly_one(*columns: str) -> CheckConstraint:
    """Return a check that just one of the columns is set."""
    given = " + ".join(f"(CASE WHEN {column} IS NOT NULL THEN 1 ELSE 0 END)" for column in columns)
    return CheckConstraint(f"({given}) = 1", name="has_one_subject")


class Removable(SQLModel):
    """Facts of a removal: who took it away, when and how. Visible to everyone while missing."""

    removed_at: datetime | None = maybe_instant()
    removed_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    removal: str = Field(default="", max_length=10)

    @property
    def is_removed(self) -> bool:
        """Whether it is hidden from the public."""
        return self.removed_at is not None


def removal_is_known() -> CheckConstraint:
    """Return the check that a removal says how: by its author, by staff, or as spam."""
    return CheckConstraint(
        "(removed_at IS NULL AND removal = '') "
        "OR (removed_at IS NOT NULL AND removal IN ('deleted', 'hidden', 'spam'))",
        name="removal_is_known",
    )
