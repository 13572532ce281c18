"""Who is signed in, where."""

from datetime import datetime

from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant
from app.models.user import User


class LoginSession(SQLModel, table=True):
    """One browser that is signed in. The cookie holds the token; only its hash is kept."""

    __tablename__ = "login_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
    expires_at: datetime = instant(index=True)
    address: str = Field(default="", max_length=45)
    user_agent: str = Field(default="", max_length=300)

    user: User = Relationship(sa_relationship_kwargs=RAISE)
