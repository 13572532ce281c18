"""Tags."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import instant


class Tag(SQLModel, table=True):
    """A tag; a synonym points to the tag that is used in its place."""

    __table_args__ = (Index("ix_tag_question_count_id", "question_count", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=35, unique=True)
    description: str = Field(default="", max_length=500)
    synonym_of_id: int | None = Field(default=None, foreign_key="tag.id", ondelete="SET NULL", index=True)
    question_count: int = Field(default=0)  # visible questions
    created_at: datetime = instant()


class QuestionTag(SQLModel, table=True):
    """A question's tag, in the order the asker gave."""

    __tablename__ = "question_tag"
    __table_args__ = (Index("ix_question_tag_tag_id_question_id", "tag_id", "question_id"),)

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", ondelete="CASCADE", primary_key=True)
    position: int = Field(default=0)
