"""Keys of the API."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant, maybe_instant
from app.models.user import User


class ApiKey(SQLModel, table=True):
    """A key that acts for its owner, within its scopes. It was shown once; only its hash is kept."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=60)
    hint: str = Field(max_length=20)  # its first characters, by which its owner recognises it
    token_hash: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    origins: list[str] = Field(default_factory=list, sa_type=JSON)  # sites whose pages may use it
    created_at: datetime = instant()
    expires_at: datetime | None = maybe_instant()
    last_used_at: datetime | None = maybe_instant()
    revoked_at: datetime | None = maybe_instant()

    user: User = Relationship(sa_relationship_kwargs=RAISE)
