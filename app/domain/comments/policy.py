"""Who may do what with a comment."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain import reputation
from app.models import Answer, Comment, Question, User

EDIT_WITHIN = timedelta(minutes=15)


def may_comment(viewer: User | None, post: Question | Answer, question: Question) -> bool:
    """Allow it with the privilege anywhere; without it in one's own threads and under one's own posts."""
    if viewer is None or post.is_removed or not _may_change(viewer, question):
        return False
    is_own = viewer.id in (post.author_id, question.author_id)
    return is_own or reputation.may(viewer, "comment")


def may_edit(viewer: User | None, comment: Comment, question: Question, *, now: datetime) -> bool:
    """Allow the author for a quarter of an hour; and moderators."""
    if viewer is None or comment.is_removed or not _may_change(viewer, question):
        return False
    if viewer.is_moderator:
        return True
    return viewer.id == comment.author_id and now - comment.created_at <= EDIT_WITHIN


def may_remove(viewer: User | None, comment: Comment, question: Question) -> bool:
    """Allow the author and staff."""
    if viewer is None or comment.is_removed or not _may_change(viewer, question):
        return False
    return viewer.is_staff or viewer.id == comment.author_id


def may_restore(viewer: User | None, comment: Comment, question: Question) -> bool:
    """Allow staff; and the author what they deleted themselves."""
    if viewer is None or not comment.is_removed or not _may_change(viewer, question):
        return False
    return viewer.is_staff or (viewer.id == comment.author_id and comment.removal == "deleted")


def _may_change(viewer: User, question: Question) -> bool:
    return not question.is_removed and (viewer.is_moderator or not question.is_locked)
