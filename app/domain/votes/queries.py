"""Reading votes."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from app.models import User, Vote


def mine(db: Session, viewer: User | None, post_ids: Collection[int]) -> dict[int, int]:
    """Return the viewer's votes on these posts, by post id: one query for a page."""
    if viewer is None or not post_ids:
        return {}
    rows = db.exec(
        select(Vote.post_id, Vote.value).where(Vote.user_id == viewer.id, col(Vote.post_id).in_(post_ids))
    )
    return dict(rows.all())
