"""The ids of questions and answers: one sequence, so a vote, comment, revision or flag names one post."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Removable, instant, maybe_instant, one_of


class Post(SQLModel, table=True):
    """A post's id and kind; an answer's parent is its question. The rest is in its own table."""

    __table_args__ = (one_of("kind", "question", "answer"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=10)
    parent_id: int | None = Field(default=None, foreign_key="post.id", ondelete="CASCADE", index=True)

    @property
    def question_id(self) -> int:
        """The id of the thread."""
        return self.parent_id or self.id or 0


class PostFacts(Removable):
    """What questions and answers have in common."""

    author_id: int = Field(foreign_key="users.id", ondelete="RESTRICT")
    body: str  # Markdown
    body_html: str  # sanitised when written, see app/core/markdown.py
    revision: int = Field(default=1)  # number of the present revision: an edit of an older one is refused
    score: int = Field(default=0)
    up_count: int = Field(default=0)
    down_count: int = Field(default=0)
    moved_in_up: int = Field(default=0)  # anonymous votes of an imported post, part of up_count
    moved_in_down: int = Field(default=0)
    comment_count: int = Field(default=0)
    created_at: datetime = instant()
    edited_at: datetime | None = maybe_instant()
    edited_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
