"""Make a backup while the forum is in use."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, select

from app.core.backup.archive import MANIFEST, SETTINGS, UPLOADS, Manifest, TableFacts, member_of
from app.core.backup.instant import counted_up_to, snapshot
from app.core.backup.rows import tables_of, to_line
from app.core.files import FileStore
from app.core.secret import SECRET_KEY

_AT_ONCE = 2_000
LAST_BACKUP = "last_backup.json"
"""In the data folder: when the last backup was made and where it was put, for whoever watches over it."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Forum:
    """What a backup is made of. `settings` are lines for `.env`, `version` that of the software."""

    engine: Engine
    data_dir: Path
    secret_key: str
    settings: str
    version: str


@dataclass(frozen=True)
class Made:
    """A backup that was made, and the uploads that are not in it because their files are damaged."""

    manifest: Manifest
    damaged: tuple[str, ...]


def back_up(forum: Forum, *, to: Path, now: datetime, progress: Progress | None = None) -> Made:
    """Write the forum into the file `to`, readable by its owner only; it appears whole or not at all.

    The rows are those of one instant. Uploads are added after them: a post never names one that
    comes later. Those whose bytes are not what they were are left out and named. `progress` is told
    each table's name and number of rows. Raises FileExistsError rather than overwrite anything.
    """
    if to.exists():
        raise FileExistsError(to)
    part = to.with_name(f".{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
                made = _fill(archive, forum, now=now, progress=progress)
            file.flush()
            os.fsync(file.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    _sync(to.parent)
    told = {"made_at": now.isoformat(), "file": str(to.resolve()), "rows": made.manifest.rows}
    (forum.data_dir / LAST_BACKUP).write_text(json.dumps(told))
    return made


def _fill(archive: zipfile.ZipFile, forum: Forum, *, now: datetime, progress: Progress | None) -> Made:
    tables: dict[str, TableFacts] = {}
    with snapshot(forum.engine) as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        present = tables_of(connection)
        counted_on = counted_up_to(connection, present)
        for table in present:
            rows, sha256 = _write_rows(archive, connection, table)
            tables[table.name] = TableFacts(rows, sha256, counted_on.get(table.name))
            if progress:
                progress(table.name, rows)
    uploads, damaged = _write_uploads(archive, FileStore(forum.data_dir / "uploads"))
    archive.writestr(SECRET_KEY, forum.secret_key)
    archive.writestr(SETTINGS, forum.settings)
    manifest = Manifest(
        made_at=now.isoformat(),
        version=forum.version,
        revision=revision or "",
        database=forum.engine.dialect.name,
        tables=tables,
        uploads=uploads,
    )
    archive.writestr(MANIFEST, manifest.to_json())
    return Made(manifest, damaged)


def _write_rows(archive: zipfile.ZipFile, connection: Connection, table: Table) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_AT_ONCE)
    found = connection.execute(statement)
    with archive.open(member_of(table.name), "w", force_zip64=True) as file:
        for row in found.mappings():
            line = to_line(dict(row))
            digest.update(line)
            count += 1
            file.write(line)
    return count, digest.hexdigest()


def _write_uploads(archive: zipfile.ZipFile, files: FileStore) -> tuple[int, tuple[str, ...]]:
    count, damaged = 0, []
    for sha256, extension in sorted(files.names()):
        content = files.read(sha256, extension)
        if content is None:
            continue  # taken away meanwhile, because nothing shows it
        if hashlib.sha256(content).hexdigest() != sha256:
            damaged.append(f"{sha256}.{extension}")  # with it in, nothing of the backup could be trusted
            continue
        name = f"{UPLOADS}{sha256[:2]}/{sha256}.{extension}"
        archive.writestr(name, content, compress_type=zipfile.ZIP_STORED)
        count += 1
    return count, tuple(damaged)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
