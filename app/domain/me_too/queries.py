"""Reading me-toos."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from app.models import MeToo, User


def said_by(db: Session, viewer: User | None, question_ids: Collection[int]) -> set[int]:
    """Return which of the questions the viewer has, too: one query for a page."""
    if viewer is None or not question_ids:
        return set()
    rows = db.exec(
        select(MeToo.question_id).where(MeToo.user_id == viewer.id, col(MeToo.question_id).in_(question_ids))
    )
    return set(rows)
