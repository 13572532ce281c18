"""Counts of attempts, shared by all processes."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant


class Throttle(SQLModel, table=True):
    """How often something was tried in the present window, by key ("sign_in:address:203.0.113.0/24")."""

    key: str = Field(primary_key=True, max_length=200)
    count: int
    started_at: datetime = instant()
    ends_at: datetime = instant(index=True)
