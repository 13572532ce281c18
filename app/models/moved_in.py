"""Where imported rows came from."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.models.base import instant, one_of


class MovedIn(SQLModel, table=True):
    """An imported row: the source's id and ours. A second run finds it here and doubles nothing."""

    __tablename__ = "moved_in"

    source: str = Field(max_length=60, primary_key=True)
    kind: str = Field(max_length=15, primary_key=True)
    source_id: str = Field(max_length=80, primary_key=True)
    local_id: int


class ImportProgress(SQLModel, table=True):
    """How far each file of a source has been taken; `position` counts rows read and committed."""

    __tablename__ = "import_progress"

    source: str = Field(max_length=60, primary_key=True)
    step: str = Field(max_length=30, primary_key=True)
    position: int = Field(default=0)
    is_done: bool = Field(default=False)
    updated_at: datetime = instant()


class ImportCount(SQLModel, table=True):
    """A line of an import's report, counted in the transactions that take the rows."""

    __tablename__ = "import_count"
    __table_args__ = (one_of("outcome", "taken", "adapted", "left_out"),)

    source: str = Field(max_length=60, primary_key=True)
    file: str = Field(max_length=20, primary_key=True)
    outcome: str = Field(max_length=10, primary_key=True)
    reason: str = Field(max_length=120, primary_key=True)  # "" where there is nothing to explain
    number: int = Field(sa_type=BigInteger)
