"""Bring a backup back into an empty place."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, inspect, select, text, update

from app.core import schema
from app.core.backup.archive import (
    SECRET_KEY,
    Manifest,
    check_upload,
    lines,
    opened,
    read_manifest,
    upload_names,
)
from app.core.backup.rows import from_line, sequence_of, tables_of

_AT_ONCE = 1_000

Progress = Callable[[str, int], None]


class NotEmpty(Exception):
    """There is something already where the backup should go; the message says what."""


def restore(
    source: Path, engine: Engine, *, data_dir: Path, keep_secret_key: bool, progress: Progress | None = None
) -> Manifest:
    """Bring the backup `source` into an empty database and data folder, and the schema up to date.

    Everything is compared with its checksum on the way; when anything is wrong (Damaged), or there
    is something already (NotEmpty), the place is left empty. With `keep_secret_key` the key of the
    backup is written into the data folder, so that people stay signed in and links in e-mails work.
    """
    with opened(source) as archive:
        manifest = read_manifest(archive)
        _require_empty(engine, data_dir)
        data_dir.mkdir(parents=True, exist_ok=True)
        schema.migrate(engine, to=manifest.revision)
        written: list[Path] = []
        try:
            with engine.begin() as connection:
                _load(connection, archive, manifest, progress)
                _write_uploads(archive, data_dir, written)
                if keep_secret_key:
                    _write(data_dir / SECRET_KEY, written).write_bytes(archive.read(SECRET_KEY))
        except BaseException:
            schema.migrate(engine, to="base")
            for path in written:
                path.unlink(missing_ok=True)
            raise
    schema.migrate(engine)
    return manifest


def _require_empty(engine: Engine, data_dir: Path) -> None:
    if present := [name for name in inspect(engine).get_table_names() if name != "alembic_version"]:
        raise NotEmpty(f"The database has {len(present)} tables already; name an empty one.")
    for name in ("uploads", SECRET_KEY):
        path = data_dir / name
        if path.is_file() or (path.is_dir() and any(path.rglob("*.*"))):
            raise NotEmpty(f"There is {path} already; name an empty data folder.")


def _load(
    connection: Connection, archive: zipfile.ZipFile, manifest: Manifest, progress: Progress | None
) -> None:
    tables = tables_of(connection)
    for table in reversed(tables):
        connection.execute(table.delete())  # what a new forum begins with
    for table in tables:
        if table.name in manifest.tables:
            _load_table(connection, table, lines(archive, manifest, table.name))
        if progress:
            progress(table.name, manifest.tables[table.name].rows if table.name in manifest.tables else 0)
    _count_on(connection, tables, manifest)


def _load_table(connection: Connection, table: Table, found: Iterator[bytes]) -> None:
    own = [
        column.name
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    later: list[dict[str, Any]] = []
    while batch := [from_line(line, table) for line in islice(found, _AT_ONCE)]:
        for row in batch:
            for name in own:  # rows come by id: what points to a later one waits until that is there
                if row[name] is not None and row[name] > row["id"]:
                    later.append({"row_id": row["id"], "column": name, "value": row[name]})
                    row[name] = None
            if table.name == "outbox_event":
                row["xid"] = 0  # transactions of another server: here they are the past
        connection.execute(insert(table), batch)
    for each in later:
        statement = (
            update(table).where(table.c.id == bindparam("row_id")).values({each["column"]: each["value"]})
        )
        connection.execute(statement, {"row_id": each["row_id"]})


def _count_on(connection: Connection, tables: list[Table], manifest: Manifest) -> None:
    """Let new ids begin after the highest that was ever given."""
    for table in tables:
        key = table.primary_key.columns.values()
        facts = manifest.tables.get(table.name)
        if len(key) != 1 or facts is None or not facts.rows:
            continue
        if connection.dialect.name == "sqlite":
            if facts.next_id is not None and _has_sequence(connection, table):
                statement = text("UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name")
                connection.execute(statement, {"seq": facts.next_id, "name": table.name})
            continue
        sequence = sequence_of(connection, table)
        if sequence:
            highest = connection.execute(select(func.max(key[0]))).scalar_one()
            connection.execute(select(func.setval(sequence, max(highest, facts.next_id or 0))))


def _has_sequence(connection: Connection, table: Table) -> bool:
    found = text("SELECT 1 FROM sqlite_sequence WHERE name = :name")
    return connection.execute(found, {"name": table.name}).first() is not None


def _write_uploads(archive: zipfile.ZipFile, data_dir: Path, written: list[Path]) -> None:
    for name in upload_names(archive):
        path = data_dir / "uploads" / name.split("/")[-1][:2] / Path(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        with _write(path, written).open("wb") as file:
            check_upload(archive, name, into=file)
            file.flush()
            os.fsync(file.fileno())


def _write(path: Path, written: list[Path]) -> Path:
    path.touch(mode=0o600, exist_ok=False)
    written.append(path)
    return path
