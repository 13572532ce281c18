"""The key that signs cookies and links."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(configured: str, data_dir: Path) -> str:
    """Return the configured key, or the one kept in the data folder, made at the first start."""
    if configured:
        return configured
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "secret_key"
    try:
        # O_EXCL: of several processes that start at once, one makes the key and all read it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()
