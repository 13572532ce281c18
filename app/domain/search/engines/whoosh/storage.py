"""Whoosh's files on disk, synced before they count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from whoosh import index
from whoosh.filedb.filestore import FileStorage

from app.domain.search.engines.whoosh import zero_copy
from app.domain.search.engines.whoosh.fields import schema

IS_CHECKED = zero_copy.install()
"""Whether this is the version of Whoosh whose inside we know. Else everything goes by its public methods, slower."""


class SyncStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Syncs each segment, and each table of contents before it takes the old one's place.

    Whoosh itself never syncs: after a power cut its newest table of contents may be unreadable.
    """

    def create_file(self, name: str, **options: Any) -> Any:
        file = super().create_file(name, **options)
        if name.endswith(".seg") or ".toc" in name:
            file.onclose = _sync
        return file

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 (Whoosh's signature)
        super().rename_file(oldname, newname, safe=safe)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def create(folder: Path) -> Any:
    """Make an empty index in a folder."""
    return SyncStorage(str(folder)).create_index(schema())


def open_index(folder: Path) -> Any:
    """Open an index, with our own schema: the pickled one is never loaded."""
    return index.FileIndex(SyncStorage(str(folder)), schema=schema())


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
