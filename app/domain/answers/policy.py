"""Who may do what with an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain import reputation
from app.models import Answer, Question, User

SILENT_AFTER = timedelta(days=7)
"""An asker who has not decided for so long after an answer is silent; then staff may accept."""


def may_answer(viewer: User | None, question: Question) -> bool:
    """Allow every member, while the question is open."""
    return viewer is not None and not question.is_closed and _may_change(viewer, question)


def may_edit(viewer: User | None, answer: Answer, question: Question) -> bool:
    """Allow the author, staff, and members with the edit privilege."""
    if viewer is None or answer.is_removed or not _may_change(viewer, question):
        return False
    return viewer.id == answer.author_id or reputation.may(viewer, "edit")


def may_suggest_edit(viewer: User | None, answer: Answer, question: Question) -> bool:
    """Allow everyone else who may write."""
    if viewer is None or answer.is_removed or not _may_change(viewer, question):
        return False
    return reputation.may(viewer, "suggest_edit") and not may_edit(viewer, answer, question)


def may_accept(viewer: User | None, answer: Answer, question: Question, *, now: datetime) -> bool:
    """Allow the asker; and staff, for an asker who has been silent since the answer and has not decided."""
    if viewer is None or answer.is_removed or not _may_change(viewer, question):
        return False
    if viewer.id == question.author_id:
        return True
    has_decided = question.is_solved and question.accepted_by_id == question.author_id
    return viewer.is_staff and not has_decided and now - answer.created_at >= SILENT_AFTER


def may_unaccept(viewer: User | None, question: Question) -> bool:
    """Allow the asker; and staff, where staff had accepted for the asker."""
    if viewer is None or not question.is_solved or not _may_change(viewer, question):
        return False
    was_by_staff = question.accepted_by_id != question.author_id
    return viewer.id == question.author_id or (viewer.is_staff and was_by_staff)


def may_make_official(viewer: User | None, answer: Answer, question: Question) -> bool:
    """Allow agents, for answers that the company stands behind."""
    if viewer is None or answer.is_removed or not _may_change(viewer, question):
        return False
    return viewer.is_agent or viewer.is_admin


def may_remove(viewer: User | None, answer: Answer, question: Question) -> bool:
    """Allow staff; and the author unless the answer is accepted."""
    if viewer is None or answer.is_removed or not _may_change(viewer, question):
        return False
    return viewer.is_staff or (viewer.id == answer.author_id and question.accepted_answer_id != answer.id)


def may_restore(viewer: User | None, answer: Answer, question: Question) -> bool:
    """Allow staff; and the author what they deleted themselves."""
    if viewer is None or not answer.is_removed or not _may_change(viewer, question):
        return False
    return viewer.is_staff or (viewer.id == answer.author_id and answer.removal == "deleted")


def _may_change(viewer: User, question: Question) -> bool:
    return not question.is_removed and (viewer.is_moderator or not question.is_locked)
