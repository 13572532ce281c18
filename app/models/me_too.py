"""I have this problem too."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant


class MeToo(SQLModel, table=True):
    """A member who has the problem of a question."""

    __tablename__ = "me_too"

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True, index=True)
    created_at: datetime = instant()
