"""What agents see beside a question: where it stands in the queue, or the button that brings it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.domain import escalations
from app.models import Escalation, Question, User
from app.web import case_words


@dataclass(frozen=True)
class StaffBox:
    """The question's case with its state in words; without a case whether it can be brought in.

    `likely_duplicates` are threads that an open question may be a duplicate of.
    """

    case: Escalation | None
    state: str
    may_escalate: bool
    likely_duplicates: Sequence[Question] = ()


def staff_box(
    db: Session,
    viewer: User | None,
    question: Question,
    *,
    likely_duplicates: Callable[[], Sequence[Question]],
) -> StaffBox | None:
    """Return the box for those who work on cases; None for everybody else, who learn nothing of the queue.

    Only for an open question it is asked what it may be a duplicate of.
    """
    if not escalations.may_work(viewer):
        return None
    case = escalations.of_question(db, viewer, question.id)
    is_open = not (question.is_closed or question.is_removed or question.duplicate_of_id is not None)
    alike = likely_duplicates() if is_open else ()
    if case is not None:
        return StaffBox(case, case_words.states()[case.state], may_escalate=False, likely_duplicates=alike)
    return StaffBox(None, "", may_escalate=is_open, likely_duplicates=alike)
