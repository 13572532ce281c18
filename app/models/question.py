"""Questions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant, maybe_instant, one_of, removal_is_known, together
from app.models.post import PostFacts
from app.models.product import Product
from app.models.tag import QuestionTag, Tag
from app.models.user import User

CLOSE_REASONS = ("duplicate", "off_topic", "unclear", "too_broad", "not_reproducible", "outdated")

_VISIBLE = "removed_at IS NULL"
_REMOVED = "removed_at IS NOT NULL"
_SOLVED = "removed_at IS NULL AND accepted_answer_id IS NOT NULL"
_UNANSWERED = "removed_at IS NULL AND closed_at IS NULL AND answer_count = 0"
_UNDECIDED = (
    "removed_at IS NULL AND accepted_answer_id IS NULL AND closed_at IS NULL "
    "AND locked_at IS NULL AND answer_count > 0"
)


def _list_index(name: str, *columns: str, where: str = _VISIBLE) -> Index:
    # Read backwards for "newest first": plain ascending columns serve both directions.
    return Index(f"ix_question_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))


class Question(PostFacts, table=True):
    """A question with what its lists sort and filter by; counters are recounted from rows, never added to."""

    __table_args__ = (
        removal_is_known(),
        together("accepted_answer_id", "accepted_at"),
        together("closed_at", "close_reason"),
        CheckConstraint(
            "(close_reason = 'duplicate') = (duplicate_of_id IS NOT NULL)", name="duplicate_names_original"
        ),
        CheckConstraint("duplicate_of_id <> id", name="no_duplicate_of_itself"),
        one_of("close_reason", *CLOSE_REASONS),
        _list_index("newest", "created_at", "id"),
        _list_index("active", "last_activity_at", "id"),
        _list_index("hot", "hot", "id"),
        _list_index("votes", "score", "id"),
        _list_index("frequent", "me_too_count", "id"),
        _list_index("unanswered", "created_at", "id", where=_UNANSWERED),
        _list_index("undecided", "created_at", "id", where=_UNDECIDED),
        _list_index("solved", "accepted_at", "id", where=_SOLVED),
        _list_index("expertise", "accepted_author_id", "product_id", where=_SOLVED),
        _list_index("product_newest", "product_id", "created_at", "id"),
        _list_index("product_active", "product_id", "last_activity_at", "id"),
        _list_index("author_newest", "author_id", "created_at", "id"),
        _list_index("removed", "removed_at", "id", where=_REMOVED),
        Index("ix_question_duplicate_of_id", "duplicate_of_id"),
        # Only of the solved: SQLite would rather walk its missing values than an index of what is undecided.
        Index(
            "ix_question_accepted_answer_id",
            "accepted_answer_id",
            sqlite_where=text("accepted_answer_id IS NOT NULL"),
            postgresql_where=text("accepted_answer_id IS NOT NULL"),
        ),
    )

    id: int = Field(foreign_key="post.id", ondelete="CASCADE", primary_key=True)
    title: str = Field(max_length=300)  # ours are shorter; imported ones may not be
    product_id: int | None = Field(default=None, foreign_key="product.id", ondelete="RESTRICT")
    answer_count: int = Field(default=0)
    me_too_count: int = Field(default=0)
    moved_in_me_too: int = Field(default=0)
    view_count: int = Field(default=0)
    hot: float = Field(default=0.0)
    last_activity_at: datetime = instant()
    last_activity_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    accepted_answer_id: int | None = Field(default=None, foreign_key="post.id", ondelete="SET NULL")
    accepted_at: datetime | None = maybe_instant()
    accepted_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    accepted_author_id: int | None = Field(default=None)  # who wrote it, kept here to be counted by product
    closed_at: datetime | None = maybe_instant()
    closed_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    close_reason: str | None = Field(default=None, max_length=20)
    duplicate_of_id: int | None = Field(default=None, foreign_key="post.id", ondelete="RESTRICT")
    locked_at: datetime | None = maybe_instant()
    locked_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")

    author: User = Relationship(
        sa_relationship_kwargs={**RAISE, "foreign_keys": "Question.author_id"},
    )
    product: Product | None = Relationship(sa_relationship_kwargs=RAISE)
    tags: list[Tag] = Relationship(
        link_model=QuestionTag,
        sa_relationship_kwargs={**RAISE, "order_by": "QuestionTag.position", "viewonly": True},
    )
    environment: list["EnvironmentValue"] = Relationship(
        sa_relationship_kwargs={**RAISE, "order_by": "EnvironmentValue.position", "viewonly": True},
    )

    @property
    def kind(self) -> str:
        """ "question", as in the post table."""
        return "question"

    @property
    def question_id(self) -> int:
        """The id of the thread."""
        return self.id

    @property
    def status(self) -> str:
        """duplicate, closed, solved, answered or unanswered: the one word that lists and pages show."""
        if self.duplicate_of_id is not None:
            return "duplicate"
        if self.accepted_answer_id is not None:
            return "solved"
        if self.closed_at is not None:
            return "closed"
        return "answered" if self.answer_count else "unanswered"

    @property
    def is_solved(self) -> bool:
        """Whether an answer is accepted."""
        return self.accepted_answer_id is not None

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more answers."""
        return self.closed_at is not None

    @property
    def is_locked(self) -> bool:
        """Whether nothing on the page may change, but by moderators."""
        return self.locked_at is not None


class EnvironmentValue(SQLModel, table=True):
    """A detail the asker gave, under the field's name; `value_key` is what filters compare."""

    __tablename__ = "environment_value"
    __table_args__ = (Index("ix_environment_value_name_value_key", "name", "value_key"),)

    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE", primary_key=True)
    name: str = Field(max_length=40, primary_key=True)
    label: str = Field(max_length=60)
    value: str = Field(max_length=120)
    value_key: str = Field(max_length=120)
    position: int = Field(default=0)
