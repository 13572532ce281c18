"""What questions mean, as numbers: for the optional re-ranking of search."""

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class QuestionVector(SQLModel, table=True):
    """The vector of a question's title and body as of one revision: one signed byte for each number."""

    __tablename__ = "question_vector"

    question_id: int = Field(
        foreign_key="question.id",
        ondelete="CASCADE",
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    model: str = Field(max_length=80)  # vectors of different models don't compare
    revision: int
    vector: bytes = Field(sa_type=LargeBinary)
