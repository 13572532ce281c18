"""Where imported rows came from."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant


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
