"""The reputation ledger."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import instant


class ReputationEntry(SQLModel, table=True):
    """One line of a member's ledger; lines are added, never changed. The total is the sum of `points`.

    `cause` names what the line is about ("vote:17", "accept:4"): the lines of one cause add up to
    what it is worth now. `day` is the day whose cap from votes it counts towards.
    """

    __tablename__ = "reputation_entry"
    __table_args__ = (
        Index("ix_reputation_entry_user_id_id", "user_id", "id"),
        Index("ix_reputation_entry_user_id_cause", "user_id", "cause"),
        Index("ix_reputation_entry_user_id_day", "user_id", "day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    kind: str = Field(max_length=30)
    cause: str = Field(max_length=60)
    points: int
    day: date | None = Field(default=None)
    post_id: int | None = Field(default=None, foreign_key="post.id", ondelete="SET NULL", index=True)
    created_at: datetime = instant()
