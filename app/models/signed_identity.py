"""Product sites that sign their customers in here, and who these are."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from app.models.base import RAISE, instant, maybe_instant


class IdentitySite(SQLModel, table=True):
    """A product site whose word is taken for who its customers are. `issuer` is what it calls itself in tokens."""

    __tablename__ = "identity_site"

    id: int | None = Field(default=None, primary_key=True)
    issuer: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=60)
    start_url: str = Field(default="", max_length=500)
    created_at: datetime = instant()


class IdentityKey(SQLModel, table=True):
    """A key that a site signs with. It is derived from its salt, never stored."""

    __tablename__ = "identity_key"
    __table_args__ = (Index("ix_identity_key_site_id", "site_id"),)

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="identity_site.id", ondelete="CASCADE")
    kid: str = Field(max_length=40, unique=True)
    salt: str = Field(max_length=64)
    created_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()

    site: IdentitySite = Relationship(sa_relationship_kwargs=RAISE)


class SignedIdentity(SQLModel, table=True):
    """Which member a site's customer is."""

    __tablename__ = "signed_identity"
    __table_args__ = (UniqueConstraint("site_id", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="identity_site.id", ondelete="CASCADE")
    subject: str = Field(max_length=200)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: datetime = instant()
    last_used_at: datetime = instant()


class UsedToken(SQLModel, table=True):
    """A token that was used, kept until it would have expired."""

    __tablename__ = "used_token"
    __table_args__ = (
        UniqueConstraint("site_id", "jti"),
        Index("ix_used_token_expires_at", "expires_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="identity_site.id", ondelete="CASCADE")
    jti: str = Field(max_length=200)
    expires_at: datetime = instant()
