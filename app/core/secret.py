"""The key that signs cookies and links."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

SECRET_KEY = "secret_key"  # noqa: S105  (the name of a file)
"""The name of its file in the data folder."""
NEW_KEY = "which signs everybody out and changes the secrets of webhooks and product sites"
_LEAST = 32


class BadSecretKey(Exception):
    """The kept key can't be read or is too short to sign with; the message says what to do."""


def secret_key(configured: str, data_dir: Path) -> str:
    """Return the configured key, or the one kept in the data folder, made at the first start; raise BadSecretKey."""
    if configured:
        return configured
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / SECRET_KEY
    if not path.exists():
        _make(path)
    try:
        key = path.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        key = ""
    if len(key) < _LEAST:
        raise BadSecretKey(
            f"{path} is damaged: signing with it would let anybody in. Bring it back from a backup; or delete it, "
            f"and a new one is made, {NEW_KEY}."
        )
    return key


def _make(path: Path) -> None:
    # It appears whole or not at all: a power cut never leaves an empty one that anybody could sign with.
    folder = os.open(path.parent, os.O_RDONLY)
    part = path.with_name(".secret_key.part")
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # of several processes that start at once, one makes the key
        if path.exists():
            return
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)  # and the lock with it
