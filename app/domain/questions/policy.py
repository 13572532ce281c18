"""Who may do what with a question. Templates get these results, never roles."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain import reputation
from app.models import Question, User

STALE_AFTER = timedelta(days=365)
"""After so long without any answer a question is kept out of search engines: it helps nobody who finds it."""


def may_see(viewer: User | None, question: Question) -> bool:
    """Show a removed question to its author and staff only."""
    if not question.is_removed:
        return True
    return viewer is not None and (viewer.is_staff or viewer.id == question.author_id)


def is_stale(question: Question, *, now: datetime) -> bool:
    """Return whether nobody has answered for so long that search engines should not lead here."""
    return question.answer_count == 0 and question.created_at < now - STALE_AFTER


def may_edit(viewer: User | None, question: Question) -> bool:
    """Allow the author, staff, and members with the edit privilege; on a locked page moderators only."""
    if viewer is None or not _may_change(viewer, question):
        return False
    return viewer.id == question.author_id or reputation.may(viewer, "edit")


def may_suggest_edit(viewer: User | None, question: Question) -> bool:
    """Allow everyone else who may write."""
    if viewer is None or not _may_change(viewer, question):
        return False
    return reputation.may(viewer, "suggest_edit") and not may_edit(viewer, question)


def may_close(viewer: User | None, question: Question, *, as_duplicate: bool) -> bool:
    """Allow its author and members with the privilege as a duplicate; for other reasons staff only."""
    if viewer is None or question.is_closed or not _may_change(viewer, question):
        return False
    if viewer.is_staff:
        return True
    return as_duplicate and (viewer.id == question.author_id or reputation.may(viewer, "close_duplicate"))


def may_reopen(viewer: User | None, question: Question) -> bool:
    """Allow staff and who closed it; for a duplicate also its author, who knows whether the original helps."""
    if viewer is None or not question.is_closed or not _may_change(viewer, question):
        return False
    is_own_duplicate = question.duplicate_of_id is not None and viewer.id == question.author_id
    return viewer.is_staff or viewer.id == question.closed_by_id or is_own_duplicate


def may_remove(viewer: User | None, question: Question) -> bool:
    """Allow staff; and the author while nobody's answer would go with it."""
    if viewer is None or not _may_change(viewer, question):
        return False
    return viewer.is_staff or (viewer.id == question.author_id and question.answer_count == 0)


def may_restore(viewer: User | None, question: Question) -> bool:
    """Allow staff; and the author what they deleted themselves."""
    if viewer is None or not question.is_removed:
        return False
    return viewer.is_staff or (viewer.id == question.author_id and question.removal == "deleted")


def may_lock(viewer: User | None) -> bool:
    """Allow moderators."""
    return viewer is not None and viewer.is_moderator


def _may_change(viewer: User, question: Question) -> bool:
    if question.is_removed:
        return False
    return viewer.is_moderator or not question.is_locked
