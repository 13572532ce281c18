"""Signed texts, the form token, and random tokens that are kept as hashes.

Each purpose has a key of its own, derived from the secret: what was signed for one purpose is
worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

from app.core.clock import utc_now


def sign(payload: str, *, purpose: str, key: str, seconds: int, now: datetime | None = None) -> str:
    """Return `payload` signed for `purpose`, good for `seconds`; safe in cookies and addresses.

    It is signed, not encrypted: whoever holds it can read it.
    """
    expires = int((now or utc_now()).timestamp()) + seconds
    content = _encode(f"{expires}.{payload}".encode())
    return f"{content}.{_encode(_mac(key, purpose, content))}"


def unsign(signed: str, *, purpose: str, key: str, now: datetime | None = None) -> str | None:
    """Return the payload, or None when the text is not ours, for another purpose, or too old."""
    content, _, mac = signed.rpartition(".")
    # Both sides as bytes: compare_digest refuses texts with characters beyond ASCII.
    if not content or not hmac.compare_digest(mac.encode(), _encode(_mac(key, purpose, content)).encode()):
        return None
    try:
        expires, _, payload = _decode(content).decode().partition(".")
    except (binascii.Error, ValueError):
        return None
    return payload if (now or utc_now()).timestamp() < int(expires) else None


def csrf_token(secret: str, bound_to: str) -> str:
    """Return the form token of a session (or of the cookie of a visitor who is not signed in)."""
    return _encode(_mac(secret, "csrf", bound_to))


def mask(token: str) -> str:
    """Return a form token as it is shown, different each time: compressing the page then tells nothing about it."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(pad + _xor(plain, pad)).decode()


def unmask(masked: str) -> bytes:
    """Return the form token that was shown; b"" for a text that is none."""
    try:
        raw = base64.urlsafe_b64decode(masked.encode("utf-8", "surrogatepass"))
    except (binascii.Error, ValueError):
        return b""
    half = len(raw) // 2
    return _xor(raw[half:], raw[:half])


def new_token() -> str:
    """Return a random token that can't be guessed (256 bits), safe in cookies and addresses."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the hash under which a random token is kept: a stolen database gives no token away."""
    # A plain hash will do, and can be looked up: 256 random bits can't be searched for.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _mac(key: str, purpose: str, content: str) -> bytes:
    own_key = hmac.digest(key.encode(), f"peerdesk:{purpose}".encode(), "sha256")
    return hmac.digest(own_key, content.encode("utf-8", "surrogatepass"), "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
