"""Handles that members had before: their addresses stay, and nobody else can take them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant


class FormerHandle(SQLModel, table=True):
    """A handle given up for another one; its profile address leads on to its member."""

    __tablename__ = "former_handle"

    handle_key: str = Field(max_length=60, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    changed_at: datetime = instant()
