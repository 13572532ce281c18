"""How far an import has come: as it is noted, and as it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlmodel import Session, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict
from app.domain.importing.taking.run import Run
from app.models import ImportProgress


class Progress(Protocol):
    """Is told how the import goes on, to show it."""

    def step(self, title: str, *, size: int) -> None:
        """Begin a step that reads `size` bytes (0: not known)."""

    def advance(self, *, size: int, rows: int) -> None:
        """Go on by so many bytes and rows."""


def is_done(db: Session, source: str, step: str) -> bool:
    """Return whether a step has been done to its end."""
    noted = db.get(ImportProgress, (source, step))
    return noted is not None and noted.is_done


def position(db: Session, source: str, step: str) -> int:
    """Return how many rows of a step have been committed."""
    noted = db.get(ImportProgress, (source, step))
    return noted.position if noted else 0


def progress_of(
    db: Session, source: str, step: str, *, now: datetime, starting_at: int = 0
) -> ImportProgress:
    """Return the note of a step, locked until the transaction ends; made now for a new one."""
    statement = select(ImportProgress).where(ImportProgress.source == source, ImportProgress.step == step)
    noted = db.exec(statement.with_for_update(**LOCK).execution_options(populate_existing=True)).first()
    if noted is None:
        noted = ImportProgress(source=source, step=step, position=starting_at, updated_at=now)
        db.add(noted)
        db.flush()
    return noted


@atomic
def take_batch(db: Session, *, run: Run, step: str, first: int, count: int, take: Callable[[], None]) -> None:
    """Take the rows of one piece and note it, in one transaction."""
    noted = progress_of(db, run.source, step, now=run.now)
    if noted.position != first:
        raise Conflict("Another import with this name is running.")
    _do(db, run, take)
    noted.position = first + count
    noted.updated_at = run.now
    db.add(noted)


@atomic
def end_step(db: Session, *, run: Run, step: str, take: Callable[[], None] = lambda: None) -> None:
    """Do what a step does in the end, and note that it is done; doing it again does nothing."""
    noted = progress_of(db, run.source, step, now=run.now)
    if noted.is_done:
        return
    _do(db, run, take)
    noted.is_done = True
    db.add(noted)


def _do(db: Session, run: Run, take: Callable[[], None]) -> None:
    try:
        take()
        run.write_counts(db)
    except BaseException:
        run.forget()  # none of it will have happened
        raise
