"""Drafts of what members are writing."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import instant


class Draft(SQLModel, table=True):
    """The fields of a form as last typed, by its key ("ask", "answer:42"; on cases of staff "reply:7", "note:7")."""

    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(max_length=40, primary_key=True)
    fields: dict[str, str] = Field(sa_type=JSON)
    updated_at: datetime = instant(index=True)
