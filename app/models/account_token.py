"""Links sent by e-mail: verify an address, reset a password, claim an imported account."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant, one_of


class AccountToken(SQLModel, table=True):
    """A link that works once and not for long, for the address it was sent to. Only its hash is kept."""

    __tablename__ = "account_token"
    __table_args__ = (one_of("purpose", "verify", "reset", "change_email", "claim"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    purpose: str = Field(max_length=20)
    email: str = Field(max_length=254)
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)
    used_at: datetime | None = maybe_instant()
