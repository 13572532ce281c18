"""Reading comments, scoped to their viewer."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Boolean, bindparam, or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.errors import NotFound
from app.domain import answers
from app.models import Comment, User

_IS_SHOWN = or_(
    col(Comment.removed_at).is_(None),
    col(Comment.author_id) == bindparam("viewer_id"),
    bindparam("sees_removed", type_=Boolean),
)


def of_thread(
    db: Session, *, viewer: User | None, question_id: int, post_ids: Collection[int]
) -> dict[int, list[Comment]]:
    """Return the comments under these posts of a thread, oldest first, by post id: one query for a page."""
    wanted = {"question_id": question_id, "post_ids": list(post_ids)}
    rows = db.exec(_of_thread(), params={**wanted, **_as(viewer)}).all()
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
            .where(Comment.post_id == post_id, col(Comment.id) > after, _IS_SHOWN)
            .order_by(col(Comment.id))
            .limit(limit),
            params=_as(viewer),
        )
    )


def visible(db: Session, *, viewer: User | None, comment_id: int) -> Comment:
    """Return a comment whose post and thread the viewer may see too; raise NotFound."""
    comment = db.exec(
        select(Comment)
        .options(joinedload(Comment.author))  # type: ignore[arg-type]
        .where(Comment.id == comment_id, _IS_SHOWN),
        params=_as(viewer),
    ).first()
    if comment is None:
        raise NotFound
    answers.visible_post(db, viewer=viewer, post_id=comment.post_id)
    return comment


def _as(viewer: User | None) -> dict[str, object]:
    """Return the parameters of _IS_SHOWN."""
    return {"viewer_id": (viewer and viewer.id) or 0, "sees_removed": viewer is not None and viewer.is_staff}


@cache
def _of_thread() -> SelectOfScalar[Comment]:
    # Kept: to make it anew takes as long as to read ten comments.
    in_thread = col(Comment.question_id) == bindparam("question_id")
    under_posts = col(Comment.post_id).in_(bindparam("post_ids", expanding=True))
    statement = select(Comment).where(in_thread, under_posts, _IS_SHOWN).order_by(col(Comment.id))
    return statement.options(joinedload(Comment.author))  # type: ignore[arg-type]
