"""What a key may be made for, and what it makes of its owner.

read      what its owner may read
write     ask, answer, comment, vote, accept, follow as its owner
staff     act as an agent: the queue, what staff see
moderate  act as a moderator
webhooks  set up where events are sent
admin     act as an administrator (includes moderate)
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from app.models import ApiKey, User

SCOPES = ("read", "write", "staff", "moderate", "webhooks", "admin")


def scopes_of(owner: User) -> tuple[str, ...]:
    """Return the scopes that the member may give a key: none beyond what they may do themselves."""
    allowed = {
        "staff": owner.is_agent,
        "moderate": owner.is_moderator,
        "webhooks": owner.is_admin,
        "admin": owner.is_admin,
    }
    return tuple(scope for scope in SCOPES if allowed.get(scope, True))


def is_live(key: ApiKey, *, now: datetime) -> bool:
    """Return whether a key works: not revoked, not expired, its owner neither gone nor suspended."""
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return False
    return key.user.deleted_at is None and not key.user.is_suspended(now)


def acting(owner: User, scopes: Collection[str]) -> User:
    """Return the owner as the key may act: a copy without the roles that its scopes leave out.

    It belongs to no session, so that the difference can't be saved.
    """
    copy = User(**owner.model_dump())
    copy.support_role = owner.support_role if "staff" in scopes else ""
    if "admin" not in scopes and owner.moderation_role:
        copy.moderation_role = "moderator" if "moderate" in scopes else ""
    return copy
