"""Reading revisions. Callers have checked that the viewer may see the post."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain.revisions.difference import DiffRow, side_by_side
from app.models import Revision


@dataclass(frozen=True)
class Change:
    """A revision and how it differs from the one before it; for the first, everything is new."""

    revision: Revision
    title_before: str | None
    tags_before: list[str] | None
    rows: list[DiffRow]


def history(db: Session, *, post_id: int) -> list[Change]:
    """Return every revision of a post with its changes, newest first."""
    rows = db.exec(
        select(Revision)
        .options(joinedload(Revision.editor))  # type: ignore[arg-type]
        .where(Revision.post_id == post_id)
        .order_by(col(Revision.number))
    ).all()
    changes = [_change(before, after) for before, after in zip([None, *rows[:-1]], rows, strict=True)]
    return changes[::-1]


def newest_before(db: Session, *, post_id: int, before: int | None, limit: int) -> list[Revision]:
    """Return the next revisions of a post, newest first; `before` is the number of the last one that was shown."""
    statement = (
        select(Revision)
        .options(joinedload(Revision.editor))  # type: ignore[arg-type]
        .where(Revision.post_id == post_id)
    )
    if before is not None:
        statement = statement.where(Revision.number < before)
    return list(db.exec(statement.order_by(col(Revision.number).desc()).limit(limit)))


def numbered(db: Session, *, post_id: int, number: int) -> Revision:
    """Return one revision; raise NotFound."""
    found = db.exec(select(Revision).where(Revision.post_id == post_id, Revision.number == number)).first()
    if found is None:
        raise NotFound
    return found


def _change(before: Revision | None, after: Revision) -> Change:
    return Change(
        revision=after,
        title_before=before.title if before else None,
        tags_before=before.tags if before else None,
        rows=side_by_side(before.body if before else "", after.body),
    )
