"""Reading comments, scoped to their viewer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain import answers
from app.models import Comment, User


def of_thread(
    db: Session, *, viewer: User | None, question_id: int, post_ids: Collection[int]
) -> dict[int, list[Comment]]:
    """Return the comments under these posts of a thread, oldest first, by post id: one query for a page."""
    rows = db.exec(
        select(Comment)
        .options(joinedload(Comment.author))  # type: ignore[arg-type]
        .where(Comment.question_id == question_id, col(Comment.post_id).in_(post_ids), _shown_to(viewer))
        .order_by(col(Comment.id))
    ).all()
    by_post: dict[int, list[Comment]] = {post_id: [] for post_id in post_ids}
    for comment in rows:
        by_post[comment.post_id].append(comment)
    return by_post


def under_post(
    db: Session, *, viewer: User | None, post_id: int, after: int = 0, limit: int | None = None
) -> list[Comment]:
    """Return the comments under one post, oldest first; `after` is the id of the last one that was shown."""
    return list(
        db.exec(
            select(Comment)
            .options(joinedload(Comment.author))  # type: ignore[arg-type]
            .where(Comment.post_id == post_id, col(Comment.id) > after, _shown_to(viewer))
            .order_by(col(Comment.id))
            .limit(limit)
        )
    )


def visible(db: Session, *, viewer: User | None, comment_id: int) -> Comment:
    """Return a comment whose post and thread the viewer may see too; raise NotFound."""
    comment = db.exec(
        select(Comment)
        .options(joinedload(Comment.author))  # type: ignore[arg-type]
        .where(Comment.id == comment_id, _shown_to(viewer))
    ).first()
    if comment is None:
        raise NotFound
    answers.visible_post(db, viewer=viewer, post_id=comment.post_id)
    return comment


def _shown_to(viewer: User | None) -> Any:
    if viewer is not None and viewer.is_staff:
        return col(Comment.id) > 0
    public = col(Comment.removed_at).is_(None)
    return public if viewer is None else or_(public, col(Comment.author_id) == viewer.id)
