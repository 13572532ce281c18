"""Bring a backup back into an empty place."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, inspect, text

from app.core import schema
from app.core.backup.archive import (
    Damaged,
    Manifest,
    check_content,
    check_upload,
    lines,
    opened,
    read_manifest,
    read_secret_key,
    upload_names,
)
from app.core.backup.loading import RowsOf, load
from app.core.backup.rows import from_line
from app.core.secret import SECRET_KEY

Progress = Callable[[str, int], None]


class NotEmpty(Exception):
    """There is something already where the backup should go; the message says what."""


def restore(
    source: Path, engine: Engine, *, data_dir: Path, keep_secret_key: bool, progress: Progress | None = None
) -> Manifest:
    """Bring the backup `source` into an empty database and data folder, and the schema up to date.

    Everything is compared with its checksum first; when anything is wrong (Damaged), or there is
    something already (NotEmpty), the place is left as it is. What a restore of the same backup left behind
    when it was killed is no hindrance. With `keep_secret_key` the key of the backup is written into the
    data folder, so that people stay signed in and links in e-mails work.
    """
    with opened(source) as archive:
        manifest = read_manifest(archive)
        _require_empty(engine, data_dir, archive)
        if not schema.knows(manifest.revision):
            raise Damaged(f"This backup was made by a newer version of Peerdesk ({manifest.version}).")
        check_content(archive, manifest)
        data_dir.mkdir(parents=True, exist_ok=True)
        schema.migrate(engine, to="base")
        schema.migrate(engine, to=manifest.revision)
        written: list[Path] = []
        try:
            with engine.begin() as connection:
                next_ids = {name: facts.next_id for name, facts in manifest.tables.items()}
                load(connection, _rows_of(archive, manifest, progress), next_ids=next_ids)
                _write_uploads(archive, data_dir, written)
                if keep_secret_key:
                    _write(data_dir / SECRET_KEY, written).write_bytes(read_secret_key(archive))
        except BaseException:
            schema.migrate(engine, to="base")
            for path in written:
                path.unlink(missing_ok=True)
            raise
    schema.migrate(engine)
    return manifest


def _require_empty(engine: Engine, data_dir: Path, archive: zipfile.ZipFile) -> None:
    tables = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    if tables and not _is_unused(engine, tables):
        raise NotEmpty(f"The database has {len(tables)} tables already; name an empty one.")
    own = {Path(name).name for name in upload_names(archive)}
    uploads = data_dir / "uploads"
    if uploads.is_file() or any(path.name not in own for path in uploads.rglob("*.*")):
        raise NotEmpty(f"There is {uploads} already; name an empty data folder.")
    key = data_dir / SECRET_KEY
    if key.exists() and key.read_bytes() not in (b"", read_secret_key(archive)):
        raise NotEmpty(f"There is {key} already; name an empty data folder.")


def _is_unused(engine: Engine, tables: list[str]) -> bool:
    """Return whether a schema of ours was made, and nobody has ever been in it: rows come back all at once."""
    revision = schema.present_revision(engine)
    if revision is None or not schema.knows(revision) or "users" not in tables:
        return False
    with engine.connect() as connection:
        return connection.execute(text("SELECT id FROM users LIMIT 1")).first() is None


def _rows_of(archive: zipfile.ZipFile, manifest: Manifest, progress: Progress | None) -> RowsOf:
    def rows_of(table: Table) -> Iterator[dict[str, Any]]:
        facts = manifest.tables.get(table.name)
        if facts is not None:
            yield from (from_line(line, table) for line in lines(archive, manifest, table.name))
        if progress:
            progress(table.name, facts.rows if facts else 0)

    return rows_of


def _write_uploads(archive: zipfile.ZipFile, data_dir: Path, written: list[Path]) -> None:
    for name in upload_names(archive):
        path = data_dir / "uploads" / name.split("/")[-1][:2] / Path(name).name
        if _is_whole(path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with _write(path, written).open("wb") as file:
            check_upload(archive, name, into=file)
            file.flush()
            os.fsync(file.fileno())


def _is_whole(upload: Path) -> bool:
    if not upload.exists():
        return False
    with upload.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == upload.name.partition(".")[0]


def _write(path: Path, written: list[Path]) -> Path:
    if not path.exists():
        path.touch(mode=0o600)
        written.append(path)
    return path
