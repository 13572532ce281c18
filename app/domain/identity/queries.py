"""Reading sites, their keys, and who their customers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain import accounts
from app.domain.identity.policy import may_manage
from app.domain.identity.tokens import Claims
from app.models import IdentityKey, IdentitySite, SignedIdentity, User


def sites(db: Session, *, viewer: User | None) -> Sequence[IdentitySite]:
    """Return all sites; none for who may not see them."""
    return db.exec(select(IdentitySite).order_by(col(IdentitySite.name))).all() if may_manage(viewer) else []


def site(db: Session, *, viewer: User | None, site_id: int) -> IdentitySite:
    """Return a site; raise NotFound."""
    found = db.get(IdentitySite, site_id)
    if found is None or not may_manage(viewer):
        raise NotFound
    return found


def start_url_of(db: Session, *, issuer: str) -> str:
    """Return where a site signs its customers in before they come here; "" where there is none."""
    return db.exec(select(IdentitySite.start_url).where(IdentitySite.issuer == issuer)).first() or ""


def keys_of(db: Session, site: IdentitySite) -> Sequence[IdentityKey]:
    """Return a site's keys, the newest first."""
    statement = select(IdentityKey).where(IdentityKey.site_id == site.id)
    return db.exec(statement.order_by(col(IdentityKey.id).desc())).all()


def members_count(db: Session) -> Mapping[int, int]:
    """Return by site how many members have come from there."""
    statement = select(SignedIdentity.site_id, func.count()).group_by(col(SignedIdentity.site_id))
    return dict(db.exec(statement).all())


def member_of(db: Session, claims: Claims) -> User | None:
    """Return the member who is this customer; None when they have not been here, or left."""
    user = db.exec(
        select(User)
        .join(SignedIdentity, col(SignedIdentity.user_id) == col(User.id))
        .where(SignedIdentity.site_id == claims.site.id, SignedIdentity.subject == claims.subject)
    ).first()
    return user if user is not None and user.deleted_at is None else None


def address_has_account(db: Session, claims: Claims) -> bool:
    """Return whether somebody has an account here under the address that the site confirmed."""
    return bool(claims.email) and accounts.account_for(db, claims.email) is not None
