"""Who may do what with cases, and the spans of time that are the same for all."""

from __future__ import annotations

from datetime import timedelta

from app.core.errors import NotFound
from app.domain import reputation, teams
from app.models import Escalation, EscalationNote, Question, User

REOPENS_WITHIN = timedelta(days=14)
"""For so long after resolving, the customer's word brings the same case back; then it is closed."""

SILENT_AFTER = timedelta(days=7)
"""A customer who was asked and says nothing for so long leaves the case resolved."""

may_work = teams.may_work
may_lead = teams.may_lead


def require_work(viewer: User | None) -> None:
    """Raise NotFound for anybody who does not work on cases: they do not exist for them."""
    if not may_work(viewer):
        raise NotFound


def may_assign(viewer: User | None, escalation: Escalation, to: User) -> bool:
    """Allow everybody to take it themselves or to give away what is theirs or nobody's; leads all."""
    if viewer is None or not may_work(viewer):
        return False
    return may_lead(viewer) or viewer.id == to.id or escalation.owner_id in (None, viewer.id)


def may_change_note(viewer: User | None, note: EscalationNote) -> bool:
    """Allow its author, and leads."""
    return viewer is not None and may_work(viewer) and (viewer.id == note.author_id or may_lead(viewer))


def is_for_staff(question: Question) -> bool:
    """Whether a question can be in the queue at all: not when it is closed, a duplicate or removed."""
    return not question.is_closed and not question.is_removed and question.duplicate_of_id is None


def may_request_staff(viewer: User | None, question: Question) -> bool:
    """Allow trusted members to bring an unsolved question to staff; staff escalate it themselves."""
    if viewer is None or viewer.is_staff or not is_for_staff(question) or question.is_solved:
        return False
    return not question.is_locked and reputation.may(viewer, "request_staff")


def may_report_unhelpful(viewer: User | None, question: Question) -> bool:
    """Allow the asker of an unsolved question with answers to say that they did not help."""
    if viewer is None or viewer.id != question.author_id or not is_for_staff(question):
        return False
    return question.answer_count > 0 and not question.is_solved and not question.is_locked
