"""Keys that are shared with others, and yet kept nowhere: derived from the forum's own secret and a stored salt.

Who steals the database gets salts, which are worth nothing without the secret. The other side of
it: with another secret, every derived key is another one, too.
"""

from __future__ import annotations

import hmac
import secrets


def new_salt() -> str:
    """Return a salt for a new key."""
    return secrets.token_urlsafe(24)


def derived_key(secret: str, *, purpose: str, salt: str) -> bytes:
    """Return the 32 bytes of the key with this salt; those of one purpose are worth nothing for another."""
    own_key = hmac.digest(secret.encode(), f"peerdesk:{purpose}".encode(), "sha256")
    return hmac.digest(own_key, salt.encode(), "sha256")
