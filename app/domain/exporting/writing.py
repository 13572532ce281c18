"""Write a community into a folder while it is in use."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, RowMapping, Select, String, Table, collate, select

from app.core.backup.instant import counted_up_to, snapshot
from app.core.backup.rows import tables_of, to_line
from app.core.files import FileStore
from app.domain.exporting import rows
from app.domain.exporting.beside import AT_ONCE, BESIDE
from app.domain.exporting.folder import (
    MANIFEST,
    SETTINGS,
    UPLOADS,
    Facts,
    Manifest,
    Sink,
    lines_file,
    sync_folder,
)
from app.domain.exporting.forms import FORMS
from app.domain.exporting.plan import LEFT_OUT, PRIVATE, is_exported

FILES = ("Users", "Posts", "Comments", "Votes", "PostHistory", "PostLinks", "Tags", "Badges")
NEVER_AGAIN = ("outbox_event",)
"""Tables whose ids are never given a second time."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Forum:
    """What is exported. `settings` are lines for `.env`, `version` that of the software."""

    engine: Engine
    data_dir: Path
    settings: str
    version: str


def export(
    forum: Forum, *, to: Path, private: bool, now: datetime, progress: Progress | None = None
) -> Manifest:
    """Write the community into the folder `to`; it appears whole or not at all.

    The rows are those of one instant. With `private` it also holds what only a community that moves
    may take along (see plan.py). Raises FileExistsError rather than write where something is.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FileExistsError(to)
    part = to.with_name(f".{to.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        with snapshot(forum.engine) as connection:
            manifest = _Writer(connection, part, private=private).write(forum, now=now, progress=progress)
        for folder in (part, *(path for path in part.rglob("*") if path.is_dir())):
            sync_folder(folder)
        part.replace(to)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(to.parent)
    return manifest


class _Writer:
    """Writes one instant of a database."""

    def __init__(self, connection: Connection, folder: Path, *, private: bool) -> None:
        self._connection = connection
        self._folder = folder
        self._private = private
        self._tables = tables_of(connection)
        self._by_name: Mapping[str, Table] = {table.name: table for table in self._tables}
        self._files: dict[str, Facts] = {}

    def write(self, forum: Forum, *, now: datetime, progress: Progress | None) -> Manifest:
        """Write everything, the manifest last."""
        for file in FILES:
            self._write_file(file, progress)
        for table in self._tables:
            if table.name not in FORMS and is_exported(table.name, private=self._private):
                with Sink(self._folder / lines_file(table.name)) as lines:
                    for part in self._parts(table, select(table)):
                        lines.write(b"".join(self._line(table, row) for row in part), rows=len(part))
                    self._note(lines_file(table.name), lines, progress)
        counted = counted_up_to(
            self._connection, [table for table in self._tables if table.name in NEVER_AGAIN]
        )
        uploads, damaged = self._write_uploads(FileStore(forum.data_dir / UPLOADS))
        manifest = Manifest(
            made_at=now.isoformat(),
            version=forum.version,
            revision=MigrationContext.configure(self._connection).get_current_revision() or "",
            database=forum.engine.dialect.name,
            private=self._private,
            files=self._files,
            uploads=uploads,
            next_ids={name: counted[name] for name in NEVER_AGAIN if name in counted},
            left_out={**LEFT_OUT, **({} if self._private else PRIVATE), **damaged},
        )
        (self._folder / SETTINGS).write_text(forum.settings, encoding="utf-8")
        (self._folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        return manifest

    def _write_file(self, file: str, progress: Progress | None) -> None:
        """Write a file of the dump, and the lines of the tables that stand in it."""
        with Sink(self._folder / f"{file}.xml") as dump:
            dump.write(rows.head(file), rows=0)
            for name, form in FORMS.items():
                if form.file == file:
                    self._write_table(self._by_name[name], dump, progress)
            if file in BESIDE:
                for row in BESIDE[file](self._connection, self._by_name):
                    dump.write(rows.to_bytes([row]), rows=1)
            dump.write(rows.foot(file), rows=0)
            self._note(f"{file}.xml", dump, progress)

    def _write_table(self, table: Table, dump: Sink, progress: Progress | None) -> None:
        form = FORMS[table.name]
        with Sink(self._folder / lines_file(table.name)) as lines:
            for part in self._parts(table, form.statement(self._by_name)):
                for row, shown in zip(part, form.rows(self._connection, self._by_name, part), strict=True):
                    dump.write(rows.to_bytes(shown), rows=len(shown))
                    lines.write(self._line(table, row, form.said_by(shown)), rows=1)
            self._note(lines_file(table.name), lines, progress)

    def _parts(self, table: Table, statement: Select[Any]) -> Iterator[Sequence[RowMapping]]:
        """Yield a table's rows by their keys, some at a time: in the same order in every database."""
        is_postgresql = self._connection.dialect.name == "postgresql"
        order = [
            collate(column, "C") if is_postgresql and isinstance(column.type, String) else column
            for column in table.primary_key.columns
        ]
        found = self._connection.execute(statement.order_by(*order).execution_options(yield_per=AT_ONCE))
        return iter(found.mappings().partitions())

    def _line(self, table: Table, row: RowMapping, said: Mapping[str, str | None] | None = None) -> bytes:
        """Return a row without what is private and what the dump says word for word."""
        kept = {
            column.name: row[column.name]
            for column in table.columns
            if is_exported(table.name, column.name, private=self._private)
            and not (said and column.name in said and said[column.name] == row[column.name])
        }
        return to_line(kept)

    def _note(self, name: str, sink: Sink, progress: Progress | None) -> None:
        facts = self._files[name] = sink.facts()
        if progress:
            progress(name, facts.rows)

    def _write_uploads(self, files: FileStore) -> tuple[dict[str, int], dict[str, str]]:
        """Copy the uploads, which are named by their checksums; return the size of each, and which are damaged."""
        copies = FileStore(self._folder / UPLOADS)
        sizes: dict[str, int] = {}
        damaged: dict[str, str] = {}
        for sha256, extension in sorted(files.names()):
            content = files.read(sha256, extension)
            if content is None:
                continue  # taken away meanwhile, because nothing shows it
            name = f"{sha256}.{extension}"
            if hashlib.sha256(content).hexdigest() != sha256:
                damaged[f"{UPLOADS}/{name}"] = "its file is damaged"
                continue
            path = copies.path(sha256, extension)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sizes[name] = len(content)
        return sizes, damaged
