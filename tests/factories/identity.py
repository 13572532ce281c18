"""Product sites that sign their customers in, and their tokens."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import jwt
from sqlmodel import Session

from app.domain import identity
from app.models import IdentityKey, IdentitySite
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_site(db: Session, *, issuer: str = "shop.example.com", **facts: Any) -> IdentitySite:
    """Save a site without a key."""
    site = IdentitySite(issuer=issuer, **{"name": "Norvane Shop", "created_at": MONDAY_MORNING, **facts})
    db.add(site)
    db.commit()
    return site


def make_key(db: Session, *, site: IdentitySite, **facts: Any) -> IdentityKey:
    """Save a key of a site."""
    number = next(_numbers)
    defaults = {"kid": f"pd-{number}", "salt": f"salt {number}", "created_at": MONDAY_MORNING}
    key = IdentityKey(site_id=site.id or 0, **{**defaults, **facts})
    db.add(key)
    db.commit()
    return key


def token_of(
    key: IdentityKey,
    *,
    secret: str,
    now: datetime,
    issuer: str = "shop.example.com",
    audience: str = "http://testserver",
    algorithm: str = "HS256",
    headers: dict[str, Any] | None = None,
    without: str = "",
    **claims: Any,
) -> str:
    """Return what a site would sign for a customer: good, but for what is given."""
    said = {
        "iss": issuer,
        "aud": audience,
        "sub": "customer-1",
        "jti": f"token-{next(_numbers)}",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
        "name": "Mara K",
        **claims,
    }
    said.pop(without, None)
    text = identity.key_text(key.salt, secret=secret)
    return jwt.encode(said, text, algorithm=algorithm, headers=headers or {"kid": key.kid})
