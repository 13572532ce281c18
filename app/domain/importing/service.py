"""Move a community in from a Stack Exchange dump.

An import can be stopped anywhere, by any means, and run again: what was committed is not read
twice, what was not is taken then. Before the first row is written every file has been checked to
its end.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, select

from app.core.db import atomic, wait_for_disk
from app.core.errors import Conflict, Invalid
from app.core.slugs import slug
from app.domain import catalog
from app.domain.importing import steps
from app.domain.importing.progress import Progress, is_done, progress_of
from app.domain.importing.report import Report, report_of
from app.domain.importing.source.crew import crew
from app.domain.importing.source.dump import Dump, open_dump
from app.domain.importing.taking.emails import set_emails
from app.domain.importing.taking.run import Run
from app.domain.importing.taking.scratch import Scratch
from app.models import MovedIn, Product

_LONGEST_NAME = 60


def import_dump(
    db: Session,
    *,
    folder: Path,
    source: str,
    now: datetime,
    progress: Progress,
    product_slug: str | None = None,
    emails: Path | None = None,
    helpers: int = 2,
) -> Report:
    """Take a Stack Exchange dump into the community, or go on where an earlier run was stopped.

    Nobody is told of anything; the search index gets the threads by the change feed. Raises
    DumpError for files that can't be read, before anything is written, and Conflict when another
    dump was imported under the same name. `helpers` is the number of processes that read ahead.
    """
    dump = open_dump(folder)
    _check_source(source)
    _prepare(db)
    is_new = not is_done(db, source, steps.FINISH)
    product_id = begin(db, source=source, dump=_fingerprint(dump), product_slug=product_slug, now=now)
    with _run(source, now, product_id) as run:
        if is_new:
            with crew(helpers) as readers, _syncing_later(db):
                steps.Import(db, run, dump, readers, progress).take()
            steps.finish(db, run)
        report = report_of(source, run.counts(db), is_new=is_new)
        if emails is not None:
            report.notes += set_emails(db, run, emails).sentences()
    return report


@atomic
def begin(db: Session, *, source: str, dump: int, product_slug: str | None, now: datetime) -> int:
    """Note which dump the name stands for, and return the product that its questions go under."""
    noted = progress_of(db, source, "dump", now=now, starting_at=dump)
    if noted.position != dump:
        raise Conflict(
            f'The name "{source}" stands for another dump, which was imported before. Choose another with --name.'
        )
    chosen = db.get(MovedIn, (source, "product", ""))
    if chosen is None:
        product = _product(db, source, product_slug, now=now)
        chosen = MovedIn(source=source, kind="product", source_id="", local_id=product.id or 0)
        db.add(chosen)
        db.flush()
    elif product_slug is not None and catalog.product(db, chosen.local_id).slug != product_slug:
        raise Conflict("This import began under another product. Run it without --product to go on.")
    return chosen.local_id


def _check_source(source: str) -> None:
    if not source.strip() or len(source) > _LONGEST_NAME:
        raise Invalid("name", f"Give the import a name of 1 to {_LONGEST_NAME} characters with --name.")


def _prepare(db: Session) -> None:
    """Give SQLite room for the indexes that grow; with the usual 2 MB their pages are written over and over."""
    if db.get_bind().dialect.name == "sqlite":
        db.execute(text("PRAGMA cache_size = -32768"))
        db.execute(text("PRAGMA wal_autocheckpoint = 32000"))


@contextmanager
def _syncing_later(db: Session) -> Iterator[None]:
    """Let SQLite's commits not wait for the disk: a power cut takes the last pieces with their notes of progress.

    What was done is then done again by the next run. The last step, with its event, waits for the
    disk as always, and so for all that was written before; so do all other connections.
    """
    wait_for_disk(db, always=False)
    try:
        yield
    finally:
        wait_for_disk(db, always=True)


def _fingerprint(dump: Dump) -> int:
    """Return a number that another dump hardly has: made of the files' names and sizes."""
    told = ";".join(f"{name}={dump.size(name)}" for name in sorted(dump.paths))
    return zlib.crc32(told.encode()) & 0x7FFFFFFF


@contextmanager
def _run(source: str, now: datetime, product_id: int) -> Iterator[Run]:
    scratch = Scratch()
    try:
        yield Run(source, now, scratch, product_id)
    finally:
        scratch.close()


def _product(db: Session, source: str, product_slug: str | None, *, now: datetime) -> Product:
    if product_slug is not None:
        found = db.exec(select(Product).where(Product.slug == product_slug)).first()
        if found is None:
            raise Invalid("product", f'There is no product with the address "{product_slug}".')
        return found
    address = slug(source)
    number = 1
    while db.exec(select(Product.id).where(Product.slug == address)).first() is not None:
        number += 1
        address = f"{slug(source)}-{number}"
    return catalog.add_product(db, name=source, slug=address, now=now)
