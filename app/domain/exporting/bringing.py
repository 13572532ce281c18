"""Bring an export back into an empty place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, inspect, text
from sqlmodel import Session

from app.core import schema
from app.core.backup.loading import load
from app.core.backup.rows import from_line
from app.core.db import atomic, new_session
from app.core.errors import Conflict
from app.core.files import CheckedFile, FileStore
from app.domain import importing
from app.domain.exporting.folder import (
    MANIFEST,
    UPLOADS,
    Manifest,
    NotWhole,
    check,
    lines,
    lines_file,
    read_manifest,
)
from app.domain.exporting.forms import FORMS, Form
from app.domain.exporting.writing import Progress


class Occupied(Conflict):
    """There is a community already where the export should go."""


def is_export(folder: Path) -> bool:
    """Return whether a folder says that it is an export of ours."""
    return (folder / MANIFEST).is_file()


def bring_in(folder: Path, engine: Engine, *, data_dir: Path, progress: Progress | None = None) -> Manifest:
    """Bring an export into an empty database and data folder, and the schema up to date.

    Every file is compared with its checksum first; when anything is wrong (NotWhole), or there is a
    community already (Occupied), nothing is changed. All rows keep their ids.
    """
    manifest = read_manifest(folder)
    _require_empty(engine)
    if not schema.knows(manifest.revision):
        raise NotWhole(f"This export was made by a newer version of Peerdesk ({manifest.version}).")
    check(folder, manifest)
    _bring_uploads(folder, manifest, FileStore(data_dir / UPLOADS))
    schema.migrate(engine, to=manifest.revision)
    with new_session(engine) as db:
        bring_rows(db, folder=folder, manifest=manifest, progress=progress)
    schema.migrate(engine)
    return manifest


@atomic
def bring_rows(db: Session, *, folder: Path, manifest: Manifest, progress: Progress | None) -> None:
    """Put the rows of an export in the place of what a new forum begins with."""

    def rows_of(table: Table) -> Iterator[dict[str, Any]]:
        name = lines_file(table.name)
        if name in manifest.files:
            yield from _rows(folder, table, manifest)
        if progress:
            progress(table.name, manifest.files[name].rows if name in manifest.files else 0)

    load(db.connection(), rows_of, next_ids=manifest.next_ids)


def _require_empty(engine: Engine) -> None:
    present = inspect(engine).get_table_names()
    with engine.connect() as connection:
        for name in ("users", "post", "product"):
            if name in present and connection.execute(text(f"SELECT 1 FROM {name}")).first() is not None:
                raise Occupied(
                    "There is a community here already; an export goes into an empty database. To take "
                    "its public posts in beside what is there: peerdesk import FOLDER --only-dump"
                )


def _rows(folder: Path, table: Table, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Yield a table's rows, each made whole by what the dump says of it."""
    form = FORMS.get(table.name)
    texts = _Texts(folder, form) if form else None
    empty = {column.name: None for column in table.columns if column.nullable}
    for line in lines(folder, lines_file(table.name)):
        try:
            told = from_line(line, table)
            missing = form.said.keys() - told.keys() if form else frozenset()
            if texts is not None and missing:
                told |= texts.of(told["id"], missing)
        except (ValueError, KeyError) as error:
            raise NotWhole(f"A line of {table.name} can't be read: {error!r}") from error
        if table.name == "outbox_event" and not manifest.private:
            told["relayed_at"] = told["created_at"]  # what followed from it was done where it comes from
        yield {**empty, **told}


class _Texts:
    """The texts that a file of the dump holds for a table, by rising ids."""

    def __init__(self, folder: Path, form: Form) -> None:
        self._form = form
        self._file = f"{form.file}.xml"
        self._rows = importing.rows_of(form.file, folder / self._file)
        self._key = -1
        self._row: dict[str, str] = {}

    def of(self, key: int, columns: AbstractSet[str]) -> dict[str, str]:
        """Return the columns of the row with this id."""
        while self._key < key:
            row = next(self._rows, None)
            if row is None:
                raise NotWhole(f"{self._file} lacks the text of {key}.")
            found = self._form.key(row)
            if found is not None:
                self._key, self._row = found, row
        if self._key != key:
            raise NotWhole(f"{self._file} lacks the text of {key}.")
        return {column: self._row.get(self._form.said[column], "") for column in columns}


def _bring_uploads(folder: Path, manifest: Manifest, files: FileStore) -> None:
    """Copy the uploads; each is named by the checksum of its content."""
    for name in manifest.uploads:
        sha256, _, extension = name.partition(".")
        try:
            content = FileStore(folder / UPLOADS).read(sha256, extension)
        except ValueError as error:
            raise NotWhole(f"{MANIFEST} names an upload that can't be one: {name!r}") from error
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise NotWhole(f"The upload {name} is missing or not as it was written.")
        files.write(CheckedFile(content, extension))
