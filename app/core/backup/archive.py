"""The file of a backup: what is where in it, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from app.core.secret import SECRET_KEY

FORMAT = 1
MANIFEST = "manifest.json"
SETTINGS = "settings.env"
UPLOADS = "uploads/"

# What Python's zipfile raises for a file that was damaged: also for a bit that now says "encrypted", or
# names a compression that nobody has.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip


class Damaged(Exception):
    """A backup that is not whole, or none at all; the message says what is wrong."""


@dataclass(frozen=True)
class TableFacts:
    """What a table's lines must be: how many, and the SHA-256 of them all. `next_id` is what SQLite counts on from."""

    rows: int
    sha256: str
    next_id: int | None


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `made_at` is an ISO instant in UTC."""

    made_at: str
    version: str
    revision: str
    database: str
    tables: dict[str, TableFacts]
    uploads: int
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> str:
        """Return it as it is written."""
        return json.dumps(asdict(self), indent=1)


def member_of(table: str) -> str:
    """Return the name of a table's lines in the file."""
    return f"database/{table}.jsonl"


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return what the file says it holds; raise Damaged."""
    try:
        found = json.loads(archive.read(MANIFEST))
        tables = {name: TableFacts(**facts) for name, facts in found.pop("tables").items()}
        manifest = Manifest(tables=tables, **found)
    except (*_UNREADABLE, TypeError, AttributeError) as error:
        raise Damaged("This is no backup of Peerdesk, or its end is missing.") from error
    if manifest.format != FORMAT:
        raise Damaged(
            f"This backup has form {manifest.format}; this version of Peerdesk reads form {FORMAT}."
        )
    return manifest


def check(path: Path) -> Manifest:
    """Read the whole file and compare every checksum; raise Damaged for the first that is wrong."""
    with opened(path) as archive:
        manifest = read_manifest(archive)
        check_content(archive, manifest)
    return manifest


def check_content(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Compare all that an open backup holds with its checksums; raise Damaged for the first that is wrong."""
    for table in manifest.tables:
        for _ in lines(archive, manifest, table):
            pass
    uploads = upload_names(archive)
    if len(uploads) != manifest.uploads:
        raise Damaged(f"{len(uploads)} uploads of {manifest.uploads} are there.")
    for name in uploads:
        check_upload(archive, name)
    read_secret_key(archive)


def read_secret_key(archive: zipfile.ZipFile) -> bytes:
    """Return the key that signs sessions and links; raise Damaged."""
    try:
        return archive.read(SECRET_KEY)
    except _UNREADABLE as error:
        raise Damaged(f"The secret key can't be read: {error}") from error


def opened(path: Path) -> zipfile.ZipFile:
    """Open a backup for reading; raise Damaged for what is no zip."""
    try:
        return zipfile.ZipFile(path)
    except _UNREADABLE as error:
        raise Damaged(f"{path} can't be read as a backup: {error}") from error


def lines(archive: zipfile.ZipFile, manifest: Manifest, table: str) -> Iterator[bytes]:
    """Yield a table's lines; raise Damaged at the end when they are not what was written."""
    digest, count = hashlib.sha256(), 0
    try:
        with archive.open(member_of(table)) as file:
            for line in file:
                digest.update(line)
                count += 1
                yield line
    except _UNREADABLE as error:
        raise Damaged(f"The rows of {table} can't be read: {error}") from error
    facts = manifest.tables[table]
    if (count, digest.hexdigest()) != (facts.rows, facts.sha256):
        raise Damaged(
            f"The rows of {table} are not those that were written: {count} of {facts.rows} are there."
        )


def upload_names(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the uploads in the file."""
    return [name for name in archive.namelist() if name.startswith(UPLOADS)]


def check_upload(archive: zipfile.ZipFile, name: str, into: IO[bytes] | None = None) -> None:
    """Read an upload, copying it on the way; raise Damaged when its content is not what its name says."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                if into is not None:
                    into.write(piece)
    except _UNREADABLE as error:
        raise Damaged(f"The upload {name} can't be read: {error}") from error
    if digest.hexdigest() != Path(name).name.partition(".")[0]:
        raise Damaged(f"The upload {name} is not what its name says.")
