"""Accounts."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant, one_of


class User(SQLModel, table=True):
    """A member, or the attributed author of imported posts (then without a password)."""

    __tablename__ = "users"  # "user" is a reserved word in PostgreSQL
    __table_args__ = (
        one_of("support_role", "", "agent", "lead"),
        one_of("moderation_role", "", "moderator", "admin"),
        one_of("theme", "", "light", "dark"),
        Index("ix_users_reputation_id", "reputation", "id"),
        # For the beginnings of names; PostgreSQL's usual order can't serve them.
        Index("ix_users_display_name", "display_name", postgresql_ops={"display_name": "text_pattern_ops"}),
        Index(
            "ix_users_staff",
            "support_role",
            "moderation_role",
            sqlite_where=text("support_role <> '' OR moderation_role <> ''"),
            postgresql_where=text("support_role <> '' OR moderation_role <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(max_length=40, unique=True)
    handle_key: str = Field(max_length=60, unique=True)  # skeleton: what looks alike is alike
    display_name: str = Field(max_length=60)
    email: str | None = Field(default=None, max_length=254)
    email_key: str | None = Field(default=None, max_length=254, unique=True)
    email_verified_at: datetime | None = maybe_instant()
    claim_hash: str | None = Field(
        default=None, max_length=64, index=True
    )  # MD5 of the e-mail, from old dumps
    password_hash: str | None = Field(default=None, max_length=200)
    support_role: str = Field(default="", max_length=10)
    moderation_role: str = Field(default="", max_length=10)
    reputation: int = Field(default=0)
    peak_reputation: int = Field(default=0)
    location: str = Field(default="", max_length=100)
    about: str = Field(default="", max_length=3000)
    about_html: str = Field(default="")
    theme: str = Field(default="", max_length=5)
    created_at: datetime = instant()
    last_seen_at: datetime | None = maybe_instant()
    handle_changed_at: datetime | None = maybe_instant()
    suspended_until: datetime | None = maybe_instant()
    suspended_reason: str = Field(default="", max_length=500)
    deleted_at: datetime | None = maybe_instant()

    @property
    def is_agent(self) -> bool:
        """Whether they answer for the company."""
        return self.support_role in ("agent", "lead")

    @property
    def is_moderator(self) -> bool:
        """Whether they keep order: hide, restore, lock, suspend."""
        return self.moderation_role in ("moderator", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether they may set up the community and give roles."""
        return self.moderation_role == "admin"

    @property
    def is_staff(self) -> bool:
        """Whether they work for the company, in support or moderation."""
        return self.is_agent or self.is_moderator

    @property
    def is_claimed(self) -> bool:
        """Whether somebody can sign in to this account."""
        return self.password_hash is not None

    def is_suspended(self, now: datetime) -> bool:
        """Whether they may only read at the instant `now`."""
        return self.suspended_until is not None and self.suspended_until > now
