"""The folder of an export: its files, their checksums, and what the manifest says of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.core.errors import DomainError

FORMAT = 1
MANIFEST = "peerdesk.json"
SETTINGS = "settings.env"
UPLOADS = "uploads"

_FILE_NAME = re.compile(r"[A-Za-z]+\.xml|lines/[a-z_]+\.jsonl")


class NotWhole(DomainError):
    """An export that can't be read as it was written; the message says what is wrong."""


@dataclass(frozen=True)
class Facts:
    """What a file must be: how many rows it has, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an export holds. Two exports are equal when their `files` and `uploads` are.

    `made_at` is an ISO instant in UTC, `revision` the state of the schema, `next_ids` the highest
    ids that were ever given where an id is never given again. `left_out` gives the reasons.
    """

    made_at: str
    version: str
    revision: str
    database: str
    private: bool
    files: dict[str, Facts]
    uploads: dict[str, int]
    next_ids: dict[str, int]
    left_out: dict[str, str]
    format: int = FORMAT

    @property
    def damaged(self) -> list[str]:
        """The uploads that are not in it because their files were damaged."""
        return [name for name in self.left_out if name.startswith(f"{UPLOADS}/")]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(facts.rows for name, facts in self.files.items() if name.endswith(".jsonl"))

    def to_json(self) -> str:
        """Return it as it is written."""
        return json.dumps(asdict(self), indent=1) + "\n"


def lines_file(table: str) -> str:
    """Return the name of the file with a table's lines."""
    return f"lines/{table}.jsonl"


def read_manifest(folder: Path) -> Manifest:
    """Return what an export says it holds; raise NotWhole."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        if found["format"] != FORMAT:
            raise NotWhole(f"This export has form {found['format']}; this version reads form {FORMAT}.")
        files = {name: Facts(**facts) for name, facts in found.pop("files").items()}
        manifest = Manifest(files=files, **found)
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotWhole(f"{folder / MANIFEST} can't be read: {error!r}") from error
    strange = [name for name in files if not _FILE_NAME.fullmatch(name)]
    if strange:
        raise NotWhole(f"{MANIFEST} names a file that no export has: {strange[0]!r}")
    return manifest


def check(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its checksum; raise NotWhole for the first that differs."""
    for name, facts in manifest.files.items():
        digest = hashlib.sha256()
        try:
            with (folder / name).open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
        except OSError as error:
            raise NotWhole(f"{name} can't be read: {error}") from error
        if digest.hexdigest() != facts.sha256:
            raise NotWhole(f"{name} is not as it was written.")


def lines(folder: Path, name: str) -> Iterator[bytes]:
    """Yield the lines of a file."""
    with (folder / name).open("rb") as file:
        yield from file


class Sink:
    """A file being written, readable by its owner only: counts rows, and adds up its checksum."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest = hashlib.sha256()
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, data: bytes, *, rows: int) -> None:
        """Write bytes that hold so many rows."""
        self._digest.update(data)
        self._file.write(data)
        self._rows += rows

    def facts(self) -> Facts:
        """Make what was written safe on disk, and return what it is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return Facts(self._rows, self._digest.hexdigest())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
