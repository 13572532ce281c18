"""The inbox."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant, maybe_instant
from app.models.user import User


class Notification(SQLModel, table=True):
    """Something a member should hear of; one a member an event, however often the event is handled."""

    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notification_user_id_id", "user_id", "id"),
        Index(
            "ix_notification_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    event_id: int = Field(foreign_key="outbox_event.id", ondelete="CASCADE")
    kind: str = Field(max_length=30)
    question_id: int | None = Field(default=None, foreign_key="question.id", ondelete="CASCADE", index=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", ondelete="CASCADE", index=True)
    comment_id: int | None = Field(default=None, foreign_key="comment.id", ondelete="CASCADE", index=True)
    escalation_id: int | None = Field(
        default=None, foreign_key="escalation.id", ondelete="CASCADE", index=True
    )  # of news about cases, which are for staff
    actor_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    created_at: datetime = instant()
    read_at: datetime | None = maybe_instant()

    actor: User | None = Relationship(
        sa_relationship_kwargs={**RAISE, "foreign_keys": "Notification.actor_id"}
    )


class NotificationChoice(SQLModel, table=True):
    """How a member wants to hear of one kind: a missing row means the kind's default."""

    __tablename__ = "notification_choice"

    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(max_length=30, primary_key=True)
    by_email: bool
