"""Files that are used only when they are the very ones that were measured, and whose licences were read."""

from __future__ import annotations

import hashlib
from pathlib import Path


class ForeignFile(Exception):
    """A file of a model is another one than expected."""


def checked(path: Path, sha256: str) -> bytes:
    """Return a file's content; raise ForeignFile when its checksum is another one."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ForeignFile(f"{path.name} has the checksum {found}, not {sha256}.")
    return content
