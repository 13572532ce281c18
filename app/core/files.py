"""Files kept under the hash of their content."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

EXTENSIONS = {
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
    "webp": "image/webp",
}
"""What is kept, and as what it is sent."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept: read, checked and written anew by us. Images have a size."""

    content: bytes
    extension: str
    width: int | None = None
    height: int | None = None

    @cached_property
    def sha256(self) -> str:
        """The hash of the content, under which it is kept."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def content_type(self) -> str:
        """As what it is sent."""
        return EXTENSIONS[self.extension]


class FileStore:
    """A folder of files. A name is made of a hash and a known extension, so no name leads out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, file: CheckedFile) -> Path:
        """Keep a file, safe on disk when this returns; the same content again changes nothing."""
        path = self.path(file.sha256, file.extension)
        if path.exists():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            _write_through(part, file.content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
        _sync_folder(self._folder)
        return path

    def read(self, sha256: str, extension: str) -> bytes | None:
        """Return a file's content; None when there is no such file."""
        with suppress(FileNotFoundError):
            return self.path(sha256, extension).read_bytes()
        return None

    def remove(self, sha256: str, extension: str) -> None:
        """Take a file away; one that is gone already is no error."""
        self.path(sha256, extension).unlink(missing_ok=True)

    def size(self, sha256: str, extension: str) -> int | None:
        """Return how many bytes a file has; None when there is no such file."""
        with suppress(FileNotFoundError):
            return self.path(sha256, extension).stat().st_size
        return None

    def is_damaged(self, sha256: str, extension: str) -> bool:
        """Read a file and return whether it can't be read, or its content is not what its name says."""
        try:
            with self.path(sha256, extension).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() != sha256
        except FileNotFoundError:
            return False  # taken away meanwhile
        except OSError:
            return True

    def written_before(self, sha256: str, extension: str, instant: datetime) -> bool:
        """Return whether there is such a file and it is that old."""
        with suppress(FileNotFoundError):
            return self.path(sha256, extension).stat().st_mtime < instant.timestamp()
        return False

    def names(self) -> Iterator[tuple[str, str]]:
        """Return the hash and extension of every file."""
        for path in self._folder.glob("??/*"):
            sha256, _, extension = path.name.partition(".")
            if _is_name(sha256, extension):
                yield sha256, extension

    def path(self, sha256: str, extension: str) -> Path:
        """Return where a file lies or would lie; raise ValueError for what can't be the name of one."""
        if not _is_name(sha256, extension):
            raise ValueError(f"not the name of a kept file: {sha256!r}.{extension!r}")
        # One folder of a million files is slow on some file systems; 256 of them are not.
        return self._folder / sha256[:2] / f"{sha256}.{extension}"


def is_private(path: Path) -> bool:
    """Return whether nobody but its owner may use a file or folder."""
    return not path.stat().st_mode & 0o077


def _is_name(sha256: str, extension: str) -> bool:
    return _SHA256.fullmatch(sha256) is not None and extension in EXTENSIONS


def _write_through(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # A rename is only safe from a power cut once the folder itself is on disk.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
