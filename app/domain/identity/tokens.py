"""The token of a site (a JWT, RFC 7519), read with suspicion.

The algorithm is fixed here and not taken from the token; the key is found by `kid` and belongs to one
issuer; time is that of the caller.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from sqlalchemy.orm import joinedload
from sqlmodel import Session, select

from app.core.addresses import parse_email
from app.core.derived_keys import derived_key
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.models import IdentityKey, IdentitySite

ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
LONGEST = 3_500
"""Characters: what is still kept in a cookie between two pages."""

_REQUIRED = ("iss", "sub", "aud", "exp", "iat", "jti")
_PURPOSE = "signed identity"
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,200}")


class BadToken(NotAllowed):
    """The token is not good here. To the visitor it is always the same sentence; `why` is for the site's makers."""

    def __init__(self, why: str) -> None:
        super().__init__(
            _(
                "This link is not good, or not any more. Go back to the site that it is from and follow it again."
            )
        )
        self.why = why


@dataclass(frozen=True)
class Claims:
    """What a good token says."""

    site: IdentitySite
    subject: str
    jti: str
    expires_at: datetime
    name: str = ""
    email: str = ""  # only one that the site has confirmed
    nonce: str = ""
    product: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def key_text(salt: str, *, secret: str) -> str:
    """Return the key with this salt, as its site is told it; its characters are what is signed with."""
    raw = derived_key(secret, purpose=_PURPOSE, salt=salt)
    return f"pdsk_{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def read(db: Session, token: str, *, audience: str, secret: str, now: datetime) -> Claims:
    """Return what a token says; raise BadToken unless everything about it is as it must be."""
    if len(token) > LONGEST:
        raise BadToken("too long")
    key = _key_of(db, token)
    try:
        payload: dict[str, Any] = jwt.decode(
            token,
            key_text(key.salt, secret=secret),
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=key.site.issuer,
            # Time is checked below, against the clock that was passed in.
            options={
                "require": list(_REQUIRED),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "strict_aud": True,
            },
        )
    except jwt.InvalidTokenError as error:
        raise BadToken(f"{type(error).__name__}: {error}") from None
    expires_at = _check_time(payload, now)
    return Claims(
        site=key.site,
        subject=_id(payload, "sub"),
        jti=_id(payload, "jti"),
        expires_at=expires_at,
        name=_text(payload, "name", 60),
        email=_confirmed_email(payload),
        nonce=_text(payload, "nonce", 200),
        product=_text(payload, "product", 80),
        environment=_environment(payload),
    )


def _key_of(db: Session, token: str) -> IdentityKey:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise BadToken(f"{type(error).__name__}: {error}") from None
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str) or not _PRINTABLE.fullmatch(kid):
        raise BadToken(f"needs the algorithm {ALGORITHM} and a kid")
    statement = select(IdentityKey).options(joinedload(IdentityKey.site))  # type: ignore[arg-type]
    key = db.exec(statement.where(IdentityKey.kid == kid)).first()
    if key is None or key.retired_at is not None:
        raise BadToken("unknown kid")
    return key


def _check_time(payload: Mapping[str, Any], now: datetime) -> datetime:
    issued_at, expires_at = (_instant(payload, name) for name in ("iat", "exp"))
    if not issued_at < expires_at <= issued_at + LIFETIME:
        raise BadToken("exp must come at most five minutes after iat")
    if issued_at > now + LEEWAY:
        raise BadToken("iat lies in the future")
    if expires_at <= now:
        raise BadToken("expired")
    if "nbf" in payload and _instant(payload, "nbf") > now + LEEWAY:
        raise BadToken("nbf lies in the future")
    return expires_at


def _instant(payload: Mapping[str, Any], name: str) -> datetime:
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**33:
        raise BadToken(f"{name} must be seconds since 1970")
    return datetime.fromtimestamp(value, tz=UTC)


def _id(payload: Mapping[str, Any], name: str) -> str:
    value = payload[name]
    if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
        raise BadToken(f"{name} must be 1 to 200 printable characters of ASCII, without spaces")
    return value


def _text(payload: Mapping[str, Any], name: str, longest: int) -> str:
    value = payload.get(name, "")
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise BadToken(f"{name} must be a text of at most {longest} characters")
    return value


def _confirmed_email(payload: Mapping[str, Any]) -> str:
    if payload.get("email_verified") is not True or not payload.get("email"):
        return ""
    try:
        return parse_email(_text(payload, "email", 254))
    except Invalid:
        raise BadToken("email is no e-mail address") from None


def _environment(payload: Mapping[str, Any]) -> dict[str, str]:
    given = payload.get("environment", {})
    if not isinstance(given, dict) or len(given) > 20:
        raise BadToken("environment must be an object of at most 20 members")
    return {str(name)[:40]: _text(given, name, 120) for name in given}
