"""Badges that members hold."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import instant, one_of


class BadgeAward(SQLModel, table=True):
    """A badge given to a member, by the community they came from or by ours."""

    __tablename__ = "badge_award"
    __table_args__ = (
        one_of("metal", "gold", "silver", "bronze"),
        Index("ix_badge_award_user_id_awarded_at", "user_id", "awarded_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=60)
    metal: str = Field(max_length=10)
    awarded_at: datetime = instant()
